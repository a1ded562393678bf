package iam

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"

	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/reason"
)

// verifiedTokens bounds the tokens whose signature need not be checked again.
const verifiedTokens = 16384

// MaxTokenBytes is the length past which nothing is taken for a token.
const MaxTokenBytes = 8 << 10

// TokenVerifier checks tokens against the directory: on the control plane and on every node alike.
//
// A signature that was found good is remembered (by the token's SHA-256), since it can't turn bad. Whether the key, the user
// and the session still stand is asked anew each time. Safe for concurrent use.
type TokenVerifier struct {
	codec    TokenCodec
	facts    *FactReader
	clock    clock.Clock
	verified *lru.Cache[verifiedKey, verifiedToken]
}

type verifiedKey struct {
	kind TokenKind
	sum  [sha256.Size]byte
}

type verifiedToken struct {
	claims Claims
	public []byte // the key it was found good with
}

// NewTokenVerifier returns a verifier over the facts.
func NewTokenVerifier(codec TokenCodec, facts *FactReader, c clock.Clock) *TokenVerifier {
	verified, err := lru.New[verifiedKey, verifiedToken](verifiedTokens)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &TokenVerifier{codec: codec, facts: facts, clock: c, verified: verified}
}

// Subject is whom a token stands for, as the directory has them now.
type Subject struct {
	Claims  Claims
	Account *AccountFact // that is acted in
	User    *UserFact    // who got the token; of an assumed role maybe another account's
	Role    *RoleFact    // that was assumed; nil: none
	Project *ProjectFact // nil when the token is for the account as a whole
	// UserAccount is the account of the user: Account, unless the role is another's.
	UserAccount *AccountFact
}

// Verify returns whom the token stands for. errs.Unauthenticated with reason.CredentialsExpired for a genuine token that ran
// out, with reason.CredentialsInvalid for all else that is wrong with it.
func (v *TokenVerifier) Verify(ctx context.Context, raw string, kind TokenKind) (Subject, error) {
	claims, err := v.claims(ctx, raw, kind)
	switch {
	case errors.Is(err, ErrTokenExpired):
		return Subject{}, errs.Wrap(err, errs.Unauthenticated, reason.CredentialsExpired, "The token has expired.")
	case errors.Is(err, ErrTokenInvalid):
		return Subject{}, invalidToken(err)
	case err != nil:
		return Subject{}, err
	}
	s := Subject{Claims: claims}
	if s.User, err = v.user(ctx, claims); err != nil {
		return Subject{}, err
	}
	if s.Account, err = v.facts.Account(ctx, claims.AccountID); err != nil {
		return Subject{}, gone(err, "account")
	}
	s.UserAccount = s.Account
	if claims.OwnerAccountID() != claims.AccountID {
		if s.UserAccount, err = v.facts.Account(ctx, claims.OwnerAccountID()); err != nil {
			return Subject{}, gone(err, "account of the user")
		}
	}
	if err := checkAccounts(s); err != nil {
		return Subject{}, err
	}
	if s.Role, err = v.role(ctx, claims); err != nil {
		return Subject{}, err
	}
	if claims.ProjectID == "" {
		return s, nil
	}
	s.Project, err = v.facts.Project(ctx, claims.ProjectID)
	if err != nil {
		return Subject{}, gone(err, "project")
	}
	if s.Project.AccountID != claims.AccountID {
		return Subject{}, invalidToken(errors.New("project is another account's"))
	}
	return s, nil
}

// checkAccounts refuses what a suspended account has a part in.
func checkAccounts(s Subject) error {
	if err := CheckAccount(s.UserAccount, s.User.Operator); err != nil || s.UserAccount == s.Account {
		return err
	}
	return CheckAccount(s.Account, false)
}

// user returns the user of the token, who must still be what the token says. The operator behind an impersonation must still be one.
func (v *TokenVerifier) user(ctx context.Context, claims Claims) (*UserFact, error) {
	u, err := v.facts.User(ctx, claims.UserID)
	switch {
	case err != nil:
		return nil, gone(err, "user "+claims.UserID)
	case u.AccountID != claims.OwnerAccountID():
		return nil, invalidToken(fmt.Errorf("user %s is not of account %s", claims.UserID, claims.OwnerAccountID()))
	case !u.Enabled:
		return nil, invalidToken(fmt.Errorf("user %s is disabled", claims.UserID))
	case claims.Epoch < u.TokenEpoch:
		return nil, invalidToken(errors.New("token was revoked, with all others of its time"))
	case claims.Kind == TokenSession && slices.Contains(u.EndedSessions, claims.ID):
		return nil, invalidToken(errors.New("session has ended"))
	case claims.Kind != TokenSession && slices.ContainsFunc(u.RevokedTokens, func(t RevokedToken) bool { return t.ID == claims.ID }):
		return nil, invalidToken(errors.New("token was revoked"))
	}
	if claims.ImpersonatorID == "" {
		return u, nil
	}
	operator, err := v.facts.User(ctx, claims.ImpersonatorID)
	if err != nil {
		return nil, gone(err, "operator "+claims.ImpersonatorID)
	}
	if !operator.Enabled || !operator.Operator {
		return nil, invalidToken(fmt.Errorf("user %s operates the platform no more", claims.ImpersonatorID))
	}
	return u, nil
}

// role returns the role that the token assumes: it must still be there, trust the user's account, and not have been revoked since.
func (v *TokenVerifier) role(ctx context.Context, claims Claims) (*RoleFact, error) {
	if claims.RoleID == "" {
		if claims.UserAccountID != "" {
			return nil, invalidToken(errors.New("the user of another account has assumed no role"))
		}
		return nil, nil
	}
	r, err := v.facts.Role(ctx, claims.AccountID, claims.RoleID)
	switch {
	case err != nil:
		return nil, gone(err, "role "+claims.RoleID)
	case r.Epoch != claims.RoleEpoch:
		return nil, invalidToken(fmt.Errorf("assumptions of role %s were revoked", claims.RoleID))
	case r.TrustedAccountID != claims.OwnerAccountID():
		return nil, invalidToken(fmt.Errorf("role %s trusts another account", claims.RoleID))
	}
	return r, nil
}

func (v *TokenVerifier) claims(ctx context.Context, raw string, kind TokenKind) (Claims, error) {
	if len(raw) > MaxTokenBytes {
		return Claims{}, fmt.Errorf("%w: it is %d bytes long", ErrTokenInvalid, len(raw))
	}
	k := verifiedKey{kind, sha256.Sum256([]byte(raw))}
	known, hit := v.verified.Get(k)
	if hit {
		public, err := v.publicKey(ctx, known.claims.KeyID)
		if err != nil {
			return Claims{}, err
		}
		if bytes.Equal(public, known.public) {
			if !v.clock.Now().Before(known.claims.ExpiresAt) {
				v.verified.Remove(k)
				return Claims{}, ErrTokenExpired
			}
			return known.claims, nil
		}
	}
	var public ed25519.PublicKey
	claims, err := v.codec.Parse(raw, kind, v.clock.Now(), func(keyID string) (_ ed25519.PublicKey, err error) {
		public, err = v.publicKey(ctx, keyID)
		return public, err
	})
	if err != nil {
		return Claims{}, err
	}
	v.verified.Add(k, verifiedToken{claims: claims, public: public})
	return claims, nil
}

func (v *TokenVerifier) publicKey(ctx context.Context, keyID string) (ed25519.PublicKey, error) {
	f, err := v.facts.SigningKey(ctx, keyID)
	if err != nil {
		if errs.CodeOf(err) == errs.NotFound {
			return nil, fmt.Errorf("%w: its key is unknown", ErrTokenInvalid)
		}
		return nil, err
	}
	if len(f.PublicKey) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: its key has a wrong size", ErrTokenInvalid)
	}
	return f.PublicKey, nil
}

func gone(err error, what string) error {
	if errs.CodeOf(err) == errs.NotFound {
		return invalidToken(fmt.Errorf("%s is gone", what))
	}
	return err
}

func invalidToken(cause error) error {
	return errs.Wrap(cause, errs.Unauthenticated, reason.CredentialsInvalid, "The token is not valid.")
}

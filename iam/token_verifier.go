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
	Account *AccountFact
	User    *UserFact
	Project *ProjectFact // nil when the token is for the account as a whole
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
	s.User, err = v.facts.User(ctx, claims.UserID)
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		return Subject{}, invalidToken(fmt.Errorf("user %s is gone", claims.UserID))
	case err != nil:
		return Subject{}, err
	case s.User.AccountID != claims.AccountID:
		return Subject{}, invalidToken(fmt.Errorf("user %s is not of account %s", claims.UserID, claims.AccountID))
	case !s.User.Enabled:
		return Subject{}, invalidToken(fmt.Errorf("user %s is disabled", claims.UserID))
	case claims.Epoch < s.User.TokenEpoch:
		return Subject{}, invalidToken(errors.New("token was revoked"))
	case kind == TokenSession && slices.Contains(s.User.EndedSessions, claims.ID):
		return Subject{}, invalidToken(errors.New("session has ended"))
	}
	s.Account, err = v.facts.Account(ctx, claims.AccountID)
	if err != nil {
		return Subject{}, gone(err, "account")
	}
	if err := CheckAccount(s.Account, s.User.Operator); err != nil {
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

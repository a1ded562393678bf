package iam

import (
	"context"
	"fmt"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
	"dms/internal/seal"
)

// TokenService issues Keystone tokens. TokenVerifier checks them.
type TokenService struct {
	store  Store
	write  writer
	clock  clock.Clock
	login  loginChecker
	signer *tokenSigner
	mfa    *MFAService
}

// PasswordLogin names a user by id, or by name and account, with the password.
type PasswordLogin struct {
	UserID      string
	UserName    string
	AccountID   string
	AccountName string
	Password    string
	TOTP        string // the code of the user's app, for users with a second factor
}

// Scope is what a token shall be for: a project (by id or name), else the account. The account's id or name, where given, must
// be the user's own.
type Scope struct {
	ProjectID   string
	ProjectName string
	AccountID   string
	AccountName string
}

// IssuedToken is a fresh token and whom it stands for.
type IssuedToken struct {
	Raw      string
	Claims   Claims
	Account  Account // that it is for
	User     User    // who got it
	Owner    Account // of the user: Account, unless a role of another was assumed
	Role     *Role   // that was assumed; nil: none
	Project  *Project
	Policies []string // names of the policies of the user and its groups, or of the role
}

// IssueToken checks the password and issues a token for the scope. errs.Unauthenticated, the same for an unknown user and a wrong
// password; with reason.ProjectMismatch for a scope that is not the user's, unknown or foreign; with reason.SecondFactor for a user who has one and gave no code,
// or a wrong one.
func (s *TokenService) IssueToken(ctx context.Context, l PasswordLogin, scope Scope) (IssuedToken, error) {
	u, err := s.find(ctx, l)
	u, err = s.login.check(ctx, u, err, l.Password)
	if err != nil {
		return IssuedToken{}, err
	}
	switch {
	case l.TOTP != "":
		if err := s.mfa.CheckTOTP(ctx, u, l.TOTP); err != nil {
			return IssuedToken{}, err
		}
	case u.MFA:
		return IssuedToken{}, errs.New(errs.Unauthenticated, reason.SecondFactor, "The user has a second factor, and a password alone is not enough. Use the methods password and totp, or sign requests with an access key.")
	}
	c := Claims{ID: id.NewHex(), AccountID: u.AccountID, UserID: u.ID, Epoch: u.TokenEpoch, MFA: l.TOTP != ""}
	return s.issue(ctx, u, nil, scope, c, signInEvent(u, audit.OK, access.ViaToken, c.ID))
}

// Rescope issues a token for another scope to whom a token stands for. It ends when that one does.
func (s *TokenService) Rescope(ctx context.Context, of Subject, scope Scope) (IssuedToken, error) {
	c := of.Claims
	if c.Kind != TokenKeystone {
		return IssuedToken{}, errs.New(errs.Internal, "", "a token of kind %s cannot be rescoped", c.Kind)
	}
	u, err := s.store.User(ctx, c.OwnerAccountID(), c.UserID)
	if err != nil {
		return IssuedToken{}, err
	}
	var r *Role
	if c.RoleID != "" {
		found, err := s.store.Role(ctx, c.AccountID, c.RoleID)
		if err != nil {
			return IssuedToken{}, err
		}
		r = &found
	}
	c.ID, c.ProjectID = id.NewHex(), ""
	return s.issue(ctx, u, r, scope, c, signInEvent(u, audit.OK, access.ViaToken, c.ID))
}

// AssumeRole issues a token of the role. Requires: as for STSService.AssumeRole.
func (s *TokenService) AssumeRole(ctx context.Context, a access.Actor, r Role, scope Scope) (IssuedToken, error) {
	c, err := lentClaims(ctx, s.store, a, &r, "")
	if err != nil {
		return IssuedToken{}, err
	}
	if c.ExpiresAt, err = lentUntil(a, s.clock.Now(), min(r.MaxLife, KeystoneTokenLife)); err != nil {
		return IssuedToken{}, err
	}
	u, err := s.store.User(ctx, a.AccountID, a.UserID)
	if err != nil {
		return IssuedToken{}, err
	}
	return s.issue(ctx, u, &r, scope, c, assumeEvents(a, r, c, map[string]string{"credential_id": c.ID})...)
}

// issue signs the claims, for the scope within their account, and records the events.
func (s *TokenService) issue(ctx context.Context, u User, r *Role, scope Scope, c Claims, events ...audit.Event) (out IssuedToken, err error) {
	c.Kind = TokenKeystone
	out = IssuedToken{User: u, Role: r}
	if out.Account, err = s.store.Account(ctx, c.AccountID); err != nil {
		return IssuedToken{}, err
	}
	if out.Owner = out.Account; c.OwnerAccountID() != c.AccountID {
		if out.Owner, err = s.store.Account(ctx, c.OwnerAccountID()); err != nil {
			return IssuedToken{}, err
		}
	}
	if out.Project, err = s.scope(ctx, out.Account, scope); err != nil {
		return IssuedToken{}, err
	}
	if out.Project != nil {
		c.ProjectID = out.Project.ID
	}
	if out.Policies, err = s.policies(ctx, c); err != nil {
		return IssuedToken{}, err
	}
	if out.Raw, out.Claims, err = s.signer.sign(ctx, c); err != nil {
		return IssuedToken{}, err
	}
	return out, s.write.change(ctx, func(_ Tx, record *changes) error {
		for _, e := range events {
			record.record(e)
		}
		return nil
	})
}

// policies returns the names of the policies of whom the claims stand for.
func (s *TokenService) policies(ctx context.Context, c Claims) ([]string, error) {
	if c.RoleID == "" {
		return policiesOfUser(ctx, s.store, c.AccountID, c.UserID)
	}
	attached, err := s.store.Attachments(ctx, c.AccountID, RoleSubject(c.RoleID))
	if err != nil {
		return nil, err
	}
	names := make([]string, len(attached))
	for i, a := range attached {
		names[i] = a.PolicyName
	}
	return names, nil
}

// Describe returns what IssueToken said of a token, for one that was verified. Raw is not set.
func (s *TokenService) Describe(ctx context.Context, of Subject) (out IssuedToken, err error) {
	c := of.Claims
	out = IssuedToken{Claims: c}
	if out.Account, err = s.store.Account(ctx, c.AccountID); err != nil {
		return IssuedToken{}, err
	}
	if out.Owner, err = s.store.Account(ctx, c.OwnerAccountID()); err != nil {
		return IssuedToken{}, err
	}
	if out.User, err = s.store.User(ctx, c.OwnerAccountID(), c.UserID); err != nil {
		return IssuedToken{}, err
	}
	if c.RoleID != "" {
		r, err := s.store.Role(ctx, c.AccountID, c.RoleID)
		if err != nil {
			return IssuedToken{}, err
		}
		out.Role = &r
	}
	out.Policies, err = s.policies(ctx, c)
	return out, err
}

// maxRevokedTokens bounds what every node keeps of a user. One more ends all tokens of the user.
const maxRevokedTokens = 100

// Revoke ends one token before its time: it is refused everywhere when the call returns.
func (s *TokenService) Revoke(ctx context.Context, of Subject) error {
	c := of.Claims
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.LockUser(ctx, c.OwnerAccountID(), c.UserID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := tx.RevokeToken(ctx, u.AccountID, u.ID, RevokedToken{ID: c.ID, ExpiresAt: c.ExpiresAt.Unix()}, now); err != nil {
			return err
		}
		revoked, err := tx.RevokedTokens(ctx, u.AccountID, u.ID, now)
		if err != nil {
			return err
		}
		out.record(audit.Event{AccountID: u.AccountID, Action: access.TokenRevoke, Resource: access.NamedResource("iam", u.AccountID, "user", u.Name), Detail: map[string]string{"token": c.ID}})
		if len(revoked) <= maxRevokedTokens {
			return publishUser(ctx, tx, out, u, now)
		}
		if err := tx.ForgetRevokedTokens(ctx, u.AccountID, u.ID); err != nil {
			return err
		}
		u.TokenEpoch++
		return updateUser(ctx, tx, out, u, now)
	})
}

func (s *TokenService) find(ctx context.Context, l PasswordLogin) (User, error) {
	if l.UserID != "" {
		return s.store.AcrossAccountsUser(ctx, l.UserID)
	}
	accountID := l.AccountID
	if accountID == "" {
		a, err := s.store.AccountByName(ctx, l.AccountName)
		if err != nil {
			return User{}, err
		}
		accountID = a.ID
	}
	return s.store.UserByName(ctx, accountID, l.UserName)
}

func (s *TokenService) scope(ctx context.Context, a Account, scope Scope) (*Project, error) {
	denied := errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The user has no access to the requested scope.")
	if scope.AccountID != "" && scope.AccountID != a.ID || scope.AccountName != "" && FoldName(scope.AccountName) != FoldName(a.Name) {
		return nil, denied
	}
	if scope.ProjectID == "" && scope.ProjectName == "" {
		return nil, nil
	}
	projects, err := s.store.Projects(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range projects {
		if p.ID == scope.ProjectID || scope.ProjectID == "" && p.Name == scope.ProjectName {
			return &p, nil
		}
	}
	return nil, denied
}

// tokenSigner signs claims with the current key, and makes the first.
type tokenSigner struct {
	store Store
	clock clock.Clock
	seal  *seal.Key
	codec TokenCodec
	keys  *KeyService
}

// sign signs the claims, which live as long as their kind unless ExpiresAt says less.
func (s *tokenSigner) sign(ctx context.Context, c Claims) (string, Claims, error) {
	k, err := s.key(ctx)
	if err != nil {
		return "", Claims{}, err
	}
	private, err := k.private(s.seal)
	if err != nil {
		return "", Claims{}, err
	}
	// Whole seconds: that is what a token can say, and what it says is what its holder is told.
	c.IssuedAt = s.clock.Now().UTC().Truncate(time.Second)
	if end := c.IssuedAt.Add(c.Kind.Life()); c.ExpiresAt.IsZero() || c.ExpiresAt.After(end) {
		c.ExpiresAt = end
	}
	c.ExpiresAt = c.ExpiresAt.UTC().Truncate(time.Second)
	c.KeyID = k.ID
	raw, err := s.codec.Sign(c, k.ID, private)
	if err != nil {
		return "", Claims{}, fmt.Errorf("sign a token: %w", err)
	}
	return raw, c, nil
}

func (s *tokenSigner) key(ctx context.Context) (SigningKey, error) {
	k, err := s.store.CurrentSigningKey(ctx)
	if errs.CodeOf(err) != errs.NotFound {
		return k, err
	}
	// The nodes must know the key before they see a token of it: the change that makes it waits for them.
	if err := s.keys.ensure(ctx); err != nil {
		return SigningKey{}, err
	}
	return s.store.CurrentSigningKey(ctx)
}

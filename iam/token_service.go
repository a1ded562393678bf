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
}

// PasswordLogin names a user by id, or by name and account, with the password.
type PasswordLogin struct {
	UserID      string
	UserName    string
	AccountID   string
	AccountName string
	Password    string
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
	Account  Account
	User     User
	Project  *Project // nil when the token is for the account as a whole
	Policies []string // names of the policies of the user and its groups
}

// IssueToken checks the password and issues a token for the scope. errs.Unauthenticated, the same for an unknown user and a wrong
// password; with reason.ProjectMismatch for a scope that is not the user's, unknown or foreign.
func (s *TokenService) IssueToken(ctx context.Context, l PasswordLogin, scope Scope) (IssuedToken, error) {
	u, err := s.find(ctx, l)
	u, err = s.login.check(ctx, u, err, l.Password)
	if err != nil {
		return IssuedToken{}, err
	}
	a, err := s.store.Account(ctx, u.AccountID)
	if err != nil {
		return IssuedToken{}, err
	}
	p, err := s.scope(ctx, a, scope)
	if err != nil {
		return IssuedToken{}, err
	}
	policies, err := policiesOfUser(ctx, s.store, a.ID, u.ID)
	if err != nil {
		return IssuedToken{}, err
	}
	c := Claims{Kind: TokenKeystone, ID: id.NewHex(), AccountID: a.ID, UserID: u.ID, Epoch: u.TokenEpoch}
	if p != nil {
		c.ProjectID = p.ID
	}
	out := IssuedToken{Account: a, User: u, Project: p, Policies: policies}
	if out.Raw, out.Claims, err = s.signer.sign(ctx, c); err != nil {
		return IssuedToken{}, err
	}
	return out, s.write.change(ctx, func(_ Tx, record *changes) error {
		record.record(signInEvent(u, audit.OK, access.ViaToken, c.ID))
		return nil
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

// tokenSigner signs claims with the newest key, and makes the first.
type tokenSigner struct {
	store Store
	write writer
	clock clock.Clock
	seal  *seal.Key
	codec TokenCodec
}

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
	c.ExpiresAt = c.IssuedAt.Add(c.Kind.Life())
	c.KeyID = k.ID
	raw, err := s.codec.Sign(c, k.ID, private)
	if err != nil {
		return "", Claims{}, fmt.Errorf("sign a token: %w", err)
	}
	return raw, c, nil
}

func (s *tokenSigner) key(ctx context.Context) (SigningKey, error) {
	k, err := s.store.NewestSigningKey(ctx)
	if errs.CodeOf(err) != errs.NotFound {
		return k, err
	}
	// The nodes must know the key before they see a token of it: change waits for them.
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		k, err = tx.NewestSigningKey(ctx)
		if errs.CodeOf(err) != errs.NotFound {
			return err
		}
		if k, err = newSigningKey(s.seal, s.clock.Now()); err != nil {
			return err
		}
		out.add(k.entry())
		out.record(audit.Event{AccountID: audit.Platform, Action: audit.SigningKeyCreate, Resource: audit.PlatformResource("key", k.ID)})
		return tx.CreateSigningKey(ctx, k)
	})
	return k, err
}

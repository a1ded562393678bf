package iam

import (
	"context"
	"time"
)

// CredentialReads are the look-ups of keys, roles and tokens.
type CredentialReads interface {
	// Roles returns the account's roles in the order of names.
	Roles(ctx context.Context, accountID string) ([]Role, error)
	Role(ctx context.Context, accountID, roleID string) (Role, error)
	RoleByName(ctx context.Context, accountID, name string) (Role, error)

	// SigningKeys returns the keys that sign tokens or did, the oldest first.
	SigningKeys(ctx context.Context) ([]SigningKey, error)
	// CurrentSigningKey returns the key that signs.
	CurrentSigningKey(ctx context.Context) (SigningKey, error)

	// RevokedTokens returns the user's tokens that were revoked one by one and have not expired by now, in the order of ids.
	RevokedTokens(ctx context.Context, accountID, userID string, now time.Time) ([]RevokedToken, error)
}

// CredentialTx changes keys, roles and tokens.
type CredentialTx interface {
	// CreateRole returns an errs.Conflict when the account has a role of the name.
	CreateRole(ctx context.Context, r Role) error
	// LockRole returns the role and keeps others from changing it until the transaction ends.
	LockRole(ctx context.Context, accountID, roleID string) (Role, error)
	// UpdateRole writes what may change of a locked role: Description, TrustedAccountID, TrustedUsers, MaxLife, Epoch.
	UpdateRole(ctx context.Context, r Role) error
	DeleteRole(ctx context.Context, accountID, roleID string) error

	// LockSigningKeys is SigningKeys for who changes their states: others wait until the transaction ends.
	LockSigningKeys(ctx context.Context) ([]SigningKey, error)
	// SetSigningKeyState writes the state and ChangedAt. At most one key is next, and one current.
	SetSigningKeyState(ctx context.Context, k SigningKey) error
	DeleteSigningKey(ctx context.Context, keyID string) error

	// RevokeToken remembers a token of a locked user as revoked, and forgets those that have expired by now.
	RevokeToken(ctx context.Context, accountID, userID string, t RevokedToken, now time.Time) error
	// ForgetRevokedTokens forgets all revoked tokens of a locked user whose TokenEpoch says the same.
	ForgetRevokedTokens(ctx context.Context, accountID, userID string) error
}

// RevokedToken is a token that was revoked before it expired.
type RevokedToken struct {
	ID        string `json:"id"`
	ExpiresAt int64  `json:"expires_at"` // seconds since 1970
}

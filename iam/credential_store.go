package iam

import (
	"context"
	"time"
)

// CredentialReads are the look-ups of keys, roles and tokens.
type CredentialReads interface {
	// RevokedTokens returns the user's tokens that were revoked one by one and have not expired by now, in the order of ids.
	RevokedTokens(ctx context.Context, accountID, userID string, now time.Time) ([]RevokedToken, error)
}

// CredentialTx changes keys, roles and tokens.
type CredentialTx interface{}

// RevokedToken is a token that was revoked before it expired.
type RevokedToken struct {
	ID        string `json:"id"`
	ExpiresAt int64  `json:"expires_at"` // seconds since 1970
}

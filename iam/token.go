package iam

import (
	"crypto/ed25519"
	"errors"
	"time"
)

// TokenKind tells tokens apart: one kind is never taken for the other.
type TokenKind string

const (
	TokenKeystone TokenKind = "keystone" // X-Auth-Token
	TokenSession  TokenKind = "session"  // the console's access cookie
	TokenSecurity TokenKind = "sts"      // X-Security-Token, which goes with a temporary access key
)

// KeystoneTokenLife is how long a Keystone token is good for (decisions.md, token life).
const KeystoneTokenLife = 24 * time.Hour

// Life returns how long tokens of the kind are good for at most.
func (k TokenKind) Life() time.Duration {
	if k == TokenSession {
		return AccessTokenLife
	}
	return KeystoneTokenLife
}

// Claims are what a token says. It says who, not what they may do: that is looked up at each request.
type Claims struct {
	Kind      TokenKind
	ID        string // of a session token: the session's id
	AccountID string
	UserID    string
	ProjectID string // "" when the token is for the account as a whole
	Epoch     int64  // the user's TokenEpoch when it was issued
	IssuedAt  time.Time
	ExpiresAt time.Time
	KeyID     string // the key that signed it; set by Parse

	MFA            bool   // it was got with a second factor
	ImpersonatorID string // the operator who acts as the user; "": nobody

	// RoleID is the role that the user assumed, "" for none. AccountID is the role's account then.
	RoleID      string
	RoleEpoch   int64  // the role's Epoch when it was assumed
	SessionName string // what the user called the assumption
	// UserAccountID is the account of the user who assumed a role of another; "": AccountID.
	UserAccountID string

	// Of security tokens alone. They carry what is needed to check a signature of the temporary key, so that nobody has to keep it: its secret is sealed
	// once for each key that may open it, by the fingerprint of that key.
	AccessKey     string
	Sealed        map[string]string
	SessionPolicy string // JSON; "": none
}

// OwnerAccountID returns the account of the user.
func (c Claims) OwnerAccountID() string {
	if c.UserAccountID != "" {
		return c.UserAccountID
	}
	return c.AccountID
}

// Why a token is refused.
var (
	ErrTokenInvalid = errors.New("token is invalid")
	ErrTokenExpired = errors.New("token has expired")
)

// TokenCodec writes and reads tokens. Package token has the implementation.
type TokenCodec interface {
	Sign(c Claims, keyID string, key ed25519.PrivateKey) (string, error)
	// Parse checks everything that a token says by itself, and its signature with the key that key returns for the id it names.
	// The error is, or wraps, ErrTokenInvalid or ErrTokenExpired; an error of key is returned as it is.
	Parse(raw string, kind TokenKind, now time.Time, key func(keyID string) (ed25519.PublicKey, error)) (Claims, error)
}

// PasswordHasher hashes and checks passwords. Package password has the implementation.
type PasswordHasher interface {
	Hash(password string) (string, error)
	// Verify reports whether the password is the hash's, and whether the hash is of an outdated strength. With hash "" it takes as
	// long as with any other and answers no. errs.Throttled: too many are being checked.
	Verify(hash, password string) (ok, outdated bool, err error)
}

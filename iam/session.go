package iam

import "time"

// Times of a console session.
const (
	// AccessTokenLife is how long the access cookie is good for (decisions.md, token life).
	AccessTokenLife = 15 * time.Minute
	// SessionIdle ends a session that was not renewed for so long.
	SessionIdle = 24 * time.Hour
	// SessionLife ends every session.
	SessionLife = 7 * 24 * time.Hour
	// refreshRetry is how long the refresh token before the present one is still answered, with the very same successor: the client
	// lost the answer, or two tabs asked at once.
	refreshRetry = 10 * time.Second
)

// Session is a signed-in browser: a family of refresh tokens of which one is good at a time.
//
// A refresh token is "{session id}.{secret}". The next secret is HMAC-SHA256(rotation key, present secret): a repeated request
// within refreshRetry gets the same answer and needs nothing stored but hashes. Whoever has the database knows the sealed
// rotation key and hashes, and can make no token; whoever has an old token lacks the rotation key. A secret that is neither
// the present nor, in time, the one before was used already by somebody: the session ends.
type Session struct {
	ID                string
	AccountID         string
	UserID            string
	Epoch             int64  // the user's TokenEpoch at the start: once that is higher, the session is over
	SealedRotationKey string // under the platform key, bound to ID
	CurrentHash       []byte // SHA-256 of the present secret
	PreviousHash      []byte // SHA-256 of the one before; nil until the first renewal
	RotatedAt         time.Time
	CreatedAt         time.Time
	ExpiresAt         time.Time // whatever happens
	EndedAt           time.Time // zero while it lives

	MFA            bool   // it began with a second factor
	Address        string // where it began; "": not known
	UserAgent      string // as the browser called itself
	ImpersonatorID string // the operator who acts as the user; "": nobody
}

// maxUserAgentBytes bounds what is kept of it; a person tells sessions apart by less.
const maxUserAgentBytes = 256

// SessionStart says how a session began.
type SessionStart struct {
	User           User
	MFA            bool
	ImpersonatorID string        // the operator who acts as the user; "": nobody
	Life           time.Duration // how long it may last; 0: SessionLife
}

func (s Session) ranOut(now time.Time) bool {
	return !(now.Before(s.ExpiresAt) && now.Before(s.RotatedAt.Add(SessionIdle)))
}

package iam

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
	"dms/internal/seal"
)

// SessionService signs browsers in and out.
type SessionService struct {
	store  Store
	write  writer
	clock  clock.Clock
	seal   *seal.Key
	login  loginChecker
	signer *tokenSigner
}

// SignedIn is what a browser is given. Both tokens belong into cookies that scripts cannot read.
type SignedIn struct {
	AccountID       string
	UserID          string
	AccessToken     string
	AccessExpiresAt time.Time
	RefreshToken    string
	SessionLife     time.Duration // how long the refresh token is good unless it is renewed
}

const (
	rotationKeyBytes     = 32
	refreshSecretBytes   = 32
	maxRefreshTokenBytes = 128
)

// SignIn starts a session for whoever the login names: an e-mail address, an account's name (its first user), or "account name/
// user name".
func (s *SessionService) SignIn(ctx context.Context, login, password string) (SignedIn, error) {
	u, err := s.login.byLogin(ctx, login)
	u, err = s.login.check(ctx, u, err, password)
	if err != nil {
		return SignedIn{}, err
	}
	return s.Start(ctx, u)
}

// Start starts a session for a user who has just proved who they are.
func (s *SessionService) Start(ctx context.Context, u User) (SignedIn, error) {
	now := s.clock.Now()
	secret, rotation := make([]byte, refreshSecretBytes), make([]byte, rotationKeyBytes)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	_, _ = rand.Read(rotation)
	session := Session{ID: id.NewHex(), AccountID: u.AccountID, UserID: u.ID, Epoch: u.TokenEpoch, RotatedAt: now, CreatedAt: now, ExpiresAt: now.Add(SessionLife)}
	session.SealedRotationKey = s.seal.Seal(rotation, session.ID)
	session.CurrentHash = hashSecret(secret)
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		if err := tx.ForgetSessions(ctx, u.AccountID, u.ID, now.Add(-AccessTokenLife)); err != nil {
			return err
		}
		out.record(signInEvent(u, audit.OK, access.ViaSession, session.ID))
		return tx.CreateSession(ctx, session)
	})
	if err != nil {
		return SignedIn{}, err
	}
	return s.signedIn(ctx, session, u, secret)
}

// Refresh renews a session with its refresh token, which is good no more afterwards. See Session for what a repeated token does.
func (s *SessionService) Refresh(ctx context.Context, refreshToken string) (SignedIn, error) {
	sessionID, secret, ok := cutRefreshToken(refreshToken)
	if !ok {
		return SignedIn{}, errRefresh(reason.CredentialsInvalid)
	}
	var (
		session Session
		user    User
		next    []byte
		refused error // committed with what it did to the session
	)
	err := s.write.change(ctx, func(tx Tx, out *changes) (err error) {
		next, refused = nil, nil
		if session, user, err = lockSession(ctx, tx, sessionID); err != nil {
			if errs.CodeOf(err) == errs.NotFound {
				return errRefresh(reason.CredentialsInvalid)
			}
			return err
		}
		now := s.clock.Now()
		switch {
		case !session.EndedAt.IsZero(), !user.Enabled, session.Epoch < user.TokenEpoch:
			return errRefresh(reason.CredentialsInvalid)
		case session.ranOut(now):
			return errRefresh(reason.CredentialsExpired)
		}
		hash := hashSecret(secret)
		current := subtle.ConstantTimeCompare(hash, session.CurrentHash) == 1
		retry := subtle.ConstantTimeCompare(hash, session.PreviousHash) == 1 && now.Before(session.RotatedAt.Add(refreshRetry))
		if !current && !retry {
			refused = errRefresh(reason.CredentialsInvalid)
			out.record(userEvent(access.SessionEnd, user, map[string]string{"session_id": session.ID, "cause": "refresh token used twice"}))
			return endSession(ctx, tx, out, session, user, now)
		}
		if next, err = s.successor(session, secret); err != nil || retry {
			return err
		}
		session.PreviousHash, session.CurrentHash, session.RotatedAt = session.CurrentHash, hashSecret(next), now
		return tx.UpdateSession(ctx, session)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return SignedIn{}, err
	}
	return s.signedIn(ctx, session, user, next)
}

// SignOut ends a session of the account: its access token is refused when the call returns. An unknown one is a success.
func (s *SessionService) SignOut(ctx context.Context, accountID, sessionID string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		session, user, err := lockSession(ctx, tx, sessionID)
		if errs.CodeOf(err) == errs.NotFound || err == nil && session.AccountID != accountID {
			return nil
		}
		if err != nil || !session.EndedAt.IsZero() {
			return err
		}
		out.record(userEvent(access.SessionEnd, user, map[string]string{"session_id": session.ID, "cause": "signed out"}))
		return endSession(ctx, tx, out, session, user, s.clock.Now())
	})
}

// lockSession locks the session's user, which guards the session, and returns both as they are then.
func lockSession(ctx context.Context, tx Tx, sessionID string) (Session, User, error) {
	session, err := tx.AcrossAccountsSession(ctx, sessionID)
	if err != nil {
		return Session{}, User{}, err
	}
	user, err := tx.LockUser(ctx, session.AccountID, session.UserID)
	if err != nil {
		return Session{}, User{}, err
	}
	session, err = tx.AcrossAccountsSession(ctx, sessionID) // it may have changed while we waited for the lock
	return session, user, err
}

// endSession ends a locked session and tells the nodes, through the user's entry.
func endSession(ctx context.Context, tx Tx, out *changes, session Session, user User, now time.Time) error {
	session.EndedAt = now
	if err := tx.UpdateSession(ctx, session); err != nil {
		return err
	}
	return publishUser(ctx, tx, out, user, now)
}

func (s *SessionService) signedIn(ctx context.Context, session Session, u User, secret []byte) (SignedIn, error) {
	raw, claims, err := s.signer.sign(ctx, Claims{Kind: TokenSession, ID: session.ID, AccountID: u.AccountID, UserID: u.ID, Epoch: u.TokenEpoch})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{
		AccountID: u.AccountID, UserID: u.ID,
		AccessToken: raw, AccessExpiresAt: claims.ExpiresAt,
		RefreshToken: session.ID + "." + base64.RawURLEncoding.EncodeToString(secret), SessionLife: min(SessionIdle, session.ExpiresAt.Sub(s.clock.Now())),
	}, nil
}

// successor derives the secret that follows the given one.
func (s *SessionService) successor(session Session, secret []byte) ([]byte, error) {
	rotation, err := s.seal.Open(session.SealedRotationKey, session.ID)
	if err != nil {
		return nil, fmt.Errorf("renew session: %w", err)
	}
	mac := hmac.New(sha256.New, rotation)
	mac.Write(secret)
	return mac.Sum(nil), nil
}

func hashSecret(secret []byte) []byte {
	sum := sha256.Sum256(secret)
	return sum[:]
}

func cutRefreshToken(raw string) (sessionID string, secret []byte, ok bool) {
	if len(raw) > maxRefreshTokenBytes {
		return "", nil, false
	}
	sessionID, encoded, ok := strings.Cut(raw, ".")
	if !ok || !id.IsHex(sessionID) {
		return "", nil, false
	}
	secret, err := base64.RawURLEncoding.DecodeString(encoded)
	return sessionID, secret, err == nil && len(secret) == refreshSecretBytes
}

func errRefresh(r errs.Reason) error {
	return errs.New(errs.Unauthenticated, r, "The session has ended. Sign in again.")
}

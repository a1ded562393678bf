package iam

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
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
	ImpersonatorID  string        // the operator who acts as the user; "": nobody
}

const (
	rotationKeyBytes     = 32
	refreshSecretBytes   = 32
	maxRefreshTokenBytes = 128
)

// Challenge is what a sign-in gets whose password was right, and whose user has a second factor: MFAService.SignIn takes the ticket with a code.
type Challenge struct {
	Ticket    string
	ExpiresAt time.Time
}

func (*Challenge) Error() string { return "the password was right" }

// SignIn starts a session for whoever the login names: an e-mail address, an account's name (its first user), or "account name/
// user name". The error of a user with a second factor has reason.SecondFactor and wraps a *Challenge.
func (s *SessionService) SignIn(ctx context.Context, login, password string) (SignedIn, error) {
	u, err := s.login.byLogin(ctx, login)
	u, err = s.login.check(ctx, u, err, password)
	if err != nil {
		return SignedIn{}, err
	}
	if u.MFA {
		return SignedIn{}, s.challenge(ctx, u)
	}
	return s.Start(ctx, SessionStart{User: u})
}

func (s *SessionService) challenge(ctx context.Context, u User) error {
	now := s.clock.Now()
	ticket, secret := newTicket(TicketSecondFactor, now)
	ticket.AccountID, ticket.UserID = u.AccountID, u.ID
	if err := createTicket(ctx, s.store, ticket); err != nil {
		return err
	}
	c := &Challenge{Ticket: secret, ExpiresAt: ticket.ExpiresAt}
	return errs.Wrap(c, errs.Unauthenticated, reason.SecondFactor, "The user has a second factor, which is needed as well.")
}

// Start starts a session for a user who has just proved who they are. Where the caller is, audit.From(ctx) knows.
func (s *SessionService) Start(ctx context.Context, in SessionStart) (SignedIn, error) {
	var out SignedIn
	session, secret := s.newSession(ctx, in)
	err := s.write.change(ctx, func(tx Tx, c *changes) error { return s.start(ctx, tx, c, in.User, session) })
	if err == nil {
		out, err = s.signedIn(ctx, session, in.User, secret)
	}
	return out, err
}

func (s *SessionService) newSession(ctx context.Context, in SessionStart) (Session, []byte) {
	now, u, from := s.clock.Now(), in.User, audit.From(ctx)
	secret, rotation := randomBytes(refreshSecretBytes), randomBytes(rotationKeyBytes)
	life := SessionLife
	if in.Life > 0 {
		life = min(life, in.Life)
	}
	session := Session{ID: id.NewHex(), AccountID: u.AccountID, UserID: u.ID, Epoch: u.TokenEpoch, RotatedAt: now, CreatedAt: now, ExpiresAt: now.Add(life),
		MFA: in.MFA, ImpersonatorID: in.ImpersonatorID, Address: from.Address, UserAgent: clipText(from.UserAgent, maxUserAgentBytes)}
	session.SealedRotationKey = s.seal.Seal(rotation, session.ID)
	session.CurrentHash = hashSecret(secret)
	return session, secret
}

func (s *SessionService) start(ctx context.Context, tx Tx, out *changes, u User, session Session) error {
	if err := tx.ForgetSessions(ctx, u.AccountID, u.ID, session.CreatedAt.Add(-AccessTokenLife)); err != nil {
		return err
	}
	out.record(signInEvent(u, audit.OK, access.ViaSession, session.ID))
	return tx.CreateSession(ctx, session)
}

// clipText returns at most n bytes of a text from outside, whole characters alone.
func clipText(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
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
			return endSession(ctx, tx, out, session, user, now, "refresh token used twice")
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
	err := s.end(ctx, accountID, "", sessionID, "signed out")
	if errs.CodeOf(err) == errs.NotFound {
		return nil
	}
	return err
}

// List returns the user's sessions that live, the newest first.
func (s *SessionService) List(ctx context.Context, accountID, userID string) ([]Session, error) {
	u, err := s.store.User(ctx, accountID, userID)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Sessions(ctx, accountID, userID)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	return slices.DeleteFunc(all, func(session Session) bool { return session.Epoch < u.TokenEpoch || session.ranOut(now) }), nil
}

// End ends a session of the user. errs.NotFound also for one of somebody else.
func (s *SessionService) End(ctx context.Context, accountID, userID, sessionID string) error {
	return s.end(ctx, accountID, userID, sessionID, "ended by the user")
}

// end ends a session; userID "" stands for any of the account.
func (s *SessionService) end(ctx context.Context, accountID, userID, sessionID, cause string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		session, user, err := lockSession(ctx, tx, sessionID)
		if err == nil && (session.AccountID != accountID || userID != "" && session.UserID != userID) {
			err = errs.New(errs.NotFound, "", "There is no such session.")
		}
		if err != nil || !session.EndedAt.IsZero() {
			return err
		}
		return endSession(ctx, tx, out, session, user, s.clock.Now(), cause)
	})
}

// EndOthers ends all sessions of the user but one ("" for none).
func (s *SessionService) EndOthers(ctx context.Context, accountID, userID, except string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		user, err := tx.LockUser(ctx, accountID, userID)
		if err != nil {
			return err
		}
		all, err := tx.Sessions(ctx, accountID, userID)
		if err != nil {
			return err
		}
		for _, session := range all {
			if session.ID == except {
				continue
			}
			if err := endSession(ctx, tx, out, session, user, s.clock.Now(), "ended by the user"); err != nil {
				return err
			}
		}
		return nil
	})
}

// ownSession is a session whose user changes how they sign in: it goes on, with new tokens, while all others end with the old ones.
type ownSession struct {
	id  string
	mfa func(before bool) bool // whether it has a second factor from now on; nil: as before
}

// rotate writes the session anew for the locked user, whose TokenEpoch was counted up, and returns what signedIn needs.
func (s *SessionService) rotate(ctx context.Context, tx Tx, u User, own ownSession) (Session, []byte, error) {
	session, err := tx.AcrossAccountsSession(ctx, own.id)
	if err == nil && (session.UserID != u.ID || !session.EndedAt.IsZero()) {
		err = errs.New(errs.NotFound, "", "There is no such session.")
	}
	if err != nil {
		return Session{}, nil, err
	}
	secret := randomBytes(refreshSecretBytes)
	session.Epoch, session.RotatedAt = u.TokenEpoch, s.clock.Now()
	session.CurrentHash, session.PreviousHash = hashSecret(secret), nil
	if own.mfa != nil {
		session.MFA = own.mfa(session.MFA)
	}
	return session, secret, tx.UpdateSession(ctx, session)
}

// replaceCredentials runs f on the locked user, ends all tokens and sessions of theirs, and lets their own session go on with new ones.
func (s *SessionService) replaceCredentials(ctx context.Context, u User, own ownSession, f func(tx Tx, out *changes, now *User) error) (SignedIn, error) {
	var (
		session Session
		secret  []byte
		now     User
	)
	err := s.write.change(ctx, func(tx Tx, out *changes) (err error) {
		if now, err = tx.LockUser(ctx, u.AccountID, u.ID); err != nil {
			return err
		}
		if err := f(tx, out, &now); err != nil {
			return err
		}
		now.TokenEpoch++
		if err := updateUser(ctx, tx, out, now, s.clock.Now()); err != nil {
			return err
		}
		session, secret, err = s.rotate(ctx, tx, now, own)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return s.signedIn(ctx, session, now, secret)
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
func endSession(ctx context.Context, tx Tx, out *changes, session Session, user User, now time.Time, cause string) error {
	session.EndedAt = now
	if err := tx.UpdateSession(ctx, session); err != nil {
		return err
	}
	out.record(userEvent(access.SessionEnd, user, map[string]string{"session_id": session.ID, "cause": cause}))
	return publishUser(ctx, tx, out, user, now)
}

func (s *SessionService) signedIn(ctx context.Context, session Session, u User, secret []byte) (SignedIn, error) {
	raw, claims, err := s.signer.sign(ctx, Claims{Kind: TokenSession, ID: session.ID, AccountID: u.AccountID, UserID: u.ID, Epoch: u.TokenEpoch, MFA: session.MFA, ImpersonatorID: session.ImpersonatorID,
		ExpiresAt: session.ExpiresAt})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{
		AccountID: u.AccountID, UserID: u.ID, ImpersonatorID: session.ImpersonatorID,
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

package iam

import (
	"context"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/seal"
)

// MFAService is about second factors: users set one up and sign in with it.
type MFAService struct {
	store    Store
	write    writer
	clock    clock.Clock
	seal     *seal.Key
	codes    TOTPCodes
	sessions *SessionService
}

// SecondFactor is what a user shows beside the password: a code of their app, or one of their recovery codes.
type SecondFactor struct {
	TOTP         string
	RecoveryCode string
}

// MFAState says what a user has.
type MFAState struct {
	TOTP              bool
	RecoveryCodesLeft int
}

// State returns what the user has.
func (s *MFAService) State(ctx context.Context, accountID, userID string) (MFAState, error) {
	u, err := s.store.User(ctx, accountID, userID)
	if err != nil || !u.MFA {
		return MFAState{}, err
	}
	n, err := s.store.RecoveryCodesLeft(ctx, accountID, userID)
	return MFAState{TOTP: true, RecoveryCodesLeft: n}, err
}

// Begin makes a new secret for the user's app and tells it, for the only time. It protects nothing before Confirm. errs.Conflict: the user has
// a second factor already.
func (s *MFAService) Begin(ctx context.Context, accountID, userID string) (typed, uri string, err error) {
	secret := randomBytes(totpSecretBytes)
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.LockUser(ctx, accountID, userID)
		if err != nil {
			return err
		}
		if u.MFA {
			return errs.New(errs.Conflict, "second_factor_exists", "There is a second factor already. Remove it first.")
		}
		a, err := tx.Account(ctx, accountID)
		if err != nil {
			return err
		}
		typed, uri = s.codes.Text(secret, a.Name+"/"+u.Name)
		out.record(userEvent(actionTOTPStart, u, nil))
		return tx.PutTOTP(ctx, TOTP{AccountID: accountID, UserID: userID, SealedSecret: s.seal.Seal(secret, totpOwner(userID))})
	})
	if err != nil {
		return "", "", err
	}
	return typed, uri, nil
}

// Confirm makes the new secret count, once the user shows a code of it, and returns the recovery codes, for the only time. All tokens and other sessions
// end, which knew nothing of a second factor; the session that it is done in goes on with new tokens.
func (s *MFAService) Confirm(ctx context.Context, accountID, userID, sessionID, code string) (SignedIn, []string, error) {
	var codes []string
	in, err := s.checked(ctx, accountID, userID, func(tx Tx, out *changes, u User) error {
		if u.MFA {
			return errs.New(errs.Conflict, "second_factor_exists", "There is a second factor already.")
		}
		return s.check(ctx, tx, out, u, SecondFactor{TOTP: code})
	}, ownSession{sessionID, func(bool) bool { return true }}, func(tx Tx, out *changes, u *User) error {
		t, err := tx.TOTP(ctx, accountID, userID)
		if err != nil {
			return err
		}
		t.Confirmed, u.MFA = true, true
		if err := tx.PutTOTP(ctx, t); err != nil {
			return err
		}
		var hashes [][]byte
		codes, hashes = newRecoveryCodes()
		out.record(userEvent(actionTOTPConfirm, *u, nil))
		return tx.PutRecoveryCodes(ctx, accountID, userID, hashes)
	})
	if err != nil {
		return SignedIn{}, nil, err
	}
	return in, codes, nil
}

// Remove takes the second factor away, for a code of it or a recovery code. All tokens and other sessions end.
func (s *MFAService) Remove(ctx context.Context, accountID, userID, sessionID string, f SecondFactor) (SignedIn, error) {
	return s.checked(ctx, accountID, userID, func(tx Tx, out *changes, u User) error {
		if !u.MFA {
			return errNoSecondFactor()
		}
		return s.check(ctx, tx, out, u, f)
	}, ownSession{sessionID, func(bool) bool { return false }}, func(tx Tx, out *changes, u *User) error {
		u.MFA = false
		out.record(userEvent(actionTOTPRemove, *u, nil))
		return tx.DeleteTOTP(ctx, accountID, userID)
	})
}

// ReplaceRecoveryCodes makes new recovery codes, for a code of the app; the old ones are good no more.
func (s *MFAService) ReplaceRecoveryCodes(ctx context.Context, accountID, userID, code string) ([]string, error) {
	codes, hashes := newRecoveryCodes()
	err := s.try(ctx, accountID, userID, func(tx Tx, out *changes, u User) error {
		if !u.MFA {
			return errNoSecondFactor()
		}
		if err := s.check(ctx, tx, out, u, SecondFactor{TOTP: code}); err != nil {
			return err
		}
		out.record(userEvent(actionRecoveryCodes, u, nil))
		return tx.PutRecoveryCodes(ctx, accountID, userID, hashes)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// SignIn is the second step of a sign-in: the ticket of a Challenge, and what the user has beside the password. A wrong code leaves the ticket good.
func (s *MFAService) SignIn(ctx context.Context, ticket string, f SecondFactor) (SignedIn, error) {
	hash := ticketHash(ticket)
	t, err := s.store.AcrossAccountsTicket(ctx, hash, TicketSecondFactor, s.clock.Now())
	if err != nil {
		return SignedIn{}, errSecondStep(err)
	}
	var (
		user    User
		session Session
		secret  []byte
	)
	err = s.try(ctx, t.AccountID, t.UserID, func(tx Tx, out *changes, u User) error {
		if !u.Enabled || !u.MFA {
			return errSecondStep(errs.New(errs.NotFound, "", "The user has changed."))
		}
		if err := s.check(ctx, tx, out, u, f); err != nil {
			return err
		}
		if _, err := tx.TakeTicket(ctx, hash, TicketSecondFactor, s.clock.Now()); err != nil {
			return errSecondStep(err)
		}
		if err := tx.ForgetTickets(ctx, u.AccountID, u.ID, TicketSecondFactor); err != nil {
			return err
		}
		user = u
		session, secret = s.sessions.newSession(ctx, SessionStart{User: u, MFA: true})
		return s.sessions.start(ctx, tx, out, u, session)
	})
	if err != nil {
		return SignedIn{}, err
	}
	return s.sessions.signedIn(ctx, session, user, secret)
}

// CheckTOTP checks a code of the user's app and uses it up, for wires that take password and code at once. errs.Unauthenticated with reason.SecondFactor:
// it is wrong, was used already, or the user has no second factor. errs.Throttled: too many were wrong.
func (s *MFAService) CheckTOTP(ctx context.Context, u User, code string) error {
	return s.try(ctx, u.AccountID, u.ID, func(tx Tx, out *changes, u User) error {
		if !u.MFA {
			return errSecondFactor()
		}
		return s.check(ctx, tx, out, u, SecondFactor{TOTP: code})
	})
}

// failedFactor is an error that does not undo the transaction: that a code was wrong is counted.
type failedFactor struct{ error }

func (f failedFactor) Unwrap() error { return f.error }

// try runs f on the locked user. What f wrote before it found a code wrong stays.
func (s *MFAService) try(ctx context.Context, accountID, userID string, f func(tx Tx, out *changes, u User) error) error {
	var refused error
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		refused = nil
		u, err := tx.LockUser(ctx, accountID, userID)
		if err != nil {
			return err
		}
		if err = f(tx, out, u); isFailedFactor(err) {
			refused = err.(failedFactor).error
			return nil
		}
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

func isFailedFactor(err error) bool {
	_, ok := err.(failedFactor)
	return ok
}

// checked runs check, and after it change with new credentials for the user's own session. A code that was found good is used up even if change fails.
func (s *MFAService) checked(ctx context.Context, accountID, userID string, check func(tx Tx, out *changes, u User) error, own ownSession, change func(tx Tx, out *changes, u *User) error) (SignedIn, error) {
	var before User
	err := s.try(ctx, accountID, userID, func(tx Tx, out *changes, u User) error {
		before = u
		return check(tx, out, u)
	})
	if err != nil {
		return SignedIn{}, err
	}
	return s.sessions.replaceCredentials(ctx, before, own, func(tx Tx, out *changes, now *User) error {
		if now.MFA != before.MFA || now.TokenEpoch != before.TokenEpoch {
			return errs.New(errs.Conflict, "", "The user was changed meanwhile. Try again.")
		}
		return change(tx, out, now)
	})
}

// check uses up a code of the locked user. A wrong one is a failedFactor, and is counted and recorded.
func (s *MFAService) check(ctx context.Context, tx Tx, out *changes, u User, f SecondFactor) error {
	if f.RecoveryCode != "" {
		if hash, ok := recoveryCodeHash(f.RecoveryCode); ok {
			taken, err := tx.TakeRecoveryCode(ctx, u.AccountID, u.ID, hash)
			if err != nil || taken {
				return err
			}
		}
		out.record(signInEvent(u, audit.Failed, access.ViaSession, ""))
		return failedFactor{errSecondFactor()}
	}
	t, err := tx.TOTP(ctx, u.AccountID, u.ID)
	if errs.CodeOf(err) == errs.NotFound {
		return errNoSecondFactor()
	}
	if err != nil {
		return err
	}
	now := s.clock.Now()
	if err := t.checkDelay(now); err != nil {
		return err
	}
	secret, err := s.seal.Open(t.SealedSecret, totpOwner(u.ID))
	if err != nil {
		return err
	}
	step, ok := s.codes.Match(secret, f.TOTP, now, t.LastStep)
	if ok {
		if ok, err = tx.TakeTOTPStep(ctx, u.AccountID, u.ID, step); err != nil {
			return err
		}
	}
	if ok {
		t.LastStep, t.Failures = step, 0
		return tx.PutTOTP(ctx, t)
	}
	t.Failures, t.FailedAt = t.Failures+1, now
	out.record(signInEvent(u, audit.Failed, access.ViaSession, ""))
	if err := tx.PutTOTP(ctx, t); err != nil {
		return err
	}
	return failedFactor{errSecondFactor()}
}

func errNoSecondFactor() error {
	return errs.New(errs.Conflict, "no_second_factor", "There is no second factor. Set one up first.")
}

// errSecondStep is the answer for a ticket that is unknown, used or expired.
func errSecondStep(err error) error {
	if errs.CodeOf(err) != errs.NotFound {
		return err
	}
	return errs.Wrap(err, errs.Unauthenticated, reason.CredentialsExpired, "The sign-in took too long. Begin again with the password.")
}

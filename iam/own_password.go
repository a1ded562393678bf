package iam

import (
	"context"

	"dms/internal/errs"
	"dms/internal/reason"
)

// ChangePassword is what users do themselves: it takes the present password, ends all tokens and all other sessions of the user, and goes on
// with new tokens in the session that it is done in. errs.Unauthenticated: the present password is wrong.
func (s *UserService) ChangePassword(ctx context.Context, accountID, userID, sessionID, present, next string) (SignedIn, error) {
	u, err := s.store.User(ctx, accountID, userID)
	if err != nil {
		return SignedIn{}, err
	}
	ok, _, err := s.passwords.Verify(u.PasswordHash, present)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok {
		return SignedIn{}, errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "The present password is wrong.")
	}
	hash, err := s.newHash(ctx, accountID, userID, next, "/new")
	if err != nil {
		return SignedIn{}, err
	}
	return s.sessions.replaceCredentials(ctx, u, ownSession{id: sessionID}, func(_ Tx, out *changes, now *User) error {
		if now.PasswordHash != u.PasswordHash {
			return errs.New(errs.Conflict, "password_changed", "The password was changed meanwhile.")
		}
		now.PasswordHash = hash
		out.record(userEvent(actionPasswordChange, *now, nil))
		return nil
	})
}

// newHash checks a password for the user, and hashes it. field is where it came from.
func (s *UserService) newHash(ctx context.Context, accountID, userID, password, field string) (string, error) {
	a, err := s.store.Account(ctx, accountID)
	if err != nil {
		return "", err
	}
	u, err := s.store.User(ctx, accountID, userID)
	if err != nil {
		return "", err
	}
	if problem := checkPassword(password, a.Name, u.Name, u.Email); problem != "" {
		return "", errs.New(errs.Invalid, reasonInvalid, "The password %s.", problem).WithField(field, problem)
	}
	return s.passwords.Hash(password)
}

package iam

import (
	"context"
	"strings"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/errs"
	"dms/internal/reason"
)

// loginChecker finds a user by what a login form says, and checks the password. Unknown, disabled and wrong are one answer, and
// cost one hash each.
type loginChecker struct {
	store     Store
	write     writer
	passwords PasswordHasher
}

// byLogin finds the user of an e-mail address, of an account's name (its first user), or of "account name/user name".
func (l loginChecker) byLogin(ctx context.Context, login string) (User, error) {
	if account, user, ok := strings.Cut(login, "/"); ok {
		a, err := l.store.AccountByName(ctx, account)
		if err != nil {
			return User{}, err
		}
		return l.store.UserByName(ctx, a.ID, user)
	}
	if strings.Contains(login, "@") {
		return l.store.AcrossAccountsUserByEmail(ctx, login)
	}
	a, err := l.store.AccountByName(ctx, login)
	if err != nil {
		return User{}, err
	}
	return l.store.User(ctx, a.ID, a.FirstUserID)
}

// check returns the found user when the password is right. lookup is the error of the search.
func (l loginChecker) check(ctx context.Context, u User, lookup error, password string) (User, error) {
	if lookup != nil && errs.CodeOf(lookup) != errs.NotFound {
		return User{}, lookup
	}
	hash := u.PasswordHash
	if lookup != nil {
		hash = ""
	}
	ok, outdated, err := l.passwords.Verify(hash, password)
	if err != nil {
		return User{}, err
	}
	if !ok || !u.Enabled {
		if err := l.failed(ctx, u, lookup == nil); err != nil {
			return User{}, err
		}
		return User{}, errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "The login or the password is wrong.")
	}
	if outdated {
		if err := l.rehash(ctx, u, password); err != nil {
			return User{}, err
		}
	}
	return u, nil
}

// failed records that somebody tried to sign in as the user. What was tried with an unknown login goes to the platform's trail, without the login, which may be
// a password in the wrong field: one record either way, or the time of the answer would tell which logins exist.
func (l loginChecker) failed(ctx context.Context, u User, known bool) error {
	e := audit.Event{AccountID: audit.Platform, Action: audit.SignIn, Resource: audit.PlatformResource("login", "unknown"), Result: audit.Failed}
	if known {
		e = signInEvent(u, audit.Failed, "", "")
	}
	return l.write.change(ctx, func(_ Tx, out *changes) error {
		out.record(e)
		return nil
	})
}

// signInEvent is that somebody proved, or failed to prove, to be the user.
func signInEvent(u User, result audit.Result, via access.Via, credentialID string) audit.Event {
	e := userEvent(audit.SignIn, u, map[string]string{"credential_id": credentialID, "via": string(via)})
	e.Result = result
	return e
}

// rehash stores the password's hash anew with the present strength. Nothing that others know of the user changes.
func (l loginChecker) rehash(ctx context.Context, u User, password string) error {
	hash, err := l.passwords.Hash(password)
	if err != nil {
		return err
	}
	return l.store.InTx(ctx, func(tx Tx) error {
		now, err := tx.LockUser(ctx, u.AccountID, u.ID)
		if err != nil || now.PasswordHash != u.PasswordHash {
			return err // it was changed meanwhile: the new one stands
		}
		now.PasswordHash = hash
		return tx.UpdateUser(ctx, now)
	})
}

package iam

import (
	"context"
	"strings"

	"dms/internal/errs"
	"dms/internal/reason"
)

// loginChecker finds a user by what a login form says, and checks the password. Unknown, disabled and wrong are one answer, and
// cost one hash each.
type loginChecker struct {
	store     Store
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
		return User{}, errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "The login or the password is wrong.")
	}
	if outdated {
		if err := l.rehash(ctx, u, password); err != nil {
			return User{}, err
		}
	}
	return u, nil
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

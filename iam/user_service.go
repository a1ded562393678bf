package iam

import (
	"context"
	"maps"
	"slices"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
)

// UserService makes, changes and ends users. Who acts on another user is told by the actor: the wire has checked the action, the service checks that nobody gets more than they have.
type UserService struct {
	store     Store
	write     writer
	clock     clock.Clock
	passwords PasswordHasher
	grants    grantChecker
	sessions  *SessionService
}

// User returns a user of the account, or an errs.NotFound.
func (s *UserService) User(ctx context.Context, accountID, userID string) (User, error) {
	return s.store.User(ctx, accountID, userID)
}

// List returns up to limit users of the account with ids after the given one ("" for the first), in the order of ids.
func (s *UserService) List(ctx context.Context, accountID, after string, limit int) ([]User, error) {
	return s.store.Users(ctx, accountID, after, limit)
}

// NewUser is a user to be made.
type NewUser struct {
	Name     string
	Email    string // "": none
	Password string // "": the user cannot sign in, but may have access keys
	GroupIDs []string
}

// Validate reports all that is wrong with the input.
func (in NewUser) Validate(accountName string) error {
	err := errs.New(errs.Invalid, reasonInvalid, "Some fields are not valid; see errors.")
	if problem := checkUserName(in.Name); problem != "" {
		err.WithField("/name", problem)
	}
	if in.Email != "" {
		if problem := checkEmail(in.Email); problem != "" {
			err.WithField("/email", problem)
		}
	}
	if in.Password != "" {
		if problem := checkPassword(in.Password, accountName, in.Name, in.Email); problem != "" {
			err.WithField("/password", problem)
		}
	}
	if len(in.GroupIDs) > MaxGroupsOfUser {
		err.WithField("/group_ids", "must have at most 10 user groups")
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

// Create makes a user in the caller's account, with the rights of the groups, which the caller must hold.
func (s *UserService) Create(ctx context.Context, a access.Actor, in NewUser) (User, error) {
	account, err := s.store.Account(ctx, a.AccountID)
	if err != nil {
		return User{}, err
	}
	if err := in.Validate(account.Name); err != nil {
		return User{}, err
	}
	u := User{ID: id.NewHex(), AccountID: a.AccountID, Name: in.Name, Email: in.Email, Enabled: true, CreatedAt: s.clock.Now()}
	if in.Password != "" {
		if u.PasswordHash, err = s.passwords.Hash(in.Password); err != nil {
			return User{}, err
		}
	}
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, a.AccountID); err != nil {
			return err
		}
		if err := tx.CreateUser(ctx, u); err != nil {
			return err
		}
		for _, groupID := range unique(in.GroupIDs) {
			if err := addMember(ctx, tx, s.grants, a, groupID, u, s.clock.Now()); err != nil {
				return err
			}
		}
		out.record(userEvent(access.UserCreate, u, nil))
		return publishUser(ctx, tx, out, u, u.CreatedAt)
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// SetPassword gives the user another password, in the user's own name, and ends all tokens and sessions of the user.
func (s *UserService) SetPassword(ctx context.Context, accountID, userID, password string) error {
	hash, err := s.newHash(ctx, accountID, userID, password, "/password")
	if err != nil {
		return err
	}
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.LockUser(ctx, accountID, userID)
		if err != nil {
			return err
		}
		u.PasswordHash = hash
		u.TokenEpoch++
		out.record(userEvent(access.UserResetPassword, u, nil))
		return updateUser(ctx, tx, out, u, s.clock.Now())
	})
}

// ResetPassword is SetPassword by somebody else: the caller can sign in as the user afterwards, so it must hold all that the user may do.
func (s *UserService) ResetPassword(ctx context.Context, a access.Actor, userID, password string) error {
	hash, err := s.newHash(ctx, a.AccountID, userID, password, "/password")
	if err != nil {
		return err
	}
	return s.revise(ctx, a, userID, access.UserResetPassword, nil, func(tx Tx, u *User) error {
		u.PasswordHash = hash
		u.TokenEpoch++
		return s.grants.checkUser(ctx, tx, a, *u)
	})
}

// SetEnabled enables or disables the user. Disabling ends all tokens and sessions, and access keys are refused while it lasts; the last administrator stays enabled. Enabling
// takes all that the user may do.
func (s *UserService) SetEnabled(ctx context.Context, a access.Actor, userID string, enabled bool) error {
	return s.Update(ctx, a, userID, UserChange{Enabled: &enabled})
}

// UserChange says what to change of a user; nil leaves it as it is.
type UserChange struct {
	Enabled *bool
	Email   *string // "": none
}

// Update changes the user, all of it or nothing. Whoever is given a user's address can have the password sent there: a change takes all that the user may do.
func (s *UserService) Update(ctx context.Context, a access.Actor, userID string, change UserChange) error {
	if change.Email != nil && *change.Email != "" {
		if problem := checkEmail(*change.Email); problem != "" {
			return errs.New(errs.Invalid, reasonInvalid, "The e-mail address %s.", problem).WithField("/email", problem)
		}
	}
	detail := make(map[string]string)
	return s.revise(ctx, a, userID, access.UserUpdate, detail, func(tx Tx, u *User) error {
		gives := false
		if e := change.Enabled; e != nil && *e != u.Enabled {
			if *e {
				gives, detail["enabled"] = true, "true"
			} else {
				u.TokenEpoch++
				detail["enabled"] = "false"
			}
			u.Enabled = *e
		}
		if e := change.Email; e != nil && *e != u.Email {
			gives, detail["email"] = true, "changed"
			u.Email, u.EmailVerified = *e, false
			if err := s.checkEmailFree(ctx, tx, *u); err != nil {
				return err
			}
		}
		if !gives {
			return nil
		}
		return s.grants.checkUser(ctx, tx, a, *u)
	})
}

// checkEmailFree returns an errs.Conflict when another user has the address. The unique key decides in the end.
func (s *UserService) checkEmailFree(ctx context.Context, tx Tx, u User) error {
	if u.Email == "" {
		return nil
	}
	other, err := tx.AcrossAccountsUserByEmail(ctx, u.Email)
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		return nil
	case err != nil:
		return err
	case other.ID != u.ID:
		return ErrEmailTaken()
	}
	return nil
}

// revise locks account and user, changes the user and tells the nodes.
func (s *UserService) revise(ctx context.Context, a access.Actor, userID string, action access.Action, detail map[string]string, f func(tx Tx, u *User) error) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := tx.LockAccount(ctx, a.AccountID); err != nil {
			return err
		}
		u, err := tx.LockUser(ctx, a.AccountID, userID)
		if err != nil {
			return err
		}
		return keepAdministrator(ctx, tx, a.AccountID, func() error {
			if err := f(tx, &u); err != nil {
				return err
			}
			out.record(userEvent(action, u, detail))
			return updateUser(ctx, tx, out, u, s.clock.Now())
		})
	})
}

// Delete ends a user with all its keys, sessions and memberships. The user who opened the account stays, since the account's name signs it in, and so does the last
// administrator.
func (s *UserService) Delete(ctx context.Context, a access.Actor, userID string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		account, err := bumpPolicyVersion(ctx, tx, out, a.AccountID)
		if err != nil {
			return err
		}
		u, err := tx.LockUser(ctx, a.AccountID, userID)
		if err != nil {
			return err
		}
		if u.ID == account.FirstUserID {
			return errs.New(errs.Conflict, "first_user", "The user who opened the account cannot be deleted: the account's name signs this user in.")
		}
		return keepAdministrator(ctx, tx, a.AccountID, func() error { return deleteUser(ctx, tx, out, u) })
	})
}

// deleteUser deletes a locked user and everything that hangs on it.
func deleteUser(ctx context.Context, tx Tx, out *changes, u User) error {
	keys, err := tx.AccessKeys(ctx, u.AccountID, u.ID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		out.add(tombstone(directory.KindAccessKey, k.ID))
	}
	if err := detachAll(ctx, tx, out, u.AccountID, UserSubject(u.ID)); err != nil {
		return err
	}
	if err := tx.DeleteUser(ctx, u.AccountID, u.ID); err != nil {
		return err
	}
	out.add(tombstone(directory.KindUser, u.ID))
	out.record(userEvent(access.UserDelete, u, nil))
	return nil
}

// updateUser writes a locked user and its entry.
func updateUser(ctx context.Context, tx Tx, out *changes, u User, now time.Time) error {
	if err := tx.UpdateUser(ctx, u); err != nil {
		return err
	}
	return publishUser(ctx, tx, out, u, now)
}

func publishUser(ctx context.Context, tx Tx, out *changes, u User, now time.Time) error {
	e, err := userEntry(ctx, tx, u, now)
	if err != nil {
		return err
	}
	out.add(e)
	return nil
}

// userEvent is what was done to a user.
func userEvent(action access.Action, u User, detail map[string]string) audit.Event {
	e := audit.Event{AccountID: u.AccountID, Action: action, Resource: audit.Resource("iam", u.AccountID, "user", u.Name), Detail: map[string]string{"user_id": u.ID}}
	maps.Copy(e.Detail, detail)
	return e
}

func bumpPolicyVersion(ctx context.Context, tx Tx, out *changes, accountID string) (Account, error) {
	a, err := tx.BumpPolicyVersion(ctx, accountID)
	if err != nil {
		return Account{}, err
	}
	out.add(a.entry())
	return a, nil
}

func unique(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

package iam

import (
	"context"
	"maps"
	"strconv"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
)

// UserService changes users and what they may do.
type UserService struct {
	store     Store
	write     writer
	clock     clock.Clock
	passwords PasswordHasher
}

// User returns a user of the account, or an errs.NotFound.
func (s *UserService) User(ctx context.Context, accountID, userID string) (User, error) {
	return s.store.User(ctx, accountID, userID)
}

// SetPassword gives the user another password and ends all tokens and sessions of the user.
func (s *UserService) SetPassword(ctx context.Context, accountID, userID, password string) error {
	a, err := s.store.Account(ctx, accountID)
	if err != nil {
		return err
	}
	if problem := checkPassword(password, a.Name); problem != "" {
		return errs.New(errs.Invalid, reasonInvalid, "The password %s.", problem).WithField("/password", problem)
	}
	hash, err := s.passwords.Hash(password)
	if err != nil {
		return err
	}
	return s.revise(ctx, accountID, userID, access.UserResetPassword, func(u *User) {
		u.PasswordHash = hash
		u.TokenEpoch++
	})
}

// SetEnabled enables or disables the user. Disabling ends all tokens and sessions, and access keys are refused while it lasts.
func (s *UserService) SetEnabled(ctx context.Context, accountID, userID string, enabled bool) error {
	return s.revise(ctx, accountID, userID, access.UserUpdate, func(u *User) {
		if u.Enabled && !enabled {
			u.TokenEpoch++
		}
		u.Enabled = enabled
	})
}

func (s *UserService) revise(ctx context.Context, accountID, userID string, action access.Action, f func(u *User)) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.LockUser(ctx, accountID, userID)
		if err != nil {
			return err
		}
		f(&u)
		out.record(userEvent(action, u, map[string]string{"enabled": strconv.FormatBool(u.Enabled)}))
		return updateUser(ctx, tx, out, u, s.clock.Now())
	})
}

// userEvent is what was done to a user.
func userEvent(action access.Action, u User, detail map[string]string) audit.Event {
	e := audit.Event{AccountID: u.AccountID, Action: action, Resource: audit.Resource("iam", u.AccountID, "user", u.Name), Detail: map[string]string{"user_id": u.ID}}
	maps.Copy(e.Detail, detail)
	return e
}

// policyEvent is what was done to a policy, or to a subject that has it. after is the document.
func policyEvent(action access.Action, accountID, subject, policyName string, after []byte) audit.Event {
	return audit.Event{
		AccountID: accountID, Action: action, Resource: audit.Resource("iam", accountID, "policy", policyName), After: after,
		Detail: map[string]string{"subject": subject},
	}
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

// Attachments returns the user's policies in the order of names.
func (s *UserService) Attachments(ctx context.Context, accountID, userID string) ([]Attachment, error) {
	return s.store.Attachments(ctx, accountID, userID)
}

// Attach gives the user a policy: a built-in one by its name with a nil document, or one of the account's own. It replaces the
// one of the same name. errs.Quota: the user has MaxAttachments.
func (s *UserService) Attach(ctx context.Context, accountID, userID, policyName string, document *Policy) error {
	if _, builtin := BuiltinPolicy(policyName); builtin != (document == nil) {
		if builtin {
			return errs.New(errs.Invalid, "policy_name_reserved", "%q is a built-in policy and cannot be changed.", policyName)
		}
		return errs.New(errs.NotFound, "policy_not_found", "There is no policy %q.", policyName)
	}
	if !policyNamePattern.MatchString(policyName) {
		return errs.New(errs.Invalid, reasonInvalid, "The name of a policy has 1 to 64 letters, digits, spaces, '_', '.' or '-'.")
	}
	if document != nil {
		if err := document.Validate(); err != nil {
			return err
		}
	}
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, accountID); err != nil {
			return err
		}
		if _, err := tx.LockUser(ctx, accountID, userID); err != nil {
			return err
		}
		have, err := tx.Attachments(ctx, accountID, userID)
		if err != nil {
			return err
		}
		replaced := false
		for _, h := range have {
			replaced = replaced || h.PolicyName == policyName
		}
		if !replaced && len(have) >= MaxAttachments {
			return errs.New(errs.Quota, "policy_limit", "A user has at most %d policies.", MaxAttachments)
		}
		at := Attachment{AccountID: accountID, UserID: userID, PolicyName: policyName, Document: document, CreatedAt: s.clock.Now()}
		if err := tx.Attach(ctx, at); err != nil {
			return err
		}
		out.add(at.entry())
		out.record(policyEvent(access.PolicyAttach, accountID, userID, policyName, at.entry().Value))
		return nil
	})
}

// Detach takes a policy from the user: what only it allowed is denied when the call returns.
func (s *UserService) Detach(ctx context.Context, accountID, userID, policyName string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, accountID); err != nil {
			return err
		}
		if err := tx.Detach(ctx, accountID, userID, policyName); err != nil {
			return err
		}
		out.add(tombstone(directory.KindPolicy, PolicyKey(accountID, userID, policyName)))
		out.record(policyEvent(access.PolicyDetach, accountID, userID, policyName, nil))
		return nil
	})
}

func bumpPolicyVersion(ctx context.Context, tx Tx, out *changes, accountID string) (Account, error) {
	a, err := tx.BumpPolicyVersion(ctx, accountID)
	if err != nil {
		return Account{}, err
	}
	out.add(a.entry())
	return a, nil
}

package iam

import (
	"context"
	"slices"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
)

// RoleService makes, changes and ends roles. What a role may do is said by policies that are attached to it (PolicyService).
type RoleService struct {
	store  Store
	write  writer
	clock  clock.Clock
	grants grantChecker
}

// RoleInput describes a role.
type RoleInput struct {
	Name           string
	Description    string
	TrustedAccount string        // id or name; "": the role's own
	TrustedUsers   []string      // ids; empty: all of the trusted account whom their own policies let
	MaxLife        time.Duration // 0: an hour
}

// RoleChange says what to change: what is nil stays.
type RoleChange struct {
	Description    *string
	TrustedAccount *string
	TrustedUsers   *[]string
	MaxLife        *time.Duration
}

const defaultMaxLife = time.Hour

// Create makes a role of the caller's account. It has no policy yet, so it gives nothing to whom it trusts.
func (s *RoleService) Create(ctx context.Context, a access.Actor, in RoleInput) (Role, error) {
	r := Role{ID: id.NewHex(), AccountID: a.AccountID, Name: in.Name, Description: in.Description, MaxLife: in.MaxLife, CreatedAt: s.clock.Now()}
	if r.MaxLife == 0 {
		r.MaxLife = defaultMaxLife
	}
	r.TrustedUsers = sortedUsers(in.TrustedUsers)
	if err := r.validate(); err != nil {
		return Role{}, err
	}
	err := s.write.change(ctx, func(tx Tx, out *changes) (err error) {
		if r.TrustedAccountID, err = trustedAccount(ctx, tx, a.AccountID, in.TrustedAccount); err != nil {
			return err
		}
		if _, err := tx.LockAccount(ctx, a.AccountID); err != nil {
			return err
		}
		have, err := tx.Roles(ctx, a.AccountID)
		if err != nil {
			return err
		}
		if len(have) >= MaxRoles {
			return errs.New(errs.Quota, "role_limit", "An account has at most %d roles.", MaxRoles)
		}
		if slices.ContainsFunc(have, func(o Role) bool { return FoldName(o.Name) == FoldName(r.Name) }) {
			return ErrRoleNameTaken()
		}
		if err := tx.CreateRole(ctx, r); err != nil {
			return err
		}
		out.add(r.entry())
		out.record(audit.Event{AccountID: r.AccountID, Action: access.RoleCreate, Resource: RoleResource(r), After: r.document()})
		return nil
	})
	if err != nil {
		return Role{}, err
	}
	return r, nil
}

// List returns the account's roles in the order of names.
func (s *RoleService) List(ctx context.Context, accountID string) ([]Role, error) {
	return s.store.Roles(ctx, accountID)
}

// Role returns a role of the account, or an errs.NotFound.
func (s *RoleService) Role(ctx context.Context, accountID, roleID string) (Role, error) {
	return s.store.Role(ctx, accountID, roleID)
}

// Assumable returns the role that the caller means by its account (id or name; "": the caller's own) and its name. A role that does not trust the caller is
// an errs.NotFound, as one that does not exist.
func (s *RoleService) Assumable(ctx context.Context, a access.Actor, account, name string) (Role, error) {
	missing := errs.New(errs.NotFound, "", "There is no such role, or it does not trust the user.")
	owner := a.AccountID
	if account != "" {
		found, err := findAccount(ctx, s.store, account)
		if errs.CodeOf(err) == errs.NotFound {
			return Role{}, missing
		}
		if err != nil {
			return Role{}, err
		}
		owner = found.ID
	}
	r, err := s.store.RoleByName(ctx, owner, name)
	if errs.CodeOf(err) == errs.NotFound || err == nil && !r.trusts(a.AccountID, a.UserID) {
		return Role{}, missing
	}
	return r, err
}

// Update changes a role. Whoever trusts others gives them what the role may do, so the caller must have it. A change of trust ends all assumptions of the role.
func (s *RoleService) Update(ctx context.Context, a access.Actor, roleID string, change RoleChange) (Role, error) {
	var r Role
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		trusted := ""
		if change.TrustedAccount != nil {
			var err error
			if trusted, err = trustedAccount(ctx, tx, a.AccountID, *change.TrustedAccount); err != nil {
				return err
			}
		}
		if _, err := tx.LockAccount(ctx, a.AccountID); err != nil { // what the role may do stays so meanwhile
			return err
		}
		old, err := tx.LockRole(ctx, a.AccountID, roleID)
		if err != nil {
			return err
		}
		r = old
		if change.Description != nil {
			r.Description = *change.Description
		}
		if change.MaxLife != nil {
			r.MaxLife = *change.MaxLife
		}
		if change.TrustedAccount != nil {
			r.TrustedAccountID = trusted
		}
		if change.TrustedUsers != nil {
			r.TrustedUsers = sortedUsers(*change.TrustedUsers)
		}
		if err := r.validate(); err != nil {
			return err
		}
		if r.TrustedAccountID != old.TrustedAccountID || !slices.Equal(r.TrustedUsers, old.TrustedUsers) {
			gives, err := documentsOf(tx, a.AccountID).ofSubjects(ctx, RoleSubject(r.ID))
			if err != nil {
				return err
			}
			if err := s.grants.checkGives(ctx, tx, a, gives); err != nil {
				return err
			}
			r.Epoch++
		}
		return updateRole(ctx, tx, out, access.RoleUpdate, old, r)
	})
	if err != nil {
		return Role{}, err
	}
	return r, nil
}

// Revoke ends all assumptions of the role; who may assume it may do so again.
func (s *RoleService) Revoke(ctx context.Context, accountID, roleID string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		old, err := tx.LockRole(ctx, accountID, roleID)
		if err != nil {
			return err
		}
		r := old
		r.Epoch++
		return updateRole(ctx, tx, out, access.RoleRevoke, old, r)
	})
}

// Delete ends the role with all its assumptions. Its policies are detached.
func (s *RoleService) Delete(ctx context.Context, accountID, roleID string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, accountID); err != nil {
			return err
		}
		r, err := tx.LockRole(ctx, accountID, roleID)
		if err != nil {
			return err
		}
		attached, err := tx.Attachments(ctx, accountID, RoleSubject(roleID))
		if err != nil {
			return err
		}
		for _, at := range attached {
			if err := tx.Detach(ctx, accountID, RoleSubject(roleID), at.PolicyName); err != nil {
				return err
			}
			out.add(tombstone(directory.KindPolicy, PolicyKey(accountID, RoleSubject(roleID), at.PolicyName)))
		}
		if err := tx.DeleteRole(ctx, accountID, roleID); err != nil {
			return err
		}
		out.add(tombstone(directory.KindRole, RoleKey(accountID, roleID)))
		out.record(audit.Event{AccountID: accountID, Action: access.RoleDelete, Resource: RoleResource(r), Before: r.document()})
		return nil
	})
}

func updateRole(ctx context.Context, tx Tx, out *changes, action access.Action, old, r Role) error {
	if err := tx.UpdateRole(ctx, r); err != nil {
		return err
	}
	out.add(r.entry())
	out.record(audit.Event{AccountID: r.AccountID, Action: action, Resource: RoleResource(r), Before: old.document(), After: r.document()})
	return nil
}

// RoleResource names the role.
func RoleResource(r Role) access.Resource {
	return access.NamedResource("iam", r.AccountID, "role", r.Name)
}

// AssumeResource names what is asked of the policies of the user who assumes the role: the role itself when it is of the user's account. Of a role of another account it is a
// name in the user's own account, with the other's id before the role's name, because no account's policies speak of another's things.
func AssumeResource(a access.Actor, r Role) access.Resource {
	if r.AccountID == a.AccountID {
		return RoleResource(r)
	}
	return access.NamedResource("iam", a.AccountID, "role", r.AccountID+"/"+r.Name)
}

func trustedAccount(ctx context.Context, r Reads, own, idOrName string) (string, error) {
	if idOrName == "" {
		return own, nil
	}
	a, err := findAccount(ctx, r, idOrName)
	if errs.CodeOf(err) == errs.NotFound {
		return "", errs.New(errs.Invalid, reasonInvalid, "There is no account %q.", idOrName).WithField("/trusted_account", "does not exist")
	}
	return a.ID, err
}

func findAccount(ctx context.Context, r Reads, idOrName string) (Account, error) {
	if id.IsHex(idOrName) {
		return r.Account(ctx, idOrName)
	}
	return r.AccountByName(ctx, idOrName)
}

func sortedUsers(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return out
}

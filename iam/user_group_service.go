package iam

import (
	"context"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
)

// UserGroupService makes and changes user groups. A change of who is in one is in force on every connected node when the call returns.
type UserGroupService struct {
	store  Store
	write  writer
	clock  clock.Clock
	grants grantChecker
}

// List returns the account's user groups in the order of names.
func (s *UserGroupService) List(ctx context.Context, accountID string) ([]UserGroup, error) {
	return s.store.UserGroups(ctx, accountID)
}

// UserGroup returns a user group of the account, or an errs.NotFound.
func (s *UserGroupService) UserGroup(ctx context.Context, accountID, groupID string) (UserGroup, error) {
	return s.store.UserGroup(ctx, accountID, groupID)
}

// Members returns the users of a user group in the order of ids.
func (s *UserGroupService) Members(ctx context.Context, accountID, groupID string) ([]User, error) {
	return s.store.Members(ctx, accountID, groupID)
}

// OfUser returns the user groups that the user is in, in the order of names.
func (s *UserGroupService) OfUser(ctx context.Context, accountID, userID string) ([]UserGroup, error) {
	ids, err := s.store.GroupsOfUser(ctx, accountID, userID)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	in := make(map[string]bool, len(ids))
	for _, groupID := range ids {
		in[groupID] = true
	}
	groups, err := s.store.UserGroups(ctx, accountID)
	var out []UserGroup
	for _, g := range groups {
		if in[g.ID] {
			out = append(out, g)
		}
	}
	return out, err
}

// Create makes a user group without members and policies. errs.Quota: the account has MaxUserGroups.
func (s *UserGroupService) Create(ctx context.Context, a access.Actor, name, description string) (UserGroup, error) {
	if err := invalid(map[string]string{"/name": checkUserGroupName(name), "/description": checkDescription(description)}); err != nil {
		return UserGroup{}, err
	}
	g := UserGroup{ID: id.NewHex(), AccountID: a.AccountID, Name: name, Description: description, CreatedAt: s.clock.Now()}
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := tx.LockAccount(ctx, a.AccountID); err != nil {
			return err
		}
		have, err := tx.UserGroups(ctx, a.AccountID)
		if err != nil {
			return err
		}
		if len(have) >= MaxUserGroups {
			return errs.New(errs.Quota, "group_limit", "An account has at most %d user groups.", MaxUserGroups)
		}
		out.record(groupEvent(access.UserGroupCreate, g, nil))
		return tx.CreateUserGroup(ctx, g)
	})
	if err != nil {
		return UserGroup{}, err
	}
	return g, nil
}

// SetDescription changes what the group says about itself. Its name stays: policies name it.
func (s *UserGroupService) SetDescription(ctx context.Context, a access.Actor, groupID, description string) error {
	if err := invalid(map[string]string{"/description": checkDescription(description)}); err != nil {
		return err
	}
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		g, err := tx.UserGroup(ctx, a.AccountID, groupID)
		if err != nil {
			return err
		}
		g.Description = description
		out.record(groupEvent(access.UserGroupUpdate, g, nil))
		return tx.UpdateUserGroup(ctx, g)
	})
}

// Delete ends the group. Its members lose what it allowed; what it denied them the caller must hold.
func (s *UserGroupService) Delete(ctx context.Context, a access.Actor, groupID string) error {
	return s.change(ctx, a, groupID, func(tx Tx, out *changes, g UserGroup) error {
		members, err := tx.Members(ctx, a.AccountID, groupID)
		if err != nil {
			return err
		}
		if len(members) > 0 {
			if err := s.checkLifts(ctx, tx, a, groupID); err != nil {
				return err
			}
		}
		if err := detachAll(ctx, tx, out, a.AccountID, GroupSubject(groupID)); err != nil {
			return err
		}
		if err := tx.DeleteUserGroup(ctx, a.AccountID, groupID); err != nil {
			return err
		}
		for _, u := range members {
			if err := publishUser(ctx, tx, out, u, s.clock.Now()); err != nil {
				return err
			}
		}
		out.record(groupEvent(access.UserGroupDelete, g, nil))
		return nil
	})
}

// AddMember gives the user what the group may do, which the caller must hold. A user who is in it already stays.
func (s *UserGroupService) AddMember(ctx context.Context, a access.Actor, groupID, userID string) error {
	return s.change(ctx, a, groupID, func(tx Tx, out *changes, g UserGroup) error {
		u, err := tx.LockUser(ctx, a.AccountID, userID)
		if err != nil {
			return err
		}
		if err := addMember(ctx, tx, s.grants, a, groupID, u, s.clock.Now()); err != nil {
			return err
		}
		out.record(groupEvent(access.UserGroupAddMember, g, map[string]string{"user": u.Name}))
		return publishUser(ctx, tx, out, u, s.clock.Now())
	})
}

// RemoveMember takes from the user what only the group allowed. What it denied the caller must hold.
func (s *UserGroupService) RemoveMember(ctx context.Context, a access.Actor, groupID, userID string) error {
	return s.change(ctx, a, groupID, func(tx Tx, out *changes, g UserGroup) error {
		u, err := tx.LockUser(ctx, a.AccountID, userID)
		if err != nil {
			return err
		}
		if err := s.checkLifts(ctx, tx, a, groupID); err != nil {
			return err
		}
		if err := tx.RemoveMember(ctx, a.AccountID, groupID, userID); err != nil {
			return err
		}
		out.record(groupEvent(access.UserGroupRemoveMember, g, map[string]string{"user": u.Name}))
		return publishUser(ctx, tx, out, u, s.clock.Now())
	})
}

// change runs f behind the account's lock with a new policy version, and keeps an administrator.
func (s *UserGroupService) change(ctx context.Context, a access.Actor, groupID string, f func(tx Tx, out *changes, g UserGroup) error) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, a.AccountID); err != nil {
			return err
		}
		g, err := tx.UserGroup(ctx, a.AccountID, groupID)
		if err != nil {
			return err
		}
		return keepAdministrator(ctx, tx, a.AccountID, func() error { return f(tx, out, g) })
	})
}

// checkLifts asks whether the caller may lift what the group denies.
func (s *UserGroupService) checkLifts(ctx context.Context, tx Tx, a access.Actor, groupID string) error {
	statements, err := documentsOf(tx, a.AccountID).ofSubjects(ctx, GroupSubject(groupID))
	if err != nil {
		return err
	}
	return s.grants.checkGives(ctx, tx, a, lifted(statements))
}

// addMember puts a locked user into the group. The caller publishes the user.
func addMember(ctx context.Context, tx Tx, grants grantChecker, a access.Actor, groupID string, u User, now time.Time) error {
	if _, err := tx.UserGroup(ctx, a.AccountID, groupID); err != nil {
		return err
	}
	groups, err := tx.GroupsOfUser(ctx, a.AccountID, u.ID)
	if err != nil {
		return err
	}
	for _, have := range groups {
		if have == groupID {
			return nil
		}
	}
	if len(groups) >= MaxGroupsOfUser {
		return errs.New(errs.Quota, "group_limit", "A user is in at most %d user groups.", MaxGroupsOfUser)
	}
	members, err := tx.Members(ctx, a.AccountID, groupID)
	if err != nil {
		return err
	}
	if len(members) >= MaxMembers {
		return errs.New(errs.Quota, "member_limit", "A user group has at most %d users.", MaxMembers)
	}
	gives, err := documentsOf(tx, a.AccountID).ofSubjects(ctx, GroupSubject(groupID))
	if err != nil {
		return err
	}
	if err := grants.checkGives(ctx, tx, a, gives); err != nil {
		return err
	}
	return tx.AddMember(ctx, Membership{AccountID: a.AccountID, GroupID: groupID, UserID: u.ID, CreatedAt: now})
}

// detachAll takes all policies from a subject that is going away.
func detachAll(ctx context.Context, tx Tx, out *changes, accountID, subject string) error {
	attached, err := tx.Attachments(ctx, accountID, subject)
	if err != nil {
		return err
	}
	for _, at := range attached {
		if err := tx.Detach(ctx, accountID, subject, at.PolicyName); err != nil {
			return err
		}
		out.add(tombstone(directory.KindPolicy, PolicyKey(accountID, subject, at.PolicyName)))
	}
	return nil
}

func groupEvent(action access.Action, g UserGroup, detail map[string]string) audit.Event {
	return audit.Event{AccountID: g.AccountID, Action: action, Resource: audit.Resource("iam", g.AccountID, "group", g.Name), Detail: detail}
}

// invalid returns an errs.Invalid that names each field with a problem, or nil.
func invalid(problems map[string]string) error {
	err := errs.New(errs.Invalid, reasonInvalid, "Some fields are not valid; see errors.")
	for pointer, problem := range problems {
		if problem != "" {
			err.WithField(pointer, problem)
		}
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

package iam

import (
	"context"

	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/reason"
)

// grantChecker says whether a caller may give something: rights, or a credential that has some. It reads in the transaction of the gift, behind the lock of the account's row
// (BumpPolicyVersion), so that what it judged by is what holds when the gift is written.
type grantChecker struct{}

// effective returns the statements that the caller may give from: those of the user and its groups, or of the assumed role. A guest, and credentials that a session policy
// narrows, have none: what a session policy leaves of them is not written down as statements.
func (g grantChecker) effective(ctx context.Context, tx Reads, a access.Actor) ([]Statement, error) {
	if a.Guest || a.SessionPolicy != "" {
		return nil, nil
	}
	d := documentsOf(tx, a.AccountID)
	if a.RoleID == "" {
		return d.ofUser(ctx, a.UserID)
	}
	s, err := d.ofSubjects(ctx, RoleSubject(a.RoleID))
	if err != nil {
		return nil, err
	}
	for _, one := range s {
		if len(one.Condition) > 0 {
			return nil, nil // a condition of a session would become one without an end
		}
	}
	return s, nil
}

// checkGives returns an errs.Forbidden with reason.GrantTooMuch unless the caller holds what the statements allow. All of them go to one subject together.
func (g grantChecker) checkGives(ctx context.Context, tx Reads, a access.Actor, gives []Statement) error {
	if !allowsAnything(gives) {
		return nil
	}
	holder, err := g.effective(ctx, tx, a)
	if err != nil {
		return err
	}
	return CheckGrant(holder, a.AccountID, gives)
}

// checkUser is checkGives of all that the target may do: who sets the password of a user, makes a key of it or enables it, can act as that user.
func (g grantChecker) checkUser(ctx context.Context, tx Reads, a access.Actor, target User) error {
	if target.Operator && !a.Operator {
		return errs.New(errs.Forbidden, reason.GrantTooMuch, "The user %s operates the platform: only an operator can do this.", target.Name)
	}
	gives, err := documentsOf(tx, target.AccountID).ofUser(ctx, target.ID)
	if err != nil {
		return err
	}
	return g.checkGives(ctx, tx, a, gives)
}

func allowsAnything(statements []Statement) bool {
	for _, s := range statements {
		if s.Effect == EffectAllow {
			return true
		}
	}
	return false
}

// administered reports whether somebody can still put the account's rights in order: an enabled user with Tenant Administrator whom no denial keeps from what that takes.
func administered(ctx context.Context, tx Reads, accountID string) (bool, error) {
	ids, err := tx.AdministratorIDs(ctx, accountID)
	if err != nil {
		return false, err
	}
	d := documentsOf(tx, accountID)
	for _, userID := range ids {
		statements, err := d.ofUser(ctx, userID)
		if err != nil {
			return false, err
		}
		if !cannotRepair(statements, accountID) {
			return true, nil
		}
	}
	return false, nil
}

// repairs are the actions without which a mistake in the account's policies could not be undone, and the kinds of what they are done to.
var repairs = []struct {
	action access.Action
	kind   string
}{
	{access.PolicyUpdate, "policy"}, {access.PolicyAttach, "policy"}, {access.PolicyDetach, "policy"},
	{access.UserGroupRemoveMember, "group"}, {access.UserUpdate, "user"},
}

// cannotRepair reports whether a denial without a condition takes one of the repairs away altogether. A denial with a condition is left alone: "not without a second factor" is
// a good rule for administrators.
func cannotRepair(statements []Statement, accountID string) bool {
	for _, s := range statements {
		if s.Effect != EffectDeny || len(s.Condition) > 0 {
			continue
		}
		for _, r := range repairs {
			all := resourcePattern(string(access.AccountResource("iam", accountID, r.kind)), accountID)
			if s.contains(accountID, actionPattern(string(r.action)), all) {
				return true
			}
		}
	}
	return false
}

// keepAdministrator runs a change and refuses it, with an errs.Conflict, when nobody administers the account any more. An account that had nobody before is not made worse.
func keepAdministrator(ctx context.Context, tx Reads, accountID string, change func() error) error {
	before, err := administered(ctx, tx, accountID)
	if err != nil {
		return err
	}
	if err := change(); err != nil || !before {
		return err
	}
	after, err := administered(ctx, tx, accountID)
	if err != nil {
		return err
	}
	if !after {
		return errs.New(errs.Conflict, "last_administrator", "The account must keep an enabled user with the policy %q whom nothing denies to administer it.", PolicyTenantAdministrator)
	}
	return nil
}

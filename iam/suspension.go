package iam

import (
	"dms/internal/errs"
	"dms/internal/reason"
)

// StateSuspended is AccountFact.State of an account that an operator has suspended. An active account has none.
const StateSuspended = "suspended"

// CheckAccount refuses a user of a suspended account, with errs.Forbidden and reason.AccountSuspended: the caller is known, and told why. Operators are exempt:
// one who suspended their own account could not take it back.
func CheckAccount(a *AccountFact, operator bool) error {
	if a.State == StateSuspended && !operator {
		return errs.New(errs.Forbidden, reason.AccountSuspended, "The account is suspended. Ask the operator of the platform.")
	}
	return nil
}

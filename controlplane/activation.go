package controlplane

import (
	"dms/dataplane"
	"dms/internal/errs"
	"dms/internal/reason"
)

// CheckActive says whether an account may use the service. found is false for an account that has never activated it.
func CheckActive(a dataplane.Activation, found bool) error {
	switch {
	case !found:
		return errs.New(errs.Forbidden, reason.NotActivated, "DMS is not activated for this account. Activate it in the console first.")
	case a.State == dataplane.ActivationFrozen:
		return errs.New(errs.Forbidden, reason.Frozen, "The account is frozen because of arrears. Pay to use the service again.")
	}
	return nil
}

package iam

import (
	"regexp"
	"time"

	"dms/internal/errs"
	"dms/internal/id"
)

// Account is a tenant, "domain" on the Keystone wire.
type Account struct {
	ID   string
	Name string
	// FirstUserID is the user who opened the account; the account's name signs this user in.
	FirstUserID string
	// PolicyVersion counts the changes of what the account's users may do.
	PolicyVersion int64
	CreatedAt     time.Time
	// SuspendedAt is when an operator suspended the account, for SuspendedReason; zero: it is not.
	SuspendedAt     time.Time
	SuspendedReason string
}

const (
	reasonInvalid          errs.Reason = "invalid_request"
	reasonAccountNameTaken errs.Reason = "account_name_taken"
	reasonUserNameTaken    errs.Reason = "user_name_taken"
	reasonEmailTaken       errs.Reason = "email_taken"
)

var accountNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{3,31}$`)

// checkAccountName returns what is wrong with the name, or "". A name that looks like an id is refused: operators may give either.
func checkAccountName(name string) string {
	if !accountNamePattern.MatchString(name) || id.IsHex(name) {
		return "must be 4 to 32 letters, digits, '_' or '-', start with a letter and not look like an id"
	}
	return ""
}

// ErrAccountNameTaken is the errs.Conflict of a sign-up with the name of another account.
func ErrAccountNameTaken() error {
	return errs.New(errs.Conflict, reasonAccountNameTaken, "This account name is taken.").WithField("/account_name", "is taken")
}

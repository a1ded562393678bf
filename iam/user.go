package iam

import (
	"regexp"
	"strings"
	"time"

	"dms/internal/errs"
)

// User is a person or a program of an account.
type User struct {
	ID           string
	AccountID    string
	Name         string
	Email        string // "" when none was given
	PasswordHash string // PHC string
	Enabled      bool
	Operator     bool // may operate the platform; made by bootstrap only
	// TokenEpoch is the number below which tokens are refused: counting it up ends every token and session of the user at once. It
	// is a counter and not an instant, so that a clock that was set back cannot revive an old token.
	TokenEpoch int64
	CreatedAt  time.Time

	EmailVerified bool // the user has shown that e-mails to the address arrive
	MFA           bool // there is a confirmed second factor
}

var userNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

func checkUserName(name string) string {
	if !userNamePattern.MatchString(name) {
		return "must be 1 to 64 letters, digits, '_', '.' or '-', and start with a letter"
	}
	return ""
}

// An address is ASCII with one "@", a local part of at most 64 characters and a dotted or single-label host. Addresses that
// differ only in case are one address; nothing else is folded, so that no two owners can be confused (Unicode look-alikes are
// refused rather than normalised).
var emailPattern = regexp.MustCompile("^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$")

const maxEmailChars = 254 // RFC 5321, 4.5.3.1.3, without the brackets

func checkEmail(email string) string {
	if len(email) > maxEmailChars || !emailPattern.MatchString(email) {
		return "must be an e-mail address"
	}
	return ""
}

// FoldName is the form under which names of accounts and users and e-mail addresses are unique and looked up.
func FoldName(s string) string { return strings.ToLower(s) }

// ErrEmailTaken is the errs.Conflict of a sign-up with the address of another user.
func ErrEmailTaken() error {
	return errs.New(errs.Conflict, reasonEmailTaken, "There is a user with this e-mail address already. Sign in instead.").WithField("/email", "is taken")
}

// ErrUserNameTaken is the errs.Conflict of a second user of a name within an account.
func ErrUserNameTaken() error {
	return errs.New(errs.Conflict, reasonUserNameTaken, "The account has a user with this name already.").WithField("/user_name", "is taken")
}

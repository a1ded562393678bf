package iam

import (
	"encoding/json"
	"regexp"
	"time"

	"dms/internal/errs"
	"dms/internal/id"
)

// Role is rights that users borrow: who is trusted by it may assume it, for a while, and may then do what the role's policies say and nothing
// else. "Agency" on the Keystone wire.
type Role struct {
	ID          string
	AccountID   string // what the role acts in
	Name        string
	Description string
	// TrustedAccountID is the account whose users may assume the role; it may be another than AccountID.
	TrustedAccountID string
	// TrustedUsers are the ids of the users of that account who may; empty: all whom their own policies let.
	TrustedUsers []string
	MaxLife      time.Duration // of an assumption
	// Epoch counts what ends all assumptions: a revocation, and any change of whom the role trusts.
	Epoch     int64
	CreatedAt time.Time
}

// Life of temporary credentials: of roles and of users (checklist I-37).
const (
	MinTemporaryLife     = 15 * time.Minute
	MaxTemporaryLife     = 24 * time.Hour
	DefaultTemporaryLife = 15 * time.Minute
)

const (
	// MaxRoles is how many roles an account may have.
	MaxRoles                = 100
	maxTrustedUsers         = 100
	maxRoleDescriptionChars = 160
)

// roleNamePattern has no ':' and no '/': a role's name is one segment of a resource.
var roleNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// trusts reports whether the user of the account is among those who may assume the role.
func (r Role) trusts(accountID, userID string) bool {
	if r.TrustedAccountID != accountID {
		return false
	}
	for _, u := range r.TrustedUsers {
		if u == userID {
			return true
		}
	}
	return len(r.TrustedUsers) == 0
}

// validate reports all that is wrong with the role.
func (r Role) validate() error {
	err := errs.New(errs.Invalid, reasonInvalid, "Some fields are not valid; see errors.")
	if !roleNamePattern.MatchString(r.Name) {
		err.WithField("/name", "must be 1 to 64 letters, digits, '_', '.' or '-' and start with a letter or a digit")
	}
	if len([]rune(r.Description)) > maxRoleDescriptionChars {
		err.WithField("/description", "must have at most 160 characters")
	}
	if len(r.TrustedUsers) > maxTrustedUsers {
		err.WithField("/trusted_users", "must be at most 100")
	}
	for _, u := range r.TrustedUsers {
		if !id.IsHex(u) {
			err.WithField("/trusted_users", "must be ids of users")
			break
		}
	}
	if r.MaxLife < MinTemporaryLife || r.MaxLife > MaxTemporaryLife || r.MaxLife%time.Second != 0 {
		err.WithField("/max_duration_seconds", "must be 900 to 86400")
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

// document is what of a role the audit trail keeps a hash of.
func (r Role) document() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("encode a role: " + err.Error()) // it is strings and numbers
	}
	return b
}

// ErrRoleNameTaken is the errs.Conflict of a role with the name of another.
func ErrRoleNameTaken() error {
	return errs.New(errs.Conflict, "role_name_taken", "The account has a role of this name already.").WithField("/name", "is taken")
}

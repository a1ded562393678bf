package iam

import (
	"regexp"
	"time"
	"unicode/utf8"

	"dms/internal/errs"
)

// UserGroup is a number of users who have policies in common.
type UserGroup struct {
	ID          string
	AccountID   string
	Name        string
	Description string
	CreatedAt   time.Time
}

// Membership says that a user is in a user group.
type Membership struct {
	AccountID string
	GroupID   string
	UserID    string
	CreatedAt time.Time
}

// Bounds of what an account has. Together with MaxAttachments they bound a decision: 10 policies of a user and of each of 10 groups.
const (
	MaxUserGroups      = 100
	MaxGroupsOfUser    = 10
	MaxMembers         = 100
	maxDescriptionChar = 255
)

// A name of a user group is a segment of a resource, so it has no ':', '/' or '*'.
var userGroupNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$`)

func checkUserGroupName(name string) string {
	if !userGroupNamePattern.MatchString(name) {
		return "must be 1 to 64 letters, digits, spaces, '_', '.' or '-', and start with a letter or digit"
	}
	return ""
}

func checkDescription(description string) string {
	if !utf8.ValidString(description) || utf8.RuneCountInString(description) > maxDescriptionChar {
		return "must have at most 255 characters"
	}
	return ""
}

// ErrUserGroupNameTaken is the errs.Conflict of a second user group of a name within an account.
func ErrUserGroupNameTaken() error {
	return errs.New(errs.Conflict, "group_name_taken", "The account has a user group with this name already.").WithField("/name", "is taken")
}

package dmswire

import (
	"strings"

	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// Limits of names and sizes on the wire (dms-api sections 1 and 2).
const (
	MaxQueueNameChars   = 64
	MaxGroupNameChars   = 32
	MaxDescriptionChars = 160
	MaxBodyBytes        = 4 << 20 // of a whole HTTP request (decisions.md, size of a message)
)

// ParseBool reads a boolean as clients send them: "true" and "false" in any case (Python sends "True"), "" for the default.
func ParseBool(name, s string, def bool) (bool, error) {
	switch {
	case s == "":
		return def, nil
	case strings.EqualFold(s, "true"):
		return true, nil
	case strings.EqualFold(s, "false"):
		return false, nil
	}
	return false, errs.New(errs.Invalid, reason.ParameterInvalid, "The value of parameter %s must be true or false.", name)
}

// CheckQueueID refuses what cannot be a queue id.
func CheckQueueID(s string) error {
	if !id.IsQueue(s) {
		return errs.New(errs.Invalid, reason.QueueIDInvalid, "The queue ID format is invalid.")
	}
	return nil
}

// CheckGroupID refuses what cannot be a consumer group id.
func CheckGroupID(s string) error {
	if !id.IsGroup(s) {
		return errs.New(errs.Invalid, reason.GroupIDInvalid, "The consumer group ID format is invalid.")
	}
	return nil
}

// CheckProjectID refuses what cannot be a project id.
func CheckProjectID(s string) error {
	if !id.IsHex(s) {
		return errs.New(errs.Invalid, reason.ProjectIDInvalid, "The project ID format is invalid.")
	}
	return nil
}

// QueueNotFound is the one answer for a queue that does not exist and for one that is another tenant's.
func QueueNotFound() error {
	return errs.New(errs.NotFound, reason.QueueNotFound, "The queue ID is incorrect or not found.")
}

// GroupNotFound is the one answer for a consumer group that does not exist in the queue.
func GroupNotFound() error {
	return errs.New(errs.NotFound, reason.GroupNotFound, "The consumer group ID is incorrect or not found.")
}

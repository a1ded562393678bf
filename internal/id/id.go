// Package id makes and checks the identifiers of the product. Their shapes are fixed by the DMS wire: accounts, projects and
// users are 32 hexadecimal digits, a queue is a UUID, a consumer group is "g-" and a UUID.
package id

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"
)

// NewHex returns 128 random bits as 32 lower-case hexadecimal digits: the id of an account, a project or a user.
func NewHex() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// NewQueue returns a random UUID for a queue.
func NewQueue() string { return uuid.NewString() }

// NewGroup returns a random id for a consumer group.
func NewGroup() string { return "g-" + uuid.NewString() }

// NewRequest returns the id of one request: a time-ordered UUID without hyphens, so that logs sort.
func NewRequest() string {
	u := uuid.Must(uuid.NewV7())
	return hex.EncodeToString(u[:])
}

// IsHex reports whether s has the shape of an account, project or user id.
func IsHex(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		if !isHexDigit(s[i]) {
			return false
		}
	}
	return true
}

// IsQueue reports whether s has the shape of a queue id.
func IsQueue(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHexDigit(s[i]) {
				return false
			}
		}
	}
	return true
}

// IsGroup reports whether s has the shape of a consumer group id.
func IsGroup(s string) bool {
	rest, ok := strings.CutPrefix(s, "g-")
	return ok && IsQueue(rest)
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
}

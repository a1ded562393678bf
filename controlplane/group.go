package controlplane

import (
	"strconv"

	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/reason"
)

// ValidateGroupNames reports everything that is wrong with the names of consumer groups to create. The limit of groups a queue is
// checked where the queue's present groups are known.
func ValidateGroupNames(names []string) error {
	var v violations
	if len(names) == 0 {
		v.add(reason.Format, "/groups", "Invalid request format: name at least one consumer group.")
	}
	checkGroupNames(&v, names, func(i int) string { return "/groups/" + strconv.Itoa(i) + "/name" })
	return v.result()
}

func checkGroupNames(v *violations, names []string, pointer func(i int) string) {
	seen := make(map[string]bool, len(names))
	for i, name := range names {
		checkName(v, pointer(i), "consumer group", name, dmswire.MaxGroupNameChars, reason.GroupNameLength)
		if seen[name] {
			v.add(reason.GroupNameTaken, pointer(i), "The consumer group %s is named twice.", name)
		}
		seen[name] = true
	}
}

// checkName holds the rule that queues and consumer groups share: 1 to max of A-Z a-z 0-9 _ -.
func checkName(v *violations, pointer, noun, name string, max int, length errs.Reason) {
	// The length is in characters; a name of other characters than these is refused anyway.
	if n := len([]rune(name)); n < 1 || n > max {
		v.add(length, pointer, "The length of a %s name must be between 1 and %d.", noun, max)
	}
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			continue
		}
		v.add(reason.NameInvalid, pointer, "A %s name may contain only letters, digits, underscores and hyphens.", noun)
		return
	}
}

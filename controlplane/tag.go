package controlplane

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dms/dataplane"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Bounds of tags on queues (dms-api section 2.9).
const (
	MaxTagsPerQueue  = 10
	MaxTagKeyChars   = 36
	MaxTagValueChars = 43
)

// TagSelector names a tag to delete: by its key alone, or only if it has this value.
type TagSelector struct {
	Key   string
	Value *string
}

// ValidateTags reports everything that is wrong with tags to put on a queue.
func ValidateTags(tags []dataplane.Tag) error {
	var v violations
	checkTagCount(&v, len(tags))
	seen := make(map[string]bool, len(tags))
	for i, t := range tags {
		checkTagKey(&v, i, t.Key, seen)
		checkTagValue(&v, i, t.Value)
	}
	return v.result()
}

// ValidateTagSelectors reports everything that is wrong with the tags to take off a queue.
func ValidateTagSelectors(tags []TagSelector) error {
	var v violations
	checkTagCount(&v, len(tags))
	seen := make(map[string]bool, len(tags))
	for i, t := range tags {
		checkTagKey(&v, i, t.Key, seen)
		if t.Value != nil {
			checkTagValue(&v, i, *t.Value)
		}
	}
	return v.result()
}

func checkTagCount(v *violations, n int) {
	switch {
	case n == 0:
		v.add(reason.Format, "/tags", "Invalid request format: name at least one tag.")
	case n > MaxTagsPerQueue:
		v.add(reason.TagLimit, "/tags", "A queue has at most %d tags.", MaxTagsPerQueue)
	}
}

func checkTagKey(v *violations, i int, key string, seen map[string]bool) {
	at := "/tags/" + strconv.Itoa(i) + "/key"
	if n := utf8.RuneCountInString(key); n < 1 || n > MaxTagKeyChars {
		v.add(reason.TagKeyLength, at, "A tag key must have 1 to %d characters.", MaxTagKeyChars)
	}
	if !validTagText(key) {
		v.add(reason.TagKeyInvalid, at, `A tag key must not contain control characters or any of = * < > \ , | /`)
	}
	if seen[key] {
		v.add(reason.TagKeyDuplicate, at, "The tag key %s is used twice.", key)
	}
	seen[key] = true
}

func checkTagValue(v *violations, i int, value string) {
	at := "/tags/" + strconv.Itoa(i) + "/value"
	if utf8.RuneCountInString(value) > MaxTagValueChars {
		v.add(reason.TagValueLength, at, "A tag value must have at most %d characters.", MaxTagValueChars)
	}
	if !validTagText(value) {
		v.add(reason.TagValueInvalid, at, `A tag value must not contain control characters or any of = * < > \ , | /`)
	}
}

func validTagText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < 32 || strings.ContainsRune(`=*<>\,|/`, r) })
}

// withTags returns have with more put on, ordered by key; equal keys are overwritten.
func withTags(have, more []dataplane.Tag) ([]dataplane.Tag, error) {
	out := slices.Clone(have)
	for _, t := range more {
		if i := tagIndex(out, t.Key); i >= 0 {
			out[i] = t
		} else {
			out = append(out, t)
		}
	}
	if len(out) > MaxTagsPerQueue {
		return nil, errs.New(errs.Quota, reason.TagLimit, "A queue has at most %d tags.", MaxTagsPerQueue)
	}
	slices.SortFunc(out, func(a, b dataplane.Tag) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// withoutTags returns have without those that gone selects. One that is not there is no error.
func withoutTags(have []dataplane.Tag, gone []TagSelector) []dataplane.Tag {
	return slices.DeleteFunc(slices.Clone(have), func(t dataplane.Tag) bool {
		return slices.ContainsFunc(gone, func(s TagSelector) bool {
			return s.Key == t.Key && (s.Value == nil || *s.Value == t.Value)
		})
	})
}

func tagIndex(tags []dataplane.Tag, key string) int {
	return slices.IndexFunc(tags, func(t dataplane.Tag) bool { return t.Key == key })
}

package pebbleengine

import (
	"encoding/binary"
	"slices"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// labelRule says which messages a group is given. The zero value lets all pass and may still be bound; after that it never changes.
type labelRule struct {
	bound  bool
	match  engine.LabelMatch
	labels []string // sorted, each once
}

func newLabelRule(labels []string, match engine.LabelMatch) labelRule {
	if len(labels) == 0 {
		return labelRule{}
	}
	l := slices.Clone(labels)
	slices.Sort(l)
	return labelRule{bound: true, match: match, labels: slices.Compact(l)}
}

// check returns what the rule is after a receive that asks for want: the rule itself, or want if the group was not bound.
func (r labelRule) check(want labelRule) (labelRule, error) {
	switch {
	case !r.bound:
		return want, nil
	case !want.bound || want.match != r.match || !slices.Equal(want.labels, r.labels):
		return r, errs.New(errs.Invalid, reason.LabelRule,
			"the consumer group is bound to the labels of its first receive with labels; use the same labels and the same match, or another group")
	}
	return r, nil
}

// pass reports whether a message with these labels is for the group.
func (r labelRule) pass(labels []string) bool {
	if !r.bound {
		return true
	}
	for _, want := range r.labels {
		if slices.Contains(labels, want) != (r.match == engine.MatchAll) {
			return r.match == engine.MatchAny
		}
	}
	return r.match == engine.MatchAll
}

// appendTo writes bound(1), match(1), n(uvarint), labels (strings).
func (r labelRule) appendTo(b []byte) []byte {
	if !r.bound {
		return append(b, 0)
	}
	b = binary.AppendUvarint(append(b, 1, byte(r.match)), uint64(len(r.labels)))
	for _, l := range r.labels {
		b = appendString(b, l)
	}
	return b
}

func (r *labelRule) decode(d *decoder) {
	if d.byte() == 0 {
		return
	}
	r.bound, r.match = true, engine.LabelMatch(d.byte())
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		r.labels = append(r.labels, d.string())
	}
}

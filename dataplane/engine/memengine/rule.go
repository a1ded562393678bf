package memengine

import (
	"slices"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// rule says which messages a group is given. The zero value lets all pass and may still be bound.
type rule struct {
	labels []string // sorted, each once
	match  engine.LabelMatch
}

// bind returns the rule after a receive that asks for these labels.
func (r rule) bind(labels []string, match engine.LabelMatch) (rule, error) {
	want := rule{labels: slices.Compact(slices.Sorted(slices.Values(labels))), match: match}
	if len(r.labels) == 0 {
		return want, nil
	}
	if want.match != r.match || !slices.Equal(want.labels, r.labels) {
		return r, errs.New(errs.Invalid, reason.LabelRule, "the consumer group is bound to the labels of its first receive with labels")
	}
	return r, nil
}

// passes reports whether a message with these labels is for the group.
func (r rule) passes(labels []string) bool {
	found := 0
	for _, l := range r.labels {
		if slices.Contains(labels, l) {
			found++
		}
	}
	return found == len(r.labels) || r.match == engine.MatchAny && found > 0
}

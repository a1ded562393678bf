package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheCheckerSeesWhatItLooksFor: a checker that cannot fail proves nothing.
func TestTheCheckerSeesWhatItLooksFor(t *testing.T) {
	at := groupName{"q", "g"}
	type step func(l *ledger)
	send := func(keys ...string) step { return func(l *ledger) { l.stored(l.sending("q", 1, keys)) } }
	get := func(names ...string) step { return func(l *ledger) { l.received(at, l.asking(), names) } }
	ack := func(names ...string) step {
		return func(l *ledger) {
			l.acking(at, names)
			l.acked(at, names)
		}
	}
	const a0, a1, b0 = "q/1/a/0", "q/1/a/1", "q/1/b/0"
	for _, tc := range []struct {
		name  string
		steps []step
		want  verdict
	}{
		{"all is well", []step{send("a", "a", "b"), get(a0, a1), get(b0), ack(a0, a1), ack(b0)}, verdict{}},
		{"given twice before the ack", []step{send("a"), get(a0), get(a0), ack(a0)}, verdict{Repeated: 1}},
		{"never given", []step{send("a")}, verdict{Lost: 1}},
		{"given, and gone before the ack", []step{send("a"), get(a0)}, verdict{Lost: 1}},
		{"given, its ack without answer", []step{send("a"), get(a0), func(l *ledger) {
			l.acking(at, []string{a0})
			l.unanswered(at, []string{a0})
		}}, verdict{}},
		{"given, its ack refused", []step{send("a"), get(a0), func(l *ledger) {
			l.acking(at, []string{a0})
			l.acked(at, nil)
		}}, verdict{Lost: 1}},
		{"a send without answer may be gone", []step{func(l *ledger) { l.sending("q", 1, []string{"a"}) }}, verdict{}},
		{"half a batch without answer", []step{func(l *ledger) { l.sending("q", 1, []string{"a", "a"}) }, get(a0), ack(a0)}, verdict{Torn: 1}},
		{"the later one first", []step{send("a", "a"), get(a1), ack(a1), get(a0), ack(a0)}, verdict{Reordered: 1}},
		{"the later one first, in one answer", []step{send("a", "a"), get(a1, a0), ack(a1, a0)}, verdict{Reordered: 1}},
		{"overtaken", []step{send("a", "a"), get(a0), get(a1), ack(a0, a1)}, verdict{Broken: 1}},
		{"another key may go on", []step{send("a", "b"), get(a0), get(b0), ack(a0), ack(b0)}, verdict{}},
		{"back after its ack", []step{send("a"), get(a0), ack(a0), get(a0)}, verdict{Broken: 1, Repeated: 1}},
		{"never sent", []step{get("q/9/x/0")}, verdict{Broken: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger("q")
			for _, s := range tc.steps {
				s(l)
			}
			got := l.check([]groupName{at})
			got.Sent, got.Answered, got.Given, got.Examples = 0, 0, 0, nil
			require.Equal(t, tc.want, got)
		})
	}
}

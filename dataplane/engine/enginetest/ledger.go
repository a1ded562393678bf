package enginetest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/id"
)

// ledger writes down what an engine was asked and what it answered, for the proof that a crash lost nothing of it.
type ledger struct {
	mu sync.Mutex // guards: the rest
	// sends are the batches in the order of their calls: bodies, and whether the call was answered.
	sends []sentBatch
	acked map[string]bool // asked to be acknowledged; true: answered
}

type sentBatch struct {
	bodies   []string
	answered bool
}

func newLedger() *ledger { return &ledger{acked: make(map[string]bool)} }

// snapshot returns the ledger as it is now.
func (l *ledger) snapshot() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &ledger{sends: slices.Clone(l.sends), acked: maps.Clone(l.acked)}
}

// send sends a metered batch and writes it down.
func (l *ledger) send(f *fixture, bodies ...string) error { return l.sendPadded(f, nil, bodies...) }

func (l *ledger) sendPadded(f *fixture, attributes []byte, bodies ...string) error {
	msgs := make([]engine.NewMessage, len(bodies))
	for i, b := range bodies {
		msgs[i] = engine.NewMessage{Body: []byte(b), Attributes: attributes}
	}
	l.mu.Lock()
	i := len(l.sends)
	l.sends = append(l.sends, sentBatch{bodies: bodies})
	l.mu.Unlock()
	_, err := f.e.Send(context.Background(), f.q, msgs, usageKey("sender"))
	if err == nil {
		l.mu.Lock()
		l.sends[i].answered = true
		l.mu.Unlock()
	}
	return err
}

// ack acknowledges in one metered call and writes it down.
func (l *ledger) ack(f *fixture, ds ...engine.Delivery) error {
	l.mu.Lock()
	for _, d := range ds {
		if !l.acked[string(d.Body)] {
			l.acked[string(d.Body)] = false
		}
	}
	l.mu.Unlock()
	n, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, settlements(false, ds), usageKey("acker"))
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range ds[:n] {
		l.acked[string(d.Body)] = true
	}
	return nil
}

// check proves the guarantees on an engine that was started from what a crash left. exact: no unanswered send may be there.
func (l *ledger) check(f *fixture, exact bool) {
	f.Helper()
	// Leases of before the crash may or may not have survived: let them end.
	f.clock.Advance(ackWait)
	kept := f.drainSettling(id.NewGroup())

	// Every batch is there as a whole, in order, or it was not answered and is not there at all.
	stored := []string{}
	batches := int64(0)
	for i, s := range l.sends {
		whole := len(stored)+len(s.bodies) <= len(kept) && slices.Equal(s.bodies, kept[len(stored):len(stored)+len(s.bodies)])
		if s.answered {
			require.True(f, whole, "batch %d was answered and is not stored in its place: %v", i, kept)
		} else if exact {
			require.False(f, whole, "batch %d failed and is stored", i)
		}
		if whole {
			stored = append(stored, s.bodies...)
			batches++
		}
	}
	require.Equal(f, stored, kept, "something is stored twice, out of order, or was never sent")
	require.Equal(f, int64(len(kept)), f.queueStats().Messages)

	stats := f.groupStats()
	left := f.drainSettling(f.group)
	require.Equal(f, int64(len(left)), stats.Available, "statistics are exact")
	require.Equal(f, int64(len(kept)-len(left)), stats.Consumed)
	next := 0
	for _, b := range kept {
		if next < len(left) && left[next] == b {
			next++
			require.False(f, l.acked[b], "%s was acknowledged and is given again", b)
			continue
		}
		require.Contains(f, l.acked, b, "%s was never acknowledged and is gone", b)
	}
	require.Equal(f, len(left), next, "the order is broken: %v", left)
	for _, b := range left { // by drainSettling
		l.acked[b] = true
	}

	_, total := f.usageAfter(0, 1<<20)
	require.Equal(f, batches, total["sender"], "a call is counted if and only if its change is stored")
}

// drainSettling receives and acknowledges until nothing is left, and returns the bodies.
func (f *fixture) drainSettling(group string) []string {
	f.Helper()
	got := []string{}
	for {
		ds := f.receiveFrom(f.q, group, engine.Live, options(10))
		if len(ds) == 0 {
			return got
		}
		got = append(got, bodies(ds)...)
		n, err := f.e.Settle(context.Background(), f.q, group, engine.Live, settlements(false, ds), nil)
		require.NoError(f, err)
		require.Equal(f, len(ds), n)
	}
}

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
	// concurrent: the sends were made at the same time, so their order is open.
	concurrent bool
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
	return &ledger{sends: slices.Clone(l.sends), acked: maps.Clone(l.acked), concurrent: l.concurrent}
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

	place := make(map[string]int)
	for i, b := range kept {
		require.NotContains(f, place, b, "stored twice")
		place[b] = i
	}

	// Every batch is there as a whole, in order, or it was not answered and is not there at all.
	batches, messages, last := int64(0), 0, -1
	for i, s := range l.sends {
		at, stored := place[s.bodies[0]]
		if s.answered {
			require.True(f, stored, "batch %d was answered and is not stored: %v", i, kept)
		} else if exact {
			require.False(f, stored, "batch %d failed and is stored", i)
		}
		if !stored {
			continue
		}
		require.LessOrEqual(f, at+len(s.bodies), len(kept), "batch %d is cut", i)
		require.Equal(f, s.bodies, kept[at:at+len(s.bodies)], "batch %d is torn", i)
		require.True(f, l.concurrent || at > last, "batch %d is out of order: %v", i, kept)
		batches, messages, last = batches+1, messages+len(s.bodies), at
	}
	require.Equal(f, messages, len(kept), "something is there that was never sent, or not as a whole: %v", kept)
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

package controlplane_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/errs"
	"dms/internal/usage"
)

// sink keeps usage.Sink's promises in memory. lose is how many answers are lost after the batch was stored.
type sink struct {
	mu     sync.Mutex
	stored uint64
	calls  map[access.Action]int64
	lose   int
	down   bool
}

var errLost = errors.New("the answer was lost")

func (s *sink) Deliver(_ context.Context, b usage.Batch) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.down:
		return 0, errs.New(errs.Unavailable, "", "down")
	case b.Last <= s.stored:
	case b.First != s.stored+1:
		return 0, errs.New(errs.Invalid, "", "batch %d to %d, but %d is stored", b.First, b.Last, s.stored)
	default:
		for _, c := range b.Counts {
			s.calls[c.Action] += c.Calls
		}
		s.stored = b.Last
	}
	if s.lose > 0 {
		s.lose--
		return 0, errLost
	}
	return s.stored, nil
}

func TestEachCallIsDeliveredExactlyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		to := &sink{calls: map[access.Action]int64{}}
		shipper := controlplane.NewUsageShipper(w.store, to, w.clock, discard)
		require.NoError(t, shipper.Drain(ctx))
		require.Zero(t, to.stored)

		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "q"})
		require.NoError(t, err)
		tag := func() { require.NoError(t, w.Queues.PutTags(ctx, a, q.ID, []dataplane.Tag{{Key: "k"}})) }
		tag()
		to.lose = 2
		require.ErrorIs(t, shipper.Drain(ctx), errLost)
		tag() // counted between a lost answer and its repetition: it must not slip into the cut batch
		require.ErrorIs(t, controlplane.NewUsageShipper(w.store, to, w.clock, discard).Drain(ctx), errLost, "another process, after a crash")
		to.down = true
		require.Equal(t, errs.Unavailable, errs.CodeOf(shipper.Drain(ctx)))
		to.down = false
		tag()
		require.NoError(t, shipper.Drain(ctx))
		require.Equal(t, map[access.Action]int64{access.QueueCreate: 1, access.TagCreate: 3}, to.calls)
		require.Equal(t, uint64(4), to.stored)
	})
}

func TestShippersAtOnceDeliverEachCallOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		to := &sink{calls: map[access.Action]int64{}}
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "q"})
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				shipper := controlplane.NewUsageShipper(w.store, to, w.clock, discard)
				for range 10 {
					_ = shipper.Drain(ctx) // a batch that another one delivered meanwhile may be refused; it is not lost
				}
			})
		}
		for range 20 {
			require.NoError(t, w.Queues.PutTags(ctx, a, q.ID, []dataplane.Tag{{Key: "k"}}))
		}
		wg.Wait()
		require.NoError(t, controlplane.NewUsageShipper(w.store, to, w.clock, discard).Drain(ctx))
		require.Equal(t, map[access.Action]int64{access.QueueCreate: 1, access.TagCreate: 20}, to.calls)
	})
}

func TestShipperRunsEachSecondUntilStopped(t *testing.T) {
	db := dbtest.Open(t, dbtest.SQLiteURL(t))
	w, a := newWorld(db), newActor()
	c := clocktest.New(start)
	to := &sink{calls: map[access.Action]int64{}, down: true}
	running, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() { stopped <- controlplane.NewUsageShipper(w.store, to, c, discard).Run(running) }()
	_, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "q"})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return c.Waiting() == 1 }, 5*time.Second, time.Millisecond)
	to.mu.Lock()
	to.down = false
	to.mu.Unlock()
	require.Eventually(t, func() bool {
		c.Advance(time.Second)
		to.mu.Lock()
		defer to.mu.Unlock()
		return to.stored == 1
	}, 5*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-stopped)
}

package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func (f *fixture) redrive(opt engine.RedriveOptions) int64 {
	f.Helper()
	n, err := f.e.Redrive(context.Background(), f.q, f.group, opt, nil)
	require.NoError(f, err)
	return n
}

func (f *fixture) redriveStatus() engine.RedriveStatus {
	f.Helper()
	st, err := f.e.RedriveStatus(context.Background(), f.q, f.group)
	require.NoError(f, err)
	return st
}

// newDead returns a fixture whose messages die at their first failure, with these dead letters, and their ids.
func newDead(t testing.TB, open Factory, bodies ...string) (*fixture, []string) {
	f := newFixture(t, open)
	f.q.MaxConsumeCount = 1
	return f, f.die(bodies...)
}

// die makes dead letters.
func (f *fixture) die(bodies ...string) []string {
	f.Helper()
	var ids []string
	for len(bodies) > 0 {
		n := min(len(bodies), 10)
		ids = append(ids, f.send(bodies[:n]...)...)
		ds := f.receive()
		require.Len(f, ds, n)
		f.fail(ds...)
		bodies = bodies[n:]
	}
	return ids
}

func testRedrive(t *testing.T, open Factory) {
	ctx := context.Background()
	t.Run("One", func(t *testing.T) {
		f, ids := newDead(t, open, "a", "b", "c")
		f.clock.Advance(time.Minute)
		f.send("new")
		require.Equal(t, int64(1), f.redrive(engine.RedriveOptions{IDs: ids[1:2]}))
		require.Equal(t, engine.GroupStats{
			Produced: 4, Consumed: 3, Available: 2, DeadProduced: 3, DeadAvailable: 2, Redriven: 1, OldestUnsettled: time.Minute,
		}, f.groupStats())
		require.Equal(t, []string{"a", "c"}, bodies(f.receiveDead()))
		got := f.receive()
		require.Equal(t, []string{"b", "new"}, bodies(got), "what was redriven comes first")
		want := engine.Delivery{
			MessageID: ids[1], Body: []byte("b"), Handler: got[0].Handler, ReceiveCount: 1, SentAt: epoch, FirstReceivedAt: epoch,
			Position: f.browse(engine.BrowseOptions{MessageID: ids[1]})[0].Position,
			Death:    &engine.Death{Failures: 1, FirstFailure: epoch, LastFailure: epoch, Reason: engine.Refused},
		}
		require.Equal(t, want, got[0])
		f.ack(got...)
		require.Equal(t, int64(5), f.groupStats().Consumed)
		f.clock.Advance(time.Hour)
		require.Empty(t, f.receive())
	})
	t.Run("Some", func(t *testing.T) {
		f, _ := newDead(t, open, numbered("m", 5)...)
		require.Equal(t, int64(2), f.redrive(engine.RedriveOptions{Max: 2}))
		require.Equal(t, []string{"m-0", "m-1"}, bodies(f.receive()), "the oldest first")
		require.Equal(t, int64(3), f.redrive(engine.RedriveOptions{Max: 4}))
		require.Equal(t, []string{"m-2", "m-3", "m-4"}, bodies(f.receive()))
	})
	t.Run("All", func(t *testing.T) {
		f, _ := newDead(t, open, numbered("m", 25)...)
		require.Equal(t, int64(25), f.redrive(engine.RedriveOptions{}))
		require.Equal(t, numbered("m", 25), bodies(f.drain(f.q, f.group, engine.Live)))
		require.Empty(t, f.receiveDead())
		require.Zero(t, f.redrive(engine.RedriveOptions{}))
	})
	t.Run("UnknownAndLeasedArePassedOver", func(t *testing.T) {
		f, ids := newDead(t, open, "a", "b", "c")
		ds := f.receiveFrom(f.q, f.group, engine.Dead, options(1))
		require.Equal(t, int64(1), f.redrive(engine.RedriveOptions{IDs: []string{"nonsense", ids[0], uuid.NewString(), ids[1], ids[1]}}))
		require.Equal(t, []string{"b"}, bodies(f.receive()))
		require.Equal(t, int64(1), f.redrive(engine.RedriveOptions{}))
		require.Equal(t, []string{"c"}, bodies(f.receive()))
		f.settle(engine.Dead, settlements(true, ds)...)
		require.Equal(t, int64(1), f.redrive(engine.RedriveOptions{}))
		require.Equal(t, []string{"a"}, bodies(f.receive()))
	})
	t.Run("HandlersOfBeforeAreNoGood", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		live := f.receive()
		f.fail(live...)
		dead := f.receiveDead()
		f.settle(engine.Dead, settlements(true, dead)...)
		f.redrive(engine.RedriveOptions{})
		f.noGood(engine.Live, live[0].Handler)
		f.noGood(engine.Dead, dead[0].Handler)
		again := f.receive()
		f.noGood(engine.Live, live[0].Handler)
		f.noGood(engine.Dead, dead[0].Handler)
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Dead, again[0].Handler)
		f.ack(again...)
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Live, again[0].Handler)
	})
	t.Run("LeasedExtendedReleasedAndPostponedAsAnyOther", func(t *testing.T) {
		f, _ := newDead(t, open, "a")
		f.q.MaxConsumeCount = 9
		f.redrive(engine.RedriveOptions{})
		ds := f.receive()
		require.Equal(t, int64(1), f.groupStats().InFlight)
		require.Empty(t, f.receive())
		require.Equal(t, good(1), f.extend(engine.Live, time.Hour, ds[0].Handler))
		f.clock.Advance(time.Hour - 1)
		require.Empty(t, f.receive())
		require.NoError(t, f.e.Release(ctx, f.q, f.group, engine.Live, handlers(ds)))
		ds = f.receive()
		require.Equal(t, []int{1}, counts(ds))
		f.postpone(engine.Live, time.Minute, ds...)
		require.Equal(t, int64(1), f.groupStats().Postponed)
		f.throughRestarts(func() { require.Empty(t, f.receive()) })
		f.clock.Advance(time.Minute)
		ds = f.receive()
		require.Equal(t, []int{2}, counts(ds))
		f.clock.Advance(ackWait)
		require.Equal(t, []int{3}, counts(f.receive()))
	})
	t.Run("FailsAgain", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 2
		ids := f.send("a")
		for round := range 3 {
			for i := range 2 {
				ds := f.receive()
				require.Equal(t, []int{i + 1}, counts(ds), "counted anew")
				f.clock.Advance(time.Second)
				if i == 0 || round != 1 {
					f.fail(ds...)
				} else {
					f.clock.Advance(ackWait - time.Second)
				}
			}
			require.Empty(t, f.receive())
			died := f.clock.Now()
			want := &engine.Death{Failures: 2, FirstFailure: died.Add(-time.Second), LastFailure: died, Reason: engine.Refused, Redriven: round}
			if round == 1 {
				want.Reason, want.FirstFailure = engine.TimedOut, died.Add(-ackWait)
			}
			f.reopen()
			got := f.browseDead(engine.BrowseOptions{})
			require.Len(t, got, 1)
			require.Equal(t, ids[0], got[0].MessageID)
			require.Equal(t, want, got[0].Death)
			require.Equal(t, int64(1), f.redrive(engine.RedriveOptions{}))
		}
		st := f.groupStats()
		require.Equal(t, []int64{3, 3, 3}, []int64{st.Consumed, st.DeadProduced, st.Redriven})
	})
	t.Run("KeptForTheRetentionFromThenOn", func(t *testing.T) {
		f, _ := newDead(t, open, "a")
		f.clock.Advance(dataplane.StandardRetention - 1)
		require.Equal(t, int64(1), f.redrive(engine.RedriveOptions{}))
		f.clock.Advance(1)
		require.Equal(t, engine.QueueStats{Produced: 1}, f.queueStats(), "the queue itself keeps it no longer")
		require.Equal(t, int64(1), f.groupStats().Available)
		f.clock.Advance(f.q.Retention - 2)
		require.Equal(t, int64(1), f.groupStats().Available)
		f.reopen()
		f.clock.Advance(1)
		require.Equal(t, engine.GroupStats{Consumed: 1, Skipped: 1, DeadProduced: 1, Redriven: 1}, f.groupStats())
		require.Empty(t, f.receive())
	})
	t.Run("InFIFOOrder", func(t *testing.T) {
		f := newFIFO(t, open)
		f.q.MaxConsumeCount = 1
		f.sendKeyed("a1", "a2", "b1", "a3")
		ds := f.receive()
		f.fail(with(ds, "a2", "b1", "a1")...) // a2 died before a1
		f.ack(with(ds, "a3")...)
		f.sendKeyed("a4", "b2")
		require.Equal(t, int64(3), f.redrive(engine.RedriveOptions{}))
		one := f.receiveOne()
		require.Equal(t, []string{"a1"}, bodies(one))
		got := byKey(f.receive())
		require.Equal(t, map[string][]string{"b": {"b1", "b2"}}, got, "a1 is not settled")
		f.ack(one...)
		require.Equal(t, []string{"a2", "a4"}, bodies(f.receive()))
	})
	t.Run("WaitsForItsFIFOKey", func(t *testing.T) {
		f := newFIFO(t, open)
		f.q.MaxConsumeCount = 1
		f.sendKeyed("a1", "a2")
		f.fail(f.receiveOne()...)
		ds := f.receiveOne()
		require.Equal(t, []string{"a2"}, bodies(ds))
		f.redrive(engine.RedriveOptions{})
		require.Empty(t, f.receive())
		f.ack(ds...)
		require.Equal(t, []string{"a1"}, bodies(f.receive()))
	})
	t.Run("WakesAPoll", func(t *testing.T) {
		f, _ := newDead(t, open, "a")
		p := f.poll()
		f.redrive(engine.RedriveOptions{})
		require.Equal(t, []string{"a"}, bodies(p.gets()))
	})
	t.Run("ThroughRestarts", func(t *testing.T) {
		f, ids := newDead(t, open, "a", "b")
		f.redrive(engine.RedriveOptions{IDs: ids[:1]})
		f.throughRestarts(func() {
			require.Equal(t, engine.GroupStats{Produced: 2, Consumed: 2, Available: 1, DeadProduced: 2, DeadAvailable: 1, Redriven: 1}, f.groupStats())
		})
		ds := f.receive()
		require.Equal(t, []string{"a"}, bodies(ds))
		require.NotNil(t, ds[0].Death)
		f.ack(ds...)
		f.crash()
		require.Empty(t, f.receive())
		require.Equal(t, []string{"b"}, bodies(f.receiveDead()))
		require.Equal(t, int64(3), f.groupStats().Consumed)
	})
	t.Run("ToItsGroupAlone", func(t *testing.T) {
		f, ids := newDead(t, open, "a")
		other, q2 := id.NewGroup(), newQueue(dataplane.ModeNormal)
		f.aside(f.q, other, func() {
			f.ack(f.receive()...)
			require.Zero(t, f.redrive(engine.RedriveOptions{IDs: ids}))
			require.Zero(t, f.redrive(engine.RedriveOptions{}))
		})
		f.aside(q2, f.group, func() { require.Zero(t, f.redrive(engine.RedriveOptions{IDs: ids})) })
		require.Equal(t, int64(1), f.redrive(engine.RedriveOptions{IDs: ids}))
		ds := f.receive()
		require.Len(t, ds, 1)
		f.aside(f.q, other, func() { require.Empty(t, f.receive()) })
		f.refused(reason.HandlerMismatch, f.q, other, engine.Live, ds[0].Handler)
		f.refused(reason.HandlerMismatch, q2, f.group, engine.Live, ds[0].Handler)
	})
	t.Run("BadRequest", func(t *testing.T) {
		f, ids := newDead(t, open, "a")
		for _, opt := range []engine.RedriveOptions{
			{IDs: ids, Max: 1}, {IDs: ids, PerSecond: 1}, {Max: -1}, {PerSecond: -1},
		} {
			_, err := f.e.Redrive(ctx, f.q, f.group, opt, usageKey("u"))
			require.Equal(t, errs.Invalid, errs.CodeOf(err), "%+v", opt)
		}
		require.Equal(t, int64(1), f.groupStats().DeadAvailable)
		f.reopen()
		f.usageIsEmpty()
	})
	t.Run("Counted", func(t *testing.T) {
		f, _ := newDead(t, open, "a")
		_, err := f.e.Redrive(ctx, f.q, f.group, engine.RedriveOptions{}, usageKey("u"))
		require.NoError(t, err)
		f.crash()
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"u": 1}, total)
	})
	t.Run("WhatIsDropped", func(t *testing.T) {
		f, _ := newDead(t, open, "a")
		require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
		_, err := f.e.Redrive(ctx, f.q, f.group, engine.RedriveOptions{}, nil)
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
		_, err = f.e.RedriveStatus(ctx, f.q, f.group)
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
	})
	t.Run("AtARate", func(t *testing.T) { testRedriveRate(t, open) })
}

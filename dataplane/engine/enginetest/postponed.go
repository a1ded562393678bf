package enginetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/id"
	"dms/internal/reason"
)

// postpone reports all as failed, to be given again after d.
func (f *fixture) postpone(kind engine.Kind, d time.Duration, ds ...engine.Delivery) {
	f.Helper()
	list := settlements(true, ds)
	for i := range list {
		list[i].Delay = d
	}
	f.settle(kind, list...)
}

func testPostponed(t *testing.T, open Factory) {
	t.Run("HiddenUntilTheDelayHasPassed", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		ds := f.receive()
		f.postpone(engine.Live, 10*time.Second, ds[0])
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[0].Handler)
		require.Equal(t, engine.GroupStats{Produced: 2, Available: 2, InFlight: 1, Postponed: 1}, f.groupStats())
		f.ack(ds[1])
		f.clock.Advance(10*time.Second - 1)
		require.Empty(t, f.receive())
		require.Equal(t, int64(1), f.groupStats().Postponed)
		f.clock.Advance(1)
		require.Zero(t, f.groupStats().Postponed)
		got := f.receive()
		require.Equal(t, []string{"a"}, bodies(got))
		require.Equal(t, []int{2}, counts(got))
	})
	t.Run("OthersGoOn", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(2))
		f.postpone(engine.Live, time.Hour, ds[0])
		f.postpone(engine.Live, time.Second, ds[1])
		f.send("d")
		require.Equal(t, []string{"c", "d"}, bodies(f.receive()))
		f.clock.Advance(time.Second)
		require.Equal(t, []string{"b"}, bodies(f.receive()))
	})
	t.Run("BeforeNewMessagesOnceDue", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		ds := f.receive()
		f.postpone(engine.Live, 2*time.Second, ds[0])
		f.postpone(engine.Live, time.Second, ds[1])
		f.clock.Advance(time.Minute)
		f.send("c")
		require.Equal(t, []string{"a", "b", "c"}, bodies(f.receive()))
	})
	t.Run("IsAFailure", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 2
		f.send("a")
		f.postpone(engine.Live, time.Second, f.receive()...)
		require.Empty(t, f.receiveDead())
		f.clock.Advance(time.Second)
		f.postpone(engine.Live, time.Hour, f.receive()...)
		ds := f.receiveDead()
		require.Equal(t, []string{"a"}, bodies(ds), "a dead letter does not wait")
		require.Equal(t, &engine.Death{Failures: 2, FirstFailure: epoch, LastFailure: epoch.Add(time.Second)}, ds[0].Death)
		require.Zero(t, f.groupStats().Postponed)
	})
	t.Run("WakesAPoll", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.postpone(engine.Live, 10*time.Second, f.receive()...)
		p := f.poll()
		f.clock.Advance(10*time.Second - 1)
		p.waits()
		f.clock.Advance(1)
		require.Equal(t, []int{2}, counts(p.gets()))
	})
	t.Run("WakesAPollThatSleptBefore", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		ds := f.receive()
		p := f.poll()
		f.postpone(engine.Live, 5*time.Second, ds...)
		f.clock.Advance(5 * time.Second)
		require.Equal(t, []int{2}, counts(p.gets()))
	})
	t.Run("ThroughRestarts", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.postpone(engine.Live, time.Minute, f.receive()...)
		f.throughRestarts(func() {
			require.Empty(t, f.receive())
			require.Equal(t, engine.GroupStats{Produced: 1, Available: 1, Postponed: 1}, f.groupStats())
		})
		f.clock.Advance(time.Minute)
		require.Equal(t, []int{2}, counts(f.receive()))
	})
	t.Run("DueWhileTheEngineWasDown", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.postpone(engine.Live, time.Minute, f.receive()...)
		require.NoError(t, f.e.Close())
		f.clock.Advance(time.Hour)
		f.start()
		require.Zero(t, f.groupStats().Postponed)
		require.Equal(t, []int{2}, counts(f.receive()))
	})
	t.Run("ExpiresAsAnyOther", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.postpone(engine.Live, f.q.Retention+time.Hour, f.receive()...)
		f.clock.Advance(f.q.Retention - 1)
		require.Equal(t, int64(1), f.groupStats().Postponed)
		f.clock.Advance(1)
		require.Equal(t, engine.GroupStats{Skipped: 1}, f.groupStats())
		f.clock.Advance(time.Hour)
		require.Empty(t, f.receive())
	})
	t.Run("DeadLetters", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		f.fail(f.receive()...)
		f.postpone(engine.Dead, time.Minute, f.receiveDead()...)
		f.throughRestarts(func() { require.Empty(t, f.receiveDead()) })
		f.clock.Advance(time.Minute - 1)
		require.Empty(t, f.receiveDead())
		require.Equal(t, int64(1), f.groupStats().DeadAvailable)
		require.Zero(t, f.groupStats().Postponed, "it counts live messages")
		f.clock.Advance(1)
		require.Equal(t, []int{2}, counts(f.receiveDead()))
	})
	t.Run("OfOneGroupAlone", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.postpone(engine.Live, time.Hour, f.receive()...)
		f.aside(f.q, id.NewGroup(), func() {
			require.Equal(t, []int{1}, counts(f.receive()))
			require.Zero(t, f.groupStats().Postponed)
		})
	})
}

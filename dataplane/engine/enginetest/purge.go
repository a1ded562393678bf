package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func (f *fixture) purge(kind engine.Kind) int64 {
	f.Helper()
	group := ""
	if kind == engine.Dead {
		group = f.group
	}
	n, err := f.e.Purge(context.Background(), f.q, group, kind, nil)
	require.NoError(f, err)
	return n
}

func testPurge(t *testing.T, open Factory) {
	ctx := context.Background()
	t.Run("ErasesForAllGroups", func(t *testing.T) {
		f := newFixture(t, open)
		other := id.NewGroup()
		f.sendMessages(f.q, message("a"), message("b"), message("c"), delayed("d", time.Minute))
		ds := f.receive()
		f.ack(ds[0])
		f.fail(ds[1])
		f.aside(f.q, other, func() { f.receiveOne() })
		p := f.prepare(time.Hour, engine.Rollback, "prepared")
		require.Equal(t, int64(4), f.purge(engine.Live))
		f.throughRestarts(func() {
			require.Equal(t, engine.QueueStats{Prepared: 1, Produced: 4}, f.queueStats())
			require.Equal(t, engine.GroupStats{Consumed: 1, Skipped: 2}, f.groupStats())
			require.Empty(t, f.receive())
			require.Empty(t, f.browse(engine.BrowseOptions{}))
			f.noGood(engine.Live, ds[1].Handler)
			f.noGood(engine.Live, ds[2].Handler)
			f.aside(f.q, other, func() {
				require.Equal(t, engine.GroupStats{Skipped: 3}, f.groupStats())
				require.Empty(t, f.receive())
			})
		})
		require.Empty(t, f.receiveFrom(f.q, id.NewGroup(), engine.Live, options(10)))
		f.clock.Advance(time.Minute)
		require.Empty(t, f.receive(), "the delayed one, too")
		f.decide(p, engine.Commit)
		f.send("new")
		require.Equal(t, []string{"prepared", "new"}, bodies(f.receive()))
		require.Zero(t, f.purgeTwice())
	})
	t.Run("DeadLettersStay", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a", "b")
		f.fail(f.receive()[0])
		require.Equal(t, int64(2), f.purge(engine.Live))
		require.Equal(t, engine.GroupStats{Consumed: 1, Skipped: 1, DeadProduced: 1, DeadAvailable: 1}, f.groupStats())
		require.Equal(t, []string{"a"}, bodies(f.receiveDead()))
	})
	t.Run("RedrivenGoToo", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		f.fail(f.receive()...)
		f.redrive(engine.RedriveOptions{})
		require.Equal(t, int64(1), f.purge(engine.Live))
		require.Empty(t, f.receive())
		require.Equal(t, engine.GroupStats{Consumed: 1, Skipped: 1, DeadProduced: 1, Redriven: 1}, f.groupStats())
	})
	t.Run("DeadLettersOfOneGroup", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		other := id.NewGroup()
		f.send("a", "b", "c")
		ds := f.receive()
		f.fail(ds[:2]...)
		f.aside(f.q, other, func() { f.fail(f.receive()...) })
		dead := f.receiveDead()
		require.Equal(t, int64(2), f.purge(engine.Dead))
		f.throughRestarts(func() {
			require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 2, Available: 1, InFlight: 1, DeadProduced: 2}, f.groupStatsUnleased(ds[2]))
			require.Empty(t, f.receiveDead())
			require.Empty(t, f.browseDead(engine.BrowseOptions{}))
			f.noGood(engine.Dead, dead[0].Handler)
		})
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"c"}, bodies(f.receiveDead()), "which died since")
		require.Equal(t, []string{"c"}, bodies(f.receiveFrom(f.q, id.NewGroup(), engine.Live, options(10))[2:]), "the messages stay")
		f.aside(f.q, other, func() { require.Len(t, f.receiveDead(), 3) })
		require.Equal(t, int64(1), f.purge(engine.Dead))
		require.Zero(t, f.purge(engine.Dead))
	})
	t.Run("NewDeadLettersComeAfterIt", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		f.fail(f.receive()...)
		f.purge(engine.Dead)
		f.send("b")
		f.fail(f.receive()...)
		f.crash()
		require.Equal(t, []string{"b"}, bodies(f.receiveDead()))
	})
	t.Run("FreesFIFOKeys", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2", "b1")
		f.postpone(engine.Live, time.Hour, f.receiveOne()...)
		f.receive()
		f.purge(engine.Live)
		f.sendKeyed("a3", "b2")
		require.Equal(t, []string{"a3", "b2"}, bodies(f.receive()))
	})
	t.Run("PositionsGoOn", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		before := f.receive()[0].Position
		f.purge(engine.Live)
		f.reopen()
		f.send("b")
		require.Greater(t, f.receive()[0].Position, before)
	})
	t.Run("EachQueueByItself", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("here")
		f.aside(newQueue(dataplane.ModeNormal), f.group, func() {
			require.Zero(t, f.purge(engine.Live))
			f.send("there")
			require.Equal(t, int64(1), f.purge(engine.Live))
			require.Zero(t, f.purge(engine.Dead))
		})
		require.Equal(t, []string{"here"}, bodies(f.receive()))
	})
	t.Run("Counted", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("m")
		f.fail(f.receive()...)
		_, err := f.e.Purge(ctx, f.q, f.group, engine.Dead, usageKey("dead"))
		require.NoError(t, err)
		_, err = f.e.Purge(ctx, f.q, "", engine.Live, usageKey("live"))
		require.NoError(t, err)
		_, err = f.e.Purge(ctx, f.q, "", engine.Live, usageKey("nothing"))
		require.NoError(t, err)
		f.crash()
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"dead": 1, "live": 1, "nothing": 1}, total, "a purge of nothing succeeds, too")
	})
	t.Run("WhatIsDropped", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
		_, err := f.e.Purge(ctx, f.q, f.group, engine.Dead, nil)
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
		require.NoError(t, f.e.DropQueue(ctx, f.q.ID))
		_, err = f.e.Purge(ctx, f.q, "", engine.Live, nil)
		require.Equal(t, reason.QueueNotFound, errs.ReasonOf(err))
	})
}

// purgeTwice purges and returns what a second purge finds.
func (f *fixture) purgeTwice() int64 {
	f.Helper()
	f.purge(engine.Live)
	return f.purge(engine.Live)
}

// groupStatsUnleased returns the statistics as they are while d is under a lease, which a crash may have lost.
func (f *fixture) groupStatsUnleased(d engine.Delivery) engine.GroupStats {
	f.Helper()
	require.Equal(f, good(1), f.extend(engine.Live, ackWait, d.Handler))
	return f.groupStats()
}

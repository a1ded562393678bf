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

func (f *fixture) seek(to engine.SeekTo) {
	f.Helper()
	require.NoError(f, f.e.Seek(context.Background(), f.q, f.group, to, nil))
}

// noGood requires that a handler is not accepted any more, whether it counts as used or as unknown.
func (f *fixture) noGood(kind engine.Kind, handler string) {
	f.Helper()
	for _, failed := range []bool{false, true} {
		n, err := f.e.Settle(context.Background(), f.q, f.group, kind, []engine.Settlement{{Handler: handler, Failed: failed}}, nil)
		require.Zero(f, n)
		require.Equal(f, errs.Invalid, errs.CodeOf(err), "error: %v", err)
		require.Contains(f, []errs.Reason{reason.HandlerInstance, reason.HandlerUnknown}, errs.ReasonOf(err))
	}
	why := f.extend(kind, time.Hour, handler)
	require.Contains(f, []errs.Reason{reason.HandlerInstance, reason.HandlerUnknown}, why[0])
}

func testSeek(t *testing.T, open Factory) {
	ctx := context.Background()
	t.Run("ToTheEarliest", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		first := f.receive()
		f.ack(first[0])
		f.fail(first[1])
		f.clock.Advance(time.Second)
		f.seek(engine.SeekTo{Earliest: true})
		require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 1, Available: 3, OldestUnsettled: time.Second}, f.groupStats())
		got := f.receive()
		require.Equal(t, []string{"a", "b", "c"}, bodies(got))
		require.Equal(t, []int{1, 1, 1}, counts(got), "never delivered")
		require.Equal(t, epoch.Add(time.Second), got[1].FirstReceivedAt)
		for i := range first {
			f.noGood(engine.Live, first[i].Handler)
		}
		f.ack(got...)
		require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 4}, f.groupStats())
	})
	t.Run("FailuresAreCountedAnew", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 2
		f.send("a")
		f.fail(f.receive()...)
		f.seek(engine.SeekTo{Earliest: true})
		f.fail(f.receive()...)
		require.Empty(t, f.receiveDead())
		require.Len(t, f.receive(), 1)
	})
	t.Run("ToTheLatest", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, message("a"), message("b"), message("c"), delayed("later", time.Minute))
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(2))
		f.ack(ds[0])
		f.seek(engine.SeekTo{Latest: true})
		require.Equal(t, engine.GroupStats{Produced: 4, Consumed: 1, Skipped: 2}, f.groupStats())
		require.Empty(t, f.receive())
		f.noGood(engine.Live, ds[1].Handler)
		f.send("new")
		f.clock.Advance(time.Minute)
		require.Equal(t, []string{"new", "later"}, bodies(f.receive()), "what was not available yet is still to come")
	})
	t.Run("ToATime", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.clock.Advance(time.Second)
		f.sendMessages(f.q, message("b"), delayed("d", 5*time.Second))
		f.clock.Advance(time.Second)
		f.send("c")
		f.clock.Advance(time.Minute)
		for _, c := range []struct {
			at   time.Duration
			want []string
		}{
			{-time.Hour, []string{"a", "b", "c", "d"}},
			{0, []string{"a", "b", "c", "d"}},
			{1, []string{"b", "c", "d"}},
			{2 * time.Second, []string{"c", "d"}},
			{2*time.Second + 1, []string{"d"}},
			{6 * time.Second, []string{"d"}},
			{6*time.Second + 1, []string{}},
			{time.Hour, []string{}},
			{time.Second, []string{"b", "c", "d"}},
		} {
			f.seek(engine.SeekTo{Time: epoch.Add(c.at)})
			require.Equal(t, c.want, bodies(f.receive()), "%v", c.at)
		}
	})
	t.Run("ToAPosition", func(t *testing.T) {
		f := newFixture(t, open)
		f.send(numbered("m", 5)...)
		all := f.browse(engine.BrowseOptions{})
		for i := range all {
			f.seek(engine.SeekTo{Position: all[i].Position})
			require.Equal(t, browsedBodies(all[i:]), bodies(f.receive()))
		}
		f.seek(engine.SeekTo{Position: all[4].Position + 1000})
		require.Empty(t, f.receive())
		f.send("next")
		require.Equal(t, []string{"next"}, bodies(f.receive()), "beyond the end is the end")
	})
	t.Run("ToWhatIsNoLongerKept", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("old")
		old := f.receive()[0]
		f.clock.Advance(time.Hour)
		f.send("young")
		f.clock.Advance(f.q.Retention - time.Hour)
		f.seek(engine.SeekTo{Position: old.Position})
		require.Equal(t, []string{"young"}, bodies(f.receive()))
		f.seek(engine.SeekTo{Time: epoch})
		require.Equal(t, []string{"young"}, bodies(f.receive()))
	})
	t.Run("SkippedCountsWhatWasNotSettled", func(t *testing.T) {
		f := newFixture(t, open)
		f.send(numbered("m", 6)...)
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(4))
		f.ack(ds[0], ds[2])
		f.postpone(engine.Live, time.Hour, ds[1])
		f.seek(engine.SeekTo{Position: ds[3].Position + 1}) // m-1 and m-3 are given up
		require.Equal(t, engine.GroupStats{Produced: 6, Consumed: 2, Skipped: 2, Available: 2}, f.groupStats())
		require.Equal(t, []string{"m-4", "m-5"}, bodies(f.receive()))
		f.seek(engine.SeekTo{Earliest: true})
		require.Equal(t, engine.GroupStats{Produced: 6, Consumed: 2, Skipped: 2, Available: 6}, f.groupStats())
		f.seek(engine.SeekTo{Latest: true})
		require.Equal(t, engine.GroupStats{Produced: 6, Consumed: 2, Skipped: 8}, f.groupStats())
	})
	t.Run("DeadLettersStayAndRedrivenOnesDoNot", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		ids := f.send("a", "b", "c")
		f.fail(f.receive()...)
		dead := f.receiveFrom(f.q, f.group, engine.Dead, options(1))
		f.redrive(engine.RedriveOptions{IDs: ids[1:]})
		f.seek(engine.SeekTo{Position: f.browse(engine.BrowseOptions{MessageID: ids[2]})[0].Position})
		require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 3, Skipped: 1, Available: 1, DeadProduced: 3, DeadAvailable: 1, Redriven: 2}, f.groupStats())
		got := f.receive()
		require.Equal(t, []string{"c"}, bodies(got), "once, as a message of the queue")
		require.Nil(t, got[0].Death)
		f.settle(engine.Dead, settlements(false, dead)...)
	})
	t.Run("FreesFIFOKeys", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendKeyed("a1", "a2", "b1")
		ds := f.receiveFrom(f.q, f.group, engine.Live, options(1))
		f.postpone(engine.Live, time.Hour, ds...)
		f.seek(engine.SeekTo{Position: ds[0].Position + 1})
		require.Equal(t, []string{"a2", "b1"}, bodies(f.receive()))
		f.seek(engine.SeekTo{Earliest: true})
		require.Equal(t, []string{"a1", "a2", "b1"}, bodies(f.receive()))
	})
	t.Run("LabelsHoldOn", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, engine.NewMessage{Body: []byte("a"), Labels: []string{"a"}}, message("none"))
		opt := labelled(engine.MatchAny, "a")
		for range 2 {
			require.Equal(t, []string{"a"}, bodies(f.receiveFrom(f.q, f.group, engine.Live, opt)))
			f.seek(engine.SeekTo{Earliest: true})
		}
	})
	t.Run("WakesAPoll", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.ack(f.receive()...)
		p := f.poll()
		f.seek(engine.SeekTo{Earliest: true})
		require.Equal(t, []string{"a"}, bodies(p.gets()))
	})
	t.Run("ThroughRestarts", func(t *testing.T) {
		f := newFixture(t, open)
		f.send(numbered("m", 4)...)
		ds := f.receive()
		f.ack(ds...)
		f.seek(engine.SeekTo{Position: ds[2].Position})
		f.throughRestarts(func() {
			require.Equal(t, engine.GroupStats{Produced: 4, Consumed: 4, Available: 2}, f.groupStats())
			for i := range ds {
				f.noGood(engine.Live, ds[i].Handler)
			}
		})
		got := f.receive()
		require.Equal(t, []string{"m-2", "m-3"}, bodies(got))
		f.ack(got...)
		f.crash()
		require.Empty(t, f.receive())
		f.seek(engine.SeekTo{Latest: true})
		f.crash()
		require.Empty(t, f.receive())
	})
	t.Run("OfOneGroupAlone", func(t *testing.T) {
		f := newFixture(t, open)
		other := id.NewGroup()
		f.send("a", "b")
		f.aside(f.q, other, func() { f.ack(f.receive()[0]) })
		f.seek(engine.SeekTo{Latest: true})
		f.seek(engine.SeekTo{Earliest: true})
		f.aside(f.q, other, func() {
			require.Equal(t, engine.GroupStats{Produced: 2, Consumed: 1, Available: 1, InFlight: 1}, f.groupStats())
		})
		f.aside(newQueue(dataplane.ModeNormal), f.group, func() {
			f.seek(engine.SeekTo{Earliest: true})
			require.Empty(t, f.receive())
		})
	})
	t.Run("ANewGroup", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		f.seek(engine.SeekTo{Latest: true})
		require.Equal(t, engine.GroupStats{Produced: 2, Skipped: 2}, f.groupStats())
		f.send("c")
		require.Equal(t, []string{"c"}, bodies(f.receive()))
	})
	t.Run("AnEmptyQueue", func(t *testing.T) {
		f := newFixture(t, open)
		for _, to := range []engine.SeekTo{{Earliest: true}, {Latest: true}, {Time: epoch}, {Position: 7}} {
			f.seek(to)
		}
		f.send("a")
		require.Equal(t, []string{"a"}, bodies(f.receive()))
	})
	t.Run("ExactlyOneWay", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.ack(f.receive()...)
		for _, to := range []engine.SeekTo{
			{}, {Earliest: true, Latest: true}, {Earliest: true, Time: epoch}, {Latest: true, Position: 1}, {Time: epoch, Position: 1},
		} {
			err := f.e.Seek(ctx, f.q, f.group, to, usageKey("u"))
			require.Equal(t, errs.Invalid, errs.CodeOf(err), "%+v", to)
		}
		require.Empty(t, f.receive())
		f.reopen()
		f.usageIsEmpty()
	})
	t.Run("Counted", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Seek(ctx, f.q, f.group, engine.SeekTo{Latest: true}, usageKey("u")))
		f.crash()
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"u": 1}, total)
	})
	t.Run("WhatIsDropped", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(f.e.Seek(ctx, f.q, f.group, engine.SeekTo{Latest: true}, nil)))
		require.NoError(t, f.e.DropQueue(ctx, f.q.ID))
		require.Equal(t, reason.QueueNotFound, errs.ReasonOf(f.e.Seek(ctx, f.q, f.group, engine.SeekTo{Latest: true}, nil)))
	})
}

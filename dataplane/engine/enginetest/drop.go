package enginetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func testDrop(t *testing.T, open Factory) {
	ctx := context.Background()
	t.Run("QueueIsGoneForEver", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a", "b")
		f.sendMessages(f.q, delayed("c", time.Hour))
		ds := f.receive()
		f.fail(ds[0])
		for i := range 3 {
			if i != 1 { // once it is only the crash that lies between
				require.NoError(t, f.e.DropQueue(ctx, f.q.ID))
			}
			gone := func(err error) {
				t.Helper()
				require.Equal(t, errs.NotFound, errs.CodeOf(err))
				require.Equal(t, reason.QueueNotFound, errs.ReasonOf(err))
			}
			_, err := f.e.Send(ctx, f.q, []engine.NewMessage{message("late")}, nil)
			gone(err)
			_, err = f.e.Receive(ctx, f.q, f.group, engine.Live, options(1))
			gone(err)
			_, err = f.e.Receive(ctx, f.q, id.NewGroup(), engine.Dead, options(1))
			gone(err)
			_, err = f.e.Settle(ctx, f.q, f.group, engine.Live, settlements(false, ds[1:]), nil)
			gone(err)
			require.Zero(t, f.queueStats())
			require.Zero(t, f.groupStats())
			require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
			f.crash()
		}
		f.clock.Advance(48 * time.Hour)
		require.Zero(t, f.queueStats())
	})
	t.Run("GroupIsGoneAndTheQueueStays", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a", "b")
		ds := f.receive()
		f.fail(ds[0])
		for i := range 3 {
			if i != 1 { // once it is only the crash that lies between
				require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
			}
			_, err := f.e.Receive(ctx, f.q, f.group, engine.Live, options(1))
			require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
			_, err = f.e.Receive(ctx, f.q, f.group, engine.Dead, options(1))
			require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
			_, err = f.e.Settle(ctx, f.q, f.group, engine.Live, settlements(false, ds[1:]), nil)
			require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
			require.Zero(t, f.groupStats())
			f.crash()
		}
		require.Equal(t, int64(2), f.queueStats().Messages)
		require.Len(t, f.receiveFrom(f.q, id.NewGroup(), engine.Live, options(10)), 2)
	})
	t.Run("WhatWasNeverThere", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.DropQueue(ctx, id.NewQueue()))
		require.NoError(t, f.e.DropGroup(ctx, id.NewQueue(), id.NewGroup()))
		require.Equal(t, reason.QueueIDInvalid, errs.ReasonOf(f.e.DropQueue(ctx, "x")))
		require.Equal(t, reason.GroupIDInvalid, errs.ReasonOf(f.e.DropGroup(ctx, f.q.ID, "x")))
	})
	t.Run("WhileEverybodyIsAtWork", func(t *testing.T) {
		f := newFixture(t, open)
		other := newQueue(dataplane.ModeNormal)
		f.sendTo(other, "other")
		var wg sync.WaitGroup
		worker := func(step func() error) {
			wg.Go(func() {
				for {
					if err := step(); err != nil {
						if errs.CodeOf(err) != errs.NotFound {
							t.Errorf("unexpected error: %v", err)
						}
						return
					}
				}
			})
		}
		started := make(chan struct{}, 1)
		worker(func() error {
			_, err := f.e.Send(ctx, f.q, []engine.NewMessage{message("a"), message("b")}, nil)
			select {
			case started <- struct{}{}:
			default:
			}
			return err
		})
		worker(func() error {
			_, err := f.e.Send(ctx, f.q, []engine.NewMessage{delayed("a", time.Second)}, nil)
			return err
		})
		for range 2 {
			worker(func() error {
				ds, err := f.e.Receive(ctx, f.q, f.group, engine.Live, options(3))
				if err != nil || len(ds) == 0 {
					return err
				}
				_, err = f.e.Settle(ctx, f.q, f.group, engine.Live, settlements(false, ds), nil)
				return err
			})
		}
		f.await(started, "the first send")
		require.NoError(t, f.e.DropQueue(ctx, f.q.ID))
		wg.Wait()
		for range 2 {
			require.Zero(t, f.queueStats())
			require.Len(t, f.receiveFrom(other, id.NewGroup(), engine.Live, options(10)), 1)
			f.reopen()
		}
	})
}

func testIsolation(t *testing.T, open Factory) {
	t.Run("QueuesDoNotTouchEachOther", func(t *testing.T) {
		f := newFixture(t, open)
		// Ids that are neighbours, so that a range that is one too long would be seen.
		ids := []string{
			"00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-0000000000ff",
			"00000000-0000-0000-0000-000000000100", "ffffffff-ffff-ffff-ffff-fffffffffffe", "ffffffff-ffff-ffff-ffff-ffffffffffff",
		}
		queue := func(i int) engine.Queue {
			q := newQueue(dataplane.ModeNormal)
			q.ID, q.MaxConsumeCount = ids[i], 1
			return q
		}
		group := func(i int) string { return "g-" + ids[i] }
		for i := range ids {
			f.sendTo(queue(i), ids[i], "dead")
			f.sendMessages(queue(i), delayed("d", time.Hour))
			for j := range ids {
				ds := f.receiveFrom(queue(i), group(j), engine.Live, options(10))
				require.Equal(t, []string{ids[i], "dead"}, bodies(ds))
				n, err := f.e.Settle(context.Background(), queue(i), group(j), engine.Live, settlements(true, ds[1:]), nil)
				require.NoError(t, err)
				require.Equal(t, 1, n)
			}
		}
		for drop := range ids {
			require.NoError(t, f.e.DropGroup(context.Background(), ids[(drop+1)%len(ids)], group(drop)))
			require.NoError(t, f.e.DropQueue(context.Background(), ids[drop]))
			f.reopen()
			for i := drop + 1; i < len(ids); i++ {
				st, err := f.e.QueueStats(context.Background(), queue(i))
				require.NoError(t, err)
				require.Equal(t, int64(3), st.Messages)
				for j := drop + 1; j < len(ids); j++ {
					st, err := f.e.GroupStats(context.Background(), queue(i), group(j))
					require.NoError(t, err)
					require.Equal(t, engine.GroupStats{
						Produced: 3, Consumed: 1, Available: 1, InFlight: 1, DeadProduced: 1, DeadAvailable: 1,
					}, st)
				}
			}
		}
	})
	t.Run("SwappedQueuesAndGroups", func(t *testing.T) {
		f := newFixture(t, open)
		a, b := newQueue(dataplane.ModeNormal), newQueue(dataplane.ModeNormal)
		ga, gb := id.NewGroup(), id.NewGroup()
		f.sendTo(a, "a")
		f.sendTo(b, "b")
		for _, c := range []struct {
			q     engine.Queue
			group string
			want  string
		}{{a, ga, "a"}, {b, gb, "b"}, {a, gb, "a"}, {b, ga, "b"}} {
			require.Equal(t, []string{c.want}, bodies(f.receiveFrom(c.q, c.group, engine.Live, options(10))))
		}
	})
}

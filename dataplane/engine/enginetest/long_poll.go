package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func testLongPoll(t *testing.T, open Factory) {
	t.Run("ReturnsAtOnceWithWhatIsThere", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		opt := options(10)
		opt.Wait = longWait
		require.Len(t, f.receiveFrom(f.q, f.group, engine.Live, opt), 1)
	})
	t.Run("WakesOnSend", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.poll()
		f.send("a", "b")
		require.Equal(t, []string{"a", "b"}, bodies(p.gets()))
	})
	t.Run("WakesOnDueRedelivery", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		opt := options(1)
		opt.AckWait = 15 * time.Second
		f.receiveFrom(f.q, f.group, engine.Live, opt)
		p := f.poll()
		f.clock.Advance(15*time.Second - 1)
		p.waits()
		f.clock.Advance(1)
		require.Equal(t, []int{2}, counts(p.gets()))
	})
	t.Run("WakesOnFailure", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		p := f.poll()
		f.fail(ds...)
		require.Equal(t, []int{2}, counts(p.gets()))
	})
	t.Run("WakesOnTheEndOfALeaseTakenWhileItSlept", func(t *testing.T) {
		f := newFixture(t, open)
		short := options(1)
		short.AckWait = 10 * time.Second
		f.send("long")
		f.receive()
		sleeper := f.poll()
		f.send("m") // wakes the sleeper, or is taken before it: either way one of the two sleeps while the other has the lease
		ds := f.receiveFrom(f.q, f.group, engine.Live, short)
		if len(ds) == 0 {
			require.Len(t, sleeper.gets(), 1)
			return
		}
		f.clock.Advance(10 * time.Second)
		require.Equal(t, []int{2}, counts(sleeper.gets()))
	})
	t.Run("WakesOnRelease", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ds := f.receive()
		p := f.poll()
		require.NoError(t, f.e.Release(context.Background(), f.q, f.group, engine.Live, handlers(ds)))
		require.Equal(t, []int{1}, counts(p.gets()))
	})
	t.Run("EndsEmptyWhenTheWaitIsOver", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.poll()
		f.clock.Advance(longWait - 1)
		p.waits()
		f.clock.Advance(1)
		require.Empty(t, p.gets())
	})
	t.Run("EndsEmptyWhenItsContextEnds", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.poll()
		p.cancel()
		require.Empty(t, p.gets())
		f.send("m")
		require.Len(t, f.receive(), 1, "nothing was given to the poll that had gone")
	})
	t.Run("NothingIsGivenToAContextThatHasEnded", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		ds, err := f.e.Receive(ctx, f.q, f.group, engine.Live, options(1))
		require.NoError(t, err)
		require.Empty(t, ds)
		require.Zero(t, f.groupStats().InFlight)
	})
	t.Run("ACancelledPollPassesTheMessageOn", func(t *testing.T) {
		f := newFixture(t, open)
		for range 30 {
			first, second := f.pollFrom(f.q, f.group, engine.Live, 1), f.pollFrom(f.q, f.group, engine.Live, 1)
			go first.cancel()
			f.send("m")
			a := first.gets()
			if len(a) == 1 { // it was faster than its cancellation
				f.ack(a...)
				second.cancel()
				second.returns()
				continue
			}
			f.ack(second.gets()...)
		}
	})
	t.Run("StopPollsEndsThem", func(t *testing.T) {
		f := newFixture(t, open)
		polls := []*poll{f.poll(), f.poll(), f.pollFrom(f.q, f.group, engine.Dead, 1)}
		f.e.StopPolls()
		f.e.StopPolls()
		for _, p := range polls {
			require.Empty(t, p.gets())
		}
		opt := options(1)
		opt.Wait = longWait
		require.Empty(t, f.receiveFrom(f.q, f.group, engine.Live, opt), "a later one does not wait")
		f.send("m")
		require.Len(t, f.receiveFrom(f.q, f.group, engine.Live, opt), 1, "and gets what is there")
	})
	t.Run("DropQueueEndsThem", func(t *testing.T) {
		f := newFixture(t, open)
		polls := []*poll{f.poll(), f.pollFrom(f.q, id.NewGroup(), engine.Live, 1), f.pollFrom(f.q, f.group, engine.Dead, 1)}
		require.NoError(t, f.e.DropQueue(context.Background(), f.q.ID))
		for _, p := range polls {
			err := p.returns().err
			require.Equal(t, errs.NotFound, errs.CodeOf(err))
			require.Equal(t, reason.QueueNotFound, errs.ReasonOf(err))
		}
	})
	t.Run("DropGroupEndsThoseOfTheGroup", func(t *testing.T) {
		f := newFixture(t, open)
		p, dead, other := f.poll(), f.pollFrom(f.q, f.group, engine.Dead, 1), f.pollFrom(f.q, id.NewGroup(), engine.Live, 1)
		require.NoError(t, f.e.DropGroup(context.Background(), f.q.ID, f.group))
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(p.returns().err))
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(dead.returns().err))
		other.waits()
		f.send("m")
		require.Len(t, other.gets(), 1)
	})
	t.Run("OneMessageGoesToOnePoll", func(t *testing.T) {
		f := newFixture(t, open)
		polls := make([]*poll, 20)
		for i := range polls {
			polls[i] = f.poll()
		}
		f.send("m")
		f.clock.Advance(longWait)
		total := 0
		for _, p := range polls {
			total += len(p.gets())
		}
		require.Equal(t, 1, total)
	})
	t.Run("ManyMessagesGoToManyPolls", func(t *testing.T) {
		f := newFixture(t, open)
		polls := make([]*poll, 20)
		for i := range polls {
			polls[i] = f.pollFrom(f.q, f.group, engine.Live, 1)
		}
		f.send(numbered("m", 20)...)
		seen := map[string]bool{}
		for _, p := range polls {
			for _, b := range bodies(p.gets()) {
				require.False(t, seen[b])
				seen[b] = true
			}
		}
		require.Len(t, seen, 20)
	})
	t.Run("OneEndOfALeaseWakesAPollForEachMessage", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		short := options(10)
		short.AckWait = 10 * time.Second
		require.Len(t, f.receiveFrom(f.q, f.group, engine.Live, short), 3)
		polls := make([]*poll, 3)
		for i := range polls {
			polls[i] = f.pollFrom(f.q, f.group, engine.Live, 1)
		}
		f.clock.Advance(10 * time.Second)
		for _, p := range polls {
			require.Len(t, p.gets(), 1)
		}
	})
	t.Run("EachGroupsPollGetsTheMessage", func(t *testing.T) {
		f := newFixture(t, open)
		a, b := f.poll(), f.pollFrom(f.q, id.NewGroup(), engine.Live, 10)
		f.send("m")
		require.Len(t, a.gets(), 1)
		require.Len(t, b.gets(), 1)
	})
}

func testRelease(t *testing.T, open Factory) {
	release := func(f *fixture, hs ...string) {
		f.Helper()
		require.NoError(f, f.e.Release(context.Background(), f.q, f.group, engine.Live, hs))
	}
	t.Run("VisibleAtOnceAndNotCounted", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		for range 3 {
			ds := f.receive()
			require.Equal(t, []int{1, 1}, counts(ds))
			release(f, handlers(ds)...)
			require.Zero(t, f.groupStats().InFlight)
		}
	})
	t.Run("IsNoFailure", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		for range 3 {
			release(f, handlers(f.receive())...)
			f.reopen()
		}
		require.Empty(t, f.receiveDead())
		require.Equal(t, []int{1}, counts(f.receive()))
	})
	t.Run("PassesOverUnknownHandlers", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		ds := f.receive()
		f.ack(ds[0])
		release(f, "nonsense", ds[0].Handler, ds[1].Handler, ds[1].Handler)
		require.Equal(t, []string{"b"}, bodies(f.receive()))
		release(f, ds[1].Handler)
		require.Empty(t, f.receive(), "a superseded handler releases nothing")
	})
	t.Run("KeepsEarlierCounts", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.fail(f.receive()...)
		ds := f.receive()
		require.Equal(t, []int{2}, counts(ds))
		release(f, handlers(ds)...)
		f.reopen()
		require.Equal(t, []int{2}, counts(f.receive()))
	})
	t.Run("DeadLetters", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		f.fail(f.receive()...)
		ds := f.receiveDead()
		require.NoError(t, f.e.Release(context.Background(), f.q, f.group, engine.Dead, handlers(ds)))
		require.Equal(t, []int{1}, counts(f.receiveDead()))
	})
}

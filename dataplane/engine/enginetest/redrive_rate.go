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

// finishRedrive steps the clock by seconds until the redrive has ended, and returns how many those were.
func (f *fixture) finishRedrive() int {
	f.Helper()
	for n := range 1000 {
		if !f.redriveStatus().Running {
			return n
		}
		f.clock.Advance(time.Second)
	}
	require.FailNow(f, "the redrive does not end")
	return 0
}

func testRedriveRate(t *testing.T, open Factory) {
	ctx := context.Background()
	t.Run("NoMoreThanThatASecond", func(t *testing.T) {
		f, _ := newDead(t, open, numbered("m", 25)...)
		require.Zero(t, f.redriveStatus())
		moved := f.redrive(engine.RedriveOptions{PerSecond: 5})
		require.GreaterOrEqual(t, moved, int64(1), "the first at once")
		require.LessOrEqual(t, moved, int64(5))
		st := f.redriveStatus()
		require.Equal(t, engine.RedriveStatus{Running: true, Moved: moved, Remaining: 25 - moved, PerSecond: 5, StartedAt: epoch}, st)
		for n := int64(1); f.redriveStatus().Running; n++ {
			f.clock.Advance(time.Second)
			st = f.redriveStatus()
			require.LessOrEqual(t, st.Moved, 5*(n+1))
			require.GreaterOrEqual(t, st.Moved, min(25, 5*n))
			require.LessOrEqual(t, n, int64(6))
			require.Equal(t, engine.GroupStats{
				Produced: 25, Consumed: 25, Available: st.Moved, DeadProduced: 25, DeadAvailable: 25 - st.Moved, Redriven: st.Moved,
				OldestUnsettled: time.Duration(n) * time.Second,
			}, f.groupStats())
		}
		require.Equal(t, engine.RedriveStatus{Moved: 25, PerSecond: 5, StartedAt: epoch}, f.redriveStatus())
		require.Equal(t, numbered("m", 25), bodies(f.drain(f.q, f.group, engine.Live)))
	})
	t.Run("ANumberAtARate", func(t *testing.T) {
		f, _ := newDead(t, open, numbered("m", 10)...)
		f.redrive(engine.RedriveOptions{Max: 7, PerSecond: 2})
		f.finishRedrive()
		require.Equal(t, int64(7), f.redriveStatus().Moved)
		require.Equal(t, numbered("m", 10)[7:], bodies(f.receiveDead()))
	})
	t.Run("FewerThanTheRate", func(t *testing.T) {
		f, _ := newDead(t, open, "a", "b")
		f.redrive(engine.RedriveOptions{PerSecond: 100})
		require.LessOrEqual(t, f.finishRedrive(), 1)
		require.Len(t, f.receive(), 2)
		require.Equal(t, int64(2), f.redriveStatus().Moved)
	})
	t.Run("ThoseThatAreThereAtItsBeginning", func(t *testing.T) {
		f, _ := newDead(t, open, "a", "b", "c")
		f.redrive(engine.RedriveOptions{PerSecond: 1})
		f.ack(f.receive()...)
		f.die("later")
		f.finishRedrive()
		require.Equal(t, int64(3), f.redriveStatus().Moved)
		require.Equal(t, []string{"later"}, bodies(f.receiveDead()))
	})
	t.Run("LeasedArePassedOver", func(t *testing.T) {
		f, _ := newDead(t, open, "a", "b", "c")
		opt := options(2)
		opt.AckWait = time.Hour
		f.receiveFrom(f.q, f.group, engine.Dead, opt)
		f.redrive(engine.RedriveOptions{PerSecond: 1})
		f.finishRedrive()
		require.Equal(t, []string{"c"}, bodies(f.receive()))
		require.Equal(t, int64(2), f.groupStats().DeadAvailable)
	})
	t.Run("WakesAPollAtEachStep", func(t *testing.T) {
		f, _ := newDead(t, open, "a", "b")
		f.redrive(engine.RedriveOptions{PerSecond: 1})
		require.Equal(t, []string{"a"}, bodies(f.receive()))
		p := f.poll()
		f.clock.Advance(time.Second)
		require.Equal(t, []string{"b"}, bodies(p.gets()))
	})
	t.Run("NoOtherBesideIt", func(t *testing.T) {
		f, ids := newDead(t, open, "a", "b", "c")
		other := id.NewGroup()
		f.redrive(engine.RedriveOptions{PerSecond: 1})
		for _, opt := range []engine.RedriveOptions{{PerSecond: 1}, {}, {Max: 1}, {IDs: ids[2:]}} {
			_, err := f.e.Redrive(ctx, f.q, f.group, opt, nil)
			require.Equal(t, errs.Conflict, errs.CodeOf(err), "%+v", opt)
			require.Equal(t, reason.RedriveRunning, errs.ReasonOf(err))
		}
		f.aside(f.q, other, func() { require.Zero(t, f.redrive(engine.RedriveOptions{PerSecond: 1})) })
		f.aside(newQueue(dataplane.ModeNormal), f.group, func() { require.Zero(t, f.redriveStatus()) })
		f.finishRedrive()
		require.Zero(t, f.redrive(engine.RedriveOptions{}), "after its end")
	})
	t.Run("Stopped", func(t *testing.T) {
		f, _ := newDead(t, open, "a", "b", "c")
		require.NoError(t, f.e.StopRedrive(ctx, f.q, f.group), "there is none")
		f.redrive(engine.RedriveOptions{PerSecond: 1})
		require.NoError(t, f.e.StopRedrive(ctx, f.q, f.group))
		require.NoError(t, f.e.StopRedrive(ctx, f.q, f.group))
		f.throughRestarts(func() {
			st := f.redriveStatus()
			require.False(t, st.Running)
			require.Equal(t, int64(1), st.Moved)
		})
		f.clock.Advance(time.Minute)
		require.Equal(t, int64(2), f.groupStats().DeadAvailable)
		require.Equal(t, int64(2), f.redrive(engine.RedriveOptions{}))
	})
	t.Run("ThroughRestarts", func(t *testing.T) {
		f, _ := newDead(t, open, numbered("m", 10)...)
		f.redrive(engine.RedriveOptions{PerSecond: 2})
		f.throughRestarts(func() {
			st := f.redriveStatus()
			require.True(t, st.Running)
			require.Equal(t, epoch, st.StartedAt)
			require.Equal(t, int64(10), st.Moved+st.Remaining)
			f.clock.Advance(time.Second)
			require.GreaterOrEqual(t, f.redriveStatus().Moved, st.Moved+1)
		})
		f.finishRedrive()
		require.Equal(t, int64(10), f.redriveStatus().Moved)
		require.Equal(t, numbered("m", 10), bodies(f.receive()))
	})
	t.Run("EndsWhenNothingIsLeft", func(t *testing.T) {
		f, _ := newDead(t, open, numbered("m", 10)...)
		f.redrive(engine.RedriveOptions{PerSecond: 1})
		f.purge(engine.Dead)
		require.LessOrEqual(t, f.finishRedrive(), 2)
		require.Equal(t, int64(1), f.redriveStatus().Moved)
	})
	t.Run("EndsWithItsGroup", func(t *testing.T) {
		f, _ := newDead(t, open, numbered("m", 10)...)
		f.redrive(engine.RedriveOptions{PerSecond: 1})
		require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
		f.clock.Advance(time.Minute)
		require.Equal(t, int64(10), f.queueStats().Messages)
		require.Zero(t, f.groupStats())
	})
}

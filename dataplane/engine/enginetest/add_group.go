package enginetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func testAddGroup(t *testing.T, open Factory) {
	ctx := context.Background()
	add := func(f *fixture) {
		f.Helper()
		require.NoError(f, f.e.AddGroup(ctx, f.q.ID, f.group))
	}
	t.Run("ExistsFromThenOn", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("before")
		f.clock.Advance(f.q.Retention)
		add(f)
		f.send("a", "b")
		f.throughRestarts(func() { require.Equal(t, engine.GroupStats{Produced: 2, Available: 2}, f.groupStats()) })
		f.clock.Advance(f.q.Retention)
		require.Equal(t, engine.GroupStats{Skipped: 2}, f.groupStats())
		f.aside(f.q, id.NewGroup(), func() { require.Zero(t, f.groupStats(), "one that is not there yet") })
	})
	t.Run("LookingDoesNotMakeAGroup", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		require.Equal(t, engine.GroupStats{Produced: 1, Available: 1}, f.groupStats())
		f.browseDead(engine.BrowseOptions{})
		f.redriveStatus()
		require.NoError(t, f.e.StopRedrive(ctx, f.q, f.group))
		f.clock.Advance(f.q.Retention)
		require.Zero(t, f.groupStats())
	})
	t.Run("Repeated", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		add(f)
		f.ack(f.receive()[0])
		f.throughRestarts(func() {
			add(f)
			require.Equal(t, int64(1), f.groupStats().Consumed)
			require.Equal(t, int64(1), f.groupStats().Available)
		})
	})
	t.Run("BeforeTheQueueHasAMessage", func(t *testing.T) {
		f := newFixture(t, open)
		add(f)
		f.crash()
		f.send("a")
		f.clock.Advance(f.q.Retention)
		require.Equal(t, engine.GroupStats{Skipped: 1}, f.groupStats())
	})
	t.Run("OfOneQueueAlone", func(t *testing.T) {
		f := newFixture(t, open)
		add(f)
		f.aside(newQueue(dataplane.ModeNormal), f.group, func() {
			f.send("a")
			f.clock.Advance(f.q.Retention)
			require.Zero(t, f.groupStats())
		})
	})
	t.Run("NotOnceDropped", func(t *testing.T) {
		f := newFixture(t, open)
		add(f)
		require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
		f.throughRestarts(func() {
			err := f.e.AddGroup(ctx, f.q.ID, f.group)
			require.Equal(t, errs.NotFound, errs.CodeOf(err))
			require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
		})
		require.NoError(t, f.e.DropQueue(ctx, f.q.ID))
		require.Equal(t, reason.QueueNotFound, errs.ReasonOf(f.e.AddGroup(ctx, f.q.ID, id.NewGroup())))
	})
	t.Run("BadRequest", func(t *testing.T) {
		f := newFixture(t, open)
		require.Equal(t, reason.QueueIDInvalid, errs.ReasonOf(f.e.AddGroup(ctx, "x", f.group)))
		require.Equal(t, reason.GroupIDInvalid, errs.ReasonOf(f.e.AddGroup(ctx, f.q.ID, "x")))
	})
}

package enginetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/errs"
)

func testLifecycle(t *testing.T, open Factory) {
	t.Run("ClosedAnswersUnavailable", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Ready())
		f.send("m")
		ds := f.receive()
		p := f.poll()
		require.NoError(t, f.e.Close())
		require.NoError(t, f.e.Close())
		require.Empty(t, p.gets())
		ctx := context.Background()
		_, send := f.e.Send(ctx, f.q, []engine.NewMessage{message("m")}, nil)
		_, receive := f.e.Receive(ctx, f.q, f.group, engine.Live, options(1))
		_, settle := f.e.Settle(ctx, f.q, f.group, engine.Live, settlements(false, ds), nil)
		_, stats := f.e.QueueStats(ctx, f.q)
		_, groupStats := f.e.GroupStats(ctx, f.q, f.group)
		_, _, use := f.e.Usage(ctx, 0, 1)
		for name, err := range map[string]error{
			"send": send, "receive": receive, "settle": settle, "stats": stats, "group stats": groupStats, "usage": use,
			"release": f.e.Release(ctx, f.q, f.group, engine.Live, nil), "drop": f.e.DropQueue(ctx, f.q.ID),
			"drop group": f.e.DropGroup(ctx, f.q.ID, f.group), "forget": f.e.ForgetUsage(ctx, 1), "ready": f.e.Ready(),
		} {
			require.Equal(t, errs.Unavailable, errs.CodeOf(err), name)
			require.Empty(t, errs.ReasonOf(err), name)
		}
		f.e.Count(*usageKey("u"), 1)
		f.e.StopPolls()
	})
	t.Run("OneEngineADirectory", func(t *testing.T) {
		f := newFixture(t, open)
		_, err := f.open(f.setup)
		require.Error(t, err)
		f.send("m")
	})
}

func testReopen(t *testing.T, open Factory) {
	t.Run("EverythingIsStillThere", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 2
		f.send(numbered("m", 10)...)
		ds := f.receive()
		f.ack(ds[0], ds[4])
		f.fail(ds[1])
		ds[1] = f.receive()[0]
		f.fail(ds[1])
		f.reopen()
		require.Equal(t, engine.GroupStats{Produced: 10, Consumed: 3, Available: 7, InFlight: 7, DeadProduced: 1, DeadAvailable: 1}, f.groupStats())
		f.ack(ds[2], ds[3], ds[5]) // handlers outlive the restart
		f.clock.Advance(ackWait)
		got := f.receive()
		require.Equal(t, []string{"m-6", "m-7", "m-8", "m-9"}, bodies(got))
		require.Equal(t, []int{2, 2, 2, 2}, counts(got))
	})
}

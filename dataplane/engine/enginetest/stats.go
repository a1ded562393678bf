package enginetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/id"
)

func testStats(t *testing.T, open Factory) {
	t.Run("FollowAMessage", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		require.Equal(t, engine.QueueStats{}, f.queueStats())
		require.Equal(t, engine.GroupStats{}, f.groupStats())
		f.sendMessages(f.q, engine.NewMessage{Body: []byte("12345"), Attributes: []byte("{}"), Labels: []string{"not counted"}})
		f.send("1", "2")
		require.Equal(t, engine.QueueStats{Messages: 3, Bytes: 9, Produced: 3}, f.queueStats())
		require.Equal(t, engine.GroupStats{Produced: 3, Available: 3}, f.groupStats())
		ds := f.receive()
		require.Equal(t, engine.GroupStats{Produced: 3, Available: 3, InFlight: 3}, f.groupStats())
		f.ack(ds[0])
		require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 1, Available: 2, InFlight: 2}, f.groupStats())
		f.fail(ds[1])
		require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 2, Available: 1, InFlight: 1, DeadProduced: 1, DeadAvailable: 1}, f.groupStats())
		f.clock.Advance(ackWait)
		want := engine.GroupStats{Produced: 3, Consumed: 3, DeadProduced: 2, DeadAvailable: 2}
		require.Equal(t, want, f.groupStats())
		dead := f.receiveDead()
		require.Equal(t, want, f.groupStats())
		f.settle(engine.Dead, settlements(false, dead)...)
		want.DeadAvailable = 0
		require.Equal(t, want, f.groupStats())
		f.reopen()
		require.Equal(t, want, f.groupStats())
		require.Equal(t, engine.QueueStats{Messages: 3, Bytes: 9, Produced: 3, Oldest: ackWait}, f.queueStats(), "kept for other groups")
	})
	t.Run("UnknownQueueIsZero", func(t *testing.T) {
		f := newFixture(t, open)
		st, err := f.e.QueueStats(context.Background(), newQueue(dataplane.ModeNormal))
		require.NoError(t, err)
		require.Zero(t, st)
		gst, err := f.e.GroupStats(context.Background(), newQueue(dataplane.ModeNormal), id.NewGroup())
		require.NoError(t, err)
		require.Zero(t, gst)
	})
	t.Run("NewGroupHasEverythingBeforeIt", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		f.ack(f.receive()...)
		f.group = id.NewGroup()
		require.Equal(t, engine.GroupStats{Produced: 2, Available: 2}, f.groupStats())
	})
	t.Run("InFlightSurvivesACleanRestart", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		f.ack(f.receive()[1])
		want := f.groupStats()
		require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 1, Available: 2, InFlight: 2}, want)
		f.reopen()
		require.Equal(t, want, f.groupStats())
	})
}

func testKafka(t *testing.T, open Factory) {
	for _, mode := range []dataplane.Mode{dataplane.ModeKafkaHA, dataplane.ModeKafkaHT} {
		t.Run("mode="+string(mode), func(t *testing.T) {
			f := newFixture(t, open)
			f.q.Mode = mode
			f.q.MaxConsumeCount = 1 // those modes have no dead letters
			p := f.poll()
			f.send(numbered("m", 3)...)
			ds := p.gets()
			require.NotEmpty(t, ds)
			f.fail(ds...)
			require.Empty(t, f.receiveDead())
			f.clock.Advance(ackWait)
			ds = f.drain(f.q, f.group, engine.Live)
			require.Len(t, ds, 3)
			f.ack(ds...)
			f.reopen()
			require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 3}, f.groupStats())
		})
	}
	t.Run("RetentionOfTheQueue", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.Mode, f.q.Retention = dataplane.ModeKafkaHA, 3600e9
		f.send("m")
		f.clock.Advance(3600e9 - 1)
		require.Len(t, f.receive(), 1)
		f.clock.Advance(1)
		require.Equal(t, engine.QueueStats{Produced: 1}, f.queueStats())
	})
}

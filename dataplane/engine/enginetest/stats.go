package enginetest

import (
	"context"
	"testing"
	"time"

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
	t.Run("OfTheQueueFollowTime", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, message("12"), delayed("345", time.Minute))
		f.prepare(time.Hour, engine.Rollback, "6", "7")
		f.throughRestarts(func() {
			require.Equal(t, engine.QueueStats{Messages: 2, Bytes: 5, Delayed: 1, Prepared: 2, Produced: 2}, f.queueStats())
		})
		f.clock.Advance(time.Minute)
		require.Equal(t, engine.QueueStats{Messages: 2, Bytes: 5, Prepared: 2, Produced: 2, Oldest: time.Minute}, f.queueStats())
		f.clock.Advance(f.q.Retention - time.Minute)
		require.Equal(t, engine.QueueStats{Messages: 1, Bytes: 3, Produced: 2, Oldest: f.q.Retention - time.Minute}, f.queueStats())
		f.clock.Advance(time.Minute)
		f.throughRestarts(func() { require.Equal(t, engine.QueueStats{Produced: 2}, f.queueStats()) })
	})
	t.Run("OldestUnsettledIsTheGroups", func(t *testing.T) {
		f := newFixture(t, open)
		other := id.NewGroup()
		f.send("a")
		f.clock.Advance(time.Second)
		f.send("b")
		f.clock.Advance(time.Second)
		ds := f.receive()
		f.ack(ds[1])
		f.aside(f.q, other, func() { f.ack(f.receive()[0]) })
		f.throughRestarts(func() {
			require.Equal(t, 2*time.Second, f.groupStats().OldestUnsettled)
			require.Equal(t, 2*time.Second, f.queueStats().Oldest)
			f.aside(f.q, other, func() { require.Equal(t, time.Second, f.groupStats().OldestUnsettled) })
		})
		f.ack(ds[0])
		require.Zero(t, f.groupStats().OldestUnsettled)
	})
	t.Run("EveryMessageEndsInOneCounter", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		with := func(body string, labels ...string) engine.NewMessage {
			return engine.NewMessage{Body: []byte(body), Labels: labels}
		}
		receive := func() []engine.Delivery {
			return f.receiveFrom(f.q, f.group, engine.Live, labelled(engine.MatchAny, "x"))
		}
		require.Empty(t, receive())
		f.sendMessages(f.q, with("acknowledged", "x"), with("passed over"), with("dead", "x"), with("expired", "x"))
		ds := receive()
		require.Len(t, ds, 3)
		f.ack(ds[0])
		f.fail(ds[1])
		require.NoError(t, f.e.Release(context.Background(), f.q, f.group, engine.Live, handlers(ds[2:])))
		f.clock.Advance(f.q.Retention - 1)
		f.sendMessages(f.q, with("purged", "x"), with("available", "x"))
		require.Equal(t, engine.GroupStats{
			Produced: 6, Consumed: 2, Skipped: 1, Available: 3, DeadProduced: 1, DeadAvailable: 1, OldestUnsettled: f.q.Retention - 1,
		}, f.groupStats())
		f.clock.Advance(1)
		require.Equal(t, engine.GroupStats{Produced: 2, Consumed: 2, Skipped: 2, Available: 2, DeadProduced: 1, OldestUnsettled: 1}, f.groupStats())
		f.purge(engine.Live)
		f.sendMessages(f.q, with("available", "x"))
		f.throughRestarts(func() {
			require.Equal(t, engine.GroupStats{Produced: 1, Consumed: 2, Skipped: 4, Available: 1, DeadProduced: 1}, f.groupStats())
		})
		require.Equal(t, int64(7), f.queueStats().Produced, "2 consumed, 4 skipped, 1 available")
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

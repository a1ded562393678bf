package enginetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
)

func delayed(body string, d time.Duration) engine.NewMessage {
	return engine.NewMessage{Body: []byte(body), Delay: d}
}

func testDelay(t *testing.T, open Factory) {
	t.Run("HiddenUntilDue", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, delayed("week", dataplane.DMSLimits.MaxDelay), message("now"), delayed("second", time.Second))
		require.Equal(t, []string{"now"}, bodies(f.receive()))
		f.clock.Advance(time.Second - 1)
		require.Empty(t, f.receive())
		f.clock.Advance(1)
		ds := f.receive()
		require.Equal(t, []string{"second"}, bodies(ds))
		require.Equal(t, epoch, ds[0].SentAt)
		f.ack(ds...)
		f.clock.Set(epoch.Add(dataplane.DMSLimits.MaxDelay - 1))
		require.Empty(t, f.receive())
		f.clock.Advance(1)
		require.Equal(t, []string{"week"}, bodies(f.receive()))
	})
	t.Run("InTheOrderOfBecomingAvailable", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendMessages(f.q, delayed("3", 3*time.Second), delayed("1", time.Second), delayed("2", 2*time.Second), delayed("1b", time.Second))
		f.clock.Advance(time.Minute)
		require.Equal(t, []string{"1", "1b", "2", "3"}, bodies(f.receive()))
	})
	t.Run("ThroughRestart", func(t *testing.T) {
		f := newFixture(t, open)
		ids := f.sendMessages(f.q, delayed("d", time.Minute))
		f.reopen()
		require.Empty(t, f.receive())
		require.Equal(t, engine.QueueStats{Messages: 1, Bytes: 1, Delayed: 1, Produced: 1}, f.queueStats())
		f.clock.Advance(time.Minute)
		ds := f.receive()
		require.Equal(t, []string{"d"}, bodies(ds))
		require.Equal(t, ids[0], ds[0].MessageID)
	})
	t.Run("DueWhileTheEngineWasDown", func(t *testing.T) {
		f := newFIFO(t, open)
		f.sendMessages(f.q, delayed("d", time.Minute))
		require.NoError(t, f.e.Close())
		f.clock.Advance(time.Hour)
		f.start()
		f.send("after")
		require.Equal(t, []string{"d", "after"}, bodies(f.receive()))
	})
	t.Run("DueWakesAPoll", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, delayed("d", 10*time.Second))
		p := f.poll()
		f.clock.Advance(10 * time.Second)
		require.Equal(t, []string{"d"}, bodies(p.gets()))
	})
	t.Run("ManyAtOnce", func(t *testing.T) {
		f := newFixture(t, open)
		const n = 1200
		for range n / 10 {
			msgs := make([]engine.NewMessage, 10)
			for i := range msgs {
				msgs[i] = delayed("d", time.Second)
			}
			f.sendMessages(f.q, msgs...)
		}
		f.clock.Advance(time.Second)
		require.Equal(t, engine.GroupStats{Produced: n, Available: n}, f.groupStats())
		require.Len(t, f.drain(f.q, f.group, engine.Live), n)
	})
	t.Run("NotAvailableInStatisticsBeforeDue", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, delayed("d", time.Second), message("a"))
		require.Equal(t, engine.GroupStats{Produced: 2, Available: 1}, f.groupStats())
		f.clock.Advance(time.Second)
		require.Equal(t, engine.GroupStats{Produced: 2, Available: 2, OldestUnsettled: time.Second}, f.groupStats())
	})
	t.Run("ClockGoesBack", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, delayed("d", time.Minute))
		f.clock.Set(epoch.Add(-time.Hour))
		require.Empty(t, f.receive())
		f.sendMessages(f.q, delayed("earlier", time.Minute))
		f.clock.Set(epoch.Add(-30 * time.Minute))
		require.Equal(t, []string{"earlier"}, bodies(f.receive()))
		f.clock.Set(epoch.Add(time.Minute))
		require.Contains(t, bodies(f.receive()), "d")
	})
}

func testRetention(t *testing.T, open Factory) {
	t.Run("ExpiredIsNeverGiven", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b")
		f.clock.Advance(time.Hour)
		f.send("c")
		f.clock.Advance(f.q.Retention - time.Hour - 1)
		require.Equal(t, int64(3), f.queueStats().Messages)
		f.clock.Advance(1)
		require.Equal(t, engine.QueueStats{Messages: 1, Bytes: 1, Produced: 3, Oldest: f.q.Retention - time.Hour}, f.queueStats())
		require.Equal(t, []string{"c"}, bodies(f.receive()))
		f.clock.Advance(time.Hour)
		require.Equal(t, engine.QueueStats{Produced: 3}, f.queueStats())
		require.Equal(t, engine.GroupStats{Skipped: 1}, f.groupStats(), "the group is younger than the first two")
		require.Empty(t, f.receive())
	})
	t.Run("RunsFromAvailability", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, delayed("d", 24*time.Hour))
		f.clock.Advance(24*time.Hour + f.q.Retention - 1)
		require.Len(t, f.receive(), 1)
		f.clock.Advance(1)
		require.Equal(t, engine.QueueStats{Produced: 1}, f.queueStats())
	})
	t.Run("EndsAFailedMessage", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.fail(f.receive()...)
		f.clock.Advance(f.q.Retention)
		require.Empty(t, f.receive())
		require.Equal(t, engine.GroupStats{Skipped: 1}, f.groupStats())
	})
	t.Run("CountersStayRight", func(t *testing.T) {
		f := newFixture(t, open)
		for i := range 10 {
			f.send(numbered("m", 10)...)
			if i%2 == 0 {
				ds := f.receive()
				f.ack(ds[1:8]...)
			}
			f.clock.Advance(time.Hour)
		}
		before := f.groupStats()
		require.Equal(t, int64(35), before.Consumed)
		f.clock.Set(epoch.Add(f.q.Retention + 4*time.Hour)) // the first five batches are gone
		st := f.groupStats()
		require.Equal(t, int64(50), st.Produced)
		require.Equal(t, int64(35), st.Consumed)
		f.reopen()
		require.Equal(t, st, f.groupStats())
		require.Equal(t, int(st.Available), len(f.drain(f.q, f.group, engine.Live)))
		f.clock.Advance(24 * time.Hour)
		require.Equal(t, engine.GroupStats{Consumed: 35, Skipped: 65}, f.groupStats())
	})
	t.Run("ErasedFromTheDiskInTheBackground", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.clock.Advance(f.q.Retention + time.Hour)
		f.reopen()
		require.Equal(t, engine.QueueStats{Produced: 1}, f.queueStats())
		f.send("b")
		require.Equal(t, engine.QueueStats{Messages: 1, Bytes: 1, Produced: 2}, f.queueStats())
		require.Equal(t, []string{"b"}, bodies(f.receive()))
	})
}

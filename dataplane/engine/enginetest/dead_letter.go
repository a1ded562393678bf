package enginetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/id"
	"dms/internal/reason"
)

func testDeadLetters(t *testing.T, open Factory) {
	redrive := func(t *testing.T, max int) *fixture {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = max
		return f
	}
	t.Run("AfterMaxConsumeCountFailures", func(t *testing.T) {
		f := redrive(t, 3)
		ids := f.sendMessages(f.q, engine.NewMessage{Body: []byte("b"), Attributes: []byte(`{"a":1}`), Labels: []string{"l"}})
		for i := range 3 {
			require.Empty(t, f.receiveDead())
			ds := f.receive()
			require.Equal(t, []int{i + 1}, counts(ds))
			f.fail(ds...)
		}
		require.Empty(t, f.receive())
		ds := f.receiveDead()
		require.Len(t, ds, 1)
		want := engine.Delivery{
			MessageID: ids[0], Body: []byte("b"), Attributes: []byte(`{"a":1}`), Labels: []string{"l"}, ReceiveCount: 1, SentAt: epoch, Handler: ds[0].Handler,
			Position: ds[0].Position, FirstReceivedAt: epoch, Death: &engine.Death{Failures: 3, FirstFailure: epoch, LastFailure: epoch, Reason: engine.Refused},
		}
		require.Equal(t, want, ds[0])
	})
	t.Run("ATimeoutIsAFailure", func(t *testing.T) {
		f := redrive(t, 2)
		f.send("m")
		f.fail(f.receive()...)
		require.Len(t, f.receive(), 1)
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"m"}, bodies(f.receiveDead()))
		require.Empty(t, f.receive())
	})
	t.Run("OfATimeoutThatIsNoticedAfterTheMessageHasExpired", func(t *testing.T) { testUnnoticedTimeout(t, open) })
	t.Run("SaysWhyAndWhen", func(t *testing.T) {
		f := redrive(t, 3)
		f.send("refused", "timed out")
		f.clock.Advance(time.Second)
		first := f.clock.Now()
		f.fail(f.receive()...)
		f.clock.Advance(time.Second)
		f.fail(f.receive()...)
		f.clock.Advance(time.Second)
		last := f.clock.Now()
		ds := f.receive()
		require.Equal(t, first, ds[0].FirstReceivedAt)
		require.Nil(t, ds[0].Death)
		f.fail(ds[0])
		f.clock.Advance(time.Hour) // long after the ack wait, which nobody notices before
		f.throughRestarts(func() {
			got := f.browseDead(engine.BrowseOptions{})
			require.Len(t, got, 2)
			require.Equal(t, &engine.Death{Failures: 3, FirstFailure: first, LastFailure: last, Reason: engine.Refused}, got[0].Death)
			require.Equal(t, &engine.Death{Failures: 3, FirstFailure: first, LastFailure: last.Add(ackWait), Reason: engine.TimedOut}, got[1].Death)
			require.Equal(t, last.Add(ackWait+dataplane.StandardRetention), got[1].ExpiresAt)
		})
		dead := f.receiveDead()
		require.Equal(t, []time.Time{first, first}, []time.Time{dead[0].FirstReceivedAt, dead[1].FirstReceivedAt}, "of the group, not of the dead-letter calls")
		require.Equal(t, []int{1, 1}, counts(dead))
	})
	t.Run("WithoutRedriveNever", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		for range 120 {
			f.fail(f.receive()...)
		}
		require.Empty(t, f.receiveDead())
		require.Len(t, f.receive(), 1)
	})
	t.Run("Acknowledged", func(t *testing.T) {
		f := redrive(t, 1)
		f.send("a", "b", "c")
		f.fail(f.receive()...)
		ds := f.receiveDead()
		require.Len(t, ds, 3)
		f.settle(engine.Dead, settlements(false, ds[1:])...)
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"a"}, bodies(f.receiveDead()))
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Dead, ds[1].Handler)
		require.Equal(t, engine.GroupStats{Produced: 3, Consumed: 3, DeadProduced: 3, DeadAvailable: 1}, f.groupStats())
	})
	t.Run("FailedAndTimedOutAreGivenAgain", func(t *testing.T) {
		f := redrive(t, 1)
		f.send("m")
		f.fail(f.receive()...)
		for i := range 4 {
			ds := f.receiveDead()
			require.Equal(t, []int{i + 1}, counts(ds))
			require.Empty(t, f.receiveDead())
			if i%2 == 0 {
				f.settle(engine.Dead, settlements(true, ds)...)
			} else {
				f.clock.Advance(ackWait)
			}
		}
	})
	t.Run("OfOneGroupAlone", func(t *testing.T) {
		f := redrive(t, 1)
		other := id.NewGroup()
		f.send("m")
		f.fail(f.receive()...)
		require.Empty(t, f.receiveFrom(f.q, other, engine.Dead, options(10)))
		require.Len(t, f.receiveFrom(f.q, other, engine.Live, options(10)), 1)
		require.Len(t, f.receiveDead(), 1)
	})
	t.Run("KeptFor72Hours", func(t *testing.T) {
		f := redrive(t, 1)
		f.send("a")
		f.clock.Advance(24 * time.Hour)
		f.fail(f.receive()...)
		f.clock.Advance(dataplane.StandardRetention - 1)
		require.Equal(t, int64(1), f.groupStats().DeadAvailable)
		require.Equal(t, engine.QueueStats{Produced: 1}, f.queueStats(), "the message itself has expired")
		ds := f.receiveDead()
		require.Len(t, ds, 1)
		f.clock.Advance(1)
		require.Equal(t, engine.GroupStats{Consumed: 1, DeadProduced: 1}, f.groupStats())
		f.clock.Advance(ackWait)
		require.Empty(t, f.receiveDead())
	})
	t.Run("ThroughRestart", func(t *testing.T) {
		f := redrive(t, 2)
		f.send("a", "b")
		f.fail(f.receive()...)
		f.reopen()
		f.fail(f.receive()...)
		f.reopen()
		ds := f.receiveDead()
		require.Equal(t, []string{"a", "b"}, bodies(ds))
		f.settle(engine.Dead, settlements(false, ds[:1])...)
		f.reopen()
		f.clock.Advance(ackWait)
		require.Equal(t, []string{"b"}, bodies(f.receiveDead()))
		require.Equal(t, engine.GroupStats{Produced: 2, Consumed: 2, DeadProduced: 2, DeadAvailable: 1}, f.groupStats())
	})
	t.Run("WakesAPollOfDeadLetters", func(t *testing.T) {
		f := redrive(t, 1)
		f.send("m")
		p := f.pollFrom(f.q, f.group, engine.Dead, 10)
		f.fail(f.receive()...)
		require.Equal(t, []string{"m"}, bodies(p.gets()))
	})
	t.Run("TimeoutWakesAPollOfDeadLetters", func(t *testing.T) {
		f := redrive(t, 1)
		f.send("m")
		opt := options(1)
		opt.AckWait = 15 * time.Second
		f.receiveFrom(f.q, f.group, engine.Live, opt)
		p := f.pollFrom(f.q, f.group, engine.Dead, 10)
		f.clock.Advance(15 * time.Second)
		require.Equal(t, []string{"m"}, bodies(p.gets()))
	})
}

// testUnnoticedTimeout leaves leases to time out in groups that nobody touches until the messages have left the queue. When a lease ends decides
// what becomes of the message, not when somebody looks.
func testUnnoticedTimeout(t *testing.T, open Factory) {
	for name, restart := range map[string]func(f *fixture){
		"while it works":    func(*fixture) {},
		"through a restart": func(f *fixture) { f.reopen() },
		"through a crash": func(f *fixture) {
			f.sendTo(newQueue(dataplane.ModeNormal), "m") // leases are not synced, and go with this
			f.crash()
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, open)
			f.q.MaxConsumeCount, f.q.Retention = 2, time.Hour
			f.send("once", "twice", "acknowledged")
			ds := f.receive()
			f.fail(ds[1])
			f.ack(ds[2])
			require.Equal(t, []string{"twice"}, bodies(f.receive()))
			restart(f)
			f.clock.Advance(2 * f.q.Retention)
			f.throughRestarts(func() {
				require.Equal(t, engine.GroupStats{Consumed: 2, Skipped: 1, DeadProduced: 1, DeadAvailable: 1}, f.groupStats())
			})
			require.Equal(t, []string{"twice"}, bodies(f.receiveDead()))
		})
		t.Run(name+", of a message that was given once", func(t *testing.T) {
			f := newFixture(t, open)
			f.q.MaxConsumeCount, f.q.Retention = 1, time.Hour
			f.send("a", "b", "c")
			ds := f.receive()
			require.Equal(t, good(1), f.extend(engine.Live, f.q.Retention, ds[1].Handler)) // it ends with the retention, which comes first
			require.Equal(t, good(1), f.extend(engine.Live, f.q.Retention-1, ds[2].Handler))
			restart(f)
			f.clock.Advance(3 * f.q.Retention)
			f.throughRestarts(func() {
				got := f.browseDead(engine.BrowseOptions{})
				require.Len(t, got, 2)
				for i, died := range []time.Duration{ackWait, f.q.Retention - 1} {
					at := epoch.Add(died)
					require.Equal(t, &engine.Death{Failures: 1, FirstFailure: at, LastFailure: at, Reason: engine.TimedOut}, got[i].Death)
					require.Equal(t, at.Add(dataplane.StandardRetention), got[i].ExpiresAt)
				}
				require.Equal(t, engine.GroupStats{Consumed: 2, Skipped: 1, DeadProduced: 2, DeadAvailable: 2}, f.groupStats())
			})
			require.Equal(t, []string{"a", "c"}, bodies(f.receiveDead()))
		})
		t.Run(name+", of a redriven message", func(t *testing.T) {
			f, _ := newDead(t, open, "a")
			f.clock.Advance(time.Minute)
			f.redrive(engine.RedriveOptions{})
			require.Equal(t, []string{"a"}, bodies(f.receive()))
			restart(f)
			f.clock.Advance(dataplane.StandardRetention + ackWait - 1)
			f.throughRestarts(func() {
				got := f.browseDead(engine.BrowseOptions{})
				require.Len(t, got, 1)
				at := epoch.Add(time.Minute + ackWait)
				require.Equal(t, &engine.Death{Failures: 1, FirstFailure: at, LastFailure: at, Reason: engine.TimedOut, Redriven: 1}, got[0].Death)
			})
		})
	}
	t.Run("while the queue is in nobody's memory", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		f.receive()
		busy := newQueue(dataplane.ModeNormal)
		for range 80 { // as many other queues push it out
			busy.ID = id.NewQueue()
			f.sendTo(busy, "m")
		}
		f.clock.Advance(dataplane.StandardRetention + ackWait - 1)
		require.Equal(t, engine.GroupStats{Consumed: 1, DeadProduced: 1, DeadAvailable: 1}, f.groupStats())
		require.Equal(t, []string{"a"}, bodies(f.receiveDead()))
	})
}

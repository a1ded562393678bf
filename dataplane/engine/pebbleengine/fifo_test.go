package pebbleengine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
)

// sendKeyed sends one message for each body, whose first letter is its ordering key.
func (b *bench) sendKeyed(bodies ...string) {
	b.t.Helper()
	msgs := make([]engine.NewMessage, len(bodies))
	for i := range bodies {
		msgs[i] = engine.NewMessage{Body: []byte(bodies[i]), OrderingKey: bodies[i][:1]}
	}
	_, err := b.Send(context.Background(), b.q, msgs, nil)
	require.NoError(b.t, err)
}

func (b *bench) fail(delay time.Duration, ds ...engine.Delivery) {
	b.t.Helper()
	for _, d := range ds {
		_, err := b.Settle(context.Background(), b.q, b.group, engine.Live, []engine.Settlement{{Handler: d.Handler, Failed: true, Delay: delay}}, nil)
		require.NoError(b.t, err)
	}
}

// crash goes on with what a power failure now would leave.
func (b *bench) crash() {
	b.t.Helper()
	old := b.Engine
	b.opt.FS = b.opt.FS.(*vfs.MemFS).CrashClone(vfs.CrashCloneCfg{})
	e, err := pebbleengine.Open(b.opt)
	require.NoError(b.t, err)
	b.Engine = e
	require.NoError(b.t, old.Close())
}

func newFIFO(t *testing.T, change func(*pebbleengine.Options)) *bench {
	b := newBench(t, change)
	b.q.Mode = "FIFO"
	return b
}

func TestMessagesBehindABusyKeyAreReadOnce(t *testing.T) {
	b := newFIFO(t, nil)
	const n = 6000
	for i := range n / 10 {
		bodies := make([]string, 10)
		for j := range bodies {
			bodies[j] = fmt.Sprintf("h%d", 10*i+j)
		}
		b.sendKeyed(bodies...)
	}
	b.sendKeyed("z")
	hot := b.gets(1, "h0")
	b.gets(1, "z")
	waiting, cursor := b.Waiting(t, b.q.ID, b.group)
	require.Equal(t, n-1, waiting, "they were passed over, and are known")
	require.Equal(t, uint64(n+2), cursor)
	for i := range 50 {
		b.gets(1)
		b.settle(false, hot...)
		hot = b.gets(1, fmt.Sprintf("h%d", i+1))
	}
	waiting, cursor = b.Waiting(t, b.q.ID, b.group)
	require.Equal(t, n-51, waiting)
	require.Equal(t, uint64(n+2), cursor, "nothing is scanned again")
}

func TestWaitingMessagesAreBounded(t *testing.T) {
	b := newFIFO(t, func(o *pebbleengine.Options) { o.MaxPending = 4 })
	b.sendKeyed("a1", "a2", "a3", "a4", "a5", "b1")
	ds := b.gets(1, "a1")
	b.gets(10)
	b.settle(false, ds...)
	ds = b.gets(2, "a2", "a3")
	b.settle(false, ds[0])
	b.gets(10, "b1")
	b.settle(false, ds[1])
	b.gets(10, "a4", "a5")
}

func TestOrderSurvivesARestartWithMessagesWaiting(t *testing.T) {
	for _, how := range []string{"close", "crash"} {
		t.Run(how, func(t *testing.T) {
			b := newFIFO(t, nil)
			b.sendKeyed("a1", "b1", "a2", "c1", "b2", "a3")
			ds := b.gets(10, "a1", "b1", "a2", "c1", "b2", "a3")
			b.settle(false, ds[0], ds[3])          // a1, c1
			b.fail(10*time.Second, ds[1])          // b1: its key waits
			b.settle(true, ds[2])                  // a2 is free once a3 is settled
			b.sendKeyed("b3", "c2", "a4", "d1")    // synced
			b.gets(10, "c2", "d1")                 // a3 and b2 are under a lease
			if b.sendKeyed("c3"); how == "crash" { // the leases are synced with it
				b.crash()
			} else {
				b.reopen()
			}
			b.gets(10)
			b.settle(false, ds[5], ds[4]) // a3, b2
			b.gets(10, "a2", "a4")
			b.clock.Advance(10*time.Second - 1)
			b.gets(10)
			b.clock.Advance(1)
			b.gets(10, "b1", "b3")
		})
	}
}

func TestAFailureWhoseEarlierAckWasLostWaitsForTheEarlierMessage(t *testing.T) {
	b := newFIFO(t, nil)
	b.sendKeyed("a1", "a2", "b1")
	disk := b.opt.FS.(*vfs.MemFS).CrashClone(vfs.CrashCloneCfg{}) // before anything was delivered
	b.settle(false, b.gets(1, "a1")...)
	later := b.gets(1, "a2")
	require.NoError(t, b.Close())
	b.opt.FS = disk
	e, err := pebbleengine.Open(b.opt)
	require.NoError(t, err)
	b.Engine = e
	b.fail(0, later...)
	ds := b.gets(10, "a1", "a2", "b1")
	require.Equal(t, 2, ds[1].ReceiveCount, "what the handler knew is kept")
}

func TestRedrivenMessagesGoBeforeOthersOfTheirKeyAfterARestart(t *testing.T) {
	ctx := context.Background()
	b := newFIFO(t, nil)
	b.q.MaxConsumeCount = 1
	b.sendKeyed("a1", "a2", "b1", "a3", "b2")
	ds := b.gets(2, "a1", "a2")
	b.settle(true, ds[1], ds[0]) // dead letters: a2, a1
	b.gets(10, "b1", "a3", "b2")
	n, err := b.Redrive(ctx, b.q, b.group, engine.RedriveOptions{}, nil)
	require.NoError(t, err)
	require.Equal(t, int64(2), n)
	b.gets(10) // a3 and the others are under a lease
	b.sendKeyed("a4", "c1")
	b.reopen()
	b.gets(10, "c1")
	b.clock.Advance(30 * time.Second) // b1, a3, b2 are dead letters now
	ds = b.gets(1, "a1")
	require.Equal(t, uint64(1), ds[0].Position)
	b.settle(false, ds...)
	b.gets(10, "a2", "a4")
}

func TestARedriveOfManyTakesSeveralChanges(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.q.MaxConsumeCount = 1
	const n = 1500
	for range n / 10 {
		b.send("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
		ds, err := b.receive(10)
		require.NoError(t, err)
		b.settle(true, ds...)
	}
	moved, err := b.Redrive(ctx, b.q, b.group, engine.RedriveOptions{Max: 700}, nil)
	require.NoError(t, err)
	require.Equal(t, int64(700), moved)
	moved, err = b.Redrive(ctx, b.q, b.group, engine.RedriveOptions{PerSecond: 600}, nil)
	require.NoError(t, err)
	require.Equal(t, int64(600), moved)
	b.reopen()
	status, err := b.RedriveStatus(ctx, b.q, b.group)
	require.NoError(t, err)
	require.Equal(t, engine.RedriveStatus{Running: true, Moved: 600, Remaining: 200, PerSecond: 600, StartedAt: start}, status)
	b.clock.Advance(time.Second)
	st, err := b.GroupStats(ctx, b.q, b.group)
	require.NoError(t, err)
	require.Equal(t, int64(n), st.Redriven)
	require.Equal(t, int64(n), st.Available)
	require.Zero(t, st.DeadAvailable)
}

func TestTimesThatNoMessageHasAreBeforeOrBehindAll(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.send("a", "b")
	for year, want := range map[int][]string{1: {"a", "b"}, 1600: {"a", "b"}, 2300: {}, 9999: {}} {
		at := time.Date(year, 1, 1, 0, 0, 0, 1, time.UTC)
		require.NoError(t, b.Seek(ctx, b.q, b.group, engine.SeekTo{Time: at}, nil))
		b.gets(10, want...)
		msgs, _, err := b.Browse(ctx, b.q, "", engine.Live, engine.BrowseOptions{Time: at, MaxMessages: 10, MaxBytes: 100})
		require.NoError(t, err)
		require.Len(t, msgs, len(want))
	}
}

package pebbleengine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/enginetest"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/clock/clocktest"
	"dms/internal/errs"
	"dms/internal/id"
)

var start = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

type bench struct {
	*pebbleengine.Engine
	t     *testing.T
	opt   pebbleengine.Options
	clock *clocktest.Manual
	q     engine.Queue
	group string
}

func newBench(t *testing.T, change func(*pebbleengine.Options)) *bench {
	t.Helper()
	clk := clocktest.New(start)
	opt := small(enginetest.Setup{FS: vfs.NewCrashableMem(), Dir: "data", Clock: clk})
	if change != nil {
		change(&opt)
	}
	e, err := pebbleengine.Open(opt)
	require.NoError(t, err)
	b := &bench{Engine: e, t: t, opt: opt, clock: clk, q: engine.Queue{ID: id.NewQueue(), Mode: "NORMAL", Retention: 72 * time.Hour}, group: id.NewGroup()}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (b *bench) send(bodies ...string) {
	b.t.Helper()
	msgs := make([]engine.NewMessage, len(bodies))
	for i := range bodies {
		msgs[i].Body = []byte(bodies[i])
	}
	_, err := b.Send(context.Background(), b.q, msgs, nil)
	require.NoError(b.t, err)
}

func (b *bench) receive(n int) ([]engine.Delivery, error) {
	return b.Receive(context.Background(), b.q, b.group, engine.Live, engine.ReceiveOptions{MaxMessages: n, MaxBytes: 1 << 20, AckWait: 30 * time.Second})
}

func (b *bench) gets(n int, want ...string) []engine.Delivery {
	b.t.Helper()
	ds, err := b.receive(n)
	require.NoError(b.t, err)
	got := []string{}
	for _, d := range ds {
		got = append(got, string(d.Body))
	}
	require.Equal(b.t, append([]string{}, want...), got)
	return ds
}

func (b *bench) settle(failed bool, ds ...engine.Delivery) {
	b.t.Helper()
	for _, d := range ds {
		_, err := b.Settle(context.Background(), b.q, b.group, engine.Live, []engine.Settlement{{Handler: d.Handler, Failed: failed}}, nil)
		require.NoError(b.t, err)
	}
}

func (b *bench) reopen() {
	b.t.Helper()
	require.NoError(b.t, b.Close())
	e, err := pebbleengine.Open(b.opt)
	require.NoError(b.t, err)
	b.Engine = e
}

func TestValidateListsEveryViolation(t *testing.T) {
	require.NoError(t, pebbleengine.DefaultOptions("d").Validate())
	err := pebbleengine.Options{}.Validate()
	for _, name := range []string{
		"Dir", "Clock", "CacheBytes", "MemTableBytes", "MaxQueuedBytes", "MaxLoadedQueues", "MaxPending",
		"DedupWindow", "SyncDelay", "CountDelay", "TrimInterval", "ReopenDelay",
	} {
		require.ErrorContains(t, err, name)
	}
	_, err = pebbleengine.Open(pebbleengine.Options{})
	require.ErrorContains(t, err, "Dir")
}

func TestOpenRefusesANewerFormat(t *testing.T) {
	b := newBench(t, nil)
	b.SetFormat(t, 3)
	require.NoError(t, b.Close())
	_, err := pebbleengine.Open(b.opt)
	require.ErrorContains(t, err, "format 3")
}

func TestOpenRefusesAnOlderFormat(t *testing.T) {
	b := newBench(t, nil)
	b.SetFormat(t, 1)
	require.NoError(t, b.Close())
	_, err := pebbleengine.Open(b.opt)
	require.ErrorContains(t, err, "format 1")
}

func TestOpenRefusesAnotherSource(t *testing.T) {
	b := newBench(t, func(o *pebbleengine.Options) { o.Source = "node-1" })
	require.Equal(t, "node-1", b.Source())
	b.opt.Source = ""
	b.reopen()
	require.Equal(t, "node-1", b.Source())
	require.NoError(t, b.Close())
	b.opt.Source = "node-2"
	_, err := pebbleengine.Open(b.opt)
	require.ErrorContains(t, err, "node-1")
}

func TestSecondOpenOfTheSameDirectoryIsRefused(t *testing.T) {
	opt := pebbleengine.DefaultOptions(t.TempDir())
	opt.Log = nil
	e, err := pebbleengine.Open(opt)
	require.NoError(t, err)
	_, err = pebbleengine.Open(opt)
	require.ErrorContains(t, err, "in use")
	require.NoError(t, e.Close())
	e, err = pebbleengine.Open(opt)
	require.NoError(t, err)
	require.NoError(t, e.Close())
}

func TestPendingMessagesAreBounded(t *testing.T) {
	b := newBench(t, func(o *pebbleengine.Options) { o.MaxPending = 3 })
	b.send("a", "b", "c", "d", "e")
	ds := b.gets(10, "a", "b", "c")
	b.gets(10)
	b.settle(true, ds[1])
	again := b.gets(10, "b")
	b.settle(false, again[0])
	b.gets(10, "d")
	b.settle(false, ds[0], ds[2])
	b.gets(10, "e")
}

func TestIdleQueuesLeaveMemory(t *testing.T) {
	b := newBench(t, func(o *pebbleengine.Options) { o.MaxLoadedQueues = 4 })
	var queues []string
	for range 50 {
		b.q.ID = id.NewQueue()
		queues = append(queues, b.q.ID)
		b.send("m")
		b.gets(1, "m")
	}
	require.LessOrEqual(t, b.Loaded(), 5, "one of them may be in use")
	b.reopen()
	for range 3 {
		for _, id := range queues { // read from the disk
			b.q.ID = id
			b.clock.Advance(time.Minute)
			b.gets(1, "m")
		}
	}
	require.LessOrEqual(t, b.Loaded(), 5)
	require.LessOrEqual(t, b.Cold(), int64(5*100), "what left memory is not counted any more")
	require.Zero(t, b.Alarms())
}

func TestADamagedMessageIsNotDelivered(t *testing.T) {
	ctx := context.Background()
	t.Run("NormalQueueGoesOn", func(t *testing.T) {
		b := newBench(t, nil)
		b.send("a", "b", "c")
		b.Damage(t, b.q.ID, 2, false)
		ds := b.gets(10, "a", "c")
		b.settle(true, ds...)
		b.gets(10, "a", "c")
		st, err := b.GroupStats(ctx, b.q, b.group)
		require.NoError(t, err)
		require.Equal(t, int64(3), st.Available, "nothing is hidden")
	})
	t.Run("FIFOQueueStops", func(t *testing.T) {
		b := newBench(t, nil)
		b.q.Mode = "FIFO"
		b.send("a", "b", "c")
		b.Damage(t, b.q.ID, 2, false)
		b.settle(false, b.gets(10, "a")...)
		_, err := b.receive(10)
		require.Equal(t, errs.Internal, errs.CodeOf(err))
	})
	t.Run("OnRedelivery", func(t *testing.T) {
		b := newBench(t, nil)
		b.send("a", "b")
		ds := b.gets(10, "a", "b")
		b.Damage(t, b.q.ID, 1, false)
		b.settle(true, ds...)
		b.gets(10, "b")
	})
	t.Run("Delayed", func(t *testing.T) {
		b := newBench(t, nil)
		_, err := b.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("d"), Delay: time.Second}}, nil)
		require.NoError(t, err)
		b.Damage(t, b.q.ID, 0, true)
		b.clock.Advance(time.Second)
		b.send("a")
		b.gets(10, "a")
	})
	t.Run("ItExpiresWithItsNeighbours", func(t *testing.T) {
		b := newBench(t, nil)
		b.send("a", "b", "c", "d")
		for _, seq := range []uint64{1, 2, 3} {
			b.Damage(t, b.q.ID, seq, false)
		}
		b.clock.Advance(72 * time.Hour)
		st, err := b.QueueStats(ctx, b.q)
		require.NoError(t, err)
		require.Equal(t, engine.QueueStats{Produced: 4}, st)
	})
}

func TestExpiredDataLeavesTheDisk(t *testing.T) {
	b := newBench(t, nil)
	b.q.MaxConsumeCount = 1
	for i := range 40 {
		b.send(fmt.Sprint("m", i), "x")
		b.settle(i%2 == 0, b.gets(1, fmt.Sprint("m", i))...)
		b.gets(1, "x")
		b.clock.Advance(time.Minute)
	}
	require.Greater(t, b.Keys(t), 80)
	b.clock.Advance(73 * time.Hour)  // messages
	b.clock.Advance(146 * time.Hour) // and dead letters, some of which were noticed late
	require.LessOrEqual(t, b.Keys(t), 4, "the records of the queue and the group are left")
	_, err := b.receive(1)
	require.NoError(t, err)
	b.clock.Advance(2 * time.Minute) // what it found goes with the next commit, and then from the disk
	b.reopen()                       // a receive does not wait for its commit
	require.LessOrEqual(t, b.Keys(t), 2)
}

func TestDroppedDataLeavesTheDisk(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.q.MaxConsumeCount = 1
	b.send("a", "b", "c")
	b.settle(true, b.gets(2, "a", "b")...)
	_, err := b.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("d"), Delay: time.Hour}}, nil)
	require.NoError(t, err)
	require.NoError(t, b.DropGroup(ctx, b.q.ID, b.group))
	require.NoError(t, b.DropQueue(ctx, b.q.ID))
	b.reopen()
	b.clock.Advance(200 * time.Hour)
	require.Zero(t, b.Keys(t), "graves are cleared, too")
}

func TestSettledMessagesLeaveNoRecords(t *testing.T) {
	b := newBench(t, nil)
	for range 10 {
		b.send("a", "b", "c", "d", "e")
	}
	before := b.Keys(t)
	var all []engine.Delivery
	for range 10 {
		ds, err := b.receive(5)
		require.NoError(t, err)
		all = append(all, ds...)
	}
	for i := len(all) - 1; i >= 0; i-- {
		b.settle(i%3 == 0, all[i])
	}
	for {
		ds, err := b.receive(10)
		require.NoError(t, err)
		if len(ds) == 0 {
			break
		}
		b.settle(false, ds...)
	}
	require.Equal(t, before+1, b.Keys(t), "the group's record is all that is left")
	b.reopen()
	b.gets(10)
}

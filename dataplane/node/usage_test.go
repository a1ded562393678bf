package node_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/usage"
)

// deliver cuts and ships until nothing is left.
func (f *fixture) deliver() {
	f.t.Helper()
	for {
		cut, err := f.node.CutUsage(f.t.Context())
		require.NoError(f.t, err)
		shipped, err := f.node.ShipUsage(f.t.Context())
		require.NoError(f.t, err)
		if cut+shipped == 0 {
			return
		}
	}
}

// flushCounts makes what Count has kept in the engine's memory durable.
func (f *fixture) flushCounts() {
	f.t.Helper()
	f.clock.Advance(time.Second)
	te := newTenant()
	key := usage.Key{AccountID: te.actor.AccountID}
	_, err := f.engine.Send(f.t.Context(), engine.QueueOf(te.queue()), []engine.NewMessage{{Body: []byte(`0`)}}, &key)
	require.NoError(f.t, err)
}

func TestCallsAreCountedForTheCallerByHour(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	q.MaxConsumeCount = 1
	f.clock.Set(epoch.Add(time.Hour - time.Millisecond))
	f.send(te, q, `1`, `2`) // two messages, one call
	f.clock.Set(epoch.Add(time.Hour))
	f.send(te, q, `3`)
	got := f.receive(te, q, g)
	require.Len(t, got, 3)
	require.Empty(t, f.receive(te, q, g), "an empty receive is free")
	_, err := f.node.Settle(t.Context(), te.actor, q, g, engine.Live, []engine.Settlement{{Handler: got[0].Handler}, {Handler: got[1].Handler, Failed: true}})
	require.NoError(t, err)
	_, err = f.node.Settle(t.Context(), te.actor, q, g, engine.Live, []engine.Settlement{{Handler: "garbage"}})
	require.Error(t, err, "and is not counted")
	r := te.reception(q, g, 0)
	r.Kind = engine.Dead
	dead, err := f.node.Receive(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, dead, 1)
	f.node.Delivered(r)
	_, err = f.node.Settle(t.Context(), te.actor, q, g, engine.Dead, []engine.Settlement{{Handler: dead[0].Handler}})
	require.NoError(t, err)
	f.node.CountRead(te.actor, q.ID, access.QueueGet)
	f.node.CountRead(te.actor, "", access.QueueList)
	f.node.CountRead(te.actor, "", access.QueueList)
	f.flushCounts()
	f.deliver()

	hour := usage.HourOf(epoch)
	count := func(action access.Action, queueID string, h usage.Hour, calls int64) usage.Count {
		return usage.Count{Calls: calls, Key: usage.Key{
			AccountID: te.actor.AccountID, ProjectID: te.actor.ProjectID, UserID: te.actor.UserID, QueueID: queueID, Action: action, Hour: h,
		}}
	}
	want := []usage.Count{
		count(access.DeadLetterAck, q.ID, hour+1, 1),
		count(access.DeadLetterReceive, q.ID, hour+1, 1),
		count(access.MessageAck, q.ID, hour+1, 1),
		count(access.MessageReceive, q.ID, hour+1, 1),
		count(access.MessageSend, q.ID, hour, 1),
		count(access.MessageSend, q.ID, hour+1, 1),
		count(access.QueueGet, q.ID, hour+1, 1),
		count(access.QueueList, "", hour+1, 2),
	}
	var counted []usage.Count
	for _, c := range f.sink.counted() {
		if c.AccountID == te.actor.AccountID {
			counted = append(counted, c)
		}
	}
	require.Empty(t, cmp.Diff(want, counted))
}

// steppingEngine tells before and after each step on usage.
type steppingEngine struct {
	engine.Engine
	step func(name string) error
}

func (e *steppingEngine) Usage(ctx context.Context, after uint64, max int) (usage.Batch, bool, error) {
	b, ok, err := e.Engine.Usage(ctx, after, max)
	if err == nil {
		err = e.step("engine has answered with usage")
	}
	return b, ok, err
}

func (e *steppingEngine) ForgetUsage(ctx context.Context, upTo uint64) error {
	if err := e.step("engine is about to forget"); err != nil {
		return err
	}
	if err := e.Engine.ForgetUsage(ctx, upTo); err != nil {
		return err
	}
	return e.step("engine has forgotten")
}

// A crash after any step, with or without what was not synced, and the usage is counted exactly once.
func TestUsageIsCountedOnceThroughACrashAtEveryStep(t *testing.T) {
	const calls = 5
	src := newSource(t)
	for _, unsynced := range []int{0, 100} {
		crashes := 0
		for at := 1; ; at++ {
			name := fmt.Sprintf("unsynced=%d%%/step=%d", unsynced, at)
			crashed := false
			t.Run(name, func(t *testing.T) {
				engineFS, storeFS := vfs.NewCrashableMem(), vfs.NewCrashableMem()
				f := newFixtureOn(t, src, engineFS, storeFS)
				var engineClone, storeClone *vfs.MemFS
				var sinkClone *sink
				n := 0
				step := func(string) error {
					if n++; n != at {
						return nil
					}
					crashed = true
					cfg := vfs.CrashCloneCfg{UnsyncedDataPercent: unsynced, RNG: newRand(t, uint64(at))}
					engineClone, storeClone, sinkClone = engineFS.CrashClone(cfg), storeFS.CrashClone(cfg), f.sink.clone()
					return errLost
				}
				f.opt.Engine = &steppingEngine{f.engine, step}
				f.opt.MaxBatchRecords = 2 // several batches
				f.sink.before = func() error { return step("batch is on its way") }
				f.sink.after = func() error { return step("answer is on its way") }
				f.restart()
				te, q, _ := f.queueWithGroup()
				for range calls {
					f.send(te, q, `1`)
				}
				_, err := f.node.CutUsage(t.Context())
				if err == nil {
					_, err = f.node.ShipUsage(t.Context())
				}
				if !crashed {
					require.NoError(t, err)
					require.Equal(t, int64(calls), total(f.sink))
					return
				}
				require.ErrorIs(t, err, errLost)

				f.engine, f.store, f.sink = openEngine(t, engineClone, f.clock, nil), openStore(t, storeClone), sinkClone
				f.opt.Engine, f.opt.Store, f.opt.Sink = f.engine, f.store, f.sink
				f.restart()
				f.deliver()
				require.Equal(t, int64(calls), total(f.sink))
				f.follow()
				f.send(te, q, `1`)
				f.deliver()
				require.Equal(t, int64(calls+1), total(f.sink), "and it goes on")
			})
			if !crashed {
				break
			}
			crashes++
		}
		require.Greater(t, crashes, 15, "the script has many steps")
	}
}

func total(s *sink) (calls int64) {
	for _, c := range s.counted() {
		calls += c.Calls
	}
	return calls
}

// Without a crash, too: whatever fails is done again, in order, and counts once.
func TestLostRequestsAndRepliesAreRepeated(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	for range 3 {
		f.send(te, q, `1`)
		_, err := f.node.CutUsage(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, 3, f.store.OutboxSize())

	f.sink.before = func() error { return errLost }
	for range 3 {
		shipped, err := f.node.ShipUsage(t.Context())
		require.ErrorIs(t, err, errLost)
		require.Zero(t, shipped)
	}
	require.Zero(t, total(f.sink))
	f.sink.before, f.sink.after = nil, func() error { return errLost }
	for range 3 {
		_, err := f.node.ShipUsage(t.Context())
		require.ErrorIs(t, err, errLost)
	}
	require.Equal(t, int64(1), total(f.sink), "only the oldest was tried")
	require.Equal(t, 2, f.sink.repeats)
	require.Equal(t, 3, f.store.OutboxSize())
	f.sink.after = nil
	shipped, err := f.node.ShipUsage(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, shipped)
	require.Equal(t, int64(3), total(f.sink))
	require.Zero(t, f.store.OutboxSize())
}

func TestUsageWaitsOnTheDiskWhileTheControlPlaneIsAway(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	away := true
	f.sink.before = func() error {
		if away {
			return errLost
		}
		return nil
	}
	var want int64
	for range 5 {
		for range 10 {
			f.send(te, q, `1`)
			want++
		}
		_, err := f.node.CutUsage(t.Context())
		require.NoError(t, err)
		_, err = f.node.ShipUsage(t.Context())
		require.ErrorIs(t, err, errLost)
		_, ok, err := f.engine.Usage(t.Context(), 0, 1)
		require.NoError(t, err)
		require.False(t, ok, "nothing is left in the engine")
	}
	require.Equal(t, 5, f.store.OutboxSize(), "merged, one batch a cut")
	away = false
	f.deliver()
	require.Equal(t, want, total(f.sink))
}

func TestBatchesAreBoundedByRecordsAndByKeys(t *testing.T) {
	f := newFixture(t)
	f.opt.MaxBatchRecords, f.opt.MaxBatchCounts = 16, 4
	f.restart()
	_, q, _ := f.queueWithGroup()
	const callers = 40
	for range callers {
		f.send(newTenant(), q, `1`) // a key of its own
	}
	_, err := f.node.CutUsage(t.Context())
	require.NoError(t, err)
	var next uint64 = 1
	for {
		b, ok, err := f.store.OldestBatch()
		require.NoError(t, err)
		if !ok {
			break
		}
		require.LessOrEqual(t, len(b.Counts), 4)
		require.Equal(t, next, b.First, "without a gap")
		next = b.Last + 1
		shipped, err := f.node.ShipUsage(t.Context())
		require.NoError(t, err)
		require.Positive(t, shipped)
	}
	require.Equal(t, int64(callers), total(f.sink))
}

func TestEngineWhoseDataWereReplacedIsCountedFromItsBeginning(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	for range 5 {
		f.send(te, q, `1`)
	}
	f.deliver()
	f.engine = openEngine(t, vfs.NewMem(), f.clock, nil)
	f.opt.Engine = f.engine
	f.restart()
	f.send(te, q, `1`)
	f.deliver()
	require.Equal(t, int64(6), total(f.sink))
}

func TestSinkThatStoredLessIsNotBelieved(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	f.send(te, q, `1`)
	f.opt.Sink = forgetfulSink{}
	f.restart()
	f.follow()
	_, err := f.node.CutUsage(t.Context())
	require.NoError(t, err)
	_, err = f.node.ShipUsage(t.Context())
	require.Equal(t, errs.Internal, errs.CodeOf(err))
	require.Equal(t, 1, f.store.OutboxSize())
}

type forgetfulSink struct{}

func (forgetfulSink) Deliver(context.Context, usage.Batch) (uint64, error) { return 0, nil }

func TestRunningNodeDeliversEachSecondAndAtItsEnd(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	f.send(te, q, `1`)
	done := make(chan error, 1)
	go func() { done <- f.node.Run(t.Context()) }()
	require.Eventually(t, func() bool {
		f.clock.Advance(time.Second)
		return total(f.sink) == 1
	}, 10*time.Second, time.Millisecond)
	f.send(te, q, `1`)
	f.node.Stop()
	require.NoError(t, <-done)
	require.Equal(t, int64(2), total(f.sink), "what was counted last is delivered by the stop")
}

func TestRunningNodeWaitsLongerAfterEachFailedDelivery(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	tries := make(chan time.Time, 1000)
	f.sink.before = func() error { tries <- f.clock.Now(); return errLost }
	f.send(te, q, `1`)
	f.run()
	require.Eventually(t, func() bool {
		f.clock.Advance(500 * time.Millisecond)
		return len(tries) >= 8
	}, 30*time.Second, 100*time.Microsecond)
	last := <-tries
	for _, most := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		at := <-tries
		require.GreaterOrEqual(t, at.Sub(last), most*time.Second/2, "half of it is chance")
		last = at
	}
}

func newRand(t *testing.T, seed uint64) *rand.Rand {
	t.Helper()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

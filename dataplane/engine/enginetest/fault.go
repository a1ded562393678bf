package enginetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
)

// faultyDisk fails chosen operations that write.
type faultyDisk struct {
	count atomic.Int64 // operations that write, so far
	fail  func(n int64, op errorfs.Op) bool
	hit   atomic.Int64 // operations that were failed
}

func (d *faultyDisk) wrap(fs vfs.FS) vfs.FS {
	return errorfs.Wrap(fs, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpCreate, errorfs.OpLink, errorfs.OpRename, errorfs.OpReuseForWrite, errorfs.OpFileWrite, errorfs.OpFileWriteAt,
			errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo, errorfs.OpMkdirAll:
		default:
			return nil
		}
		if d.fail(d.count.Add(1), op) {
			d.hit.Add(1)
			return errorfs.ErrInjected
		}
		return nil
	}))
}

// again starts the engine until it starts: an injected fault may hit the start.
func (f *fixture) again() {
	f.Helper()
	var err error
	for range 5 {
		if f.e, err = f.open(f.setup); err == nil {
			return
		}
		require.ErrorIs(f, err, errorfs.ErrInjected)
	}
	require.NoError(f, err)
}

// untilReady steps the clock until the engine has recovered.
func (f *fixture) untilReady() {
	f.Helper()
	require.Eventually(f, func() bool {
		f.clock.Advance(time.Millisecond)
		return f.e.Ready() == nil
	}, patience, time.Millisecond)
}

// unavailable reports whether err is the answer of an engine that has failed; any other error fails the test.
func (f *fixture) unavailable(err error) bool {
	f.Helper()
	if err == nil {
		return false
	}
	require.Equal(f, errs.Unavailable, errs.CodeOf(err), "error: %v", err)
	require.Empty(f, errs.ReasonOf(err))
	return true
}

// faultScenario goes on through failures, as clients do, and leaves the ledger to be checked.
func faultScenario(f *fixture, l *ledger) {
	f.Helper()
	for i := range 10 {
		// Enough for Pebble to change its log and to flush now and then.
		pad := bytes.Repeat([]byte("x"), 60<<10)
		if f.unavailable(l.sendPadded(f, pad, numbered(fmt.Sprint("s", i), 2)...)) {
			f.untilReady()
		}
		ds, err := f.e.Receive(context.Background(), f.q, f.group, engine.Live, options(2))
		if f.unavailable(err) {
			f.untilReady()
			continue
		}
		if len(ds) > 0 && f.unavailable(l.ack(f, ds[0])) {
			f.untilReady()
		}
	}
}

func testFault(t *testing.T, open Factory) {
	t.Run("EachWriteAndSyncOnce", func(t *testing.T) {
		for i := int64(1); ; i++ {
			f := newFixture(t, open)
			f.q.Mode = dataplane.ModeNormal
			require.NoError(t, f.e.Close())
			var over atomic.Bool
			d := &faultyDisk{fail: func(n int64, _ errorfs.Op) bool { return n == i && !over.Load() }}
			f.setup.FS = d.wrap(f.disk)
			f.again()
			l := newLedger()
			faultScenario(f, l)
			over.Store(true)
			hit := d.hit.Load()
			f.untilReady()
			l.check(f, true)
			_ = f.e.Close()
			// What a power failure leaves is as good.
			f.setup.FS = f.disk
			f.crash()
			l.check(f, true)
			require.NoError(t, f.e.Close())
			if hit == 0 {
				require.Greater(t, i, int64(30), "the sweep went over the whole scenario")
				return
			}
		}
	})
	t.Run("ALogThatCannotBeSynced", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Close())
		var broken atomic.Bool
		d := &faultyDisk{fail: func(_ int64, op errorfs.Op) bool {
			return broken.Load() && (op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo)
		}}
		f.setup.FS = d.wrap(f.disk)
		f.start()
		l := newLedger()
		require.NoError(t, l.send(f, "before"))
		p := f.pollFrom(f.q, f.group, engine.Dead, 1)
		broken.Store(true)
		require.True(t, f.unavailable(l.send(f, "during")))
		require.True(t, f.unavailable(p.returns().err))
		require.Error(t, <-f.changes)
		// It stays broken: every call is refused, and the engine tries again with pauses.
		for range 5 {
			require.True(t, f.unavailable(f.e.Ready()))
			require.True(t, f.unavailable(l.send(f, "refused")))
			require.Eventually(t, func() bool { return f.clock.Waiting() > 0 }, patience, time.Millisecond)
			f.clock.Advance(10 * time.Second)
		}
		broken.Store(false)
		f.untilReady()
		require.NoError(t, <-f.changes)
		require.NoError(t, l.send(f, "after"))
		l.check(f, true)
	})
	t.Run("CloseWhileBroken", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Close())
		var broken atomic.Bool
		d := &faultyDisk{fail: func(int64, errorfs.Op) bool { return broken.Load() }}
		f.setup.FS = d.wrap(f.disk)
		f.start()
		l := newLedger()
		require.NoError(t, l.send(f, "before"))
		broken.Store(true)
		require.True(t, f.unavailable(l.send(f, "during")))
		_ = f.e.Close()
		f.setup.FS = f.disk
		f.start()
		l.check(f, false)
	})
	t.Run("UsageOfAFailedCallIsNotCounted", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Close())
		var broken atomic.Bool
		d := &faultyDisk{fail: func(_ int64, op errorfs.Op) bool {
			return broken.Load() && strings.HasSuffix(op.Path, ".log") && op.Kind != errorfs.OpFileWrite
		}}
		f.setup.FS = d.wrap(f.disk)
		f.start()
		f.meteredSend("good")
		broken.Store(true)
		_, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{message("m")}, usageKey("bad"))
		require.True(t, f.unavailable(err))
		broken.Store(false)
		f.untilReady()
		f.meteredSend("good")
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"good": 2}, total)
		require.Equal(t, int64(2), f.queueStats().Messages)
	})
	t.Run("DelayedSendThatFailedIsNotThere", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Close())
		var broken atomic.Bool
		d := &faultyDisk{fail: func(_ int64, op errorfs.Op) bool {
			return broken.Load() && strings.HasSuffix(op.Path, ".log") && op.Kind != errorfs.OpFileWrite
		}}
		f.setup.FS = d.wrap(f.disk)
		f.start()
		f.sendMessages(f.q, delayed("good", time.Minute))
		broken.Store(true)
		_, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{delayed("bad", time.Second), message("bad"), delayed("bad", time.Minute)}, nil)
		require.True(t, f.unavailable(err))
		broken.Store(false)
		f.untilReady()
		require.Equal(t, engine.QueueStats{Messages: 1, Bytes: 4, Delayed: 1, Produced: 1}, f.queueStats())
		f.clock.Advance(time.Minute)
		require.Equal(t, []string{"good"}, bodies(f.receive()))
		f.send("next")
		f.reopen()
		require.Equal(t, []string{"next"}, bodies(f.receive()))
		st := f.groupStats()
		st.OldestUnsettled = 0 // the clock was stepped until the engine had recovered
		require.Equal(t, engine.GroupStats{Produced: 2, Available: 2, InFlight: 2}, st)
	})
}

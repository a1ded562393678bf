package enginetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// newSeed returns the seed of a randomised test, which DMS_TEST_SEED sets and which is printed.
func newSeed(t testing.TB) uint64 {
	seed := rand.Uint64()
	if s := os.Getenv("DMS_TEST_SEED"); s != "" {
		var err error
		seed, err = strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("DMS_TEST_SEED=%d", seed)
	return seed
}

// crashPoint is a disk as a crash left it, and what had been answered by then.
type crashPoint struct {
	disk   *vfs.MemFS
	ledger *ledger
	op     string
}

// crashPoints takes a clone of the disk before every write, sync and directory operation.
type crashPoints struct {
	mu     sync.Mutex // guards: points
	points []crashPoint
}

// watch returns a file system that is the fixture's disk and takes crash points while a scenario runs.
func (c *crashPoints) watch(f *fixture, l *ledger, cfg func() vfs.CrashCloneCfg) vfs.FS {
	return errorfs.Wrap(f.disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && op.Kind != errorfs.OpLock && strings.Contains(op.Path, f.setup.Dir) {
			c.mu.Lock()
			defer c.mu.Unlock()
			s := l.snapshot() // before the clone: what is answered must be on it
			c.points = append(c.points, crashPoint{f.disk.CrashClone(cfg()), s, fmt.Sprint(op.Kind, " ", op.Path)})
		}
		return nil
	}))
}

// scenario sends, receives, acknowledges, fails and restarts.
func scenario(f *fixture, l *ledger, rng *rand.Rand, steps int) {
	f.Helper()
	var held []engine.Delivery
	for i := range steps {
		require.NoError(f, l.send(f, numbered(fmt.Sprint("s", i), 1+rng.IntN(4))...))
		if f.q.Mode == dataplane.ModeFIFO && len(held) > 0 {
			require.NoError(f, l.ack(f, held...))
			held = nil
		}
		held = append(held, f.receiveFrom(f.q, f.group, engine.Live, options(1+rng.IntN(5)))...)
		switch rng.IntN(4) {
		case 0:
			if n := rng.IntN(len(held) + 1); n > 0 {
				require.NoError(f, l.ack(f, held[:n]...))
				held = held[n:]
			}
		case 1:
			if len(held) > 0 {
				f.fail(held[len(held)-1])
				held = held[:len(held)-1]
			}
		case 2:
			if i == steps/2 {
				f.reopen()
			}
		}
	}
	require.NoError(f, l.ack(f, held...))
}

func testCrash(t *testing.T, open Factory) {
	for _, mode := range []dataplane.Mode{dataplane.ModeNormal, dataplane.ModeFIFO} {
		for name, unsynced := range map[string]bool{"only what was synced": false, "some of what was not": true} {
			t.Run(fmt.Sprintf("AtEveryDiskOperation/mode=%s/disk=%s", mode, name), func(t *testing.T) {
				seed := newSeed(t)
				rng := rand.New(rand.NewPCG(seed, 1))
				diskRNG := rand.New(rand.NewPCG(seed, 2))
				l, points := newLedger(), &crashPoints{}
				f := newFixture(t, open)
				f.q.Mode = mode
				require.NoError(t, f.e.Close())
				plain := f.setup.FS
				f.setup.FS = points.watch(f, l, func() vfs.CrashCloneCfg {
					if !unsynced {
						return vfs.CrashCloneCfg{}
					}
					return vfs.CrashCloneCfg{UnsyncedDataPercent: 10 + diskRNG.IntN(90), RNG: diskRNG}
				})
				f.start()
				scenario(f, l, rng, 12)
				require.NoError(t, f.e.Close())
				f.setup.FS = plain
				require.Greater(t, len(points.points), 12, "there was something to crash")
				for i, p := range points.points {
					f.clock.Set(epoch)
					f.resume(p.disk)
					t.Logf("crash %d of %d before %s", i, len(points.points), p.op)
					p.ledger.check(f, false)
					require.NoError(t, f.e.Close())
				}
			})
		}
	}
	t.Run("WhileManyShareACommit", func(t *testing.T) {
		seed := newSeed(t)
		diskRNG := rand.New(rand.NewPCG(seed, 4))
		l, points := newLedger(), &crashPoints{}
		l.concurrent = true
		f := newFixture(t, open)
		require.NoError(t, f.e.Close())
		plain := f.setup.FS
		f.setup.FS = points.watch(f, l, func() vfs.CrashCloneCfg {
			return vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: diskRNG}
		})
		f.start()
		var wg sync.WaitGroup
		for w := range 6 {
			wg.Go(func() {
				for i := range 6 {
					if err := l.send(f, numbered(fmt.Sprint("w", w, "i", i), 3)...); err != nil {
						t.Errorf("send: %v", err)
						return
					}
					ds, err := f.e.Receive(context.Background(), f.q, f.group, engine.Live, options(2))
					if err == nil && len(ds) > 0 {
						err = l.ack(f, ds...)
					}
					if err != nil {
						t.Errorf("receive and acknowledge: %v", err)
						return
					}
				}
			})
		}
		wg.Wait()
		require.NoError(t, f.e.Close())
		f.setup.FS = plain
		for i, p := range points.points {
			f.clock.Set(epoch)
			f.resume(p.disk)
			t.Logf("crash %d of %d before %s", i, len(points.points), p.op)
			p.ledger.check(f, false)
			require.NoError(t, f.e.Close())
		}
	})
	t.Run("TwiceInARow", func(t *testing.T) {
		f := newFixture(t, open)
		l := newLedger()
		require.NoError(t, l.send(f, "a", "b"))
		f.crash()
		require.NoError(t, l.send(f, "c"))
		f.crash()
		f.crash()
		l.check(f, false)
	})
	t.Run("HandlerOfALostLeaseIsGood", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a", "b", "c")
		ds := f.receive()
		f.crash()
		f.ack(ds[0])
		f.fail(ds[1])
		f.clock.Advance(ackWait - 1)
		f.ack(ds[2])
		got := f.receive()
		require.Equal(t, []string{"b"}, bodies(got))
		require.Equal(t, []int{2}, counts(got))
	})
	t.Run("HandlerOfALostLeaseIsBadOnceDeliveredAgain", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		first := f.receive()
		f.crash()
		second := f.receive()
		if len(second) == 0 { // the lease survived: let it be lost by its holder
			f.clock.Advance(ackWait)
			second = f.receive()
		}
		require.Len(t, second, 1)
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, first[0].Handler)
		f.ack(second...)
	})
	t.Run("HandlerOfALostLeaseIsBadOnceAcknowledged", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		ds := f.receive()
		f.ack(ds...)
		f.crash()
		f.refused(reason.HandlerInstance, f.q, f.group, engine.Live, ds[0].Handler)
	})
	t.Run("HandlerOfALostLeaseStillTimesOut", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		ds := f.receive()
		f.crash()
		f.clock.Advance(ackWait)
		f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[0].Handler)
	})
	t.Run("HandlerOfALostMessageDoesNotTouchItsSuccessor", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.Mode = dataplane.ModeKafkaHT
		p := f.poll()
		f.send("lost")
		ds := p.gets()
		require.Len(t, ds, 1)
		f.crash()
		f.send("successor")
		f.clock.Advance(50 * time.Millisecond)
		if f.queueStats().Messages == 1 { // the first was lost, as it may
			f.refused(reason.HandlerUnknown, f.q, f.group, engine.Live, ds[0].Handler)
			require.Equal(t, []string{"successor"}, bodies(f.receive()))
		}
	})
	t.Run("KafkaHTKeepsWhatIsOlderThan50Milliseconds", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.Mode = dataplane.ModeKafkaHT
		f.send("old")
		f.clock.Advance(50 * time.Millisecond)
		f.send("young")
		f.crash()
		got := bodies(f.receive())
		require.NotEmpty(t, got)
		require.Equal(t, "old", got[0])
	})
	t.Run("DeadLettersAreNotLostOrDoubled", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a", "b", "c")
		ds := f.receive()
		f.fail(ds[0])
		f.ack(ds[1:]...)
		f.crash()
		require.Equal(t, []string{"a"}, bodies(f.receiveDead()))
		f.settle(engine.Dead, settlements(false, f.redead())...)
		f.crash()
		require.Empty(t, f.redead())
		require.Empty(t, f.receive())
	})
	t.Run("DelayedAreNotLostOrDoubled", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendMessages(f.q, delayed("d", time.Second), delayed("e", time.Minute))
		f.crash()
		f.clock.Advance(time.Second)
		ds := f.receive()
		require.Equal(t, []string{"d"}, bodies(ds))
		f.crash() // the promotion was not synced
		require.Equal(t, int64(2), f.queueStats().Messages)
		f.clock.Advance(ackWait)
		ds = f.receive()
		require.Equal(t, []string{"d"}, bodies(ds))
		f.ack(ds...)
		f.crash()
		f.clock.Advance(time.Hour)
		require.Equal(t, []string{"e"}, bodies(f.receive()))
		require.Equal(t, int64(2), f.queueStats().Messages)
	})
	t.Run("AFlippedByteIsNeverDelivered", func(t *testing.T) { testFlippedBytes(t, open) })
}

// redead takes the dead letters, again if a lease still hides them.
func (f *fixture) redead() []engine.Delivery {
	f.Helper()
	f.clock.Advance(ackWait)
	return f.receiveDead()
}

// testFlippedBytes flips one byte of one file at a time and requires that what is delivered is what was sent.
func testFlippedBytes(t *testing.T, open Factory) {
	seed := newSeed(t)
	rng := rand.New(rand.NewPCG(seed, 3))
	f := newFixture(t, open)
	sent := map[string]bool{}
	for i := range 10 {
		for _, b := range f.sendBodies(fmt.Sprint("body ", i, " "), 5) {
			sent[b] = true
		}
	}
	require.NoError(t, f.e.Close())
	names, err := f.disk.List(f.setup.Dir)
	require.NoError(t, err)
	flips := 0
	for _, name := range names {
		path := f.disk.PathJoin(f.setup.Dir, name)
		info, err := f.disk.Stat(path)
		require.NoError(t, err)
		if info.IsDir() || info.Size() == 0 {
			continue
		}
		for range 8 {
			disk := f.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rng})
			flip(t, disk, path, rng)
			flips++
			setup := f.setup
			setup.FS = disk
			e, err := open(setup)
			if err != nil {
				continue // found on open
			}
			ds, err := e.Receive(context.Background(), f.q, f.group, engine.Live, engine.ReceiveOptions{MaxMessages: 1000, MaxBytes: 1 << 30, AckWait: ackWait})
			if err != nil {
				require.Contains(t, []errs.Code{errs.Internal, errs.Unavailable}, errs.CodeOf(err))
			}
			for _, d := range ds {
				require.True(t, sent[string(d.Body)], "flipped byte in %s: delivered %q", name, d.Body)
			}
			_ = e.Close()
		}
	}
	require.Greater(t, flips, 8)
}

func (f *fixture) sendBodies(prefix string, n int) []string {
	f.Helper()
	b := numbered(prefix+strings.Repeat("x", 200), n)
	f.send(b...)
	return b
}

// flip changes one random byte of a file.
func flip(t testing.TB, disk *vfs.MemFS, path string, rng *rand.Rand) {
	t.Helper()
	file, err := disk.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
	require.NoError(t, err)
	info, err := file.Stat()
	require.NoError(t, err)
	at := rng.Int64N(info.Size())
	b := make([]byte, 1)
	_, err = file.ReadAt(b, at)
	require.NoError(t, err)
	b[0] ^= 1 << rng.IntN(8)
	_, err = file.WriteAt(b, at)
	require.NoError(t, err)
	require.NoError(t, file.Sync())
	require.NoError(t, file.Close())
}

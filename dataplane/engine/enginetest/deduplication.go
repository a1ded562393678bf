package enginetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
)

// dedupWindow is the default window of every implementation.
const dedupWindow = 5 * time.Minute

func once(dedupID, body string) engine.NewMessage {
	return engine.NewMessage{Body: []byte(body), DedupID: dedupID}
}

// sendOnce sends one message with a deduplication id.
func (f *fixture) sendOnce(dedupID, body string) engine.Sent {
	f.Helper()
	sent, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{once(dedupID, body)}, nil)
	require.NoError(f, err)
	require.Len(f, sent, 1)
	return sent[0]
}

func testDeduplication(t *testing.T, open Factory) {
	t.Run("StoredOnce", func(t *testing.T) {
		f := newFixture(t, open)
		first := f.sendOnce("x", "first")
		require.False(t, first.Duplicate)
		require.Equal(t, engine.Sent{ID: first.ID, Duplicate: true}, f.sendOnce("x", "second"))
		require.False(t, f.sendOnce("y", "other").Duplicate)
		ds := f.receive()
		require.Equal(t, []string{"first", "other"}, bodies(ds))
		require.Equal(t, first.ID, ds[0].MessageID)
		require.Equal(t, int64(2), f.queueStats().Produced)
		f.ack(ds...)
		require.True(t, f.sendOnce("x", "third").Duplicate, "whether it was consumed does not matter")
		require.Empty(t, f.receive())
	})
	t.Run("NoIDIsNoID", func(t *testing.T) {
		f := newFixture(t, open)
		require.False(t, f.sendOnce("", "a").Duplicate)
		require.False(t, f.sendOnce("", "b").Duplicate)
		require.Len(t, f.receive(), 2)
	})
	t.Run("UntilTheWindowIsOver", func(t *testing.T) {
		f := newFixture(t, open)
		first := f.sendOnce("x", "first")
		f.clock.Advance(dedupWindow - 1)
		require.True(t, f.sendOnce("x", "duplicate").Duplicate)
		f.clock.Advance(1)
		second := f.sendOnce("x", "second")
		require.False(t, second.Duplicate, "a duplicate does not lengthen the window")
		require.NotEqual(t, first.ID, second.ID)
		f.clock.Advance(dedupWindow - 1)
		require.Equal(t, engine.Sent{ID: second.ID, Duplicate: true}, f.sendOnce("x", "duplicate"))
		f.clock.Advance(1)
		require.False(t, f.sendOnce("x", "third").Duplicate)
		require.Equal(t, []string{"first", "second", "third"}, bodies(f.receive()))
	})
	t.Run("InOneBatch", func(t *testing.T) {
		f := newFixture(t, open)
		sent, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{once("x", "1"), once("y", "2"), once("x", "3"), message("4")}, nil)
		require.NoError(t, err)
		require.Equal(t, []bool{false, false, true, false}, []bool{sent[0].Duplicate, sent[1].Duplicate, sent[2].Duplicate, sent[3].Duplicate})
		require.Equal(t, sent[0].ID, sent[2].ID)
		require.Equal(t, []string{"1", "2", "4"}, bodies(f.receive()))
	})
	t.Run("ASendOfNothingButDuplicatesIsACall", func(t *testing.T) {
		f := newFixture(t, open)
		for range 2 {
			_, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{once("x", "m")}, usageKey("u"))
			require.NoError(t, err)
		}
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"u": 2}, total)
	})
	t.Run("OfADelayedMessage", func(t *testing.T) {
		f := newFixture(t, open)
		m := once("x", "late")
		m.Delay = time.Hour
		f.sendMessages(f.q, m)
		require.True(t, f.sendOnce("x", "now").Duplicate)
		require.Empty(t, f.receive())
	})
	t.Run("ARefusedSendIsNotRemembered", func(t *testing.T) {
		f := newFixture(t, open)
		_, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{once("x", "m"), {Body: []byte("b"), Delay: -1}}, nil)
		require.Error(t, err)
		require.False(t, f.sendOnce("x", "m").Duplicate)
	})
	t.Run("EachQueueByItself", func(t *testing.T) {
		f := newFixture(t, open)
		f.sendOnce("x", "here")
		f.aside(newQueue(dataplane.ModeFIFO), f.group, func() {
			require.False(t, f.sendOnce("x", "there").Duplicate)
			require.Equal(t, []string{"there"}, bodies(f.receive()))
		})
		require.Equal(t, []string{"here"}, bodies(f.receive()))
	})
	t.Run("ThroughRestarts", func(t *testing.T) {
		f := newFixture(t, open)
		first := f.sendOnce("x", "m")
		f.throughRestarts(func() {
			require.Equal(t, engine.Sent{ID: first.ID, Duplicate: true}, f.sendOnce("x", "m"))
			require.Equal(t, int64(1), f.queueStats().Messages)
		})
		f.clock.Advance(dedupWindow - 1)
		f.reopen()
		require.True(t, f.sendOnce("x", "m").Duplicate)
		f.clock.Advance(1)
		f.reopen()
		require.False(t, f.sendOnce("x", "m").Duplicate)
	})
	t.Run("ConcurrentSenders", func(t *testing.T) {
		f := newFixture(t, open)
		const senders, ids = 8, 20
		var mu sync.Mutex // guards: got, stored
		got := make(map[string]string)
		stored := make(map[string]int)
		var wg sync.WaitGroup
		for range senders {
			wg.Go(func() {
				for i := range ids {
					x := fmt.Sprint("x", i)
					sent, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{once(x, "m")}, nil)
					if err != nil {
						t.Errorf("send: %v", err)
						return
					}
					mu.Lock()
					if !sent[0].Duplicate {
						stored[x]++
					}
					if got[x] == "" {
						got[x] = sent[0].ID
					} else if got[x] != sent[0].ID {
						t.Errorf("two ids for %s", x)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for x, n := range stored {
			require.Equal(t, 1, n, x)
		}
		require.Len(t, stored, ids)
		require.Len(t, f.drain(f.q, f.group, engine.Live), ids)
	})
}

func testDurableDeduplication(t *testing.T, open Factory) {
	t.Run("ADuplicateIsAnsweredWhenTheFirstIsDurable", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Close())
		plain := f.setup.FS
		type point struct {
			disk     *vfs.MemFS
			answered map[string]bool
		}
		var mu sync.Mutex // guards: points, answered
		var points []point
		answered := make(map[string]bool)
		f.setup.FS = errorfs.Wrap(f.disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
			switch op.Kind {
			case errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
				mu.Lock()
				defer mu.Unlock()
				p := point{answered: make(map[string]bool)}
				for id := range answered {
					p.answered[id] = true
				}
				p.disk = f.disk.CrashClone(vfs.CrashCloneCfg{})
				points = append(points, p)
			}
			return nil
		}))
		f.start()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range 6 {
					sent, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{once(fmt.Sprint("x", i), "m")}, nil)
					if err != nil {
						t.Errorf("send: %v", err)
						return
					}
					mu.Lock()
					answered[sent[0].ID] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.NoError(t, f.e.Close())
		f.setup.FS = plain
		require.Greater(t, len(points), 6)
		for _, p := range points {
			f.resume(p.disk)
			for _, m := range f.browse(engine.BrowseOptions{}) {
				delete(p.answered, m.MessageID)
			}
			require.Empty(t, p.answered, "answered and not stored")
			require.NoError(t, f.e.Close())
		}
	})
	t.Run("AFailedSendIsNotRemembered", func(t *testing.T) {
		f := newFixture(t, open)
		require.NoError(t, f.e.Close())
		var broken atomic.Bool
		d := &faultyDisk{fail: func(_ int64, op errorfs.Op) bool {
			return broken.Load() && (op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo)
		}}
		f.setup.FS = d.wrap(f.disk)
		f.start()
		first := f.sendOnce("x", "m")
		broken.Store(true)
		_, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{once("y", "m")}, nil)
		require.True(t, f.unavailable(err))
		broken.Store(false)
		f.untilReady()
		require.Equal(t, engine.Sent{ID: first.ID, Duplicate: true}, f.sendOnce("x", "m"))
		require.False(t, f.sendOnce("y", "m").Duplicate)
		require.Equal(t, int64(2), f.queueStats().Messages)
	})
}

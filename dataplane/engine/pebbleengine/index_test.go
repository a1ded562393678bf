package pebbleengine

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/clock/clocktest"
	"dms/internal/id"
)

// TestWhatIsGivenUpTwiceInOneGroupIsCountedOnce frees the same runs by key and by range, in one change and in several that share a group, and reads
// the group again after a crash.
func TestWhatIsGivenUpTwiceInOneGroupIsCountedOnce(t *testing.T) {
	ctx := context.Background()
	disk := vfs.NewCrashableMem()
	opt := DefaultOptions("data")
	opt.FS, opt.Clock, opt.Log, opt.SpareSegments = disk, clocktest.New(time.Unix(1e9, 0)), nil, 0
	e, err := Open(opt)
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	q := engine.Queue{ID: id.NewQueue(), Mode: "NORMAL", Retention: time.Hour}
	for range 10 {
		_, err := e.Send(ctx, q, []engine.NewMessage{{Body: []byte("m"), Delay: time.Hour}}, nil)
		require.NoError(t, err)
	}
	s := e.store.Load()
	qid, err := parseQueueID(q.ID)
	require.NoError(t, err)
	due := opt.Clock.Now().Add(time.Hour).UnixNano()
	key := func(n uint64) []byte { return delayedKey(qid, due, n) }
	before := wantedNow(t, s)

	b := s.newBatch()
	b.freeKey(key(3))
	b.freeKey(key(3))
	b.free(key(2), key(5))
	b.free(key(4), key(6))
	b.freeKey(key(5))
	b.freeKey(key(2))
	lazy := s.newBatch()
	lazy.free(key(0), key(4))
	s.commits.enqueue(&change{batch: lazy, lazy: true})
	require.NoError(t, s.commitAndWait(&change{batch: b}))
	require.Equal(t, before*4/10, wantedNow(t, s))

	crashed := opt
	crashed.FS = disk.CrashClone(vfs.CrashCloneCfg{})
	again, err := Open(crashed)
	require.NoError(t, err)
	defer func() { require.NoError(t, again.Close()) }()
	require.Equal(t, before*4/10, wantedNow(t, again.store.Load()))
}

// wantedNow returns how many bytes of the log are wanted, as it is stored.
func wantedNow(t *testing.T, s *store) (sum int64) {
	t.Helper()
	for _, n := range s.segments.Segments() {
		v, err := getBytes(s.db, segmentKey(n))
		require.NoError(t, err)
		if v != nil {
			d := decoder{b: v}
			sum += d.int64()
		}
	}
	return sum
}

package pebbleengine

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/clock/clocktest"
	"dms/internal/id"
)

// TestAMessageThatIsMovedWhileItIsReadIsFound reads with a pointer that was read before the message was moved and its segment given up.
func TestAMessageThatIsMovedWhileItIsReadIsFound(t *testing.T) {
	ctx := context.Background()
	opt := DefaultOptions("data")
	opt.FS, opt.Clock, opt.Log, opt.SpareSegments = vfs.NewMem(), clocktest.New(time.Unix(1e9, 0)), nil, 0
	opt.SegmentBytes = 64 << 10
	e, err := Open(opt)
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	q := engine.Queue{ID: id.NewQueue(), Mode: "NORMAL", Retention: time.Hour}
	_, err = e.Send(ctx, q, []engine.NewMessage{{Body: []byte("later"), Delay: time.Hour}, {Body: []byte("now")}, {Body: []byte("too")}}, nil)
	require.NoError(t, err)

	s := e.store.Load()
	qid, err := parseQueueID(q.ID)
	require.NoError(t, err)
	state := s.registry.acquire(qid)
	defer s.registry.release(state)
	due := opt.Clock.Now().Add(time.Hour).UnixNano()
	delayed, err := s.runAt(delayedKey(qid, due, 0))
	require.NoError(t, err)
	reader := s.iterate(&state.log, 1, 3)
	state.log.tail.clear() // from the disk
	require.True(t, reader.first())
	defer reader.close()

	segment := delayed.at.Segment
	_, err = e.Send(ctx, q, []engine.NewMessage{{Body: make([]byte, 64<<10)}}, nil) // ends the segment
	require.NoError(t, err)
	require.NoError(t, s.janitor.empty(segment))
	require.Eventually(t, func() bool { return !slices.Contains(s.segments.Segments(), segment) }, 20*time.Second, time.Millisecond)

	// Whose turn comes after it is gone has nothing to do there.
	queues, err := s.janitor.queuesOf(segment)
	require.NoError(t, err)
	require.Empty(t, queues)
	require.NoError(t, s.janitor.empty(segment))

	m, err := s.readAlone(delayedKey(qid, due, 0), delayed, qid)
	require.NoError(t, err)
	require.Equal(t, "later", string(m.body))
	m, err = reader.message()
	require.NoError(t, err)
	require.Equal(t, "now", string(m.body))
	require.True(t, reader.next())
	m, err = reader.message()
	require.NoError(t, err)
	require.Equal(t, "too", string(m.body))

	// And one that was given up is gone, not damaged.
	b := s.newBatch()
	b.freeKey(delayedKey(qid, due, 0))
	require.NoError(t, s.commitAndWait(&change{batch: b}))
	_, err = s.readAlone(delayedKey(qid, due, 0), delayed, qid)
	require.ErrorIs(t, err, errGone)
}

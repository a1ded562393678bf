package pebbleengine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
)

// die makes n dead letters and returns the ids of their messages.
func (b *bench) die(n int) (ids []string) {
	b.t.Helper()
	b.q.MaxConsumeCount = 1
	for len(ids) < n {
		msgs := make([]engine.NewMessage, min(100, n-len(ids)))
		for i := range msgs {
			msgs[i].Body = fmt.Append(nil, len(ids)+i)
		}
		sent, err := b.Send(context.Background(), b.q, msgs, nil)
		require.NoError(b.t, err)
		ds, err := b.receive(len(msgs))
		require.NoError(b.t, err)
		require.Len(b.t, ds, len(msgs))
		list := make([]engine.Settlement, len(ds))
		for i := range ds {
			list[i], ids = engine.Settlement{Handler: ds[i].Handler, Failed: true}, append(ids, sent[i].ID)
		}
		_, err = b.Settle(context.Background(), b.q, b.group, engine.Live, list, nil)
		require.NoError(b.t, err)
	}
	return ids
}

func (b *bench) redrives(want int, ids ...string) {
	b.t.Helper()
	n, err := b.Redrive(context.Background(), b.q, b.group, engine.RedriveOptions{IDs: ids}, nil)
	require.NoError(b.t, err)
	require.Equal(b.t, int64(want), n)
}

// TestRedrivingAFewByIDReadsAsMuchWhateverTheNumberOfDeadLetters counts reads of the disk by an engine that has nothing in memory.
func TestRedrivingAFewByIDReadsAsMuchWhateverTheNumberOfDeadLetters(t *testing.T) {
	reads := func(letters int) int64 {
		var n atomic.Int64
		b := newBench(t, func(o *pebbleengine.Options) {
			o.SegmentBytes = 64 << 20 // neither the index nor the log is tidied up meanwhile
			o.FS = errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
				if op.Kind == errorfs.OpFileRead || op.Kind == errorfs.OpFileReadAt {
					n.Add(1)
				}
				return nil
			}))
		})
		ids := b.die(letters)
		b.reopen()
		st, err := b.GroupStats(context.Background(), b.q, b.group)
		require.NoError(t, err)
		require.Equal(t, int64(letters), st.DeadAvailable)
		before := n.Load()
		b.redrives(3, ids[letters/2], uuid.NewString(), ids[letters-1], ids[0], ids[0])
		return n.Load() - before
	}
	few, many := reads(1000), reads(8000)
	t.Logf("reads of the disk: %d among 1000, %d among 8000", few, many)
	require.Less(t, many, int64(40))
	require.InDelta(t, few, many, 8, "the keys may lie in other blocks of the index, nothing else")
}

func TestDeadLettersAreFoundByIDThroughAllThatHappensToThem(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	before := b.Keys(t)
	ids := b.die(30)
	b.clean()
	b.redrives(2, ids[7], ids[3])
	b.redrives(0, ids[7], ids[3], ids[0][:35], "{"+ids[0]+"}")
	b.reopen()
	b.clean()
	ds, err := b.Receive(ctx, b.q, b.group, engine.Dead, engine.ReceiveOptions{MaxMessages: 5, MaxBytes: 1 << 20, AckWait: 1})
	require.NoError(t, err)
	_, err = b.Settle(ctx, b.q, b.group, engine.Dead, []engine.Settlement{{Handler: ds[1].Handler}, {Handler: ds[2].Handler, Failed: true}}, nil)
	require.NoError(t, err)
	b.redrives(0, ids[1])
	b.redrives(1, ids[1], ids[2])
	b.settle(true, b.gets(10, "2", "3", "7")...) // dead again, under other numbers
	b.clean()
	b.redrives(3, ids[2], ids[3], ids[7])
	b.gets(10, "2", "3", "7")
	// A message that dies twice, since the group was moved back, has two dead letters.
	require.NoError(t, b.Seek(ctx, b.q, b.group, engine.SeekTo{Position: 21}, nil))
	again, err := b.receive(10)
	require.NoError(t, err)
	b.settle(true, again...)
	b.redrives(2, ids[25])
	b.clean()
	n, err := b.Purge(ctx, b.q, b.group, engine.Dead, nil)
	require.NoError(t, err)
	require.Equal(t, int64(26+10-2), n)
	b.redrives(0, ids...)
	b.clean()
	require.NoError(t, b.DropGroup(ctx, b.q.ID, b.group))
	require.NoError(t, b.DropQueue(ctx, b.q.ID))
	b.clean()
	b.clock.Advance(100 * b.q.Retention)
	require.Equal(t, before, b.Keys(t))
}

// TestDeadLettersOfAnEarlierProgramAreFoundByID opens an index in which they lie without their tags, or with wrong ones.
func TestDeadLettersOfAnEarlierProgramAreFoundByID(t *testing.T) {
	for _, stale := range []bool{false, true} {
		t.Run(fmt.Sprintf("stale=%v", stale), func(t *testing.T) {
			b := newBench(t, nil)
			ids := b.die(500)
			require.NoError(t, b.Close())
			pebbleengine.ForgetTags(t, b.opt, stale)
			e, err := pebbleengine.Open(b.opt)
			require.NoError(t, err)
			b.Engine = e
			b.clean()
			b.redrives(2, ids[499], ids[0])
			b.reopen()
			b.clean()
			b.redrives(1, ids[300])
		})
	}
}

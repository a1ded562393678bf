package pebbleengine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/id"
)

// roomy returns a bench with small segments and little room for what all groups have settled.
func roomy(t *testing.T) *bench {
	return newBench(t, func(o *pebbleengine.Options) { o.ReclaimAbove = 256 << 10 })
}

// traffic sends n batches of 10 KiB to the queue, and consumes them.
func (b *bench) traffic(n int) {
	b.t.Helper()
	for range n {
		msgs := make([]string, 10)
		for i := range msgs {
			msgs[i] = strings.Repeat("x", 1024)
		}
		b.send(msgs...)
		ds, err := b.receive(10)
		require.NoError(b.t, err)
		list := make([]engine.Settlement, len(ds))
		for i := range ds {
			list[i].Handler = ds[i].Handler
		}
		_, err = b.Settle(context.Background(), b.q, b.group, engine.Live, list, nil)
		require.NoError(b.t, err)
	}
}

func (b *bench) segmentsBecome(most int) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return b.Segments() <= most }, 20*time.Second, 5*time.Millisecond)
}

func TestWhatAllGroupsHaveSettledGivesItsRoomBack(t *testing.T) {
	b := roomy(t)
	b.traffic(300) // 3 MB
	b.segmentsBecome(8)
	st, err := b.QueueStats(context.Background(), b.q)
	require.NoError(t, err)
	require.Equal(t, int64(3000), st.Produced)
	require.Less(t, st.Messages, int64(600))
	b.reopen()
	require.LessOrEqual(t, b.Segments(), 9)
	b.gets(10)
	b.send("after")
	b.gets(10, "after")
}

func TestWhatAGroupHasNotSettledKeepsItsRoom(t *testing.T) {
	b := roomy(t)
	late := id.NewGroup()
	require.NoError(t, b.AddGroup(context.Background(), b.q.ID, late))
	b.traffic(60)
	before := b.group
	b.group = late
	n := 0
	for {
		ds, err := b.receive(100)
		require.NoError(t, err)
		if len(ds) == 0 {
			break
		}
		n += len(ds)
	}
	require.Equal(t, 600, n)
	b.group = before
	require.NoError(t, b.DropGroup(context.Background(), b.q.ID, late))
	b.traffic(30)
	b.segmentsBecome(8)
}

func TestALogQueueKeepsWhatWasRead(t *testing.T) {
	b := roomy(t)
	b.q.Mode = "KAFKA_HA"
	b.traffic(60)
	b.q.ID = id.NewQueue()
	b.q.Mode = "NORMAL"
	other := b.q.ID
	b.traffic(60)
	b.segmentsBecome(20)
	require.NotEmpty(t, other)
	require.Greater(t, b.Segments(), 9, "600 KiB are kept")
}

// TestFewWantedMessagesDoNotHoldALongLog leaves a message in every segment; they are moved together, and nothing of them is lost.
func TestFewWantedMessagesDoNotHoldALongLog(t *testing.T) {
	b := roomy(t)
	busy, kept := b.q, b.q
	kept.ID = id.NewQueue()
	var want []string
	for i := range 60 {
		b.q = kept
		body := fmt.Sprint("kept ", i)
		want = append(want, body)
		b.send(body)
		_, err := b.Send(context.Background(), b.q, []engine.NewMessage{{Body: []byte(body), Delay: time.Hour}}, nil)
		require.NoError(t, err)
		b.q = busy
		b.traffic(8)
	}
	b.segmentsBecome(12)
	b.q = kept
	crashed := b.opt
	crashed.FS = b.opt.FS.(*vfs.MemFS).CrashClone(vfs.CrashCloneCfg{})
	for range 2 {
		b.gets(1000, want...)
		b.clock.Advance(time.Minute) // the leases end
		b.gets(1000, want...)
		b.clock.Advance(time.Hour)
		st, err := b.QueueStats(context.Background(), b.q)
		require.NoError(t, err)
		require.Equal(t, int64(120), st.Messages)
		b.gets(1000, append(append([]string{}, want...), want...)...)

		// Once more as after a power failure at that instant.
		require.NoError(t, b.Close())
		e, err := pebbleengine.Open(crashed)
		require.NoError(t, err)
		b.Engine = e
		b.clock.Advance(-time.Hour - time.Minute)
	}
}

func TestDroppedQueuesGiveTheirRoomBack(t *testing.T) {
	b := roomy(t)
	for range 10 {
		b.q.ID = id.NewQueue()
		for range 30 {
			b.send(strings.Repeat("x", 10<<10))
		}
		require.NoError(t, b.DropQueue(context.Background(), b.q.ID))
	}
	b.segmentsBecome(3)
}

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

// TestWhatIsClaimedWhileTheJanitorJudgesStays lets something happen between the janitor's judgement and its deed, which takes no other way then.
func TestWhatIsClaimedWhileTheJanitorJudgesStays(t *testing.T) {
	ctx := context.Background()
	const kept = 3 // messages that all groups have settled
	type moment struct {
		t     *testing.T
		e     *Engine
		s     *store
		q     *queue
		queue engine.Queue
		old   string // a group that has settled everything
	}
	stats := func(m moment, group string) engine.GroupStats {
		st, err := m.e.GroupStats(ctx, m.queue, group)
		require.NoError(m.t, err)
		st.OldestUnsettled = 0
		return st
	}
	everything := engine.GroupStats{Produced: kept, Available: kept}
	for name, c := range map[string]struct {
		meanwhile func(m moment) (after func())
		stays     bool
	}{
		"nothing happens": {func(moment) func() { return nil }, false},
		"a group is added": {func(m moment) func() {
			g := id.NewGroup()
			require.NoError(m.t, m.e.AddGroup(ctx, m.queue.ID, g))
			return func() { require.Equal(m.t, everything, stats(m, g)) }
		}, true},
		"a group comes by its first receive": {func(m moment) func() {
			g := id.NewGroup()
			ds, err := m.e.Receive(ctx, m.queue, g, engine.Live, engine.ReceiveOptions{MaxMessages: 1, MaxBytes: 1, AckWait: time.Minute})
			require.NoError(m.t, err)
			require.Len(m.t, ds, 1)
			return func() {
				want := everything
				want.InFlight = 1
				require.Equal(m.t, want, stats(m, g))
			}
		}, true},
		"a group is moved back": {func(m moment) func() {
			require.NoError(m.t, m.e.Seek(ctx, m.queue, m.old, engine.SeekTo{Earliest: true}, nil))
			return func() {
				want := everything
				want.Consumed = kept
				require.Equal(m.t, want, stats(m, m.old))
			}
		}, true},
		// The deed comes between a new group's look at what is kept and its coming to exist: then it begins behind, and has skipped nothing.
		"a group is about to be added": {func(m moment) func() {
			g := id.NewGroup()
			gid, err := parseGroupID(g)
			require.NoError(m.t, err)
			state := m.q.openGroup(gid)
			require.NoError(m.t, m.s.lockGroup(m.q, state))
			gc, _, err := m.s.beginGroup(m.q, state, nil)
			require.NoError(m.t, err)
			return func() {
				gc.exist()
				c := gc.submit(true, nil)
				state.mu.Unlock()
				require.NoError(m.t, m.s.answerOf(c))
				require.Equal(m.t, engine.GroupStats{}, stats(m, g))
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			opt := DefaultOptions("data")
			opt.FS, opt.Clock, opt.Log, opt.SpareSegments = vfs.NewMem(), clocktest.New(time.Unix(1e9, 0)), nil, 0
			e, err := Open(opt)
			require.NoError(t, err)
			defer func() { require.NoError(t, e.Close()) }()
			m := moment{t: t, e: e, s: e.store.Load(), queue: engine.Queue{ID: id.NewQueue(), Mode: "NORMAL", Retention: time.Hour}, old: id.NewGroup()}
			for range kept { // each a run of its own
				_, err := e.Send(ctx, m.queue, []engine.NewMessage{{Body: []byte("m")}}, nil)
				require.NoError(t, err)
			}
			ds, err := e.Receive(ctx, m.queue, m.old, engine.Live, engine.ReceiveOptions{MaxMessages: 10, MaxBytes: 100, AckWait: time.Minute})
			require.NoError(t, err)
			for _, d := range ds {
				_, err := e.Settle(ctx, m.queue, m.old, engine.Live, []engine.Settlement{{Handler: d.Handler}}, nil)
				require.NoError(t, err)
			}
			qid, err := parseQueueID(m.queue.ID)
			require.NoError(t, err)
			m.q, err = m.s.openQueue(qid)
			require.NoError(t, err)
			defer m.s.registry.release(m.q)

			v, ok, err := m.s.judge(m.q)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, uint64(kept+1), v.floor)
			after := c.meanwhile(m)
			require.NoError(t, m.s.reclaimSettled(m.q, v))
			if after != nil {
				after()
			}
			st, err := e.QueueStats(ctx, m.queue)
			require.NoError(t, err)
			require.Equal(t, c.stays, st.Messages == kept)
		})
	}
}

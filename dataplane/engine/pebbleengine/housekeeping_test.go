package pebbleengine_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
)

func TestDeduplicationIDsLeaveTheDisk(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	once := func(dedupID string) bool {
		sent, err := b.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("m"), DedupID: dedupID}}, nil)
		require.NoError(t, err)
		return sent[0].Duplicate
	}
	b.send("m")
	plain := b.Keys(t)
	for range 300 { // more than one change erases
		require.False(t, once(uuid.NewString()))
	}
	require.False(t, once("x"))
	require.Equal(t, plain+3*301+1, b.Keys(t), "message, id, time; and the agenda")
	b.clock.Advance(5 * time.Minute)
	require.False(t, once("x"), "its window is over")
	b.reopen()
	b.clock.Advance(time.Minute + time.Second)
	require.Equal(t, plain+302+3, b.Keys(t), "of the records, that of x is left")
	require.True(t, once("x"), "which the old one did not take along")
	b.clock.Advance(15 * time.Minute)
	require.Equal(t, plain+302, b.Keys(t))
}

func TestPreparedMessagesLeaveTheDisk(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.send("m")
	plain := b.Keys(t)
	prepare := func(o engine.Outcome) engine.Prepared {
		msgs := []engine.NewMessage{{Body: []byte("a")}, {Body: []byte("b")}}
		p, err := b.Prepare(ctx, b.q, msgs, engine.PrepareOptions{Timeout: time.Minute, Default: o}, nil)
		require.NoError(t, err)
		return p
	}
	for _, o := range []engine.Outcome{engine.Rollback, engine.Commit} {
		_, err := b.Decide(ctx, b.q, prepare(o).ID, o, nil)
		require.NoError(t, err)
		prepare(o) // to time out
	}
	b.clock.Advance(time.Minute)
	require.Equal(t, plain+2+2*4, b.Keys(t), "what was committed, in two runs; and four decisions with their agenda")
	b.clock.Advance(24 * time.Hour)
	require.Equal(t, plain+2, b.Keys(t))
}

func TestDamagedPreparedMessagesHoldNobodyUp(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	prepare := func(body string, timeout time.Duration) engine.Prepared {
		p, err := b.Prepare(ctx, b.q, []engine.NewMessage{{Body: []byte(body)}}, engine.PrepareOptions{Timeout: timeout, Default: engine.Commit}, nil)
		require.NoError(t, err)
		return p
	}
	p := prepare("damaged", time.Second)
	prepare("a", time.Second)
	b.DamagePrepared(t, b.q.ID, p.ID)
	_, err := b.Decide(ctx, b.q, p.ID, engine.Commit, nil)
	require.Equal(t, errs.Internal, errs.CodeOf(err))
	b.clock.Advance(time.Second)
	b.gets(10, "a")
	prepare("b", time.Second)
	b.clock.Advance(time.Second)
	b.gets(10, "b")
	b.reopen()
	prepare("c", 2*time.Minute)
	b.clock.Advance(2 * time.Minute)
	b.gets(10, "a", "b", "c")
	st, err := b.QueueStats(ctx, b.q)
	require.NoError(t, err)
	require.Equal(t, int64(1), st.Prepared, "it is not hidden")
}

func TestPreparedIDsAreInTheOrderOfTime(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	last := ""
	for range 20 {
		p, err := b.Prepare(ctx, b.q, []engine.NewMessage{{Body: []byte("m")}}, engine.PrepareOptions{Timeout: time.Hour}, nil)
		require.NoError(t, err)
		require.Greater(t, p.ID, last)
		parsed, err := uuid.Parse(p.ID)
		require.NoError(t, err)
		require.Equal(t, uuid.Version(7), parsed.Version())
		require.Equal(t, uuid.RFC4122, parsed.Variant())
		last = p.ID
		b.clock.Advance(time.Microsecond)
	}
}

func TestExtendedPostponedAndRedrivenMessagesLeaveNoRecords(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.q.MaxConsumeCount = 2
	b.send("a", "b", "c", "d")
	before := b.Keys(t)
	ds := b.gets(4, "a", "b", "c", "d")
	for _, d := range ds[1:] {
		each, err := b.Extend(ctx, b.q, b.group, engine.Live, []engine.Extension{{Handler: d.Handler, AckWait: time.Minute}, {Handler: ds[1].Handler, AckWait: time.Hour}}, nil)
		require.NoError(t, err)
		require.Equal(t, []error{nil, nil}, each)
	}
	b.reopen()
	b.clock.Advance(59 * time.Second)
	b.gets(10, "a") // its lease was the old one
	b.clock.Advance(time.Second)
	again := b.gets(10, "c", "d")
	b.fail(time.Second, ds[1])
	b.settle(true, again...) // dead letters
	_, err := b.Redrive(ctx, b.q, b.group, engine.RedriveOptions{}, nil)
	require.NoError(t, err)
	b.clock.Advance(time.Minute)
	b.settle(false, b.gets(10, "c", "d", "b")...) // a is a dead letter
	n, err := b.Purge(ctx, b.q, b.group, engine.Dead, nil)
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	b.reopen()
	require.Equal(t, before+2, b.Keys(t), "the group's record and an entry of the agenda are left")
}

func TestPurgedAndSoughtDataLeavesTheDisk(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	b.q.MaxConsumeCount = 1
	b.send("a", "b", "c", "d", "e", "f")
	before := b.Keys(t)
	ds := b.gets(6, "a", "b", "c", "d", "e", "f")
	b.settle(true, ds[1])
	b.settle(false, ds[3], ds[5])
	_, err := b.Redrive(ctx, b.q, b.group, engine.RedriveOptions{}, nil)
	require.NoError(t, err)
	require.NoError(t, b.Seek(ctx, b.q, b.group, engine.SeekTo{Position: 3}, nil))
	require.Equal(t, before+2, b.Keys(t), "the group's record, and the agenda for its dead letters")
	b.reopen()
	b.gets(10, "c", "d", "e", "f")
	_, err = b.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("g"), Delay: time.Hour}}, nil)
	require.NoError(t, err)
	n, err := b.Purge(ctx, b.q, "", engine.Live, nil)
	require.NoError(t, err)
	require.Equal(t, int64(7), n)
	b.gets(10)
	b.reopen()
	b.clock.Advance(time.Hour)
	require.Equal(t, before-1+2, b.Keys(t), "the messages are gone")
	b.send("h")
	b.gets(10, "h")
}

func TestAllGroupsMustHaveSettledAMessage(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, nil)
	settled := func(want uint64, wantOK bool) {
		t.Helper()
		for range 2 {
			floor, ok := b.SettledByAll(t, b.q.ID)
			require.Equal(t, wantOK, ok)
			require.Equal(t, want, floor)
			b.reopen()
		}
	}
	settled(0, false)
	b.send("a", "b", "c", "d")
	b.settle(false, b.gets(3, "a", "b", "c")...)
	settled(4, true)
	second := id.NewGroup()
	require.NoError(t, b.AddGroup(ctx, b.q.ID, second))
	settled(1, true)
	first := b.group
	b.group = second
	ds := b.gets(10, "a", "b", "c", "d")
	b.settle(false, ds[0], ds[1], ds[3])
	settled(3, true)
	_, err := b.GroupStats(ctx, b.q, id.NewGroup())
	require.NoError(t, err)
	settled(3, true) // looking at a group does not make it
	require.NoError(t, b.Seek(ctx, b.q, first, engine.SeekTo{Earliest: true}, nil))
	settled(1, true)
	require.NoError(t, b.DropGroup(ctx, b.q.ID, first))
	settled(3, true)
}

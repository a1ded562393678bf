package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// browse looks at the messages of the queue, page by page to the end. Ten a page unless opt says otherwise.
func (f *fixture) browse(opt engine.BrowseOptions) []engine.Browsed {
	f.Helper()
	return f.browseFrom("", engine.Live, opt)
}

func (f *fixture) browseDead(opt engine.BrowseOptions) []engine.Browsed {
	f.Helper()
	return f.browseFrom(f.group, engine.Dead, opt)
}

func (f *fixture) browseFrom(group string, kind engine.Kind, opt engine.BrowseOptions) []engine.Browsed {
	f.Helper()
	if opt.MaxMessages == 0 {
		opt.MaxMessages = 10
	}
	if opt.MaxBytes == 0 {
		opt.MaxBytes = dataplane.DMSLimits.MaxRequestBytes
	}
	var all []engine.Browsed
	for {
		page, next, err := f.e.Browse(context.Background(), f.q, group, kind, opt)
		require.NoError(f, err)
		require.LessOrEqual(f, len(page), opt.MaxMessages)
		for _, m := range page {
			require.GreaterOrEqual(f, m.Position, opt.From)
			if len(all) > 0 {
				require.Greater(f, m.Position, all[len(all)-1].Position)
			}
			all = append(all, m)
		}
		if next == 0 {
			return all
		}
		require.Greater(f, next, opt.From, "browsing gets on")
		opt.From = next
	}
}

func browsedBodies(ms []engine.Browsed) []string {
	out := make([]string, len(ms))
	for i := range ms {
		out[i] = string(ms[i].Body)
	}
	return out
}

func testBrowse(t *testing.T, open Factory) {
	t.Run("TellsEverything", func(t *testing.T) {
		f := newFixture(t, open)
		ids := f.sendMessages(f.q,
			engine.NewMessage{Body: []byte("late"), Delay: time.Second},
			engine.NewMessage{Body: []byte("b"), Attributes: []byte(`{"a":1}`), Labels: []string{"l"}})
		require.Equal(t, []string{"b"}, browsedBodies(f.browse(engine.BrowseOptions{})), "a delayed message has no place yet")
		f.clock.Advance(time.Minute)
		got := f.browse(engine.BrowseOptions{})
		require.Len(t, got, 2)
		due := epoch.Add(time.Second)
		want := []engine.Browsed{
			{MessageID: ids[1], Body: []byte("b"), Attributes: []byte(`{"a":1}`), Labels: []string{"l"}, SentAt: epoch, AvailableAt: epoch, ExpiresAt: epoch.Add(f.q.Retention)},
			{MessageID: ids[0], Body: []byte("late"), SentAt: epoch, AvailableAt: due, ExpiresAt: due.Add(f.q.Retention)},
		}
		for i := range want {
			want[i].Position = got[i].Position
			require.Equal(t, want[i], got[i])
		}
		ds := f.receive()
		require.Equal(t, []uint64{got[0].Position, got[1].Position}, []uint64{ds[0].Position, ds[1].Position})
	})
	t.Run("PageByPage", func(t *testing.T) {
		f := newFixture(t, open)
		want := numbered("m", 10)
		f.send(want...)
		for n := 1; n <= 11; n++ {
			require.Equal(t, want, browsedBodies(f.browse(engine.BrowseOptions{MaxMessages: n})), n)
		}
		page, next, err := f.e.Browse(context.Background(), f.q, "", engine.Live, engine.BrowseOptions{MaxMessages: 4, MaxBytes: 1 << 20})
		require.NoError(t, err)
		require.Equal(t, want[:4], browsedBodies(page))
		f.send("more")
		require.Equal(t, append(want[4:], "more"), browsedBodies(f.browse(engine.BrowseOptions{From: next})), "from there on, with what came since")
	})
	t.Run("AtMostMaxBytesButNeverNone", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("12345678", "12", "1", "12345678")
		opt := engine.BrowseOptions{MaxMessages: 10, MaxBytes: 10}
		var sizes []int
		for {
			page, next, err := f.e.Browse(context.Background(), f.q, "", engine.Live, opt)
			require.NoError(t, err)
			if len(page) > 0 {
				sizes = append(sizes, len(page))
			}
			if next == 0 {
				break
			}
			opt.From = next
		}
		require.Equal(t, []int{2, 2}, sizes, "10 fit exactly, 11 do not")
		require.Len(t, f.browse(engine.BrowseOptions{MaxBytes: 1}), 4)
	})
	t.Run("ByPosition", func(t *testing.T) {
		f := newFixture(t, open)
		f.send(numbered("m", 5)...)
		all := f.browse(engine.BrowseOptions{})
		for i, m := range all {
			require.Equal(t, browsedBodies(all[i:]), browsedBodies(f.browse(engine.BrowseOptions{From: m.Position})))
		}
		require.Empty(t, f.browse(engine.BrowseOptions{From: all[4].Position + 1}))
	})
	t.Run("ByTime", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("a")
		f.clock.Advance(time.Second)
		f.sendMessages(f.q, message("b"), delayed("d", 10*time.Second))
		f.clock.Advance(time.Second)
		f.send("c")
		f.clock.Advance(time.Minute)
		at := func(d time.Duration) []string {
			return browsedBodies(f.browse(engine.BrowseOptions{Time: epoch.Add(d)}))
		}
		require.Equal(t, []string{"a", "b", "c", "d"}, at(0))
		require.Equal(t, []string{"b", "c", "d"}, at(1))
		require.Equal(t, []string{"b", "c", "d"}, at(time.Second))
		require.Equal(t, []string{"d"}, at(2*time.Second+1), "what counts is when it became available")
		require.Equal(t, []string{"d"}, at(11*time.Second))
		require.Empty(t, at(11*time.Second+1))
		require.Equal(t, []string{"a", "b", "c", "d"}, at(-time.Hour))
	})
	t.Run("ByID", func(t *testing.T) {
		f := newFixture(t, open)
		ids := f.send(numbered("m", 5)...)
		all := f.browse(engine.BrowseOptions{})
		for i := range ids {
			require.Equal(t, all[i:i+1], f.browse(engine.BrowseOptions{MessageID: ids[i], MaxMessages: 1}))
		}
		require.Empty(t, f.browse(engine.BrowseOptions{MessageID: uuid.NewString()}))
		require.Empty(t, f.browse(engine.BrowseOptions{MessageID: "nonsense"}))
		require.Empty(t, f.browse(engine.BrowseOptions{MessageID: ids[1], From: all[2].Position}), "it is looked for from there on")
	})
	t.Run("ChangesNothing", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 2
		f.send("a", "b", "c")
		ds := f.receive()
		f.ack(ds[0])
		f.fail(ds[1])
		before := f.groupStats()
		require.Equal(t, []string{"a", "b", "c"}, browsedBodies(f.browse(engine.BrowseOptions{})), "whoever has settled what")
		require.Equal(t, before, f.groupStats())
		got := f.receive()
		require.Equal(t, []string{"b"}, bodies(got))
		require.Equal(t, []int{2}, counts(got))
		f.ack(ds[2])
		f.reopen()
		f.usageIsEmpty()
	})
	t.Run("NotWhatIsGone", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("old")
		f.clock.Advance(time.Hour)
		f.send("young")
		f.prepare(time.Hour, engine.Rollback, "prepared")
		f.clock.Advance(f.q.Retention - time.Hour - 1)
		require.Equal(t, []string{"old", "young"}, browsedBodies(f.browse(engine.BrowseOptions{})))
		f.clock.Advance(1)
		require.Equal(t, []string{"young"}, browsedBodies(f.browse(engine.BrowseOptions{})))
		require.Equal(t, []string{"young"}, browsedBodies(f.browse(engine.BrowseOptions{From: 1})))
	})
	t.Run("DeadLetters", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		ids := f.send("a", "b", "c")
		require.Empty(t, f.browseDead(engine.BrowseOptions{}))
		f.clock.Advance(time.Second)
		f.fail(f.receive()...)
		died := epoch.Add(time.Second)
		got := f.browseDead(engine.BrowseOptions{MaxMessages: 2})
		require.Equal(t, []string{"a", "b", "c"}, browsedBodies(got))
		want := engine.Browsed{
			MessageID: ids[0], Body: []byte("a"), Position: got[0].Position, SentAt: epoch, AvailableAt: died,
			ExpiresAt: died.Add(dataplane.StandardRetention), Death: &engine.Death{Failures: 1, FirstFailure: died, LastFailure: died},
		}
		require.Equal(t, want, got[0])
		require.Equal(t, got[1:2], f.browseDead(engine.BrowseOptions{MessageID: ids[1]}))
		require.Equal(t, got[2:], f.browseDead(engine.BrowseOptions{From: got[2].Position}))
		require.Len(t, f.browseDead(engine.BrowseOptions{Time: died}), 3)
		require.Empty(t, f.browseDead(engine.BrowseOptions{Time: died.Add(1)}))
		ds := f.receiveDead()
		require.Equal(t, []int{1, 1, 1}, counts(ds))
		f.settle(engine.Dead, settlements(false, ds[:1])...)
		require.Equal(t, []string{"b", "c"}, browsedBodies(f.browseDead(engine.BrowseOptions{})), "a lease does not hide from browsing")
		f.reopen()
		require.Equal(t, got[1:], f.browseDead(engine.BrowseOptions{}))
	})
	t.Run("OfOneQueueAndGroupAlone", func(t *testing.T) {
		f := newFixture(t, open)
		f.q.MaxConsumeCount = 1
		f.send("a")
		f.fail(f.receive()...)
		f.aside(f.q, id.NewGroup(), func() { require.Empty(t, f.browseDead(engine.BrowseOptions{})) })
		f.aside(newQueue(dataplane.ModeNormal), f.group, func() {
			require.Empty(t, f.browseDead(engine.BrowseOptions{}))
			require.Empty(t, f.browse(engine.BrowseOptions{}))
		})
	})
	t.Run("BadRequest", func(t *testing.T) {
		f := newFixture(t, open)
		_, _, err := f.e.Browse(context.Background(), f.q, "", engine.Live, engine.BrowseOptions{MaxBytes: 1})
		require.Equal(t, reason.MaxMessages, errs.ReasonOf(err))
		_, _, err = f.e.Browse(context.Background(), f.q, "x", engine.Dead, engine.BrowseOptions{MaxMessages: 1})
		require.Equal(t, reason.GroupIDInvalid, errs.ReasonOf(err))
		_, _, err = f.e.Browse(context.Background(), engine.Queue{ID: "q"}, "", engine.Live, engine.BrowseOptions{MaxMessages: 1})
		require.Equal(t, reason.QueueIDInvalid, errs.ReasonOf(err))
	})
	t.Run("WhatIsDropped", func(t *testing.T) {
		f := newFixture(t, open)
		f.send("m")
		ctx, opt := context.Background(), engine.BrowseOptions{MaxMessages: 1, MaxBytes: 1}
		require.NoError(t, f.e.DropGroup(ctx, f.q.ID, f.group))
		_, _, err := f.e.Browse(ctx, f.q, f.group, engine.Dead, opt)
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
		require.NoError(t, f.e.DropQueue(ctx, f.q.ID))
		_, _, err = f.e.Browse(ctx, f.q, "", engine.Live, opt)
		require.Equal(t, reason.QueueNotFound, errs.ReasonOf(err))
	})
}

// usageIsEmpty requires that nothing was counted.
func (f *fixture) usageIsEmpty() {
	f.Helper()
	_, total := f.usageAfter(0, 100)
	require.Empty(f, total)
}

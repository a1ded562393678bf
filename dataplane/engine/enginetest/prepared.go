package enginetest

import (
	"context"
	"slices"
	"strings"
	"sync"
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

// prepare prepares messages of the fixture's queue.
func (f *fixture) prepare(timeout time.Duration, byDefault engine.Outcome, bodies ...string) engine.Prepared {
	f.Helper()
	msgs := make([]engine.NewMessage, len(bodies))
	for i, b := range bodies {
		msgs[i] = message(b)
	}
	p, err := f.e.Prepare(context.Background(), f.q, msgs, engine.PrepareOptions{Timeout: timeout, Default: byDefault}, nil)
	require.NoError(f, err)
	return p
}

// decide decides and returns the ids of what was sent.
func (f *fixture) decide(p engine.Prepared, o engine.Outcome) []string {
	f.Helper()
	sent, err := f.e.Decide(context.Background(), f.q, p.ID, o, nil)
	require.NoError(f, err)
	ids := make([]string, len(sent))
	for i := range sent {
		ids[i] = sent[i].ID
	}
	return ids
}

// undecidable requires that a decision is refused.
func (f *fixture) undecidable(code errs.Code, why errs.Reason, preparedID string, o engine.Outcome) {
	f.Helper()
	_, err := f.e.Decide(context.Background(), f.q, preparedID, o, usageKey("refused"))
	require.Equal(f, code, errs.CodeOf(err), "error: %v", err)
	require.Equal(f, why, errs.ReasonOf(err))
}

func (f *fixture) undecided() []engine.Prepared {
	f.Helper()
	list, err := f.e.ListPrepared(context.Background(), f.q, "", 100)
	require.NoError(f, err)
	return list
}

func testPrepared(t *testing.T, open Factory) {
	ctx := context.Background()
	t.Run("GivenToNobodyBeforeTheCommit", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(time.Hour, engine.Rollback, "a", "bc")
		require.True(t, id.IsQueue(p.ID), "a UUID: %s", p.ID)
		want := engine.Prepared{ID: p.ID, Messages: 2, Bytes: 3, PreparedAt: epoch, DecideBy: epoch.Add(time.Hour), Default: engine.Rollback}
		require.Equal(t, want, p)
		poll := f.poll()
		f.throughRestartsOf(poll, func() {
			require.Empty(t, f.receive())
			require.Empty(t, f.browse(engine.BrowseOptions{}))
			require.Equal(t, engine.QueueStats{Prepared: 2}, f.queueStats())
			require.Equal(t, int64(0), f.groupStats().Available)
			require.Equal(t, []engine.Prepared{want}, f.undecided())
		})
		f.clock.Advance(time.Second)
		ids := f.decide(p, engine.Commit)
		ds := f.receive()
		require.Equal(t, []string{"a", "bc"}, bodies(ds))
		require.Equal(t, ids, []string{ds[0].MessageID, ds[1].MessageID})
		require.Equal(t, epoch.Add(time.Second), ds[0].SentAt, "they are sent by the decision")
		require.Equal(t, engine.QueueStats{Messages: 2, Bytes: 3, Produced: 2}, f.queueStats())
		require.Empty(t, f.undecided())
	})
	t.Run("WholeMessages", func(t *testing.T) {
		f := newFIFO(t, open)
		m := engine.NewMessage{Body: []byte("b"), Attributes: []byte(`{"k":1}`), Labels: []string{"l"}, OrderingKey: "key"}
		p, err := f.e.Prepare(ctx, f.q, []engine.NewMessage{m}, engine.PrepareOptions{Timeout: time.Minute}, nil)
		require.NoError(t, err)
		f.decide(p, engine.Commit)
		got := f.receive()[0]
		require.Equal(t, m, engine.NewMessage{Body: got.Body, Attributes: got.Attributes, Labels: got.Labels, OrderingKey: got.OrderingKey})
	})
	t.Run("TheirPlaceIsThatOfTheCommit", func(t *testing.T) {
		f := newFIFO(t, open)
		first, second := f.prepare(time.Hour, engine.Rollback, "p1", "p2"), f.prepare(time.Hour, engine.Rollback, "q")
		f.send("a")
		f.decide(second, engine.Commit)
		f.send("b")
		f.decide(first, engine.Commit)
		f.send("c")
		require.Equal(t, []string{"a", "q", "b", "p1", "p2", "c"}, bodies(f.receive()))
	})
	t.Run("DelaysAndRetentionBeginWithTheDecision", func(t *testing.T) {
		f := newFixture(t, open)
		p, err := f.e.Prepare(ctx, f.q, []engine.NewMessage{delayed("d", time.Minute), message("now")}, engine.PrepareOptions{Timeout: 200 * time.Hour}, nil)
		require.NoError(t, err)
		f.clock.Advance(100 * time.Hour)
		f.decide(p, engine.Commit)
		require.Equal(t, []string{"now"}, bodies(f.receive()))
		require.Equal(t, int64(1), f.queueStats().Delayed)
		f.clock.Advance(time.Minute - 1)
		require.Equal(t, int64(1), f.queueStats().Delayed)
		f.clock.Advance(1)
		require.Contains(t, bodies(f.receive()), "d")
		f.clock.Advance(f.q.Retention - 1)
		require.Equal(t, []string{"d"}, bodies(f.receive()))
	})
	t.Run("RolledBackAreGone", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(time.Hour, engine.Commit, "a", "b")
		require.Empty(t, f.decide(p, engine.Rollback))
		f.throughRestarts(func() {
			require.Empty(t, f.receive())
			require.Empty(t, f.undecided())
			require.Zero(t, f.queueStats())
		})
		f.clock.Advance(2 * time.Hour)
		require.Zero(t, f.queueStats(), "the default is not taken later")
	})
	t.Run("CommitSurvivesACrash", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(time.Hour, engine.Rollback, "a", "b")
		ids := f.decide(p, engine.Commit)
		f.crash()
		ds := f.receive()
		require.Equal(t, []string{"a", "b"}, bodies(ds))
		require.Equal(t, ids[0], ds[0].MessageID)
		f.ack(ds...)
		f.crash()
		require.Empty(t, f.undecided())
		require.Equal(t, ids, f.decide(p, engine.Commit))
		require.Empty(t, f.receive())
	})
	for o, name := range map[engine.Outcome]string{engine.Commit: "commit", engine.Rollback: "rollback"} {
		other := engine.Commit + engine.Rollback - o
		kept := 0
		if o == engine.Commit {
			kept = 1
		}
		t.Run("Timeout/default="+name, func(t *testing.T) {
			f := newFixture(t, open)
			p := f.prepare(time.Minute, o, "m")
			f.clock.Advance(time.Minute - 1)
			require.Len(t, f.undecided(), 1)
			require.Empty(t, f.receive())
			f.clock.Advance(1)
			require.Empty(t, f.undecided())
			ds := f.receive()
			require.Len(t, ds, kept)
			for _, d := range ds {
				require.Equal(t, p.DecideBy, d.SentAt)
			}
			require.Len(t, f.decide(p, o), kept, "the same decision is a repetition")
			f.undecidable(errs.Conflict, reason.PreparedDecided, p.ID, other)
			require.Equal(t, engine.QueueStats{Messages: int64(kept), Bytes: int64(kept), Produced: int64(kept)}, f.queueStats())
		})
		t.Run("TimeoutWhileTheEngineWasDown/default="+name, func(t *testing.T) {
			f := newFixture(t, open)
			p := f.prepare(time.Minute, o, "m")
			require.NoError(t, f.e.Close())
			f.clock.Advance(time.Hour)
			f.start()
			f.undecidable(errs.Conflict, reason.PreparedDecided, p.ID, other)
			require.Len(t, f.receive(), kept)
			require.Empty(t, f.undecided())
		})
		t.Run("DecidedAtTheLastInstant/decision="+name, func(t *testing.T) {
			f := newFixture(t, open)
			p := f.prepare(time.Minute, other, "m")
			f.clock.Advance(time.Minute - 1)
			f.decide(p, o)
			f.clock.Advance(time.Hour)
			require.Len(t, f.receive(), kept)
		})
		t.Run("RepeatedAndTheOther/decision="+name, func(t *testing.T) {
			f := newFixture(t, open)
			p := f.prepare(time.Hour, other, "m")
			first := f.decide(p, o)
			f.throughRestarts(func() {
				require.Equal(t, first, f.decide(p, o))
				f.undecidable(errs.Conflict, reason.PreparedDecided, p.ID, other)
				require.Equal(t, int64(kept), f.queueStats().Produced)
			})
			f.clock.Advance(24*time.Hour - 1)
			require.Equal(t, first, f.decide(p, o))
			f.undecidable(errs.Conflict, reason.PreparedDecided, p.ID, other)
			f.clock.Advance(time.Hour)
			f.undecidable(errs.NotFound, reason.PreparedNotFound, p.ID, o)
			f.undecidable(errs.NotFound, reason.PreparedNotFound, p.ID, other)
			require.Equal(t, int64(kept), f.queueStats().Produced)
		})
	}
	t.Run("CommitAndTimeoutWakePolls", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(10*time.Second, engine.Commit, "decided")
		poll := f.poll()
		f.decide(p, engine.Commit)
		require.Equal(t, []string{"decided"}, bodies(poll.gets()))
		f.prepare(10*time.Second, engine.Commit, "timed out")
		poll = f.poll()
		f.clock.Advance(10 * time.Second)
		require.Equal(t, []string{"timed out"}, bodies(poll.gets()))
	})
	t.Run("Unknown", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(time.Hour, engine.Rollback, "m")
		for _, unknown := range []string{uuid.NewString(), "", "nonsense", strings.ToUpper(p.ID), p.ID + "0"} {
			if unknown != p.ID { // an id without letters
				f.undecidable(errs.NotFound, reason.PreparedNotFound, unknown, engine.Commit)
			}
		}
		require.Len(t, f.undecided(), 1)
	})
	t.Run("EachQueueByItself", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(time.Hour, engine.Rollback, "m")
		f.aside(newQueue(dataplane.ModeNormal), f.group, func() {
			f.undecidable(errs.NotFound, reason.PreparedNotFound, p.ID, engine.Commit)
			f.undecidable(errs.NotFound, reason.PreparedNotFound, p.ID, engine.Rollback)
			require.Empty(t, f.undecided())
			require.Zero(t, f.queueStats())
		})
		require.Equal(t, []engine.Prepared{p}, f.undecided())
	})
	t.Run("ListedInPages", func(t *testing.T) {
		f := newFixture(t, open)
		var want []string
		for range 7 {
			want = append(want, f.prepare(time.Hour, engine.Rollback, "m").ID)
		}
		f.decide(f.prepare(time.Hour, engine.Rollback, "decided"), engine.Rollback)
		slices.Sort(want)
		for _, limit := range []int{1, 3, 7, 8} {
			var got []string
			for after := ""; ; {
				page, err := f.e.ListPrepared(ctx, f.q, after, limit)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page), limit)
				if len(page) == 0 {
					break
				}
				for _, p := range page {
					got = append(got, p.ID)
				}
				after = got[len(got)-1]
			}
			require.Equal(t, want, got, limit)
		}
	})
	t.Run("BadRequestStoresNothing", func(t *testing.T) {
		f := newFixture(t, open)
		kafka := f.q
		kafka.Mode = dataplane.ModeKafkaHA
		good := engine.PrepareOptions{Timeout: time.Minute}
		for name, c := range map[string]struct {
			q    engine.Queue
			msgs []engine.NewMessage
			opt  engine.PrepareOptions
		}{
			"no messages":      {f.q, nil, good},
			"no timeout":       {f.q, []engine.NewMessage{message("a")}, engine.PrepareOptions{}},
			"negative timeout": {f.q, []engine.NewMessage{message("a")}, engine.PrepareOptions{Timeout: -1}},
			"deduplication id": {f.q, []engine.NewMessage{message("a"), once("x", "b")}, good},
			"negative delay":   {f.q, []engine.NewMessage{message("a"), {Body: []byte("b"), Delay: -1}}, good},
			"delay in kafka":   {kafka, []engine.NewMessage{message("a"), delayed("b", 1)}, good},
			"not a queue id":   {engine.Queue{ID: "q", Mode: "NORMAL"}, []engine.NewMessage{message("a")}, good},
		} {
			_, err := f.e.Prepare(ctx, c.q, c.msgs, c.opt, usageKey(name))
			require.Equal(t, errs.Invalid, errs.CodeOf(err), name)
		}
		require.Zero(t, f.queueStats())
		require.False(t, f.sendOnce("x", "b").Duplicate)
		f.reopen()
		f.usageIsEmpty()
	})
	t.Run("CountedWithTheChange", func(t *testing.T) {
		f := newFixture(t, open)
		p, err := f.e.Prepare(ctx, f.q, []engine.NewMessage{message("a")}, engine.PrepareOptions{Timeout: time.Minute}, usageKey("prepare"))
		require.NoError(t, err)
		_, err = f.e.Decide(ctx, f.q, p.ID, engine.Commit, usageKey("commit"))
		require.NoError(t, err)
		f.undecidable(errs.Conflict, reason.PreparedDecided, p.ID, engine.Rollback)
		f.prepare(time.Minute, engine.Commit, "nobody decides")
		f.clock.Advance(time.Minute)
		require.Equal(t, int64(2), f.queueStats().Messages)
		f.crash()
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"prepare": 1, "commit": 1}, total)
	})
	t.Run("OneDecisionOfMany", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(time.Hour, engine.Rollback, "m")
		var mu sync.Mutex // guards: good
		good := map[engine.Outcome]int{}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				o := engine.Outcome(i % 2)
				_, err := f.e.Decide(ctx, f.q, p.ID, o, nil)
				if err != nil && errs.ReasonOf(err) != reason.PreparedDecided {
					t.Errorf("decide: %v", err)
				}
				if err == nil {
					mu.Lock()
					good[o]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.Len(t, good, 1)
		for o, n := range good {
			require.Equal(t, 4, n)
			require.Len(t, f.receive(), int(o))
		}
	})
	t.Run("GoneWithTheQueue", func(t *testing.T) {
		f := newFixture(t, open)
		p := f.prepare(time.Minute, engine.Commit, "m")
		require.NoError(t, f.e.DropQueue(ctx, f.q.ID))
		f.undecidable(errs.NotFound, reason.QueueNotFound, p.ID, engine.Commit)
		_, err := f.e.Prepare(ctx, f.q, []engine.NewMessage{message("m")}, engine.PrepareOptions{Timeout: time.Minute}, nil)
		require.Equal(t, reason.QueueNotFound, errs.ReasonOf(err))
		f.clock.Advance(time.Hour)
		require.Zero(t, f.queueStats())
	})
}

// throughRestartsOf checks while a poll waits, ends the poll, and goes on through restarts.
func (f *fixture) throughRestartsOf(p *poll, check func()) {
	f.Helper()
	check()
	p.waits()
	p.cancel()
	require.Empty(f, p.gets())
	f.throughRestarts(check)
}

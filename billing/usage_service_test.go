package billing_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/usage"
)

func sends(account string, h usage.Hour, calls int64) usage.Count {
	return usage.Count{Key: usage.Key{AccountID: account, ProjectID: "p", UserID: "u", QueueID: "q", Action: access.MessageSend, Hour: h}, Calls: calls}
}

func TestRepeatedBatchChangesNothing(t *testing.T) {
	each(t, "2026-11-10T08:30:00Z", func(w *world) {
		h := usage.HourOf(w.clock.Now())
		b := usage.Batch{Source: "node/1", First: 1, Last: 3, Counts: []usage.Count{sends("acme", h, 7), sends("acme", h, 1), sends("b", h, 2)}}
		for range 100 {
			last, err := w.sink().Deliver(w.t.Context(), b)
			require.NoError(w.t, err)
			require.Equal(w.t, uint64(3), last)
		}
		require.Equal(w.t, "8", w.bill("acme", "2026-11").APICalls.String())
		require.Equal(w.t, "2", w.bill("b", "2026-11").APICalls.String())
		require.Equal(w.t, int64(1), w.counters.Batches.Load())
		require.Equal(w.t, int64(99), w.counters.DuplicateBatches.Load())

		w.clock.Advance(200 * 24 * hour) // no window after which it would count again
		_, err := w.sink().Deliver(w.t.Context(), b)
		require.NoError(w.t, err)
		require.Equal(w.t, "8", w.bill("acme", "2026-11").APICalls.String())
	})
}

func TestPartOfABatchIsRefused(t *testing.T) {
	each(t, "2026-11-10T08:30:00Z", func(w *world) {
		h := usage.HourOf(w.clock.Now())
		deliver := func(first, last uint64) error {
			_, err := w.sink().Deliver(w.t.Context(), usage.Batch{Source: "n", First: first, Last: last, Counts: []usage.Count{sends("acme", h, 1)}})
			return err
		}
		require.NoError(w.t, deliver(1, 5))
		require.NoError(w.t, deliver(10, 15)) // leaves 6 to 9 open
		before := w.dump()
		for _, r := range [][2]uint64{{5, 6}, {3, 20}, {15, 16}, {5, 9}, {9, 10}, {6, 10}, {1, 16}, {10, 16}} {
			require.Equal(w.t, errs.Invalid, errs.CodeOf(deliver(r[0], r[1])), r)
		}
		require.Equal(w.t, before, w.dump(), "a refused batch changes nothing")
		for _, r := range [][2]uint64{{1, 5}, {2, 3}, {10, 15}, {12, 12}} {
			require.NoError(w.t, deliver(r[0], r[1]), r)
		}
		require.Equal(w.t, before, w.dump())
		require.NoError(w.t, deliver(7, 8)) // in the gap
		require.Equal(w.t, "3", w.bill("acme", "2026-11").APICalls.String())
		require.NoError(w.t, deliver(7, 8))
		require.NoError(w.t, deliver(6, 6))
		require.NoError(w.t, deliver(9, 9))
		require.NoError(w.t, deliver(9, 9))
		require.Equal(w.t, "5", w.bill("acme", "2026-11").APICalls.String())
		require.Equal(w.t, int64(1), w.counters.SequenceGaps.Load())
		require.Contains(w.t, w.logged.String(), "missing_first=6 missing_last=9")
	})
}

func TestBatchesInAnyOrderFromAnySourceGiveTheSame(t *testing.T) {
	each(t, "2026-11-10T08:30:00Z", func(w *world) {
		h := usage.HourOf(w.clock.Now())
		var batches []usage.Batch
		want := map[string]int64{}
		for source := range 4 {
			var next uint64 = 1
			for range 10 {
				b := usage.Batch{Source: fmt.Sprintf("node-%d", source), First: next, Last: next + rand.Uint64N(3)}
				next = b.Last + 1
				for range rand.IntN(4) {
					c := sends(fmt.Sprintf("account-%d", rand.IntN(3)), h-usage.Hour(rand.IntN(3)), 1+rand.Int64N(1000))
					b.Counts = append(b.Counts, c)
					want[c.AccountID] += c.Calls
				}
				batches = append(batches, b)
			}
		}
		batches = append(batches, batches...)
		seed := rand.Uint64()
		w.t.Logf("seed %d", seed)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
		for _, b := range batches {
			_, err := w.sink().Deliver(w.t.Context(), b)
			require.NoError(w.t, err)
		}
		got := map[string]int64{}
		for account := range want {
			got[account] = w.bill(account, "2026-11").APICalls.IntPart()
		}
		require.Empty(w.t, cmp.Diff(want, got))
		require.Equal(w.t, int64(len(batches)/2), w.counters.DuplicateBatches.Load())
	})
}

func TestUsageForAClosedHourIsBookedInTheFirstOpenOne(t *testing.T) {
	each(t, "2026-10-31T14:30:00Z", func(w *world) {
		h := usage.HourOf(w.clock.Now())
		w.call("acme", 1)
		w.clock.Advance(2 * hour) // November
		w.advance()
		before := w.closedHours("acme")
		w.deliver("cut-off node", sends("acme", h, 10), sends("acme", h+1, 100), sends("acme", h+2, 1000))
		require.Empty(w.t, cmp.Diff(before, w.closedHours("acme")))
		require.Equal(w.t, "1", w.bill("acme", "2026-10").APICalls.String(), "a closed hour never reopens")
		require.Equal(w.t, "1110", w.bill("acme", "2026-11").APICalls.String(), "and nothing is lost")
		require.Equal(w.t, int64(110), w.counters.LateCalls.Load())
		w.clock.Advance(hour)
		w.advance()
		require.Equal(w.t, int64(1110), w.closedHours("acme")[1].APICalls)
		require.Empty(w.t, w.verify("acme").Differences)
	})
}

func TestImpossibleDatesAreBookedOnArrival(t *testing.T) {
	each(t, "2026-11-10T08:30:00Z", func(w *world) {
		now := usage.HourOf(w.clock.Now())
		w.deliver("n", sends("acme", 0, 1), sends("acme", now+1, 2), sends("acme", math.MaxInt64/3600, 4), sends("acme", -5, 8))
		require.Equal(w.t, "15", w.bill("acme", "2026-11").APICalls.String())
		require.Equal(w.t, int64(15), w.counters.MisdatedCalls.Load())
		w.clock.Set(at("2026-11-10T08:56:00Z")) // a node's clock may be a little ahead
		w.deliver("n", sends("acme", now+1, 16))
		require.Equal(w.t, int64(15), w.counters.MisdatedCalls.Load())
		w.clock.Set(at("2026-11-10T10:00:00Z"))
		require.Equal(w.t, 2, w.advance().Hours, "metering does not begin in 1970")
		require.Equal(w.t, []int64{15, 16}, []int64{w.closedHours("acme")[0].APICalls, w.closedHours("acme")[1].APICalls})
	})
}

func TestBatchThatNoSourceWouldSendIsRefused(t *testing.T) {
	each(t, "2026-11-10T08:30:00Z", func(w *world) {
		good := sends("acme", usage.HourOf(w.clock.Now()), 1)
		edit := func(f func(c *usage.Count)) usage.Batch {
			c := good
			f(&c)
			return usage.Batch{Source: "n", First: 1, Last: 1, Counts: []usage.Count{c}}
		}
		for name, b := range map[string]usage.Batch{
			"no source":       {First: 1, Last: 1},
			"long source":     {Source: strings.Repeat("n", 201), First: 1, Last: 1},
			"NUL in source":   {Source: "n\x00", First: 1, Last: 1},
			"sequence 0":      {Source: "n", First: 0, Last: 1},
			"backwards":       {Source: "n", First: 2, Last: 1},
			"huge sequence":   {Source: "n", First: 1, Last: math.MaxUint64},
			"no account":      edit(func(c *usage.Count) { c.AccountID = "" }),
			"negative calls":  edit(func(c *usage.Count) { c.Calls = -1 }),
			"too many calls":  edit(func(c *usage.Count) { c.Calls = math.MaxInt64 }),
			"NUL in queue":    edit(func(c *usage.Count) { c.QueueID = "a\x00b" }),
			"invalid UTF-8":   edit(func(c *usage.Count) { c.UserID = "\xff" }),
			"long project":    edit(func(c *usage.Count) { c.ProjectID = strings.Repeat("p", 129) }),
			"NUL in action":   edit(func(c *usage.Count) { c.Action = "\x00" }),
			"NUL in account":  edit(func(c *usage.Count) { c.AccountID = "acme\x00" }),
			"long in account": edit(func(c *usage.Count) { c.AccountID = strings.Repeat("a", 129) }),
		} {
			_, err := w.sink().Deliver(w.t.Context(), b)
			require.Equal(w.t, errs.Invalid, errs.CodeOf(err), name)
		}
		last, err := w.sink().Deliver(w.t.Context(), usage.Batch{Source: "n", First: 1, Last: 1, Counts: []usage.Count{{Key: good.Key}}})
		require.NoError(w.t, err, "a count of nothing is nothing")
		require.Equal(w.t, uint64(1), last)
	})
}

func TestFailedDeliveryLeavesNothing(t *testing.T) {
	each(t, "2026-11-10T08:30:00Z", func(w *world) {
		w.call("acme", 1)
		before := w.dump()
		b := usage.Batch{Source: "n", First: 2, Last: 2, Counts: []usage.Count{sends("acme", usage.HourOf(w.clock.Now()), 5)}}
		for n := 1; ; n++ {
			f := &failing{Store: w.store, failAt: n}
			_, err := billing.NewUsageService(f, w.clock, w.slog(), w.counters).Deliver(w.t.Context(), b)
			require.ErrorIs(w.t, err, errKilled, "statement %d", n)
			if errors.Is(err, errReplyLost) {
				require.Equal(w.t, 6, n, "lock, source, counts, source, commit, reply")
				break
			}
			require.Equal(w.t, before, w.dump(), "statement %d", n)
		}
		_, err := w.sink().Deliver(w.t.Context(), b)
		require.NoError(w.t, err)
		require.Equal(w.t, "6", w.bill("acme", "2026-11").APICalls.String(), "once, also when the first answer was lost")
	})
}

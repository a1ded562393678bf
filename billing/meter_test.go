package billing_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/billing/gormstore"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/errs"
	"dms/internal/lifecycle"
	"dms/internal/usage"
)

func TestMeterWithNothingToMeasureDoesNotStart(t *testing.T) {
	each(t, "2026-11-10T08:30:00Z", func(w *world) {
		require.Equal(w.t, billing.Result{}, w.advance())
		state, err := w.store.Meter(w.t.Context())
		require.NoError(w.t, err)
		require.False(w.t, state.Started)

		w.call("acme", 1) // in the running hour
		require.Equal(w.t, billing.Result{}, w.advance())
		w.clock.Advance(hour)
		h := usage.HourOf(at("2026-11-10T08:00:00Z"))
		require.Equal(w.t, billing.Result{From: h, To: h + 1, Hours: 1, Records: 1}, w.advance())
		require.Equal(w.t, billing.Result{}, w.advance(), "again: nothing")
	})
}

func TestMeterBeginsWithTheFirstQueueOrUsage(t *testing.T) {
	for _, c := range []struct {
		name         string
		queue, usage string // instants; "" for none
		wants        string
	}{
		{"queue first", "2026-11-10T03:15:00Z", "2026-11-10T05:00:00Z", "2026-11-10T03:00:00Z"},
		{"usage first", "2026-11-10T05:15:00Z", "2026-11-10T03:00:00Z", "2026-11-10T03:00:00Z"},
		{"only a queue", "2026-11-10T03:15:00Z", "", "2026-11-10T03:00:00Z"},
		{"only usage", "", "2026-11-10T03:00:00Z", "2026-11-10T03:00:00Z"},
		{"a queue of last year", "2025-01-01T00:00:00Z", "2026-11-10T03:00:00Z", "2025-01-01T00:00:00Z"},
	} {
		w := onSQLite(t, "2026-11-10T06:00:00Z")
		if c.queue != "" {
			w.clock.Set(at(c.queue))
			w.queue(lifecycle.Created, "acme", "q")
			w.clock.Advance(30 * time.Minute)
			w.queue(lifecycle.Deleted, "acme", "q")
		}
		if c.usage != "" {
			w.clock.Set(at(c.usage))
			w.call("acme", 1)
		}
		w.clock.Set(at("2026-11-10T06:00:00Z"))
		if c.name == "a queue of last year" {
			w.clock.Set(at("2025-01-02T00:00:00Z"))
		}
		require.Equal(t, usage.HourOf(at(c.wants)), w.advance().From, c.name)
	}
}

// meanwhile does something when the log is first read.
type meanwhile struct {
	lifecycle.Log
	do func()
}

func (l *meanwhile) Events(ctx context.Context, account string, from, to time.Time) ([]lifecycle.Event, error) {
	if l.do != nil {
		l.do()
		l.do = nil
	}
	return l.Log.Events(ctx, account, from, to)
}

func TestUsageThatArrivesWhileTheMeterStartsIsNotLeftBehind(t *testing.T) {
	each(t, "2026-11-10T10:00:00Z", func(w *world) {
		w.queue(lifecycle.Created, "acme", "q")
		w.clock.Advance(2 * hour)
		early := usage.HourOf(at("2026-11-10T08:00:00Z"))
		log := &meanwhile{Log: w.queues, do: func() { w.deliver("n", sends("acme", early, 7)) }}
		m := billing.NewMeter(billing.MeterOptions{Store: w.store, Events: log, Prices: w.prices, Clock: w.clock, Log: w.slog(), Counters: w.counters})
		res, err := m.Advance(w.t.Context())
		require.NoError(w.t, err)
		require.Equal(w.t, early, res.From)
		require.Equal(w.t, int64(7), w.closedHours("acme")[0].APICalls)
		require.Empty(w.t, w.verify("acme").Differences)
	})
}

func TestRunningHourStaysOpen(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	w.clock.Set(at("2026-11-10T08:59:59.999999999Z"))
	require.Zero(t, w.advance().Hours)
	w.clock.Set(at("2026-11-10T09:00:00Z"))
	require.Equal(t, 1, w.advance().Hours)
}

func TestSettleLeavesAnHourOpenForAWhile(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	m := billing.NewMeter(billing.MeterOptions{
		Store: w.store, Events: w.queues, Prices: w.prices, Clock: w.clock, Log: w.slog(), Counters: w.counters, Settle: 10 * time.Second,
	})
	w.clock.Set(at("2026-11-10T09:00:09.999999999Z"))
	res, err := m.Advance(t.Context())
	require.NoError(t, err)
	require.Zero(t, res.Hours)
	w.clock.Set(at("2026-11-10T09:00:10Z"))
	res, err = m.Advance(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, res.Hours)
}

func TestCallAtTheFullHourIsInTheNextWindow(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:59:59.999999Z")
	w.call("acme", 1)
	w.clock.Set(at("2026-11-10T09:00:00Z"))
	w.call("acme", 10)
	w.clock.Set(at("2026-11-10T10:00:00Z"))
	w.advance()
	records := w.closedHours("acme")
	require.Equal(t, []int64{1, 10}, []int64{records[0].APICalls, records[1].APICalls})
}

func TestClockThatJumpsLosesAndRepeatsNothing(t *testing.T) {
	each(t, "2026-11-10T08:00:00Z", func(w *world) {
		w.queue(lifecycle.Created, "acme", "q")
		for _, step := range []time.Duration{hour, -hour, hour, 24 * hour, -25 * hour, 26 * hour, -time.Minute, time.Minute, 0} {
			w.clock.Advance(step)
			w.advance()
		}
		w.clock.Set(at("2026-11-11T12:00:00Z"))
		w.advance()
		records := w.closedHours("acme")
		require.Len(w.t, records, 28)
		for i, r := range records {
			require.Equal(w.t, usage.HourOf(at("2026-11-10T08:00:00Z"))+usage.Hour(i), r.Hour)
			require.Equal(w.t, int64(1), r.QueueUnits)
		}
		require.Equal(w.t, "1.68", billing.NewMoney(dec("0.06").Mul(dec("28")), billing.CNY).String())
		require.Empty(w.t, w.verify("acme").Differences)
	})
}

// story is the same month and a half of two accounts' life, however often the meter ticks.
func story(w *world, ticks func(hour int) bool) {
	for i := range 45 * 24 {
		switch {
		case i%24 == 3:
			w.queue(lifecycle.Created, "a", fmt.Sprint("day", i/24))
		case i%24 == 9 && i > 24:
			w.queue(lifecycle.Deleted, "a", fmt.Sprint("day", i/24-1))
		case i == 100:
			w.queue(lifecycle.Created, "b", "long")
		case i == 500:
			w.queue(lifecycle.Frozen, "b", "long")
		case i == 700:
			w.queue(lifecycle.Thawed, "b", "long")
		}
		if i%50 == 7 {
			w.call("a", 90_000)
			w.call("b", 1)
		}
		w.clock.Advance(hour)
		if ticks(i) {
			w.advance()
		}
	}
	w.advance()
}

func TestMissedTicksAreFilledInExactly(t *testing.T) {
	const begin = "2026-10-10T16:00:00Z" // 45 days from here cross the end of October
	every := onSQLite(t, begin)
	story(every, func(int) bool { return true })
	same := func(w *world) {
		for _, m := range []string{"2026-10", "2026-11"} {
			require.NotEmpty(t, every.bill("a", m).Lines)
			require.Empty(t, cmp.Diff(show(every.bill("a", m).Lines), show(w.bill("a", m).Lines)))
		}
		for _, account := range []string{"a", "b"} {
			require.NotEmpty(t, every.closedHours(account))
			require.Empty(t, cmp.Diff(every.closedHours(account), w.closedHours(account)))
			require.Empty(t, w.verify(account).Differences)
		}
	}
	same(every)
	t.Run("1 hour and 3 days", func(t *testing.T) {
		w := onSQLite(t, begin)
		story(w, func(i int) bool { return i%10 != 4 && (i < 300 || i > 372) })
		same(w)
	})
	t.Run("40 days", func(t *testing.T) {
		each(t, begin, func(w *world) {
			story(w, func(i int) bool { return i < 60 || i > 60+40*24 })
			same(w)
		})
	})
}

func TestMeterKilledAtEveryStatementEndsTheSame(t *testing.T) {
	const begin = "2026-11-10T08:00:00Z"
	prepare := func(w *world) {
		w.queue(lifecycle.Created, "a", "q1")
		w.queue(lifecycle.Created, "b", "q2")
		w.call("a", 5)
		w.clock.Advance(hour)
		w.call("c", 6)
		w.clock.Advance(2 * hour)
	}
	each(t, begin, func(w *world) {
		empty := w.contents()
		prepare(w)
		w.advance()
		want := w.dump()
		for n := 1; ; n++ {
			w.restore(empty)
			v := newWorld(w.t, w.db, begin)
			prepare(v)
			_, err := v.meter(&failing{Store: v.store, failAt: n}).Advance(w.t.Context())
			if err == nil {
				require.Greater(w.t, n, 25, "each statement was failed once")
				break
			}
			require.ErrorIs(w.t, err, errKilled)
			v.advance() // the next process
			require.Equal(w.t, want, v.dump(), "killed at statement %d", n)
		}
	})
}

func TestManyWorkersAtOnceMakeOneSetOfRecords(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		const workers, rounds = 4, 60
		w := newWorld(t, dbtest.Open(t, url), "2026-11-10T08:00:00Z")
		stores := []billing.Store{w.store}
		for range workers - 1 { // each as if it were another process
			other, err := dbx.Open(t.Context(), url)
			require.NoError(t, err)
			defer other.Close()
			stores = append(stores, gormstore.New(other))
		}
		for i := range 3 {
			w.queue(lifecycle.Created, fmt.Sprint("account-", i), fmt.Sprint("q", i))
		}
		total := 0
		for round := range rounds {
			w.call("account-1", 1)
			w.clock.Advance(time.Duration(1+round%3) * hour)
			var (
				wg      sync.WaitGroup
				start   = make(chan struct{})
				results = make([]billing.Result, workers)
				errors  = make([]error, workers)
			)
			for i, s := range stores {
				wg.Go(func() {
					m := w.meter(s)
					<-start
					results[i], errors[i] = m.Advance(context.WithoutCancel(t.Context()))
				})
			}
			close(start)
			wg.Wait()
			for i := range workers {
				require.NoError(t, errors[i])
				require.Zero(t, results[i].Duplicates)
				total += results[i].Hours
			}
		}
		state, err := w.store.Meter(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2*rounds, int(state.Next-state.First))
		require.Equal(t, 2*rounds, total, "each hour was closed by one worker")
		for i := range 3 {
			v := w.verify(fmt.Sprint("account-", i))
			require.Empty(t, v.Differences)
			require.Equal(t, 2*rounds, v.Records)
		}
	})
}

func TestUsageDeliveredWhileHoursAreClosedIsCountedOnce(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		w := newWorld(t, dbtest.Open(t, url), "2026-11-10T08:00:00Z")
		const sources, batches = 3, 40
		var wg sync.WaitGroup
		failures := make(chan error, sources*batches+batches)
		for s := range sources {
			wg.Go(func() {
				sink := w.sink()
				for i := range batches {
					b := usage.Batch{Source: fmt.Sprint(s), First: uint64(i + 1), Last: uint64(i + 1), Counts: []usage.Count{
						sends("acme", usage.HourOf(w.clock.Now()), 1), sends("acme", usage.HourOf(w.clock.Now())-1, 1),
					}}
					if _, err := sink.Deliver(context.WithoutCancel(t.Context()), b); err != nil {
						failures <- err
					}
				}
			})
		}
		wg.Go(func() {
			for range batches {
				w.clock.Advance(hour)
				if _, err := w.meter(w.store).Advance(context.WithoutCancel(t.Context())); err != nil {
					failures <- err
				}
			}
		})
		wg.Wait()
		close(failures)
		for err := range failures {
			require.NoError(t, err)
		}
		w.clock.Advance(2 * hour)
		w.advance()
		var sum int64
		for _, c := range w.closedHours("acme") {
			sum += c.APICalls
		}
		require.Equal(t, int64(sources*batches*2), sum)
		require.Empty(t, w.verify("acme").Differences)
	})
}

func TestRecordThatIsThereAlreadyIsASuccess(t *testing.T) {
	each(t, "2026-11-10T08:00:00Z", func(w *world) {
		w.queue(lifecycle.Created, "acme", "q")
		w.clock.Advance(3 * hour)
		w.advance()
		want := w.dump()
		// As after a restore in which the boundary is older than the records.
		h := usage.HourOf(at("2026-11-10T08:00:00Z"))
		require.NoError(w.t, w.store.InTx(w.t.Context(), func(tx billing.Tx) error {
			return tx.SaveMeter(billing.MeterState{Started: true, First: h, Next: h + 1})
		}))
		require.Equal(w.t, billing.Result{From: h + 1, To: h + 3, Hours: 2, Records: 0, Duplicates: 2}, w.advance())
		require.Equal(w.t, want, w.dump())
		require.Equal(w.t, int64(2), w.counters.DuplicateClosings.Load())
	})
}

// slowLog ends a context in the middle of reading the log.
type slowLog struct {
	lifecycle.Log
	cancel func()
}

func (l slowLog) Events(ctx context.Context, account string, from, to time.Time) ([]lifecycle.Event, error) {
	l.cancel()
	return l.Log.Events(ctx, account, from, to)
}

func TestAdvanceStopsWithItsContext(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	w.clock.Advance(100 * hour)
	ctx, cancel := context.WithCancel(t.Context())
	m := billing.NewMeter(billing.MeterOptions{
		Store: w.store, Events: slowLog{w.queues, cancel}, Prices: w.prices, Clock: w.clock, Log: w.slog(), Counters: w.counters,
	})
	_, err := m.Advance(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 100, w.advance().Hours)
}

func TestErrorsOfTheDatabaseAreInternal(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	w.clock.Advance(hour)
	_, err := w.meter(&failing{Store: w.store, failAt: 1}).Advance(t.Context())
	require.True(t, errors.Is(err, errKilled))
	require.Equal(t, errs.Internal, errs.CodeOf(err))
}

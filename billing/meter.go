package billing

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"dms/internal/clock"
	"dms/internal/lifecycle"
	"dms/internal/usage"
)

// deriveWindow is how many hours of the lifecycle log are read at once when the meter has fallen behind: few enough to bound the
// memory, enough that a month's outage does not read the log of every account 720 times.
const deriveWindow = 24

// Meter closes clock hours: it writes, once and for ever, what each account used in them.
type Meter struct {
	store    Store
	events   lifecycle.Log
	prices   *PriceBook
	clock    clock.Clock
	log      *slog.Logger
	counters *Counters
	settle   time.Duration
}

// MeterOptions is what a Meter needs.
type MeterOptions struct {
	Store    Store
	Events   lifecycle.Log
	Prices   *PriceBook
	Clock    clock.Clock
	Log      *slog.Logger
	Counters *Counters
	// Settle is how long after its end an hour is left open, so that a queue's event that was dated within the hour but is not
	// committed yet is not missed. 0: not at all.
	Settle time.Duration
}

// NewMeter returns a meter.
func NewMeter(o MeterOptions) *Meter {
	return &Meter{store: o.Store, events: o.Events, prices: o.Prices, clock: o.Clock, log: o.Log, counters: o.Counters, settle: o.Settle}
}

// Result says what an Advance did.
type Result struct {
	From, To   usage.Hour // what this worker closed lies in [From, To); both 0 when it closed nothing
	Hours      int        // how many hours it closed; others at work may have closed the rest
	Records    int        // how many records it wrote
	Duplicates int        // how many were there already
}

// Advance closes, in their order, all hours that have ended and are not closed. It never closes an hour that is still running, so
// a clock that went back has no effect. It may be called at any time, by any number of workers at once, and be killed at any point:
// each hour is one transaction, and whoever finds an hour closed goes on with the next.
func (m *Meter) Advance(ctx context.Context) (Result, error) {
	end := usage.HourOf(m.clock.Now().Add(-m.settle)) // the first hour that must stay open
	var res Result
	for {
		state, err := m.store.Meter(ctx)
		if err != nil {
			return res, fmt.Errorf("read the meter: %w", err)
		}
		if !state.Started {
			first, ok, err := m.firstHour(ctx, end)
			if err != nil || !ok {
				return res, err
			}
			state = MeterState{First: first, Next: first} // not stored before the first hour is closed
		}
		if state.Next >= end {
			return res, nil
		}
		to := min(state.Next+deriveWindow, end)
		units, err := m.deriveUnits(ctx, state.Next, to)
		if err != nil {
			return res, err
		}
		for h := state.Next; h < to; h++ {
			closed, err := m.closeHour(ctx, state.First, h, units[h], &res)
			if err != nil {
				return res, fmt.Errorf("close hour %s: %w", h.Start().Format(time.RFC3339), err)
			}
			if !closed {
				break // another worker was faster: see where it stands
			}
		}
	}
}

// firstHour returns the hour with which metering begins: that of the first usage or of the first queue, whichever was earlier.
// false: nothing has ended that could be closed.
func (m *Meter) firstHour(ctx context.Context, end usage.Hour) (usage.Hour, bool, error) {
	first, found, err := m.firstUsage(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("find the first usage: %w", err)
	}
	if !found || first > end {
		first = end
	}
	// Whether any queue existed before the end of an hour is monotone in the hour, so the first such hour can be searched by halving.
	existed := func(h usage.Hour) (bool, error) {
		ids, err := m.events.AcrossAccountsExisting(ctx, usage.Hour(0).Start(), (h + 1).Start())
		if err != nil {
			return false, fmt.Errorf("find the first queue: %w", err)
		}
		return len(ids) > 0, nil
	}
	lo, hi := usage.Hour(0), first // the answer is in [lo, hi]
	for lo < hi {
		mid := lo + (hi-lo)/2
		yes, err := existed(mid)
		if err != nil {
			return 0, false, err
		}
		if yes {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo, lo < end, nil
}

func (m *Meter) firstUsage(ctx context.Context) (first usage.Hour, found bool, err error) {
	err = m.store.InTx(ctx, func(tx Tx) error {
		first, found, err = tx.AcrossAccountsFirstHour()
		return err
	})
	return first, found, err
}

// accountUnits is what an account's queues count in an hour.
type accountUnits map[string]int64

// deriveUnits reads the lifecycle log of the hours [from, to), which have ended.
func (m *Meter) deriveUnits(ctx context.Context, from, to usage.Hour) (map[usage.Hour]accountUnits, error) {
	accounts, err := m.events.AcrossAccountsExisting(ctx, from.Start(), to.Start())
	if err != nil {
		return nil, fmt.Errorf("list the accounts with queues: %w", err)
	}
	out := make(map[usage.Hour]accountUnits, to-from)
	for _, id := range accounts {
		events, err := m.events.Events(ctx, id, from.Start(), to.Start())
		if err != nil {
			return nil, fmt.Errorf("read the lifecycle log of account %s: %w", id, err)
		}
		for u := range CountQueueUnits(events, from, to, to.Start(), granularityBy(m.prices.At)) {
			if out[u.Hour] == nil {
				out[u.Hour] = make(accountUnits)
			}
			out[u.Hour][id] += u.Units
		}
	}
	return out, nil
}

func granularityBy(pricesAt func(usage.Hour) (PriceVersion, bool)) func(usage.Hour) (Granularity, bool) {
	return func(h usage.Hour) (Granularity, bool) {
		v, ok := pricesAt(h)
		return v.Granularity, ok
	}
}

// closeHour closes hour h unless somebody has done so, and then reports false.
func (m *Meter) closeHour(ctx context.Context, first, h usage.Hour, units accountUnits, res *Result) (bool, error) {
	var (
		closed            bool
		records, inserted int
	)
	err := m.store.InTx(ctx, func(tx Tx) error {
		closed, records, inserted = false, 0, 0
		state, err := tx.LockMeter()
		if err != nil {
			return err
		}
		if !state.Started {
			// Earlier usage may have arrived since first was found. From here on it cannot: it would be booked in an open hour.
			earliest, found, err := tx.AcrossAccountsFirstHour()
			if err != nil {
				return err
			}
			if found && earliest < first {
				return nil
			}
			state = MeterState{Started: true, First: first, Next: first}
		}
		if state.Next != h {
			return nil
		}
		rows, err := m.records(tx, h, units)
		if err != nil {
			return err
		}
		if inserted, err = tx.InsertClosedHours(rows); err != nil {
			return err
		}
		state.Next = h + 1
		if err := tx.SaveMeter(state); err != nil {
			return err
		}
		closed, records = true, len(rows)
		return nil
	})
	if err != nil || !closed {
		return false, err
	}
	if res.Hours == 0 {
		res.From = h
	}
	res.To = h + 1
	res.Hours++
	res.Records += inserted
	res.Duplicates += records - inserted
	m.counters.ClosedHours.Add(1)
	if d := records - inserted; d > 0 {
		m.counters.DuplicateClosings.Add(int64(d))
		m.log.WarnContext(ctx, "closed records were there already", slog.Time("hour", h.Start()), slog.Int("records", d))
	}
	return true, nil
}

// records makes the records of all accounts that used anything in the hour, each chained to the account's last one.
func (m *Meter) records(tx Tx, h usage.Hour, units accountUnits) ([]ClosedHour, error) {
	calls, err := tx.AcrossAccountsCalls(h)
	if err != nil {
		return nil, err
	}
	byAccount := make(map[string]*ClosedHour, len(units)+len(calls))
	record := func(id string) *ClosedHour {
		if byAccount[id] == nil {
			byAccount[id] = &ClosedHour{AccountID: id, Hour: h}
		}
		return byAccount[id]
	}
	for id, n := range units {
		record(id).QueueUnits = n
	}
	for _, c := range calls {
		record(c.AccountID).APICalls = c.Calls
	}
	if len(byAccount) == 0 {
		return nil, nil
	}
	priceID := ""
	if v, ok := m.prices.At(h); ok {
		priceID = v.ID()
		if err := tx.PublishPrices(v); err != nil {
			return nil, err
		}
	}
	ids := make([]string, 0, len(byAccount))
	for id := range byAccount {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	heads, err := tx.ChainHeads(ids, h)
	if err != nil {
		return nil, err
	}
	rows := make([]ClosedHour, len(ids))
	for i, id := range ids {
		c := *byAccount[id]
		c.PriceID = priceID
		rows[i] = c.Seal(heads[id])
	}
	return rows, nil
}

package billing

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/usage"
)

const (
	// maxIDBytes bounds every id of a count. The longest real one has 36 bytes.
	maxIDBytes = 128
	// maxSourceBytes bounds the name of a source.
	maxSourceBytes = 200
	// maxCalls bounds one count. It leaves room to add thousands of them in 64 bits.
	maxCalls = 1_000_000_000_000_000

	// clockSkew is how far a node's clock may be ahead of ours.
	clockSkew = 5 * time.Minute
	// maxUsageAge is how late usage may come and still keep its own hour while that is open. A node keeps counting through a long
	// outage of the control plane; but a clock that stands in 1970 must not make the meter begin there.
	maxUsageAge = 100 * 24 * time.Hour
)

// UsageService takes the counted calls of nodes and of the control plane.
type UsageService struct {
	store    Store
	clock    clock.Clock
	log      *slog.Logger
	counters *Counters
}

// NewUsageService returns a service over the store.
func NewUsageService(s Store, c clock.Clock, log *slog.Logger, counters *Counters) *UsageService {
	return &UsageService{store: s, clock: c, log: log, counters: counters}
}

var _ usage.Sink = (*UsageService)(nil)

// Deliver implements usage.Sink. Beyond its promise: batches of a source may come in any order. One that leaves a gap before it is
// taken, and the gap is remembered, so that the missing batch is still taken when it comes after all.
//
// Each count is billed in its own hour, unless that is closed already (then in the first open one) or cannot be true (then in the
// hour of its arrival).
func (s *UsageService) Deliver(ctx context.Context, b usage.Batch) (uint64, error) {
	if err := validateBatch(b); err != nil {
		return 0, err
	}
	var (
		stored    uint64
		duplicate bool
		gap       *SequenceRange
		booked    booking
	)
	err := s.store.InTx(ctx, func(tx Tx) error {
		meter, err := tx.LockMeter()
		if err != nil {
			return err
		}
		src, err := tx.Source(b.Source)
		if err != nil {
			return err
		}
		next, fresh, err := src.take(SequenceRange{b.First, b.Last})
		if err != nil {
			return err
		}
		stored, duplicate, gap = next.Last, !fresh, nil
		if !fresh {
			return nil
		}
		if b.First > src.Last+1 {
			gap = &SequenceRange{src.Last + 1, b.First - 1}
		}
		booked = book(b.Counts, meter, s.clock.Now())
		if err := tx.AddCounts(booked.counts); err != nil {
			return err
		}
		return tx.SaveSource(next)
	})
	switch {
	case err != nil:
		return 0, err
	case duplicate:
		s.counters.DuplicateBatches.Add(1)
		return stored, nil
	case gap != nil:
		s.counters.SequenceGaps.Add(1)
		s.log.WarnContext(ctx, "usage batch left a gap", slog.String("source", b.Source),
			slog.Uint64("missing_first", gap.First), slog.Uint64("missing_last", gap.Last))
	}
	s.counters.Batches.Add(1)
	s.counters.LateCalls.Add(booked.late)
	s.counters.MisdatedCalls.Add(booked.misdated)
	if booked.misdated > 0 {
		s.log.WarnContext(ctx, "usage was misdated; is the source's clock right?", slog.String("source", b.Source), slog.Int64("calls", booked.misdated))
	}
	return stored, nil
}

// take returns the state after the range r is stored, and whether r is new. errs.Invalid: only a part of r is new.
func (s SourceState) take(r SequenceRange) (next SourceState, fresh bool, err error) {
	if r.First > s.Last {
		next = s
		if r.First > s.Last+1 {
			next.Missing = append(slices.Clone(s.Missing), SequenceRange{s.Last + 1, r.First - 1})
		}
		next.Last = r.Last
		return next, true, nil
	}
	overlap := errs.New(errs.Invalid, "", "The batch %d to %d overlaps in part with what is stored of source %q.", r.First, r.Last, s.Source)
	if r.Last > s.Last {
		return s, false, overlap
	}
	for i, m := range s.Missing {
		if r.Last < m.First || r.First > m.Last {
			continue
		}
		if r.First < m.First || r.Last > m.Last {
			return s, false, overlap
		}
		next = s
		next.Missing = slices.Clone(s.Missing[:i])
		if m.First < r.First {
			next.Missing = append(next.Missing, SequenceRange{m.First, r.First - 1})
		}
		if r.Last < m.Last {
			next.Missing = append(next.Missing, SequenceRange{r.Last + 1, m.Last})
		}
		next.Missing = append(next.Missing, s.Missing[i+1:]...)
		return next, true, nil
	}
	return s, false, nil
}

// booking is a batch's counts with the hours in which they are billed.
type booking struct {
	counts         []BookedCount
	late, misdated int64 // calls
}

func book(counts []usage.Count, meter MeterState, now time.Time) booking {
	type row struct {
		usage.Key
		billed usage.Hour
	}
	var out booking
	sums := make(map[row]int64, len(counts))
	for _, c := range counts {
		if c.Calls == 0 {
			continue
		}
		billed := c.Hour
		if billed > usage.HourOf(now.Add(clockSkew)) || billed < usage.HourOf(now.Add(-maxUsageAge)) {
			billed = usage.HourOf(now)
			out.misdated += c.Calls
		}
		if meter.Closed(billed) {
			billed = meter.Next
			out.late += c.Calls
		}
		sums[row{c.Key, billed}] += c.Calls
	}
	for r, calls := range sums {
		out.counts = append(out.counts, BookedCount{
			Count: usage.Count{Key: r.Key, Calls: calls}, BilledHour: r.billed, Billable: Billable(r.Action),
		})
	}
	return out
}

// validateBatch refuses what no source of ours would send, alike for every database: Postgres keeps no NUL in a text, SQLite would.
func validateBatch(b usage.Batch) error {
	switch {
	case b.Source == "" || len(b.Source) > maxSourceBytes || !storable(b.Source):
		return errs.New(errs.Invalid, "", "source: want 1 to %d bytes of UTF-8 without NUL.", maxSourceBytes)
	case b.First < 1 || b.Last < b.First || b.Last > math.MaxInt64-1:
		return errs.New(errs.Invalid, "", "first, last: want 1 <= first <= last, not %d and %d.", b.First, b.Last)
	}
	for _, c := range b.Counts {
		if c.AccountID == "" {
			return errs.New(errs.Invalid, "", "account_id: is empty.")
		}
		if c.Calls < 0 || c.Calls > maxCalls {
			return errs.New(errs.Invalid, "", "calls: want 0 to %d, not %d.", int64(maxCalls), c.Calls)
		}
		for _, id := range []string{c.AccountID, c.ProjectID, c.UserID, c.QueueID, string(c.Action)} {
			if len(id) > maxIDBytes || !storable(id) {
				return errs.New(errs.Invalid, "", "%.200q: want at most %d bytes of UTF-8 without NUL.", id, maxIDBytes)
			}
		}
	}
	return nil
}

func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

package billing

import (
	"context"
	"fmt"
	"time"

	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/lifecycle"
	"dms/internal/usage"
)

const (
	// DefaultFinalAfter is how long after its month a bill is a draft.
	DefaultFinalAfter = 24 * time.Hour
	maxFinalAfter     = 72 * time.Hour
)

// ReportService makes bills.
type ReportService struct {
	store      Store
	events     lifecycle.Log
	prices     *PriceBook
	clock      clock.Clock
	zone       Zone
	finalAfter time.Duration
}

// ReportOptions is what a ReportService needs.
type ReportOptions struct {
	Store      Store
	Events     lifecycle.Log
	Prices     *PriceBook
	Clock      clock.Clock
	Zone       Zone          // of the platform: ChinaZone
	FinalAfter time.Duration // 0 to 72 h; DefaultFinalAfter unless configured
}

// NewReportService returns a service. errs.Invalid: FinalAfter is out of range.
func NewReportService(o ReportOptions) (*ReportService, error) {
	if o.FinalAfter < 0 || o.FinalAfter > maxFinalAfter {
		return nil, errs.New(errs.Invalid, "", "billing.final_after: want 0 to %s, not %s.", maxFinalAfter, o.FinalAfter)
	}
	return &ReportService{store: o.Store, events: o.Events, prices: o.Prices, clock: o.Clock, zone: o.Zone, finalAfter: o.FinalAfter}, nil
}

// PresentMonth returns the running month of the billing zone.
func (s *ReportService) PresentMonth() Month { return s.zone.MonthOf(s.clock.Now()) }

// PresentPrices returns what holds now. errs.NotFound: no version has begun yet.
func (s *ReportService) PresentPrices() (PriceVersion, error) {
	v, ok := s.prices.At(usage.HourOf(s.clock.Now()))
	if !ok {
		return PriceVersion{}, errs.New(errs.NotFound, "", "No prices are in force yet.")
	}
	return v, nil
}

// Bill returns the account's bill of the month, up to this instant: hours that are running or not closed yet are in it, marked so.
// The caller has found the account.
func (s *ReportService) Bill(ctx context.Context, a Account, m Month) (Bill, error) {
	now := s.clock.Now()
	from, to := s.zone.Hours(m)
	meter, err := s.store.Meter(ctx)
	if err != nil {
		return Bill{}, fmt.Errorf("read the meter: %w", err)
	}
	pricesAt, err := s.pricesAt(ctx, a.ID, from, to)
	if err != nil {
		return Bill{}, err
	}
	calls, err := s.store.HourlyCalls(ctx, a.ID, from, to)
	if err != nil {
		return Bill{}, fmt.Errorf("read counted calls: %w", err)
	}
	// until is just after now: a queue that was created this instant is on the bill.
	until := now.Add(time.Microsecond)
	if end := to.Start(); end.Before(until) {
		until = end
	}
	var events []lifecycle.Event
	if from.Start().Before(until) {
		if events, err = s.events.Events(ctx, a.ID, from.Start(), until); err != nil {
			return Bill{}, fmt.Errorf("read the lifecycle log: %w", err)
		}
	}
	r, err := Rate(RatingInput{
		Currency: s.prices.Currency(),
		Queues:   CountQueueUnits(events, from, to, until, granularityBy(pricesAt)),
		Calls:    calls,
		PricesAt: pricesAt,
		Closed:   meter.Closed,
	})
	if err != nil {
		return Bill{}, fmt.Errorf("rate account %s in %s: %w", a.ID, m, err)
	}
	return newBill(a, m, s.status(m, now, meter, r), r), nil
}

// pricesAt returns the prices of each hour: of a closed hour those by which it was closed, of any other those of the book. So a
// book that changes cannot change what is closed.
func (s *ReportService) pricesAt(ctx context.Context, accountID string, from, to usage.Hour) (func(usage.Hour) (PriceVersion, bool), error) {
	closed, err := s.store.ClosedHours(ctx, accountID, from, to)
	if err != nil {
		return nil, fmt.Errorf("read closed hours: %w", err)
	}
	published, err := s.store.Prices(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the published prices: %w", err)
	}
	byHour := make(map[usage.Hour]string, len(closed))
	for _, c := range closed {
		byHour[c.Hour] = c.PriceID
		if _, ok := published[c.PriceID]; !ok && c.PriceID != "" {
			return nil, fmt.Errorf("hour %s of account %s was closed by prices %s, which are gone", c.Hour.Start(), accountID, c.PriceID)
		}
	}
	return func(h usage.Hour) (PriceVersion, bool) {
		if id, ok := byHour[h]; ok {
			v, ok := published[id] // "" is never published: closed while there was no price
			return v, ok
		}
		return s.prices.At(h)
	}, nil
}

// status is final only when nothing can be booked in the month any more: its grace is over and all its hours are closed. A meter
// that has nothing to measure closes nothing, and does not keep an empty bill a draft.
func (s *ReportService) status(m Month, now time.Time, meter MeterState, r Rating) Status {
	_, end := s.zone.Bounds(m)
	_, lastHour := s.zone.Hours(m)
	switch {
	case now.Before(end):
		return StatusOpen
	case now.Before(end.Add(s.finalAfter)):
		return StatusDraft
	case meter.Started && meter.Next < lastHour, !meter.Started && len(r.Lines) > 0:
		return StatusDraft
	}
	return StatusFinal
}

package billing

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/shopspring/decimal"

	"dms/internal/usage"
)

// HourlyCalls is a number of billable calls in one clock hour, summed over actions.
type HourlyCalls struct {
	Hour      usage.Hour // in which they are billed
	ProjectID string
	UserID    string
	QueueID   string
	Calls     int64
}

// Rating is what Rate makes of one account's month.
type Rating struct {
	Lines        []Line          // ordered
	QueueHours   decimal.Decimal // counted minutes are shown as hours, in 6 digits
	APICalls     decimal.Decimal
	FreeAPICalls decimal.Decimal
	Sum          Money // of the lines, not rounded
}

// RatingInput is everything that a month's lines depend on.
type RatingInput struct {
	Currency Currency
	Queues   iter.Seq[QueueUnits]
	Calls    []HourlyCalls // in any order, a key may occur more than once
	// PricesAt returns what holds in an hour. Usage of an hour without prices is not billed.
	PricesAt func(usage.Hour) (PriceVersion, bool)
	// Closed reports whether an hour is closed.
	Closed func(usage.Hour) bool
}

// Rate prices one account's usage of one month. It is pure, and the result does not depend on the order of the input.
//
// The free calls of the month go to the hours in their order, and within an hour by (project, queue, user): an hour in which they
// run out is split exactly. When the number of free calls changes within the month, each hour goes by its own version: it may use
// what is left of that version's number.
func Rate(in RatingInput) (Rating, error) {
	r := rater{in: in, quantities: make(map[lineKey]*decimal.Decimal)}
	if err := r.queues(); err != nil {
		return Rating{}, err
	}
	if err := r.calls(); err != nil {
		return Rating{}, err
	}
	out := Rating{
		Lines:        make([]Line, 0, len(r.quantities)),
		QueueHours:   r.hours.Add(r.minutes.DivRound(decimal.New(60, 0), 6)),
		APICalls:     r.counted,
		FreeAPICalls: r.free,
		Sum:          NewMoney(decimal.Zero, in.Currency),
	}
	for k, q := range r.quantities {
		price := decimal.RequireFromString(k.unitPrice)
		out.Lines = append(out.Lines, Line{
			Meter: k.meter, ProjectID: k.project, UserID: k.user, QueueID: k.queue,
			Quantity: *q, Unit: k.unit, UnitPrice: price, Amount: NewMoney(q.Mul(price), in.Currency), Closed: k.closed,
		})
	}
	slices.SortFunc(out.Lines, compareLines)
	for _, l := range out.Lines {
		out.Sum = out.Sum.Add(l.Amount)
	}
	return out, nil
}

// lineKey is what one line sums over. It is a tuple of its parts: ids with separators in them cannot collide.
type lineKey struct {
	meter                MeterName
	project, user, queue string
	unit                 Unit
	unitPrice            string // a decimal is no map key; its shortest form is
	closed               bool
}

type rater struct {
	in             RatingInput
	quantities     map[lineKey]*decimal.Decimal
	hours, minutes decimal.Decimal
	counted, free  decimal.Decimal
}

func (r *rater) add(k lineKey, quantity decimal.Decimal) {
	q := r.quantities[k]
	if q == nil {
		q = new(decimal.Decimal)
		r.quantities[k] = q
	}
	*q = q.Add(quantity)
}

func (r *rater) prices(h usage.Hour) (PriceVersion, bool, error) {
	v, ok := r.in.PricesAt(h)
	if ok && v.Currency != r.in.Currency {
		return v, false, fmt.Errorf("prices of hour %s are in %s, the bill is in %s", h.Start(), v.Currency, r.in.Currency)
	}
	return v, ok, nil
}

// queues adds up runs of hours at one price before it touches decimals: a month of a queue is one addition, not 720.
func (r *rater) queues() error {
	var run struct {
		key   lineKey
		units int64
	}
	flush := func() {
		if run.units == 0 {
			return
		}
		n := decimal.New(run.units, 0)
		r.add(run.key, n)
		if run.key.unit == UnitQueueMinute {
			r.minutes = r.minutes.Add(n)
		} else {
			r.hours = r.hours.Add(n)
		}
		run.units = 0
	}
	unitPrices := make(map[usage.Hour]lineKey) // what is the same for all queues of an hour
	for u := range r.in.Queues {
		k, known := unitPrices[u.Hour]
		if !known {
			v, ok, err := r.prices(u.Hour)
			if err != nil {
				return err
			}
			if ok {
				k = lineKey{meter: MeterNameQueueHours, unit: v.Granularity.Unit(), unitPrice: v.Queue.UnitPrice().String(), closed: r.in.Closed(u.Hour)}
			}
			unitPrices[u.Hour] = k
		}
		if k.meter == "" {
			continue
		}
		k.project, k.user, k.queue = u.ProjectID, u.UserID, u.QueueID
		if k != run.key {
			flush()
			run.key = k
		}
		run.units += u.Units
	}
	flush()
	return nil
}

func (r *rater) calls() error {
	calls := slices.Clone(r.in.Calls)
	slices.SortFunc(calls, func(a, b HourlyCalls) int {
		return cmp.Or(
			cmp.Compare(a.Hour, b.Hour),
			cmp.Compare(a.ProjectID, b.ProjectID),
			cmp.Compare(a.QueueID, b.QueueID),
			cmp.Compare(a.UserID, b.UserID),
			cmp.Compare(a.Calls, b.Calls), // the same key twice: whichever is first, the sums are the same
		)
	})
	for _, c := range calls {
		v, ok, err := r.prices(c.Hour)
		if err != nil {
			return err
		}
		if !ok || c.Calls <= 0 {
			continue
		}
		n := decimal.New(c.Calls, 0)
		r.counted = r.counted.Add(n)
		k := lineKey{meter: MeterNameAPICalls, project: c.ProjectID, user: c.UserID, queue: c.QueueID, unit: UnitCall, closed: r.in.Closed(c.Hour)}
		left := decimal.Max(decimal.Zero, decimal.New(v.FreeAPICalls, 0).Sub(r.free))
		if free := decimal.Min(n, left); free.IsPositive() {
			r.free = r.free.Add(free)
			k.unitPrice = "0"
			r.add(k, free)
			n = n.Sub(free)
		}
		if n.IsPositive() {
			k.unitPrice = v.APICall.UnitPrice().String()
			r.add(k, n)
		}
	}
	return nil
}

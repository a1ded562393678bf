package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"dms/internal/errs"
	"dms/internal/usage"
)

// Granularity is the unit in which the life of a queue is counted. Every unit that has begun counts as a whole.
type Granularity string

const (
	GranularityHour   Granularity = "hour"
	GranularityMinute Granularity = "minute"
)

// Validate returns errs.Invalid unless g is one of the granularities.
func (g Granularity) Validate() error {
	switch g {
	case GranularityHour, GranularityMinute:
		return nil
	}
	return errs.New(errs.Invalid, "", "granularity: want hour or minute, not %q.", string(g))
}

func (g Granularity) duration() time.Duration {
	if g == GranularityMinute {
		return time.Minute
	}
	return time.Hour
}

// Unit is what a quantity counts.
type Unit string

const (
	UnitQueueHour   Unit = "queue_hour"
	UnitQueueMinute Unit = "queue_minute"
	UnitCall        Unit = "call"
)

// Unit returns the unit of queues at this granularity.
func (g Granularity) Unit() Unit {
	if g == GranularityMinute {
		return UnitQueueMinute
	}
	return UnitQueueHour
}

// Price is an amount for a number of units: CNY 2.00 per 1,000,000 calls.
type Price struct {
	Amount decimal.Decimal `json:"amount"`
	Per    decimal.Decimal `json:"per"`
}

// pricePlaces is more digits than any price needs; a quotient that wants more does not terminate.
const pricePlaces = 18

// UnitPrice returns the exact price of one unit.
func (p Price) UnitPrice() decimal.Decimal { return p.Amount.DivRound(p.Per, pricePlaces) }

func (p Price) validate(name string) error {
	switch {
	case p.Amount.IsNegative():
		return errs.New(errs.Invalid, "", "%s: the amount is negative.", name)
	case !p.Per.IsPositive():
		return errs.New(errs.Invalid, "", "%s: per must be more than 0.", name)
	case !p.UnitPrice().Mul(p.Per).Equal(p.Amount):
		return errs.New(errs.Invalid, "", "%s: %s per %s is not an exact price of one unit.", name, p.Amount, p.Per)
	}
	return nil
}

// PriceVersion is what things cost from one hour on, until the next version begins. It is never edited: a change is a new version.
type PriceVersion struct {
	Currency     Currency    `json:"currency"`
	Granularity  Granularity `json:"granularity"`
	Queue        Price       `json:"queue"`          // per unit of Granularity
	APICall      Price       `json:"api_call"`       // beyond the free calls
	FreeAPICalls int64       `json:"free_api_calls"` // per account and calendar month
}

// Validate returns errs.Invalid with what is wrong.
func (v PriceVersion) Validate() error {
	if err := v.Currency.Validate(); err != nil {
		return err
	}
	if err := v.Granularity.Validate(); err != nil {
		return err
	}
	if err := v.Queue.validate("queue"); err != nil {
		return err
	}
	if err := v.APICall.validate("api_call"); err != nil {
		return err
	}
	if v.FreeAPICalls < 0 {
		return errs.New(errs.Invalid, "", "free_api_calls: is negative.")
	}
	return nil
}

// ID names the version by its content: closed hours keep it, so that a version that was edited is another one.
func (v PriceVersion) ID() string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// StandardPrices returns the product's prices: CNY 0.06 per queue-hour, or 0.001 a started minute; a million free calls a month, then
// CNY 2.00 per million.
func StandardPrices(g Granularity) PriceVersion {
	queue := decimal.New(6, -2)
	if g == GranularityMinute {
		queue = decimal.New(1, -3)
	}
	return PriceVersion{
		Currency:     CNY,
		Granularity:  g,
		Queue:        Price{Amount: queue, Per: decimal.New(1, 0)},
		APICall:      Price{Amount: decimal.New(2, 0), Per: decimal.New(1_000_000, 0)},
		FreeAPICalls: 1_000_000,
	}
}

// DatedPrices is a version and when it begins to hold.
type DatedPrices struct {
	ValidFrom time.Time // a full hour; the zero time stands for "always"
	PriceVersion
}

// PriceBook knows what things cost at any hour. It is immutable.
type PriceBook struct{ versions []DatedPrices }

// NewPriceBook returns a book of at least one version, in any order. errs.Invalid: a version is wrong, begins within an hour or with
// another one, or is in another currency than the rest.
func NewPriceBook(versions ...DatedPrices) (*PriceBook, error) {
	if len(versions) == 0 {
		return nil, errs.New(errs.Invalid, "", "The price book is empty.")
	}
	vs := slices.Clone(versions)
	slices.SortStableFunc(vs, func(a, b DatedPrices) int { return a.ValidFrom.Compare(b.ValidFrom) })
	for i, v := range vs {
		if err := v.Validate(); err != nil {
			return nil, fmt.Errorf("prices from %s: %w", v.ValidFrom.UTC().Format(time.RFC3339), err)
		}
		// Hours are what is rated: a version that began within one would have to split it.
		if !v.ValidFrom.Equal(usage.HourOf(v.ValidFrom).Start()) {
			return nil, errs.New(errs.Invalid, "", "Prices must begin on a full hour, not at %s.", v.ValidFrom.UTC().Format(time.RFC3339Nano))
		}
		if i > 0 && v.ValidFrom.Equal(vs[i-1].ValidFrom) {
			return nil, errs.New(errs.Invalid, "", "Two versions of the prices begin at %s.", v.ValidFrom.UTC().Format(time.RFC3339))
		}
		if v.Currency != vs[0].Currency {
			return nil, errs.New(errs.Invalid, "", "The price book mixes %s and %s; a bill has one currency.", vs[0].Currency, v.Currency)
		}
	}
	return &PriceBook{versions: vs}, nil
}

// StandardPriceBook returns the product's prices, valid always.
func StandardPriceBook(g Granularity) (*PriceBook, error) {
	return NewPriceBook(DatedPrices{PriceVersion: StandardPrices(g)})
}

// Currency returns the book's one currency.
func (b *PriceBook) Currency() Currency { return b.versions[0].Currency }

// At returns the version that holds in the hour; false before the first one began: usage before there was a price is not billed.
func (b *PriceBook) At(h usage.Hour) (PriceVersion, bool) {
	start := h.Start()
	for _, v := range slices.Backward(b.versions) {
		if !v.ValidFrom.After(start) {
			return v.PriceVersion, true
		}
	}
	return PriceVersion{}, false
}

package billing

import (
	"fmt"
	"time"

	"dms/internal/errs"
	"dms/internal/usage"
)

// Zone is the platform's billing zone: where calendar months begin and end. It is a fixed offset of whole hours, so that every
// month holds whole clock hours and no hour is split between two bills.
type Zone struct{ offset time.Duration }

// ChinaZone is UTC+8, the billing zone of the product.
var ChinaZone = Zone{offset: 8 * time.Hour}

const maxZoneOffset = 14 * time.Hour // UTC+14 is the farthest zone there is; UTC-12 the other

// NewZone returns the zone at an offset from UTC. errs.Invalid: not whole hours, or there is no such zone.
func NewZone(offset time.Duration) (Zone, error) {
	if offset%time.Hour != 0 {
		return Zone{}, errs.New(errs.Invalid, "", "The billing zone must be whole hours from UTC, not %s.", offset)
	}
	if offset.Abs() > maxZoneOffset {
		return Zone{}, errs.New(errs.Invalid, "", "There is no zone %s from UTC.", offset)
	}
	return Zone{offset: offset}, nil
}

func (z Zone) location() *time.Location { return time.FixedZone("billing", int(z.offset/time.Second)) }

// MonthOf returns the month that contains t.
func (z Zone) MonthOf(t time.Time) Month {
	y, m, _ := t.In(z.location()).Date()
	return Month{year: y, month: m}
}

// Bounds returns the month's instants [from, to), in UTC.
func (z Zone) Bounds(m Month) (from, to time.Time) {
	loc := z.location()
	from = time.Date(m.year, m.month, 1, 0, 0, 0, 0, loc).UTC()
	to = time.Date(m.year, m.month+1, 1, 0, 0, 0, 0, loc).UTC()
	return from, to
}

// Hours returns the month's clock hours [from, to).
func (z Zone) Hours(m Month) (from, to usage.Hour) {
	start, end := z.Bounds(m)
	return usage.HourOf(start), usage.HourOf(end)
}

// Month is a calendar month.
type Month struct {
	year  int
	month time.Month
}

// ParseMonth reads "YYYY-MM".
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || len(s) != len("2006-01") {
		return Month{}, errs.New(errs.Invalid, "", "month: want YYYY-MM, such as 2026-11.").WithField("month", "want YYYY-MM, such as 2026-11")
	}
	return Month{year: t.Year(), month: t.Month()}, nil
}

// Next returns the month after m.
func (m Month) Next() Month {
	if m.month == time.December {
		return Month{year: m.year + 1, month: time.January}
	}
	return Month{year: m.year, month: m.month + 1}
}

// String writes "YYYY-MM".
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.year, int(m.month)) }

// MarshalText makes JSON show "YYYY-MM".
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

package billing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dms/billing"
	"dms/internal/errs"
	"dms/internal/usage"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func month(s string) billing.Month {
	m, err := billing.ParseMonth(s)
	if err != nil {
		panic(err)
	}
	return m
}

func TestMonthIsHalfOpenInTheBillingZone(t *testing.T) {
	from, to := billing.ChinaZone.Bounds(month("2026-11"))
	require.Equal(t, at("2026-10-31T16:00:00Z"), from)
	require.Equal(t, at("2026-11-30T16:00:00Z"), to)
	require.Equal(t, "2026-10", billing.ChinaZone.MonthOf(from.Add(-1)).String())
	require.Equal(t, "2026-11", billing.ChinaZone.MonthOf(from).String())
	require.Equal(t, "2026-11", billing.ChinaZone.MonthOf(to.Add(-1)).String())
	require.Equal(t, "2026-12", billing.ChinaZone.MonthOf(to).String())
}

func TestMonthsHaveTheHoursOfTheirDays(t *testing.T) {
	for m, days := range map[string]int64{"2026-02": 28, "2028-02": 29, "2026-12": 31, "2026-11": 30} {
		from, to := billing.ChinaZone.Hours(month(m))
		require.Equal(t, days*24, int64(to-from), m)
	}
}

func TestMonthsTileTimeInEveryZoneOfWholeHours(t *testing.T) {
	for offset := -12; offset <= 14; offset++ {
		zone, err := billing.NewZone(time.Duration(offset) * time.Hour)
		require.NoError(t, err)
		m := month("1970-01")
		_, end := zone.Hours(m)
		for m = m.Next(); m != month("2101-01"); m = m.Next() {
			from, to := zone.Hours(m)
			require.Equal(t, end, from, "%s in zone %d begins where the month before ends", m, offset)
			require.Less(t, from, to)
			require.Equal(t, m, zone.MonthOf(from.Start()))
			require.Equal(t, m, zone.MonthOf(to.Start().Add(-1)))
			end = to
		}
	}
}

func TestAnyInstantIsInExactlyOneHourAndMonth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		instant := time.Unix(rapid.Int64Range(0, 4102444800).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond"))
		h := usage.HourOf(instant)
		require.False(t, instant.Before(h.Start()))
		require.True(t, instant.Before((h + 1).Start()))
		from, to := billing.ChinaZone.Hours(billing.ChinaZone.MonthOf(instant))
		require.True(t, from <= h && h < to)
	})
}

func TestZoneOfSplitHoursIsRefused(t *testing.T) {
	for _, offset := range []time.Duration{5*time.Hour + 30*time.Minute, 5*time.Hour + 45*time.Minute, time.Second, 15 * time.Hour, -15 * time.Hour} {
		_, err := billing.NewZone(offset)
		require.Equal(t, errs.Invalid, errs.CodeOf(err), offset)
	}
}

func TestParseMonthWantsYearAndMonth(t *testing.T) {
	require.Equal(t, "2026-01", month("2026-01").String())
	for _, wrong := range []string{"", "2026", "2026-1", "2026-13", "2026-00", "2026-01-01", "26-01", " 2026-01", "２０２６-01"} {
		_, err := billing.ParseMonth(wrong)
		require.Equal(t, errs.Invalid, errs.CodeOf(err), wrong)
	}
}

package billing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dms/billing"
	"dms/internal/usage"
)

func standard(g billing.Granularity) func(usage.Hour) (billing.PriceVersion, bool) {
	v := billing.StandardPrices(g)
	return func(usage.Hour) (billing.PriceVersion, bool) { return v, true }
}

func rate(t require.TestingT, in billing.RatingInput) billing.Rating {
	if in.Currency == "" {
		in.Currency = billing.CNY
	}
	if in.PricesAt == nil {
		in.PricesAt = standard(billing.GranularityHour)
	}
	if in.Closed == nil {
		in.Closed = func(usage.Hour) bool { return true }
	}
	if in.Queues == nil {
		in.Queues = slices.Values[[]billing.QueueUnits](nil)
	}
	r, err := billing.Rate(in)
	require.NoError(t, err)
	return r
}

// show writes a line in the order of a bill's columns.
func show(lines []billing.Line) []string {
	out := []string{}
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%s %s/%s/%s %s %s x %s = %s closed=%t", l.Meter, l.ProjectID, l.UserID, l.QueueID, l.Quantity, l.Unit, l.UnitPrice, l.Amount, l.Closed))
	}
	return out
}

func queueHours(n int) []billing.QueueUnits {
	out := make([]billing.QueueUnits, n)
	for i := range out {
		out[i] = billing.QueueUnits{Hour: usage.Hour(i), ProjectID: "p", UserID: "u", QueueID: "q", Units: 1}
	}
	return out
}

func TestQueueOf720HoursCosts4320(t *testing.T) {
	r := rate(t, billing.RatingInput{Queues: slices.Values(queueHours(720))})
	require.Equal(t, []string{"queue_hours p/u/q 720 queue_hour x 0.06 = 43.20 closed=true"}, show(r.Lines))
	require.Equal(t, "43.20", r.Sum.Round().String())

	r = rate(t, billing.RatingInput{Queues: slices.Values(queueHours(721))})
	require.Equal(t, "43.26", r.Sum.Round().String())
}

func TestMinuteGranularityCostsTheSameForFullHours(t *testing.T) {
	minutes := queueHours(720)
	for i := range minutes {
		minutes[i].Units = 60
	}
	r := rate(t, billing.RatingInput{Queues: slices.Values(minutes), PricesAt: standard(billing.GranularityMinute)})
	require.Equal(t, []string{"queue_hours p/u/q 43200 queue_minute x 0.001 = 43.20 closed=true"}, show(r.Lines))
	require.Equal(t, "720", r.QueueHours.String())

	r = rate(t, billing.RatingInput{
		Queues:   slices.Values([]billing.QueueUnits{{Hour: 9, QueueID: "q", Units: 1}, {Hour: 10, QueueID: "q", Units: 46}}),
		PricesAt: standard(billing.GranularityMinute),
	})
	require.Equal(t, []string{"queue_hours //q 47 queue_minute x 0.001 = 0.047 closed=true"}, show(r.Lines))
	require.Equal(t, "0.783333", r.QueueHours.String())
	require.Equal(t, "0.05", r.Sum.Round().String())
}

func TestCallOneMillionIsFreeAndTheNextIsNot(t *testing.T) {
	r := rate(t, billing.RatingInput{Calls: []billing.HourlyCalls{{Hour: 1, QueueID: "q", Calls: 1_000_000}}})
	require.Equal(t, []string{"api_calls //q 1000000 call x 0 = 0.00 closed=true"}, show(r.Lines))

	r = rate(t, billing.RatingInput{Calls: []billing.HourlyCalls{{Hour: 1, QueueID: "q", Calls: 1_000_001}}})
	require.Equal(t, []string{
		"api_calls //q 1000000 call x 0 = 0.00 closed=true",
		"api_calls //q 1 call x 0.000002 = 0.000002 closed=true",
	}, show(r.Lines))
	require.Equal(t, "1000001", r.APICalls.String())
	require.Equal(t, "1000000", r.FreeAPICalls.String())
}

func TestFreeCallsAreGivenByHourThenProjectQueueUser(t *testing.T) {
	calls := []billing.HourlyCalls{
		{Hour: 2, ProjectID: "a", QueueID: "a", UserID: "a", Calls: 500_000},
		{Hour: 1, ProjectID: "p", QueueID: "r", UserID: "u", Calls: 400_000},
		{Hour: 1, ProjectID: "p", QueueID: "q", UserID: "v", Calls: 400_000},
		{Hour: 1, ProjectID: "p", QueueID: "q", UserID: "u", Calls: 400_000},
	}
	want := []string{
		"api_calls a/a/a 500000 call x 0.000002 = 1.00 closed=true",
		"api_calls p/u/q 400000 call x 0 = 0.00 closed=true",
		"api_calls p/v/q 400000 call x 0 = 0.00 closed=true",
		"api_calls p/u/r 200000 call x 0 = 0.00 closed=true",
		"api_calls p/u/r 200000 call x 0.000002 = 0.40 closed=true",
	}
	for range 50 {
		rand.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
		require.Empty(t, cmp.Diff(want, show(rate(t, billing.RatingInput{Calls: calls}).Lines)))
	}
}

func TestLinesNameWhatIsClosed(t *testing.T) {
	r := rate(t, billing.RatingInput{
		Queues: slices.Values(queueHours(3)),
		Calls:  []billing.HourlyCalls{{Hour: 0, Calls: 5}, {Hour: 2, Calls: 7}},
		Closed: func(h usage.Hour) bool { return h < 2 },
	})
	require.Equal(t, []string{
		"queue_hours p/u/q 2 queue_hour x 0.06 = 0.12 closed=true",
		"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=false",
		"api_calls // 5 call x 0 = 0.00 closed=true",
		"api_calls // 7 call x 0 = 0.00 closed=false",
	}, show(r.Lines))
}

func TestEachHourIsRatedByThePricesThatHeldThen(t *testing.T) {
	old, dear := billing.StandardPrices(billing.GranularityHour), billing.StandardPrices(billing.GranularityMinute)
	dear.Queue.Amount, dear.FreeAPICalls = dec("0.002"), 10
	prices := func(h usage.Hour) (billing.PriceVersion, bool) {
		switch {
		case h < 1:
			return billing.PriceVersion{}, false
		case h < 2:
			return old, true
		}
		return dear, true
	}
	r := rate(t, billing.RatingInput{
		Queues:   slices.Values(queueHours(3)),
		Calls:    []billing.HourlyCalls{{Hour: 0, Calls: 1_000}, {Hour: 1, Calls: 7}, {Hour: 2, Calls: 8}},
		PricesAt: prices,
	})
	require.Equal(t, []string{
		"queue_hours p/u/q 1 queue_minute x 0.002 = 0.002 closed=true",
		"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=true",
		"api_calls // 10 call x 0 = 0.00 closed=true",
		"api_calls // 5 call x 0.000002 = 0.00001 closed=true",
	}, show(r.Lines))
	require.Equal(t, "15", r.APICalls.String(), "what was used before there was a price is not billed")
}

func TestPricesInAnotherCurrencyAreRefused(t *testing.T) {
	_, err := billing.Rate(billing.RatingInput{
		Currency: "USD", Queues: slices.Values(queueHours(1)), PricesAt: standard(billing.GranularityHour), Closed: func(usage.Hour) bool { return true },
	})
	require.Error(t, err)
}

func TestIdsWithSeparatorsDoNotCollide(t *testing.T) {
	calls := []billing.HourlyCalls{
		{Hour: 1, ProjectID: "a/b", QueueID: "c", UserID: "u", Calls: 1},
		{Hour: 1, ProjectID: "a", QueueID: "b/c", UserID: "u", Calls: 2},
		{Hour: 1, ProjectID: "a-b:c", QueueID: "", UserID: "u", Calls: 4},
		{Hour: 1, ProjectID: "a-b", QueueID: ":c", UserID: "u", Calls: 8},
		{Hour: 1, ProjectID: "а", QueueID: "b/c", UserID: "u", Calls: 16}, // a Cyrillic letter that looks the same
	}
	r := rate(t, billing.RatingInput{Calls: calls})
	require.Len(t, r.Lines, len(calls))
}

func TestHugeQuantitiesLoseNoDigit(t *testing.T) {
	r := rate(t, billing.RatingInput{Calls: []billing.HourlyCalls{{Hour: 1, Calls: 1_000_000_000_001}, {Hour: 2, Calls: 999_999_999_999_999}}})
	require.Equal(t, "1001000000000000", r.APICalls.String())
	require.Equal(t, "2001999998.00", r.Sum.Round().String())
	require.Equal(t, "2001999998.00", r.Sum.String())

	many := func(yield func(billing.QueueUnits) bool) {
		for i := range 10_000 { // a million queues, a hundred in one entry
			if !yield(billing.QueueUnits{Hour: 1, QueueID: fmt.Sprint(i % 10), Units: 744 * 100}) {
				return
			}
		}
	}
	require.Equal(t, "44640000.00", rate(t, billing.RatingInput{Queues: many}).Sum.String())
}

func TestRatingIsExactAndIndependentOfOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hour, name := rapid.Int64Range(0, 5), rapid.SampledFrom([]string{"", "a", "b", "a/b"})
		var (
			calls    []billing.HourlyCalls
			wantCall int64
		)
		for range rapid.IntRange(0, 20).Draw(t, "counts") {
			c := billing.HourlyCalls{
				Hour: usage.Hour(hour.Draw(t, "hour")), ProjectID: name.Draw(t, "project"), UserID: name.Draw(t, "user"), QueueID: name.Draw(t, "queue"),
				Calls: rapid.Int64Range(0, 400_000).Draw(t, "calls"),
			}
			calls = append(calls, c)
			wantCall += c.Calls
		}
		closedBefore := usage.Hour(hour.Draw(t, "closed"))
		in := billing.RatingInput{Calls: calls, Queues: slices.Values(queueHours(rapid.IntRange(0, 800).Draw(t, "hours"))), Closed: func(h usage.Hour) bool { return h < closedBefore }}
		r := rate(t, in)

		sum, counted, free := decimal.Zero, decimal.Zero, decimal.Zero
		for i, l := range r.Lines {
			require.True(t, l.Quantity.Mul(l.UnitPrice).Equal(l.Amount.Amount()), "quantity x unit price == amount")
			require.True(t, l.Quantity.IsPositive())
			sum = sum.Add(l.Amount.Amount())
			if l.Meter == billing.MeterNameAPICalls {
				counted = counted.Add(l.Quantity)
				if l.UnitPrice.IsZero() {
					free = free.Add(l.Quantity)
				}
			}
			for _, o := range r.Lines[:i] {
				require.False(t, o.Meter == l.Meter && o.ProjectID == l.ProjectID && o.UserID == l.UserID && o.QueueID == l.QueueID &&
					o.UnitPrice.Equal(l.UnitPrice) && o.Closed == l.Closed, "one line a key")
			}
		}
		require.True(t, sum.Equal(r.Sum.Amount()))
		require.Equal(t, decimal.New(wantCall, 0).String(), counted.String())
		require.Equal(t, decimal.New(min(wantCall, 1_000_000), 0).String(), free.String())
		require.Equal(t, free.String(), r.FreeAPICalls.String())

		in.Calls = rapid.Permutation(calls).Draw(t, "permutation")
		require.Equal(t, show(r.Lines), show(rate(t, in).Lines))
	})
}

// Whatever is counted later in a month never changes the lines of hours before.
func TestLaterUsageLeavesClosedLinesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string, from, to int64) (out []billing.HourlyCalls) {
			for range rapid.IntRange(0, 8).Draw(t, label) {
				out = append(out, billing.HourlyCalls{
					Hour: usage.Hour(rapid.Int64Range(from, to).Draw(t, "hour")), QueueID: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "queue"),
					Calls: rapid.Int64Range(1, 400_000).Draw(t, "calls"),
				})
			}
			return out
		}
		closed, open := draw("closed", 0, 4), draw("open", 5, 9)
		onlyClosed := func(lines []billing.Line) []billing.Line {
			return slices.DeleteFunc(lines, func(l billing.Line) bool { return !l.Closed })
		}
		in := billing.RatingInput{Calls: closed, Closed: func(h usage.Hour) bool { return h < 5 }}
		before := show(rate(t, in).Lines)
		in.Calls = append(slices.Clone(closed), open...)
		require.Equal(t, before, show(onlyClosed(rate(t, in).Lines)))
	})
}

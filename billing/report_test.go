package billing_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/lifecycle"
	"dms/internal/usage"
)

func TestQueueKeptFor720HoursIs4320(t *testing.T) {
	each(t, "2026-10-31T16:00:00Z", func(w *world) {
		w.queue(lifecycle.Created, "acme", "q")
		for range 720 {
			w.clock.Advance(hour)
			if w.clock.Now().Hour()%7 == 0 { // the meter need not run each hour
				w.advance()
			}
		}
		w.queue(lifecycle.Deleted, "acme", "q")
		w.advance()
		b := w.bill("acme", "2026-11")
		require.Equal(w.t, []string{"queue_hours p/u/q 720 queue_hour x 0.06 = 43.20 closed=true"}, show(b.Lines))
		require.Equal(w.t, "43.20", b.Total.String())
		require.Equal(w.t, "720", b.QueueHours.String())
		require.Empty(w.t, w.bill("acme", "2026-12").Lines)
		require.Empty(w.t, w.verify("acme").Differences)
		require.Equal(w.t, 720, w.verify("acme").Records)
	})
}

func TestOffTheBoundaryIsOneUnitMore(t *testing.T) {
	w := onSQLite(t, "2026-11-01T00:30:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	w.clock.Advance(hour)
	w.queue(lifecycle.Deleted, "acme", "q")
	w.clock.Advance(hour)
	w.advance()
	require.Equal(t, []string{"queue_hours p/u/q 2 queue_hour x 0.06 = 0.12 closed=true"}, show(w.bill("acme", "2026-11").Lines))
}

func TestMinuteGranularityThroughTheWholePath(t *testing.T) {
	w := onSQLite(t, "2026-11-01T09:59:30Z")
	w.prices = book(t, billing.GranularityMinute)
	w.queue(lifecycle.Created, "acme", "q")
	w.clock.Set(at("2026-11-01T10:45:46Z"))
	w.queue(lifecycle.Deleted, "acme", "q")
	w.clock.Advance(hour)
	w.advance()
	b := w.bill("acme", "2026-11")
	require.Equal(t, []string{"queue_hours p/u/q 47 queue_minute x 0.001 = 0.047 closed=true"}, show(b.Lines))
	require.Equal(t, "0.05", b.Total.String())
	require.Equal(t, "0.003", b.Rounding.String())
	require.Equal(t, []int64{1, 46}, []int64{w.closedHours("acme")[0].QueueUnits, w.closedHours("acme")[1].QueueUnits})
	require.Empty(t, w.verify("acme").Differences)
}

func TestRecreatedQueueIsAnotherQueue(t *testing.T) {
	w := onSQLite(t, "2026-11-01T08:00:00Z")
	for _, id := range []string{"first", "second"} { // of one name; the id is what is billed
		w.queue(lifecycle.Created, "acme", id)
		w.clock.Advance(10 * time.Minute)
		w.queue(lifecycle.Deleted, "acme", id)
	}
	w.clock.Advance(hour)
	w.advance()
	require.Equal(t, "0.12", w.bill("acme", "2026-11").Total.String())
}

func TestRunningHourIsOnTheBillAndNotClosed(t *testing.T) {
	each(t, "2026-11-10T08:00:00Z", func(w *world) {
		w.queue(lifecycle.Created, "acme", "q")
		w.call("acme", 3)
		require.Equal(w.t, []string{
			"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=false",
			"api_calls p/u/q 3 call x 0 = 0.00 closed=false",
		}, show(w.bill("acme", "2026-11").Lines), "from the very instant of its creation")

		w.clock.Advance(hour) // ended, not closed yet
		require.Equal(w.t, "queue_hours p/u/q 2 queue_hour x 0.06 = 0.12 closed=false", show(w.bill("acme", "2026-11").Lines)[0])
		w.advance()
		require.Equal(w.t, []string{
			"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=true",
			"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=false",
			"api_calls p/u/q 3 call x 0 = 0.00 closed=true",
		}, show(w.bill("acme", "2026-11").Lines))
	})
}

func TestFreeMillionThroughTheSink(t *testing.T) {
	each(t, "2026-11-10T08:00:00Z", func(w *world) {
		w.call("acme", 999_999)
		w.clock.Advance(hour)
		w.call("acme", 1)
		b := w.bill("acme", "2026-11")
		require.Equal(w.t, "1000000", b.FreeAPICalls.String())
		require.Equal(w.t, "0.00", b.Total.String())

		w.clock.Advance(hour)
		w.advance()
		w.call("acme", 1) // the next one is not free
		b = w.bill("acme", "2026-11")
		require.Equal(w.t, []string{
			"api_calls p/u/q 1000000 call x 0 = 0.00 closed=true",
			"api_calls p/u/q 1 call x 0.000002 = 0.000002 closed=false",
		}, show(b.Lines))
		require.Equal(w.t, "0.00", b.Total.String())
		require.Equal(w.t, "-0.000002", b.Rounding.String())

		w.call("other", 600_000)
		w.call("other", 600_000) // straddles the edge
		b = w.bill("other", "2026-11")
		require.Equal(w.t, []string{
			"api_calls p/u/q 1000000 call x 0 = 0.00 closed=false",
			"api_calls p/u/q 200000 call x 0.000002 = 0.40 closed=false",
		}, show(b.Lines), "the other account has a million of its own")
	})
}

func TestFreeMillionIsSharedOverProjectsUsersAndQueues(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	h := usage.HourOf(w.clock.Now())
	w.deliver("node",
		usage.Count{Key: usage.Key{AccountID: "acme", ProjectID: "b", UserID: "u", QueueID: "q", Action: access.MessageAck, Hour: h}, Calls: 700_000},
		usage.Count{Key: usage.Key{AccountID: "acme", ProjectID: "a", UserID: "v", QueueID: "", Action: access.QueueList, Hour: h}, Calls: 700_000},
		usage.Count{Key: usage.Key{AccountID: "acme", ProjectID: "a", UserID: "v", QueueID: "", Action: access.BillGet, Hour: h}, Calls: 700_000},
	)
	b := w.bill("acme", "2026-11")
	require.Equal(t, []string{
		"api_calls a/v/ 700000 call x 0 = 0.00 closed=false",
		"api_calls b/u/q 300000 call x 0 = 0.00 closed=false",
		"api_calls b/u/q 400000 call x 0.000002 = 0.80 closed=false",
	}, show(b.Lines), "what is not billable is not on the bill")
	require.Equal(t, "1400000", b.APICalls.String())
}

func TestMonthBeginsAtMidnightInTheBillingZone(t *testing.T) {
	each(t, "2026-10-31T15:59:59.999999Z", func(w *world) {
		w.queue(lifecycle.Created, "acme", "q")
		w.call("acme", 1_500_000) // October, UTC+8
		w.clock.Set(at("2026-10-31T16:00:00Z"))
		w.call("acme", 1_000_001) // November: a new million
		w.clock.Advance(hour)
		w.advance()
		october, november := w.bill("acme", "2026-10"), w.bill("acme", "2026-11")
		require.Equal(w.t, []string{
			"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=true",
			"api_calls p/u/q 1000000 call x 0 = 0.00 closed=true",
			"api_calls p/u/q 500000 call x 0.000002 = 1.00 closed=true",
		}, show(october.Lines))
		require.Equal(w.t, "1.06", october.Total.String())
		require.Equal(w.t, []string{
			"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=true",
			"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=false",
			"api_calls p/u/q 1000000 call x 0 = 0.00 closed=true",
			"api_calls p/u/q 1 call x 0.000002 = 0.000002 closed=true",
		}, show(november.Lines))
	})
}

func TestAccountsNeverMix(t *testing.T) {
	each(t, "2026-11-10T08:00:00Z", func(w *world) {
		cost := map[string]string{"a": "0.12", "b": "0.24", "a/": "0.00", "": "0.00", "A": "0.00", "%": "0.00", "_": "0.00"}
		w.queue(lifecycle.Created, "a", "qa")
		w.queue(lifecycle.Created, "b", "qb1")
		w.queue(lifecycle.Created, "b", "qb2")
		w.call("a", 10)
		w.call("b", 20)
		w.clock.Advance(hour)
		w.advance()
		for account, total := range cost {
			b := w.bill(account, "2026-11")
			require.Equal(w.t, total, b.Total.String(), "account %q", account)
			require.Equal(w.t, account, b.AccountID)
			for _, l := range b.Lines {
				if l.Meter == billing.MeterNameQueueHours {
					require.Contains(w.t, l.QueueID, "q"+account)
				}
			}
		}
		require.Equal(w.t, "10", w.bill("a", "2026-11").APICalls.String())
		require.Equal(w.t, "20", w.bill("b", "2026-11").APICalls.String())
	})
}

func TestStatusOfABill(t *testing.T) {
	w := onSQLite(t, "2026-11-29T08:00:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	require.Equal(t, billing.StatusOpen, w.bill("acme", "2026-12").Status, "a month that has not begun")
	w.clock.Set(at("2026-11-30T15:59:59.999999Z"))
	require.Equal(t, billing.StatusOpen, w.bill("acme", "2026-11").Status)
	w.clock.Set(at("2026-11-30T16:00:00Z"))
	require.Equal(t, billing.StatusDraft, w.bill("acme", "2026-11").Status)
	w.clock.Set(at("2026-12-01T15:59:59.999999Z"))
	w.advance()
	require.Equal(t, billing.StatusDraft, w.bill("acme", "2026-11").Status)
	w.clock.Set(at("2026-12-01T16:00:00Z"))
	require.Equal(t, billing.StatusFinal, w.bill("acme", "2026-11").Status)
	require.Equal(t, billing.StatusFinal, w.bill("acme", "2020-01").Status)
}

func TestBillIsNotFinalWhileItsHoursAreOpen(t *testing.T) {
	w := onSQLite(t, "2026-11-28T08:00:00Z")
	require.Equal(t, billing.StatusFinal, w.bill("acme", "2026-01").Status, "nothing was ever measured")
	w.queue(lifecycle.Created, "acme", "q")
	w.clock.Set(at("2026-12-02T00:00:00Z"))
	require.Equal(t, billing.StatusDraft, w.bill("acme", "2026-11").Status)
	w.advance()
	require.Equal(t, billing.StatusFinal, w.bill("acme", "2026-11").Status)

	w.clock.Set(at("2027-01-10T00:00:00Z")) // December is over, and the meter has not moved since its second day
	require.Equal(t, billing.StatusDraft, w.bill("another", "2026-12").Status, "late usage of anybody may still be booked in it")
}

func TestFinalAfterIsBounded(t *testing.T) {
	for d, ok := range map[time.Duration]bool{-1: false, 0: true, 72 * hour: true, 72*hour + 1: false} {
		_, err := billing.NewReportService(billing.ReportOptions{FinalAfter: d})
		require.Equal(t, ok, err == nil, d)
		if !ok {
			require.Equal(t, errs.Invalid, errs.CodeOf(err))
		}
	}
}

func TestNewPricesLeaveClosedHoursAlone(t *testing.T) {
	each(t, "2026-11-10T08:00:00Z", func(w *world) {
		w.queue(lifecycle.Created, "acme", "q")
		w.clock.Advance(2 * hour)
		w.advance()
		before := w.bill("acme", "2026-11").Lines[:1]
		w.prices = book(w.t, billing.GranularityMinute) // the operator changes the configuration
		after := w.bill("acme", "2026-11")
		require.Empty(w.t, w.verify("acme").Differences)
		require.Equal(w.t, []string{
			"queue_hours p/u/q 1 queue_minute x 0.001 = 0.001 closed=false",
			"queue_hours p/u/q 2 queue_hour x 0.06 = 0.12 closed=true",
		}, show(after.Lines))
		require.Equal(w.t, show(before), show(after.Lines[1:]))
		w.clock.Advance(hour)
		w.advance()
		require.Equal(w.t, "queue_hours p/u/q 60 queue_minute x 0.001 = 0.06 closed=true", show(w.bill("acme", "2026-11").Lines)[0])
		require.Empty(w.t, w.verify("acme").Differences)
	})
}

func TestUsageBeforeThereWasAPriceIsNotBilled(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	prices, err := billing.NewPriceBook(billing.DatedPrices{ValidFrom: at("2026-11-10T09:00:00Z"), PriceVersion: billing.StandardPrices(billing.GranularityHour)})
	require.NoError(t, err)
	w.prices = prices
	_, err = w.reports().PresentPrices()
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	w.queue(lifecycle.Created, "acme", "q")
	w.call("acme", 2_000_000)
	w.clock.Advance(hour)
	w.call("acme", 5)
	w.clock.Advance(30 * time.Minute)
	w.queue(lifecycle.Deleted, "acme", "q")
	w.clock.Advance(hour)
	w.advance()
	require.Equal(t, []string{
		"queue_hours p/u/q 1 queue_hour x 0.06 = 0.06 closed=true",
		"api_calls p/u/q 5 call x 0 = 0.00 closed=true",
	}, show(w.bill("acme", "2026-11").Lines))
	require.Empty(t, w.verify("acme").Differences)
	v, err := w.reports().PresentPrices()
	require.NoError(t, err)
	require.Equal(t, "0.06", v.Queue.Amount.String())
}

func TestBillAsJSONHasTheFieldsOfTheReport(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	w.call("acme", 3)
	b, err := json.MarshalIndent(w.bill("acme", "2026-11"), "", " ")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(`{
 "account_id": "acme",
 "account_name": "name-of-acme",
 "month": "2026-11",
 "currency": "CNY",
 "status": "open",
 "queue_hours": "1",
 "api_calls": "3",
 "free_api_calls": "3",
 "lines": [
  {
   "meter": "queue_hours",
   "project_id": "p",
   "user_id": "u",
   "queue_id": "q",
   "quantity": "1",
   "unit": "queue_hour",
   "unit_price": "0.06",
   "amount": "0.06",
   "closed": false
  },
  {
   "meter": "api_calls",
   "project_id": "p",
   "user_id": "u",
   "queue_id": "q",
   "quantity": "3",
   "unit": "call",
   "unit_price": "0",
   "amount": "0.00",
   "closed": false
  }
 ],
 "rounding": "0.00",
 "total": "0.06"
}`, string(b)))
	empty, err := json.Marshal(w.bill("nobody", "2026-11"))
	require.NoError(t, err)
	require.Contains(t, string(empty), `"lines":[],"rounding":"0.00","total":"0.00"`)
}

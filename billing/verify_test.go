package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/lifecycle"
	"dms/internal/usage"
)

func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	each(t, "2026-11-10T08:00:00Z", func(w *world) {
		first := usage.HourOf(w.clock.Now())
		for _, account := range []string{"acme", "other"} {
			w.queue(lifecycle.Created, account, "q-"+account)
		}
		for range 6 {
			w.call("acme", 3)
			w.clock.Advance(hour)
		}
		w.advance()
		original := w.closedHours("acme")
		require.Len(w.t, original, 6)
		require.Empty(w.t, w.verify("acme").Differences)

		at := func(n int64) int64 { return int64(first) + n }
		for _, c := range []struct {
			name string
			do   string
			args []any
			want map[string]usage.Hour // field: hour
		}{
			{"deleted record", "DELETE FROM billing_closed_hours WHERE account_id = 'acme' AND hour = ?", []any{at(2)},
				map[string]usage.Hour{"record": first + 2, "prev_hash": first + 3}},
			{"truncated tail", "DELETE FROM billing_closed_hours WHERE account_id = 'acme' AND hour >= ?", []any{at(5)},
				map[string]usage.Hour{"record": first + 5}},
			{"edited units", "UPDATE billing_closed_hours SET queue_units = 7 WHERE account_id = 'acme' AND hour = ?", []any{at(2)},
				map[string]usage.Hour{"queue_units": first + 2, "hash": first + 2}},
			{"edited calls", "UPDATE billing_closed_hours SET api_calls = 2 WHERE account_id = 'acme' AND hour = ?", []any{at(0)},
				map[string]usage.Hour{"api_calls": first, "hash": first}},
			{"edited hash", "UPDATE billing_closed_hours SET hash = ? WHERE account_id = 'acme' AND hour = ?", []any{make([]byte, 32), at(3)},
				map[string]usage.Hour{"hash": first + 3, "prev_hash": first + 4}},
			{"another price", "UPDATE billing_closed_hours SET price_id = 'cheaper' WHERE account_id = 'acme' AND hour = ?", []any{at(3)},
				map[string]usage.Hour{"price": first + 3, "hash": first + 3, "queue_units": first + 3}},
			{"edited price", "UPDATE billing_prices SET body = replace(body, '0.06', '0.05')", nil,
				map[string]usage.Hour{"price": first}},
			{"edited counts", "UPDATE billing_calls SET calls = 4 WHERE account_id = 'acme' AND billed_hour = ?", []any{at(1)},
				map[string]usage.Hour{"api_calls": first + 1}},
			{"moved record", "UPDATE billing_closed_hours SET hour = ? WHERE account_id = 'acme' AND hour = ?", []any{at(-1), at(4)},
				map[string]usage.Hour{"record": first + 4, "prev_hash": first + 5}},
		} {
			before := w.dump()
			saved := w.contents()
			require.NoError(w.t, w.db.InTx(w.t.Context(), execSQL(c.do, c.args...)))
			got := map[string]usage.Hour{}
			for _, d := range w.verify("acme").Differences {
				if _, ok := got[d.Field]; !ok {
					got[d.Field] = d.Hour
				}
				require.NotEmpty(w.t, d.String())
			}
			require.Equal(w.t, c.want, got, c.name)
			w.restore(saved)
			require.Equal(w.t, before, w.dump())
		}
		require.Empty(w.t, w.verify("other").Differences)
	})
}

func TestVerifyFindsARecordThatShouldNotBe(t *testing.T) {
	w := onSQLite(t, "2026-11-10T08:00:00Z")
	w.queue(lifecycle.Created, "acme", "q")
	w.clock.Advance(3 * hour)
	w.advance()
	require.NoError(t, w.db.InTx(t.Context(), execSQL("UPDATE billing_closed_hours SET account_id = 'victim' WHERE hour = ?", int64(usage.HourOf(at("2026-11-10T09:00:00Z"))))))
	v := w.verify("victim")
	require.NotEmpty(t, v.Differences)
	require.Equal(t, "queue_units", v.Differences[0].Field)
	require.Equal(t, "0", v.Differences[0].Want)
}

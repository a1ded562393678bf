package billing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"dms/billing"
	"dms/billing/billingtest"
	"dms/billing/gormstore"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/lifecycle"
	"dms/internal/usage"
)

// world is billing at work, on a real database and a clock that a test moves.
type world struct {
	t        *testing.T
	db       *dbx.DB
	clock    *clocktest.Manual
	queues   *billingtest.Log
	store    billing.Store
	counters *billing.Counters
	logged   *bytes.Buffer
	prices   *billing.PriceBook
	sequence map[string]uint64 // last of each source
}

// each runs a story on both databases, beginning at the instant.
func each(t *testing.T, begin string, story func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) { story(newWorld(t, db, begin)) })
}

// onSQLite runs a story in which the database is not the point.
func onSQLite(t *testing.T, begin string) *world {
	return newWorld(t, dbtest.Open(t, dbtest.SQLiteURL(t)), begin)
}

func newWorld(t *testing.T, db *dbx.DB, begin string) *world {
	return &world{
		t: t, db: db, clock: clocktest.New(at(begin)), queues: &billingtest.Log{}, store: gormstore.New(db),
		counters: &billing.Counters{}, logged: &bytes.Buffer{}, prices: book(t, billing.GranularityHour), sequence: make(map[string]uint64),
	}
}

func book(t *testing.T, g billing.Granularity) *billing.PriceBook {
	b, err := billing.StandardPriceBook(g)
	require.NoError(t, err)
	return b
}

func (w *world) slog() *slog.Logger { return slog.New(slog.NewTextHandler(w.logged, nil)) }

func (w *world) meter(s billing.Store) *billing.Meter {
	return billing.NewMeter(billing.MeterOptions{Store: s, Events: w.queues, Prices: w.prices, Clock: w.clock, Log: w.slog(), Counters: w.counters})
}

func (w *world) sink() *billing.UsageService {
	return billing.NewUsageService(w.store, w.clock, w.slog(), w.counters)
}

func (w *world) reports() *billing.ReportService {
	s, err := billing.NewReportService(billing.ReportOptions{
		Store: w.store, Events: w.queues, Prices: w.prices, Clock: w.clock, Zone: billing.ChinaZone, FinalAfter: billing.DefaultFinalAfter,
	})
	require.NoError(w.t, err)
	return s
}

func (w *world) advance() billing.Result {
	w.t.Helper()
	r, err := w.meter(w.store).Advance(w.t.Context())
	require.NoError(w.t, err)
	return r
}

func (w *world) bill(account, m string) billing.Bill {
	w.t.Helper()
	b, err := w.reports().Bill(w.t.Context(), billing.Account{ID: account, Name: "name-of-" + account}, month(m))
	require.NoError(w.t, err)
	return b
}

// call delivers sends of an account to its queue "q", made now.
func (w *world) call(account string, calls int64) {
	w.t.Helper()
	w.deliver("node", usage.Count{Key: usage.Key{
		AccountID: account, ProjectID: "p", UserID: "u", QueueID: "q", Action: access.MessageSend, Hour: usage.HourOf(w.clock.Now()),
	}, Calls: calls})
}

// deliver sends the next batch of a source.
func (w *world) deliver(source string, counts ...usage.Count) {
	w.t.Helper()
	n := w.sequence[source] + 1
	got, err := w.sink().Deliver(w.t.Context(), usage.Batch{Source: source, First: n, Last: n, Counts: counts})
	require.NoError(w.t, err)
	require.Equal(w.t, n, got)
	w.sequence[source] = n
}

func (w *world) queue(kind lifecycle.Kind, account, queue string) {
	w.queues.Append(kind, w.clock.Now(), billingtest.Queue{AccountID: account, ProjectID: "p", UserID: "u", QueueID: queue})
}

func (w *world) verify(account string) billing.Verification {
	w.t.Helper()
	v, err := w.meter(w.store).Verify(w.t.Context(), account)
	require.NoError(w.t, err)
	return v
}

// tables is what billing stores, with the order that makes a dump comparable.
var tables = []struct{ name, order string }{
	{"billing_meter", "id"},
	{"billing_closed_hours", "account_id, hour"},
	{"billing_prices", "price_id"},
	{"billing_calls", "account_id, billed_hour, project_id, queue_id, user_id, action, hour"},
	{"billing_usage_sources", "source"},
	{"billing_usage_gaps", "source, first_sequence"},
}

// table is the contents of one table.
type table struct {
	columns []string
	rows    [][]any
}

func (w *world) contents() map[string]table {
	w.t.Helper()
	out := make(map[string]table)
	for _, tab := range tables {
		rows, err := w.db.Read(w.t.Context()).Raw("SELECT * FROM " + tab.name + " ORDER BY " + tab.order).Rows()
		require.NoError(w.t, err)
		columns, err := rows.Columns()
		require.NoError(w.t, err)
		c := table{columns: columns}
		for rows.Next() {
			row := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range row {
				into[i] = &row[i]
			}
			require.NoError(w.t, rows.Scan(into...))
			c.rows = append(c.rows, row)
		}
		require.NoError(w.t, errors.Join(rows.Err(), rows.Close()))
		out[tab.name] = c
	}
	return out
}

// dump is everything that billing has stored, as text.
func (w *world) dump() string {
	w.t.Helper()
	b, err := json.Marshal(func() (all []any) {
		contents := w.contents()
		for _, tab := range tables {
			all = append(all, tab.name, contents[tab.name].rows)
		}
		return all
	}())
	require.NoError(w.t, err)
	return string(b)
}

// restore puts back what contents returned.
func (w *world) restore(saved map[string]table) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), func(tx *gorm.DB) error {
		for _, tab := range slices.Backward(tables) { // gaps refer to their sources
			if err := tx.Exec("DELETE FROM " + tab.name).Error; err != nil {
				return err
			}
		}
		for _, tab := range tables {
			c := saved[tab.name]
			places := strings.TrimSuffix(strings.Repeat("?, ", len(c.columns)), ", ")
			for _, row := range c.rows {
				if err := tx.Exec("INSERT INTO "+tab.name+" ("+strings.Join(c.columns, ", ")+") VALUES ("+places+")", row...).Error; err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// closedHours is all records of an account.
func (w *world) closedHours(account string) []billing.ClosedHour {
	w.t.Helper()
	out, err := w.store.ClosedHours(w.t.Context(), account, 0, usage.Hour(1<<40))
	require.NoError(w.t, err)
	return out
}

const hour = time.Hour

func execSQL(q string, args ...any) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error { return tx.Exec(q, args...).Error }
}

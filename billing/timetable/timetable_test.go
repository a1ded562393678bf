package timetable_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/billing"
	"dms/billing/timetable"
)

// step is an Advancer that hands each call to the test.
type step func(ctx context.Context) (billing.Result, error)

func (s step) Advance(ctx context.Context) (billing.Result, error) { return s(ctx) }

// often is a schedule that ticks each few milliseconds.
type often struct{}

func (often) Next(t time.Time) time.Time { return t.Add(3 * time.Millisecond) }

// never is a schedule that does not tick.
type never struct{}

func (never) Next(time.Time) time.Time { return time.Time{} }

type lockedBuffer struct {
	mu sync.Mutex // guards: b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// run starts a timetable and returns what stops it and waits.
func run(t *testing.T, tt interface{ Run(context.Context) error }) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tt.Run(ctx) }()
	return func() {
		cancel()
		require.NoError(t, <-done)
	}
}

func TestItTicksAMinutePastEachHourInUTC(t *testing.T) {
	s := timetable.New(step(nil), slog.Default()).Schedule()
	for now, want := range map[string]string{
		"2026-11-24T08:00:00Z": "2026-11-24T08:01:00Z", "2026-11-24T08:01:00Z": "2026-11-24T09:01:00Z", "2026-12-31T23:30:00Z": "2027-01-01T00:01:00Z",
		"2026-03-29T00:59:00Z": "2026-03-29T01:01:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		require.Equal(t, want, s.Next(at).Format(time.RFC3339))
	}
}

func TestItTicksAtTheStart(t *testing.T) {
	defer goleak.VerifyNone(t)
	ticked := make(chan struct{}, 1)
	tt := timetable.New(step(func(context.Context) (billing.Result, error) {
		ticked <- struct{}{}
		return billing.Result{}, nil
	}), slog.Default())
	tt.SetSchedule(never{})
	stop := run(t, tt)
	<-ticked
	stop()
}

func TestFailingAndPanickingTicksDoNotStopIt(t *testing.T) {
	defer goleak.VerifyNone(t)
	var out lockedBuffer
	calls := make(chan int, 100)
	n := 0
	tt := timetable.New(step(func(context.Context) (billing.Result, error) {
		n++ // ticks never overlap
		calls <- n
		switch n {
		case 1:
			panic("the first one")
		case 2:
			return billing.Result{}, errors.New("database is gone")
		}
		return billing.Result{From: 1, To: 3, Hours: 2, Records: 5}, nil
	}), slog.New(slog.NewTextHandler(&out, nil)))
	tt.SetSchedule(often{})
	stop := run(t, tt)
	for <-calls < 4 {
	}
	stop()
	require.Contains(t, out.String(), "meter panicked")
	require.Contains(t, out.String(), "the first one")
	require.Contains(t, out.String(), "database is gone")
	require.Contains(t, out.String(), "hours=2 records=5")
}

func TestTickThatTakesLongIsNotDoubled(t *testing.T) {
	defer goleak.VerifyNone(t)
	entered, release := make(chan struct{}, 100), make(chan struct{})
	skipped := make(chan struct{}, 100)
	log := slog.New(skipHandler{Handler: slog.DiscardHandler, skipped: skipped})
	tt := timetable.New(step(func(context.Context) (billing.Result, error) {
		entered <- struct{}{}
		<-release
		return billing.Result{}, nil
	}), log)
	tt.SetSchedule(often{})
	stop := run(t, tt)
	<-entered
	for range 3 {
		<-skipped
	}
	require.Empty(t, entered, "one at a time")
	close(release)
	<-entered
	stop()
}

func TestStopEndsTheStepAndWaitsForIt(t *testing.T) {
	defer goleak.VerifyNone(t)
	var out lockedBuffer
	entered := make(chan struct{}, 1)
	left := false
	tt := timetable.New(step(func(ctx context.Context) (billing.Result, error) {
		entered <- struct{}{}
		<-ctx.Done()
		left = true
		return billing.Result{}, ctx.Err()
	}), slog.New(slog.NewTextHandler(&out, nil)))
	tt.SetSchedule(never{})
	stop := run(t, tt)
	<-entered
	stop()
	require.True(t, left)
	require.Empty(t, out.String(), "being stopped is no failure")
}

// skipHandler signals when cron says that it skipped a tick.
type skipHandler struct {
	slog.Handler
	skipped chan<- struct{}
}

func (h skipHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h skipHandler) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "event" && a.Value.String() == "skip" {
			select {
			case h.skipped <- struct{}{}:
			default:
			}
		}
		return true
	})
	return nil
}

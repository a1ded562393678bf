// Package timetable moves the meter on its own: shortly after each full hour, and when the process starts.
package timetable

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"dms/billing"
)

// spec is one minute past each full hour: by then what happened in the hour is committed. A tick that is missed, or skipped because
// the one before is still at work, is no loss: each closes all hours that have ended.
const spec = "1 * * * *"

// Advancer is the step: what a tick does.
type Advancer interface {
	Advance(ctx context.Context) (billing.Result, error)
}

// Timetable calls its step by the clock of the machine.
type Timetable struct {
	step     Advancer
	log      *slog.Logger
	schedule cron.Schedule
}

// New returns a timetable that does not run yet.
func New(step Advancer, log *slog.Logger) *Timetable {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		panic(err) // the spec is a constant
	}
	return &Timetable{step: step, log: log, schedule: s}
}

// Run ticks until ctx ends, and returns when the last tick has. A tick that fails or panics is logged, and the next one comes.
func (t *Timetable) Run(ctx context.Context) error {
	logger := cronLogger{t.log}
	// The order of the wrappers matters: a panic that passed through SkipIfStillRunning would make it skip for ever.
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(logger), cron.WithChain(cron.SkipIfStillRunning(logger), cron.Recover(logger)))
	entry := c.Schedule(t.schedule, cron.FuncJob(func() { t.tick(ctx) }))
	c.Start()
	var first sync.WaitGroup
	first.Go(c.Entry(entry).WrappedJob.Run)
	<-ctx.Done()
	<-c.Stop().Done()
	first.Wait()
	return nil
}

func (t *Timetable) tick(ctx context.Context) {
	res, err := t.step.Advance(ctx)
	switch {
	case ctx.Err() != nil: // stopped on the way; the next process goes on
	case err != nil:
		t.log.ErrorContext(ctx, "meter was not advanced", slog.String("error", err.Error()))
	case res.Hours > 0:
		t.log.InfoContext(ctx, "hours closed", slog.Time("from", res.From.Start()), slog.Time("to", res.To.Start()),
			slog.Int("hours", res.Hours), slog.Int("records", res.Records))
	}
}

// cronLogger writes cron's own messages.
type cronLogger struct{ log *slog.Logger }

// Info implements cron.Logger. It speaks of every tick.
func (l cronLogger) Info(msg string, args ...any) {
	l.log.Debug("cron", append([]any{slog.String("event", msg)}, args...)...)
}

// Error implements cron.Logger. A tick panicked.
func (l cronLogger) Error(err error, msg string, args ...any) {
	l.log.Error("meter panicked", append([]any{slog.String("event", msg), slog.String("error", err.Error())}, args...)...)
}

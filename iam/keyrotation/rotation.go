// Package keyrotation rotates the keys that sign tokens on its own, once they have signed for iam.RotationPeriod.
package keyrotation

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"dms/iam"
)

// spec is once a day. A tick that is missed is no loss: each looks at how long the key has signed.
const spec = "17 3 * * *"

// Rotator is the step: what a tick does.
type Rotator interface {
	RotateWhenDue(ctx context.Context) (iam.Rotation, bool, error)
}

// Timetable calls its step by the clock of the machine.
type Timetable struct {
	step     Rotator
	log      *slog.Logger
	schedule cron.Schedule
}

// New returns a timetable that does not run yet.
func New(step Rotator, log *slog.Logger) *Timetable {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		panic(err) // the spec is a constant
	}
	return &Timetable{step: step, log: log, schedule: s}
}

// Run ticks at once and then each day until ctx ends, and returns when the last tick has. A tick that fails or panics is logged, and the next one comes.
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
	r, rotated, err := t.step.RotateWhenDue(ctx)
	switch {
	case ctx.Err() != nil: // stopped on the way; the next process goes on
	case err != nil:
		t.log.ErrorContext(ctx, "signing keys were not rotated", slog.String("error", err.Error()))
	case rotated:
		t.log.InfoContext(ctx, "signing keys rotated", slog.String("current", r.Current), slog.String("next", r.Next))
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
	l.log.Error("rotation of the signing keys panicked", append([]any{slog.String("event", msg), slog.String("error", err.Error())}, args...)...)
}

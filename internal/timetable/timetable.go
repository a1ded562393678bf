// Package timetable calls a job by the clock of the machine, in UTC: once when the process starts, and then as its specification says. A tick means "look
// whether something is due", so one that is missed or skipped is no loss.
package timetable

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// Timetable calls one job.
type Timetable struct {
	job      string
	tick     func(ctx context.Context)
	log      *slog.Logger
	schedule cron.Schedule
}

// New returns a timetable that does not run yet. spec has cron's five fields; it panics when that is wrong, since it is a constant. job names the job for the log.
func New(spec, job string, log *slog.Logger, tick func(ctx context.Context)) *Timetable {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		panic(err)
	}
	return &Timetable{job: job, tick: tick, log: log, schedule: s}
}

// Schedule returns when it ticks.
func (t *Timetable) Schedule() cron.Schedule { return t.schedule }

// SetSchedule makes it tick otherwise, before Run.
func (t *Timetable) SetSchedule(s cron.Schedule) { t.schedule = s }

// Run ticks until ctx ends, and returns when the last tick has. One that panics is logged, and the next one comes; one that is still at work is not doubled.
func (t *Timetable) Run(ctx context.Context) error {
	logger := cronLogger{t.log, t.job}
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

// cronLogger writes cron's own messages.
type cronLogger struct {
	log *slog.Logger
	job string
}

// Info implements cron.Logger. It speaks of every tick.
func (l cronLogger) Info(msg string, args ...any) {
	l.log.Debug("cron", append([]any{slog.String("job", l.job), slog.String("event", msg)}, args...)...)
}

// Error implements cron.Logger. A tick panicked.
func (l cronLogger) Error(err error, msg string, args ...any) {
	l.log.Error(l.job+" panicked", append([]any{slog.String("event", msg), slog.String("error", err.Error())}, args...)...)
}

// Package timetable moves the meter on its own: shortly after each full hour, and when the process starts.
package timetable

import (
	"context"
	"log/slog"

	"dms/billing"
	"dms/internal/timetable"
)

// spec is one minute past each full hour: by then what happened in the hour is committed. A tick that is missed, or skipped because
// the one before is still at work, is no loss: each closes all hours that have ended.
const spec = "1 * * * *"

// Advancer is the step: what a tick does.
type Advancer interface {
	Advance(ctx context.Context) (billing.Result, error)
}

// New returns a timetable that does not run yet.
func New(step Advancer, log *slog.Logger) *timetable.Timetable {
	return timetable.New(spec, "meter", log, func(ctx context.Context) {
		res, err := step.Advance(ctx)
		switch {
		case ctx.Err() != nil: // stopped on the way; the next process goes on
		case err != nil:
			log.ErrorContext(ctx, "meter was not advanced", slog.String("error", err.Error()))
		case res.Hours > 0:
			log.InfoContext(ctx, "hours closed", slog.Time("from", res.From.Start()), slog.Time("to", res.To.Start()),
				slog.Int("hours", res.Hours), slog.Int("records", res.Records))
		}
	})
}

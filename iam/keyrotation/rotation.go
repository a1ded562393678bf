// Package keyrotation rotates the keys that sign tokens on its own, once they have signed for iam.RotationPeriod.
package keyrotation

import (
	"context"
	"log/slog"

	"dms/iam"
	"dms/internal/timetable"
)

// spec is once a day. A tick that is missed is no loss: each looks at how long the key has signed.
const spec = "17 3 * * *"

// Rotator is the step: what a tick does.
type Rotator interface {
	RotateWhenDue(ctx context.Context) (iam.Rotation, bool, error)
}

// New returns a timetable that does not run yet.
func New(step Rotator, log *slog.Logger) *timetable.Timetable {
	return timetable.New(spec, "rotation of the signing keys", log, func(ctx context.Context) {
		r, rotated, err := step.RotateWhenDue(ctx)
		switch {
		case ctx.Err() != nil: // stopped on the way; the next process goes on
		case err != nil:
			log.ErrorContext(ctx, "signing keys were not rotated", slog.String("error", err.Error()))
		case rotated:
			log.InfoContext(ctx, "signing keys rotated", slog.String("current", r.Current), slog.String("next", r.Next))
		}
	})
}

package memengine

import (
	"context"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Seek implements engine.Engine.
func (e *Engine) Seek(_ context.Context, eq engine.Queue, groupID string, to engine.SeekTo, m engine.Metered) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	ways := 0
	for _, set := range []bool{to.Earliest, to.Latest, !to.Time.IsZero(), to.Position != 0} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		return errs.New(errs.Invalid, reason.ParameterInvalid, "a seek goes to exactly one of: the earliest, the latest, a time, a position")
	}
	q, g, err := e.group(eq, groupID)
	if err != nil {
		return err
	}
	place := q.last + 1
	for _, msg := range q.log {
		if to.Earliest || !to.Time.IsZero() && !msg.availableAt.Before(to.Time) || to.Position != 0 && msg.position >= to.Position {
			place = msg.position
			break
		}
	}
	for _, it := range g.unsettled() {
		if it.place < place {
			g.skip(it)
		} else {
			g.remove(it) // it comes again below
		}
	}
	for _, msg := range q.log {
		if msg.position >= place {
			g.live = append(g.live, newItem(msg))
		}
	}
	e.meter(m)
	q.wake()
	return nil
}

package memengine

import (
	"context"
	"slices"
	"time"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// redrive is the latest redrive of a group that has a rate. It takes a step each second.
type redrive struct {
	engine.RedriveStatus
	next  time.Time // of the next step
	from  uint64    // the dead letters before are passed over
	until uint64    // the last one that was there when it began
	max   int64     // messages; 0: no bound
}

// Redrive implements engine.Engine.
func (e *Engine) Redrive(_ context.Context, eq engine.Queue, groupID string, opt engine.RedriveOptions, m engine.Metered) (int64, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if len(opt.IDs) > 0 && (opt.Max != 0 || opt.PerSecond != 0) || opt.Max < 0 || opt.PerSecond < 0 {
		return 0, errs.New(errs.Invalid, reason.ParameterInvalid, "a redrive is of chosen messages, or has a number and a rate, which are not negative")
	}
	q, g, err := e.group(eq, groupID)
	if err != nil {
		return 0, err
	}
	if g.redrive.Running {
		return 0, errs.New(errs.Conflict, reason.RedriveRunning, "a redrive of the group is running")
	}
	now := e.now()
	var moved int64
	if opt.PerSecond == 0 {
		for _, it := range slices.Clone(g.dead) {
			if it.lease != nil || len(opt.IDs) > 0 && !slices.Contains(opt.IDs, it.id) || opt.Max > 0 && moved == opt.Max {
				continue
			}
			g.giveBack(it, now, q.retention())
			moved++
		}
	} else {
		g.redrive = redrive{
			RedriveStatus: engine.RedriveStatus{Running: true, PerSecond: opt.PerSecond, StartedAt: now.UTC()},
			next:          now, until: uint64(g.deaths), max: opt.Max,
		}
		g.stepRedrive(now, q.retention())
		moved = g.redrive.Moved
	}
	e.meter(m)
	q.wake()
	return moved, nil
}

// left returns the dead letters that the redrive may still move.
func (r *redrive) left(g *group) []*item {
	var left []*item
	for _, it := range g.dead {
		if it.place >= r.from && it.place <= r.until && (r.max == 0 || int64(len(left)) < r.max-r.Moved) {
			left = append(left, it)
		}
	}
	return left
}

// stepRedrive takes the step of the running redrive that is due.
func (g *group) stepRedrive(at time.Time, retention time.Duration) {
	r := &g.redrive
	if !r.Running || r.next.After(at) {
		return
	}
	step := 0
	for _, it := range slices.Clone(g.dead) {
		if it.place < r.from || it.place > r.until || step == r.PerSecond || r.max > 0 && r.Moved == r.max {
			continue
		}
		r.from = it.place + 1
		if it.lease == nil {
			g.giveBack(it, at, retention)
			r.Moved++
			step++
		}
	}
	r.next = r.next.Add(time.Second)
	r.Running = len(r.left(g)) > 0
}

// RedriveStatus implements engine.Engine.
func (e *Engine) RedriveStatus(_ context.Context, eq engine.Queue, groupID string) (engine.RedriveStatus, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	_, g, err := e.lookAt(eq, groupID)
	if err != nil {
		return engine.RedriveStatus{}, err
	}
	st := g.redrive.RedriveStatus
	if st.Running {
		st.Remaining = int64(len(g.redrive.left(g)))
	}
	return st, nil
}

// StopRedrive implements engine.Engine.
func (e *Engine) StopRedrive(_ context.Context, eq engine.Queue, groupID string) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	_, g, err := e.lookAt(eq, groupID)
	if err != nil {
		return err
	}
	g.redrive.Running = false
	return nil
}

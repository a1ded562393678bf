package memengine

import (
	"context"
	"slices"

	"dms/dataplane/engine"
)

// Purge implements engine.Engine.
func (e *Engine) Purge(_ context.Context, eq engine.Queue, groupID string, kind engine.Kind, m engine.Metered) (int64, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if kind == engine.Dead {
		q, g, err := e.group(eq, groupID)
		if err != nil {
			return 0, err
		}
		letters := slices.Clone(g.dead)
		for _, it := range letters {
			g.remove(it)
		}
		e.meter(m)
		q.wake()
		return int64(len(letters)), nil
	}
	q, err := e.queue(eq)
	if err != nil {
		return 0, err
	}
	n := len(q.log) + len(q.delayed)
	q.log, q.delayed = nil, nil
	for _, g := range q.groups {
		g.skip(g.unsettled()...)
	}
	e.meter(m)
	q.wake()
	return int64(n), nil
}

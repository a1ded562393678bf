package memengine

import (
	"context"
	"time"

	"dms/dataplane/engine"
	"dms/internal/errs"
)

// QueueStats implements engine.Engine.
func (e *Engine) QueueStats(_ context.Context, eq engine.Queue) (engine.QueueStats, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	q, err := e.queue(eq)
	if err != nil {
		return engine.QueueStats{}, unknownIsZero(err)
	}
	return q.stats(e.now()), nil
}

func (q *queue) stats(now time.Time) engine.QueueStats {
	st := engine.QueueStats{Messages: int64(len(q.log) + len(q.delayed)), Delayed: int64(len(q.delayed)), Produced: q.produced}
	for _, m := range q.log {
		st.Bytes += m.size()
		st.Oldest = max(st.Oldest, now.Sub(m.availableAt))
	}
	for _, m := range q.delayed {
		st.Bytes += m.size()
	}
	for _, p := range q.prepared {
		if !p.decided {
			st.Prepared += int64(len(p.msgs))
		}
	}
	return st
}

// GroupStats implements engine.Engine.
func (e *Engine) GroupStats(_ context.Context, eq engine.Queue, groupID string) (engine.GroupStats, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	q, g, err := e.lookAt(eq, groupID)
	if err != nil {
		return engine.GroupStats{}, unknownIsZero(err)
	}
	now := e.now()
	st := engine.GroupStats{
		Produced: q.stats(now).Messages, Consumed: g.consumed, Skipped: g.skipped, DeadProduced: g.deaths,
		DeadAvailable: int64(len(g.dead)), Redriven: g.redrives,
	}
	for _, it := range g.unsettled() {
		st.Available++
		if it.lease != nil {
			st.InFlight++
		}
		if !it.hiddenUntil.IsZero() {
			st.Postponed++
		}
		st.OldestUnsettled = max(st.OldestUnsettled, now.Sub(it.since))
	}
	return st, nil
}

// unknownIsZero lets the statistics of what was dropped be zero.
func unknownIsZero(err error) error {
	if errs.CodeOf(err) == errs.NotFound {
		return nil
	}
	return err
}

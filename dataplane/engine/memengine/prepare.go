package memengine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// rememberDecision is how long a decision is known.
const rememberDecision = 24 * time.Hour

// prepared is a set of messages that waits for its decision, or has got it.
type prepared struct {
	engine.Prepared
	msgs      []*message
	decided   bool
	outcome   engine.Outcome
	decidedAt time.Time
}

// Prepare implements engine.Engine.
func (e *Engine) Prepare(_ context.Context, eq engine.Queue, msgs []engine.NewMessage, opt engine.PrepareOptions, m engine.Metered) (engine.Prepared, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if err := check(eq, msgs); err != nil {
		return engine.Prepared{}, err
	}
	if opt.Timeout <= 0 || opt.Default > engine.Commit {
		return engine.Prepared{}, invalid("prepared messages need a positive timeout and an outcome")
	}
	p := &prepared{Prepared: engine.Prepared{ID: uuid.NewString(), Messages: len(msgs), Default: opt.Default}}
	for i := range msgs {
		if msgs[i].DedupID != "" {
			return engine.Prepared{}, invalid("prepared messages have no deduplication id")
		}
		p.msgs = append(p.msgs, newMessage(msgs[i]))
		p.Bytes += p.msgs[i].size()
	}
	q, err := e.queue(eq)
	if err != nil {
		return engine.Prepared{}, err
	}
	p.PreparedAt = e.now().UTC()
	p.DecideBy = p.PreparedAt.Add(opt.Timeout)
	q.prepared[p.ID] = p
	e.meter(m)
	q.wake() // polls must know of DecideBy
	return p.Prepared, nil
}

// decide does what the outcome says, once.
func (q *queue) decide(p *prepared, o engine.Outcome, at time.Time) {
	p.decided, p.outcome, p.decidedAt = true, o, at
	if o == engine.Commit {
		for _, m := range p.msgs {
			q.take(m, at)
		}
	}
}

// decideDue gives those whose time has passed their default outcome.
func (q *queue) decideDue(at time.Time) {
	var due []*prepared
	for _, p := range q.prepared {
		if !p.decided && !p.DecideBy.After(at) {
			due = append(due, p)
		}
	}
	slices.SortFunc(due, func(a, b *prepared) int { return a.DecideBy.Compare(b.DecideBy) })
	for _, p := range due {
		q.decide(p, p.Default, p.DecideBy)
	}
}

// sent returns the answer to the decision.
func (p *prepared) sent() []engine.Sent {
	if p.outcome != engine.Commit {
		return nil
	}
	sent := make([]engine.Sent, len(p.msgs))
	for i, m := range p.msgs {
		sent[i].ID = m.id
	}
	return sent
}

// Decide implements engine.Engine.
func (e *Engine) Decide(_ context.Context, eq engine.Queue, preparedID string, o engine.Outcome, m engine.Metered) ([]engine.Sent, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if o > engine.Commit {
		return nil, invalid("there is no such outcome")
	}
	q, err := e.queue(eq)
	if err != nil {
		return nil, err
	}
	now := e.now()
	p := q.prepared[preparedID]
	switch {
	case p == nil, p.decided && !now.Before(p.decidedAt.Add(rememberDecision)):
		return nil, errs.New(errs.NotFound, reason.PreparedNotFound, "there are no such prepared messages")
	case p.decided && p.outcome != o:
		return nil, errs.New(errs.Conflict, reason.PreparedDecided, "the prepared messages were decided the other way")
	case !p.decided:
		q.decide(p, o, now)
		q.wake()
	}
	e.meter(m)
	return p.sent(), nil
}

// ListPrepared implements engine.Engine.
func (e *Engine) ListPrepared(_ context.Context, eq engine.Queue, after string, limit int) ([]engine.Prepared, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	q, err := e.queue(eq)
	if err != nil {
		return nil, err
	}
	var list []engine.Prepared
	for _, preparedID := range slices.Sorted(maps.Keys(q.prepared)) {
		if p := q.prepared[preparedID]; !p.decided && preparedID > after && len(list) < limit {
			list = append(list, p.Prepared)
		}
	}
	return list, nil
}

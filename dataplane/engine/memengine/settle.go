package memengine

import (
	"context"
	"time"

	"github.com/google/uuid"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// handle is what a handler stands for: one delivery. Handlers are random, so nobody can make one up.
type handle struct {
	queueID, groupID string
	kind             engine.Kind
	item             *item
	number           uint64 // of the lease; extending keeps it
}

func (m *Memory) newHandle(q *queue, groupID string, kind engine.Kind, it *item) string {
	text := uuid.NewString()
	m.handles[text] = &handle{queueID: q.id, groupID: groupID, kind: kind, item: it, number: it.lease.number}
	return text
}

// find returns the item under the lease of a good handler.
func (m *Memory) find(text string, q *queue, groupID string, kind engine.Kind) (*item, error) {
	h := m.handles[text]
	switch {
	case h == nil:
		return nil, errs.New(errs.Invalid, reason.HandlerUnknown, "the handler does not exist")
	case h.queueID != q.id || h.groupID != groupID:
		return nil, errs.New(errs.Invalid, reason.HandlerMismatch, "the queue or consumer group does not match the handler")
	case h.kind != kind:
		return nil, errs.New(errs.Invalid, reason.HandlerInstance, "the handler belongs to the other kind of messages")
	case h.item.gone:
		return nil, errs.New(errs.Invalid, reason.HandlerInstance, "the message of the handler is settled")
	case h.item.lease == nil || h.item.lease.number != h.number:
		return nil, errs.New(errs.Invalid, reason.HandlerUnknown, "the handler is timed out, or the message was delivered again")
	}
	return h.item, nil
}

// Settle implements engine.Engine.
func (e *Engine) Settle(_ context.Context, eq engine.Queue, groupID string, kind engine.Kind, list []engine.Settlement, m engine.Metered) (int, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	for _, s := range list {
		if s.Delay < 0 {
			return 0, invalid("a delay must not be negative")
		}
	}
	q, g, err := e.group(eq, groupID)
	if err != nil {
		return 0, err
	}
	for i, s := range list {
		it, err := e.m.find(s.Handler, q, groupID, kind)
		switch {
		case err != nil && i == 0:
			return 0, err
		case err != nil:
			e.meter(m)
			return i, nil
		case s.Failed:
			g.fail(it, kind, e.now(), s.Delay, engine.Refused, q.maxFailures())
		default:
			g.acknowledge(it, kind)
		}
		q.wake()
	}
	if len(list) > 0 {
		e.meter(m)
	}
	return len(list), nil
}

// Release implements engine.Engine.
func (e *Engine) Release(_ context.Context, eq engine.Queue, groupID string, kind engine.Kind, handlers []string) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	q, _, err := e.group(eq, groupID)
	if err != nil {
		return err
	}
	for _, text := range handlers {
		if it, err := e.m.find(text, q, groupID, kind); err == nil {
			if it.lease.first {
				it.firstReceived = time.Time{}
			}
			it.lease = nil
			it.received--
			q.wake()
		}
	}
	return nil
}

// Extend implements engine.Engine.
func (e *Engine) Extend(_ context.Context, eq engine.Queue, groupID string, kind engine.Kind, list []engine.Extension, m engine.Metered) ([]error, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	q, _, err := e.group(eq, groupID)
	if err != nil {
		return nil, err
	}
	results := make([]error, len(list))
	for i, x := range list {
		if x.AckWait <= 0 {
			results[i] = errs.New(errs.Invalid, reason.AckWait, "the ack wait must be positive")
			continue
		}
		it, err := e.m.find(x.Handler, q, groupID, kind)
		if err != nil {
			results[i] = err
			continue
		}
		it.lease.deadline = e.now().Add(x.AckWait)
		q.wake()
	}
	e.meter(m)
	return results, nil
}

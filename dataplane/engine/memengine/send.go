package memengine

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"dms/dataplane"
	"dms/dataplane/engine"
)

// firstSend is a message that a deduplication id stands for.
type firstSend struct {
	id string
	at time.Time
}

// Send implements engine.Engine.
func (e *Engine) Send(_ context.Context, eq engine.Queue, msgs []engine.NewMessage, m engine.Metered) ([]engine.Sent, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if err := check(eq, msgs); err != nil {
		return nil, err
	}
	q, err := e.queue(eq)
	if err != nil {
		return nil, err
	}
	now := e.now()
	sent := make([]engine.Sent, len(msgs))
	for i := range msgs {
		if first, ok := q.dedup[msgs[i].DedupID]; ok && msgs[i].DedupID != "" && now.Before(first.at.Add(e.opt.DedupWindow)) {
			sent[i] = engine.Sent{ID: first.id, Duplicate: true}
			continue
		}
		msg := newMessage(msgs[i])
		q.take(msg, now)
		sent[i].ID = msg.id
		if msgs[i].DedupID != "" {
			q.dedup[msgs[i].DedupID] = firstSend{id: msg.id, at: now}
		}
	}
	e.meter(m)
	q.wake()
	return sent, nil
}

// check refuses messages that break a rule of the mode.
func check(eq engine.Queue, msgs []engine.NewMessage) error {
	if len(msgs) == 0 {
		return invalid("there is no message to send")
	}
	for i := range msgs {
		switch {
		case msgs[i].Delay < 0 || msgs[i].Delay > 0 && eq.Mode.Kafka():
			return invalid("a delay must not be negative, and kafka queues have none")
		case msgs[i].OrderingKey != "" && eq.Mode != dataplane.ModeFIFO:
			return invalid("only FIFO queues have ordering keys")
		}
	}
	return nil
}

// newMessage copies what the caller may use again.
func newMessage(n engine.NewMessage) *message {
	return &message{
		id: uuid.NewString(), body: bytes.Clone(n.Body), attrs: bytes.Clone(n.Attributes), labels: slices.Clone(n.Labels),
		key: n.OrderingKey, delay: n.Delay,
	}
}

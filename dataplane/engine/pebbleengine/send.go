package pebbleengine

import (
	"context"

	"github.com/google/uuid"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/usage"
)

// send stores the messages in one change.
func (s *store) send(ctx context.Context, eq engine.Queue, msgs []engine.NewMessage, k *usage.Key) ([]engine.Sent, error) {
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return nil, err
	}
	if err := checkNew(eq, msgs); err != nil {
		return nil, err
	}
	if err := s.reserve.check(); err != nil {
		return nil, err
	}
	var size int64
	for i := range msgs {
		size += int64(len(msgs[i].Body) + len(msgs[i].Attributes) + 256)
	}
	size = min(size, s.opt.MaxQueuedBytes)
	if err := s.admit(ctx, size); err != nil {
		return nil, err
	}
	if err := s.enter(); err != nil {
		s.admitted.Release(size)
		return nil, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		s.admitted.Release(size)
		return nil, err
	}
	defer s.registry.release(q)
	if err := s.lockPromoted(q, false); err != nil {
		s.admitted.Release(size)
		return nil, err
	}
	sent, c := s.append(q, eq, msgs, size, k)
	q.mu.Unlock()
	if c.done == nil {
		return sent, nil
	}
	if err := s.answerOf(c); err != nil {
		return nil, err
	}
	return sent, nil
}

func checkNew(eq engine.Queue, msgs []engine.NewMessage) error {
	if len(msgs) == 0 {
		return errs.New(errs.Invalid, reason.Format, "there is no message to send")
	}
	for i := range msgs {
		if msgs[i].Delay < 0 || msgs[i].Delay > 0 && eq.Mode.Kafka() {
			return errs.New(errs.Invalid, reason.Format, "a delay must not be negative, and kafka queues have none")
		}
	}
	return nil
}

// append gives the messages their places and puts the change on the commit queue. Requires: q.mu held.
func (s *store) append(q *queue, eq engine.Queue, msgs []engine.NewMessage, size int64, k *usage.Key) ([]engine.Sent, *change) {
	now := s.clk.Now().UnixNano()
	retention := eq.Retention
	if retention <= 0 {
		retention = dataplane.StandardRetention
	}
	b := &batch{ops: s.db.NewBatchWithSize(int(size) + 256)}
	sent := make([]engine.Sent, len(msgs))
	back := &undo{queue: q.id, ids: make([]uid, 0, len(msgs)), from: q.log.next}
	added, delayed := 0, 0
	for i := range msgs {
		id := uid(uuid.New())
		sent[i].ID = id.String()
		back.ids = append(back.ids, id)
		due := now + int64(msgs[i].Delay)
		m := message{
			id: id, sent: now, available: due, expiry: due + int64(retention),
			labels: msgs[i].Labels, attrs: msgs[i].Attributes, body: msgs[i].Body,
		}
		if msgs[i].Delay > 0 {
			q.delay(b, &m)
			delayed++
			back.dues = append(back.dues, due)
		} else {
			q.log.append(b, q.messageKey, &m)
			added++
		}
	}
	var t *ticket
	if delayed > 0 {
		t = newTicket()
		q.delayed.last = t
	}
	next := q.log.next
	notice := q.record(s, b)
	c := &change{batch: b, usage: k}
	if eq.Mode == dataplane.ModeKafkaHT {
		c.soon = true
	} else {
		c.sync = true
		c.done = make(chan error, 1)
		c.undo = back
	}
	c.applied = func() {
		s.admitted.Release(size)
		if added > 0 {
			q.log.visible.Store(next)
			q.wait.ringLive(added)
		}
		if t != nil {
			close(t.done)
		}
		s.agenda.note(notice)
	}
	s.submit(q, c)
	return sent, c
}

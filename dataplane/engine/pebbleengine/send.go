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
	list, sent := encodeNew(id, eq, msgs)
	if err := s.lockPromoted(q, false); err != nil {
		s.admitted.Release(size)
		return nil, err
	}
	c := s.append(q, eq, list, size, k)
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

// encodeNew gives the messages their ids, and encodes them into one buffer, before any lock is taken. Their times are relative to the send.
func encodeNew(queue uid, eq engine.Queue, msgs []engine.NewMessage) ([]message, []engine.Sent) {
	retention := eq.Retention
	if retention <= 0 {
		retention = dataplane.StandardRetention
	}
	list := make([]message, len(msgs))
	sent := make([]engine.Sent, len(msgs))
	room := 0
	for i := range msgs {
		id := uid(uuid.New())
		sent[i].ID = id.String()
		list[i] = message{
			id: id, available: int64(msgs[i].Delay), expiry: int64(msgs[i].Delay) + int64(retention),
			labels: msgs[i].Labels, attrs: msgs[i].Attributes, body: msgs[i].Body,
		}
		room += list[i].encodedLen()
	}
	seed, buf := messageSeed(queue), make([]byte, 0, room)
	for i := range list {
		start := len(buf)
		buf = list[i].appendTo(buf, seed)
		list[i].encoded = buf[start:]
	}
	return list, sent
}

// append gives the messages their places and puts the change on the commit queue. Requires: q.mu held.
func (s *store) append(q *queue, eq engine.Queue, list []message, size int64, k *usage.Key) *change {
	now := s.clk.Now().UnixNano()
	b := s.newBatch()
	added, delayed := 0, 0
	for i := range list {
		m := &list[i]
		later := m.available > 0
		m.sent, m.available, m.expiry = now, m.available+now, m.expiry+now
		if later {
			q.delay(b, m)
			delayed++
		} else {
			q.log.append(b, m)
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
	if eq.Mode != dataplane.ModeKafkaHT {
		c.done = make(chan error, 1)
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
	return c
}

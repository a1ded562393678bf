package pebbleengine

import (
	"context"
	"time"

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
	size := s.admittance(msgs)
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
	list := encodeNew(id, eq, msgs)
	if err := s.lockPromoted(q, false); err != nil {
		s.admitted.Release(size)
		return nil, err
	}
	sent, c, err := s.append(q, eq, msgs, list, size, k)
	q.mu.Unlock()
	if err != nil {
		s.admitted.Release(size)
		return nil, errInternal(err)
	}
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
		switch {
		case msgs[i].Delay < 0 || msgs[i].Delay > 0 && eq.Mode.Kafka():
			return errs.New(errs.Invalid, reason.Format, "a delay must not be negative, and kafka queues have none")
		case msgs[i].OrderingKey != "" && eq.Mode != dataplane.ModeFIFO:
			return errs.New(errs.Invalid, reason.Format, "only FIFO queues have ordering keys")
		}
	}
	return nil
}

// admittance is what a send takes of the room on the commit queue.
func (s *store) admittance(msgs []engine.NewMessage) int64 {
	var size int64
	for i := range msgs {
		size += int64(len(msgs[i].Body) + len(msgs[i].Attributes) + 256)
	}
	return min(size, s.opt.MaxQueuedBytes)
}

// retentionOf returns how long the queue keeps a message.
func retentionOf(eq engine.Queue) time.Duration {
	if eq.Retention <= 0 {
		return dataplane.StandardRetention
	}
	return eq.Retention
}

// addition is what a change adds to a queue.
type addition struct {
	q              *queue
	added, delayed int
	next           uint64 // of the log, behind it
	delaying       *ticket
}

// add gives m its place, in the log or among the delayed messages. Requires: q.mu held.
func (a *addition) add(b *batch, m *message, delay bool) {
	q := a.q
	if m.orderingKey != "" {
		q.keyed = true
	}
	if delay {
		q.delay(b, m)
		a.delayed++
		return
	}
	q.log.append(b, m)
	a.added++
}

// end is called when everything is added. Requires: q.mu held.
func (a *addition) end() {
	if a.delayed > 0 {
		a.delaying = newTicket()
		a.q.delayed.last = a.delaying
	}
	a.next = a.q.log.next
}

// applied is called when the change is.
func (a *addition) applied() {
	if a.added > 0 {
		a.q.log.visible.Store(a.next)
		a.q.wait.ringLive(a.added)
	}
	if a.delaying != nil {
		close(a.delaying.done)
	}
}

// encodeNew gives the messages their ids, and encodes them into one buffer, before any lock is taken. Their times are relative to the send.
func encodeNew(queue uid, eq engine.Queue, msgs []engine.NewMessage) []message {
	retention := int64(retentionOf(eq))
	list := make([]message, len(msgs))
	room := 0
	for i := range msgs {
		list[i] = message{
			id: uid(uuid.New()), available: int64(msgs[i].Delay), expiry: int64(msgs[i].Delay) + retention,
			labels: msgs[i].Labels, attrs: msgs[i].Attributes, body: msgs[i].Body, orderingKey: msgs[i].OrderingKey,
		}
		room += list[i].encodedLen()
	}
	seed, buf := messageSeed(queue), make([]byte, 0, room)
	for i := range list {
		start := len(buf)
		buf = list[i].appendTo(buf, seed)
		list[i].encoded = buf[start:]
	}
	return list
}

// append gives the messages their places and puts the change on the commit queue; without done there is nothing to wait for.
// Requires: q.mu held.
func (s *store) append(q *queue, eq engine.Queue, msgs []engine.NewMessage, list []message, size int64, k *usage.Key) ([]engine.Sent, *change, error) {
	now := s.clk.Now().UnixNano()
	q.kafka = eq.Mode.Kafka()
	b := s.newBatch()
	sent := make([]engine.Sent, len(msgs))
	add := addition{q: q}
	hashes, waits, err := s.findDuplicates(q, msgs, sent, now)
	if err != nil {
		return nil, nil, err
	}
	var taken map[dedupHash]*dedupRecord
	for i := range msgs {
		if sent[i].Duplicate {
			continue
		}
		if hashes != nil && msgs[i].DedupID != "" {
			if r := taken[hashes[i]]; r != nil { // earlier in this send
				sent[i] = engine.Sent{ID: r.id.String(), Duplicate: true}
				continue
			}
		}
		m := &list[i]
		sent[i].ID = m.id.String()
		m.sent, m.available, m.expiry = now, now+m.available, now+m.expiry
		add.add(b, m, msgs[i].Delay > 0)
		if msgs[i].DedupID != "" {
			if taken == nil {
				taken = make(map[dedupHash]*dedupRecord)
			}
			taken[hashes[i]] = q.takeDedup(b, hashes[i], m)
		}
	}
	c := &change{batch: b, usage: k}
	stored := add.added+add.delayed > 0
	if eq.Mode != dataplane.ModeKafkaHT && (stored || waits || k != nil) {
		c.done = make(chan error, 1)
	}
	if !stored && c.done == nil && k == nil { // every message was there already, and is durable
		s.admitted.Release(size)
		return sent, c, nil
	}
	var notice int64
	if stored {
		add.end()
		notice = q.record(s, b)
	}
	c.applied = func() {
		s.admitted.Release(size)
		if taken != nil {
			q.dedup.stored(taken)
		}
		add.applied()
		s.agenda.note(notice)
	}
	s.submit(q, c)
	return sent, c, nil
}

// findDuplicates answers for the messages that the queue took before, and returns the hashes of the deduplication ids, nil when there are
// none. waits says that one of the first messages is not durable yet. Requires: q.mu held.
func (s *store) findDuplicates(q *queue, msgs []engine.NewMessage, sent []engine.Sent, now int64) (hashes []dedupHash, waits bool, err error) {
	for i := range msgs {
		if msgs[i].DedupID == "" {
			continue
		}
		if hashes == nil {
			hashes = make([]dedupHash, len(msgs))
		}
		hashes[i] = hashDedup(msgs[i].DedupID)
		first, underway, err := s.firstWith(q, hashes[i], now)
		if err != nil {
			return nil, false, err
		}
		if first != nil {
			sent[i] = engine.Sent{ID: first.id.String(), Duplicate: true}
			waits = waits || underway
		}
	}
	return hashes, waits, nil
}

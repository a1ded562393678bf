package pebbleengine

import (
	"errors"

	"dms/dataplane/engine"
	"dms/internal/usage"
)

// settle acknowledges or fails deliveries in order, up to the first handler that is not good.
func (s *store) settle(eq engine.Queue, groupID string, kind engine.Kind, list []engine.Settlement, k *usage.Key) (int, error) {
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return 0, err
	}
	defer s.exit()
	defer s.registry.release(q)
	if err := s.lockGroup(q, g); err != nil {
		return 0, err
	}
	gc, next, err := s.beginGroup(q, g)
	if err != nil {
		g.mu.Unlock()
		return 0, err
	}
	gc.expireLeases(eq)
	st := g.stream(kind == engine.Dead)
	if st.dead {
		next = g.letters.next
	}
	accepted, failed := 0, 0
	for _, one := range list {
		h, e, herr := s.find(st, q, g, kind, one.Handler, next)
		if herr != nil {
			err = herr
			break
		}
		if one.Failed {
			st.fail(gc, st.entryOf(e, h), h.delivery)
			failed++
		} else {
			st.acknowledge(gc, h.seq)
		}
		accepted++
	}
	if accepted == 0 {
		gc.submit(false, nil) // what beginGroup found
		g.mu.Unlock()
		return 0, err
	}
	c := gc.submit(true, k)
	g.mu.Unlock()
	// A failed message can be given again; in a FIFO queue, and where too many were pending, others can be given now.
	q.wait.ring(st, max(1, failed))
	if err := s.answerOf(c); err != nil {
		return 0, err
	}
	return accepted, nil
}

// openForSettling enters and returns the queue, to be released, and the group.
func (s *store) openForSettling(queueID, groupID string) (*queue, *group, error) {
	qid, err := parseQueueID(queueID)
	if err != nil {
		return nil, nil, err
	}
	gid, err := parseGroupID(groupID)
	if err != nil {
		return nil, nil, err
	}
	if err := s.enter(); err != nil {
		return nil, nil, err
	}
	q, err := s.openQueue(qid)
	if err != nil {
		s.exit()
		return nil, nil, err
	}
	return q, q.openGroup(gid), nil
}

// find returns the good handler and the entry of its message; no entry means that a crash lost the lease.
// Requires: g.mu held.
func (s *store) find(st *stream, q *queue, g *group, kind engine.Kind, text string, next uint64) (handler, *entry, error) {
	h, err := s.sealer.openFor(text, q.id, g.id, kind)
	if err != nil {
		return h, nil, err
	}
	if st.settled(h.seq) {
		return h, nil, errHandlerInstance()
	}
	e := st.pending[h.seq]
	if h.deadline <= s.now() || h.seq >= next {
		return h, nil, errHandlerUnknown() // timed out, or of a message that a crash took back
	}
	if e != nil && (h.delivery <= e.ended || e.lease != nil && e.lease.no > h.delivery) {
		return h, nil, errHandlerUnknown() // over, or superseded
	}
	if e == nil || e.lease == nil || e.lease.no != h.delivery {
		// A crash lost the lease. It may have lost the message, too, and given its place to another.
		m, err := s.readMessage(st, q, g, h.seq)
		if err != nil && !errors.Is(err, errDamaged) {
			return h, nil, errInternal(err)
		}
		if err != nil || m.id.tag() != h.message {
			return h, nil, errHandlerUnknown()
		}
	}
	return h, e, nil
}

// readMessage returns the message in a buffer of its own.
func (s *store) readMessage(st *stream, q *queue, g *group, seq uint64) (message, error) {
	if st.dead {
		return s.read(&g.letters, seq)
	}
	return s.read(&q.log, seq)
}

// entryOf returns e, or the entry that a crash lost, as the handler knows it.
func (st *stream) entryOf(e *entry, h handler) *entry {
	if e == nil {
		e = &entry{seq: h.seq}
		st.addPending(e)
	}
	e.received = max(e.received, h.received)
	return e
}

// release makes deliveries as if they had never been.
func (s *store) release(eq engine.Queue, groupID string, kind engine.Kind, handlers []string) error {
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return err
	}
	defer s.exit()
	defer s.registry.release(q)
	if err := s.lockGroup(q, g); err != nil {
		return err
	}
	gc, next, err := s.beginGroup(q, g)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.expireLeases(eq)
	st := g.stream(kind == engine.Dead)
	if st.dead {
		next = g.letters.next
	}
	released := 0
	for _, text := range handlers {
		h, e, err := s.find(st, q, g, kind, text, next)
		if err != nil {
			continue
		}
		e = st.entryOf(e, h)
		e.received--
		st.end(gc, e, h.delivery)
		released++
	}
	gc.submit(false, nil)
	g.mu.Unlock()
	q.wait.ring(st, released)
	return nil
}

package pebbleengine

import (
	"errors"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/usage"
)

// settle acknowledges or fails deliveries in order, up to the first handler that is not good.
func (s *store) settle(eq engine.Queue, groupID string, kind engine.Kind, list []engine.Settlement, k *usage.Key) (int, error) {
	for i := range list {
		if list[i].Delay < 0 {
			return 0, errs.New(errs.Invalid, reason.Format, "a delay must not be negative")
		}
	}
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return 0, err
	}
	defer s.exit()
	defer s.registry.release(q)
	handlers := make([]opened, len(list))
	for i := range list {
		handlers[i] = s.sealer.openFor(list[i].Handler, q.id, g.id, kind)
	}
	if err := s.lockGroup(q, g); err != nil {
		return 0, err
	}
	gc, next, err := s.beginGroup(q, g, &eq)
	if err != nil {
		g.mu.Unlock()
		return 0, err
	}
	gc.exist()
	accepted, failed := 0, 0
	for i := range list {
		h := &handlers[i]
		st, e, herr := gc.find(h, next)
		if herr != nil {
			err = herr
			break
		}
		if list[i].Failed {
			st.fail(gc, st.entryOf(e, h), h.delivery, failure{at: gc.now, reason: engine.Refused, delay: list[i].Delay})
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
	q.wait.ring(g.stream(kind == engine.Dead), max(1, failed))
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

// find returns the stream and the entry of the message that a good handler is of; no entry means that a crash lost the lease.
// Requires: g.mu held.
func (gc *groupChange) find(h *opened, next uint64) (*stream, *entry, error) {
	g := gc.g
	if h.err != nil {
		return nil, nil, h.err
	}
	st := g.streamOf(h.stream)
	if st.settled(h.seq) || st.which != deadStream && h.delivery <= g.void {
		return nil, nil, errHandlerInstance()
	}
	e := st.pending[h.seq]
	if e != nil && e.lease != nil && e.lease.of == h.delivery {
		return st, e, nil
	}
	if st.which != liveStream {
		next = st.log.next
	}
	if h.deadline <= gc.now || h.seq >= next {
		return nil, nil, errHandlerUnknown() // timed out, or of a message that a crash took back
	}
	if e != nil && (h.delivery <= e.ended || e.lease != nil && e.lease.of > h.delivery) {
		return nil, nil, errHandlerUnknown() // over, or superseded
	}
	// A crash lost the lease. It may have lost the message, too, and given its place to another.
	m, err := gc.s.read(st.log, h.seq)
	if err != nil && !errors.Is(err, errDamaged) {
		return nil, nil, errInternal(err)
	}
	if err != nil || m.id.tag() != h.message {
		return nil, nil, errHandlerUnknown()
	}
	return st, e, nil
}

// entryOf returns e, or the entry that a crash lost, as the handler knows it.
func (st *stream) entryOf(e *entry, h *opened) *entry {
	if e == nil {
		e = st.newEntry(h.seq)
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
	list := make([]opened, len(handlers))
	for i := range handlers {
		list[i] = s.sealer.openFor(handlers[i], q.id, g.id, kind)
	}
	if err := s.lockGroup(q, g); err != nil {
		return err
	}
	gc, next, err := s.beginGroup(q, g, &eq)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.exist()
	released := 0
	for i := range list {
		h := &list[i]
		st, e, err := gc.find(h, next)
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
	q.wait.ring(g.stream(kind == engine.Dead), released)
	return nil
}

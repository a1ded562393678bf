package pebbleengine

import "dms/dataplane/engine"

// queueStats counts what is kept.
func (s *store) queueStats(eq engine.Queue) (engine.QueueStats, error) {
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return engine.QueueStats{}, err
	}
	if err := s.enter(); err != nil {
		return engine.QueueStats{}, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return engine.QueueStats{}, unknownIsZero(err)
	}
	defer s.registry.release(q)
	if err := s.promoteDue(q); err != nil {
		return engine.QueueStats{}, unknownIsZero(err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, err := q.log.expire(s.db, s.now()); err != nil {
		return engine.QueueStats{}, errInternal(err)
	}
	return q.stats(), nil
}

// Requires: q.mu held.
func (q *queue) stats() engine.QueueStats {
	return engine.QueueStats{
		Messages: q.log.count() + int64(q.delayed.count),
		Bytes:    q.log.bytes() + int64(q.delayed.bytes),
	}
}

// groupStats counts a group; one that was never heard of counts as new.
func (s *store) groupStats(eq engine.Queue, groupID string) (engine.GroupStats, error) {
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return engine.GroupStats{}, err
	}
	gid, err := parseGroupID(groupID)
	if err != nil {
		return engine.GroupStats{}, err
	}
	if err := s.enter(); err != nil {
		return engine.GroupStats{}, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return engine.GroupStats{}, unknownIsZero(err)
	}
	defer s.registry.release(q)
	if err := s.promoteDue(q); err != nil {
		return engine.GroupStats{}, unknownIsZero(err)
	}
	g := q.openGroup(gid)
	if err := s.lockGroup(q, g); err != nil {
		return engine.GroupStats{}, unknownIsZero(err)
	}
	defer g.mu.Unlock()
	gc, next, err := s.beginGroup(q, g)
	if err != nil {
		return engine.GroupStats{}, err
	}
	gc.expireLeases(eq)
	gc.submit(false, nil)
	q.mu.Lock()
	produced := q.stats().Messages
	q.mu.Unlock()
	return engine.GroupStats{
		Produced:      produced,
		Consumed:      g.consumed,
		Available:     g.live.available(next),
		InFlight:      int64(g.live.leased),
		DeadProduced:  int64(g.letters.next - 1),
		DeadAvailable: g.dead.available(g.letters.next),
	}, nil
}

// promoteDue gives due messages their place as far as that needs no waiting.
func (s *store) promoteDue(q *queue) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.dropped.Load() {
		return errQueueNotFound()
	}
	if d := &q.delayed; d.due != 0 && d.due <= s.now() && !d.last.pending() {
		if err := s.promote(q); err != nil {
			return errInternal(err)
		}
	}
	return nil
}

// unknownIsZero lets statistics of what was dropped be zero.
func unknownIsZero(err error) error {
	if isDropped(err) {
		return nil
	}
	return err
}

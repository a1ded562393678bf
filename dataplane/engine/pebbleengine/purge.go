package pebbleengine

import (
	"dms/dataplane/engine"
	"dms/internal/usage"
)

// purge erases the messages of the queue for all groups, or the dead letters of one.
func (s *store) purge(eq engine.Queue, groupID string, kind engine.Kind, k *usage.Key) (int64, error) {
	if kind == engine.Dead {
		return s.purgeDead(eq, groupID, k)
	}
	id, err := parseQueueID(eq.ID)
	if err != nil {
		return 0, err
	}
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return 0, err
	}
	defer s.registry.release(q)
	if err := s.settleDue(q, &eq); err != nil {
		return 0, err
	}
	if err := s.lockPromoted(q, true); err != nil {
		return 0, err
	}
	if _, err := q.log.expire(s.db, s.now()); err != nil {
		q.mu.Unlock()
		return 0, errInternal(err)
	}
	n := q.log.count() + int64(q.delayed.count)
	b := s.newBatch()
	q.log.drop()
	q.log.trim(b)
	b.free(queueKey(q.id, subDelayed), queueKey(q.id, subDelayed+1))
	q.purgedDelayed += q.delayed.count
	q.delayed.count, q.delayed.bytes, q.delayed.due = 0, 0, 0
	t := newTicket()
	q.delayed.last = t
	q.purges++ // groups give up their redriven messages when they see it
	notice := q.record(s, b)
	c := &change{batch: b, alone: true, usage: k, done: make(chan error, 1), applied: func() {
		close(t.done)
		s.agenda.note(notice)
	}}
	s.submit(q, c)
	q.mu.Unlock()
	return n, s.answerOf(c)
}

// settleExpired lets every group see what fell due in it while messages were kept that have expired by now: leases that ended before make dead letters
// of them. It returns up to where the groups have seen everything, so that what is before may leave the index.
// Requires: neither q.mu nor the lock of a group held.
func (s *store) settleExpired(q *queue) (seen uint64, err error) {
	q.mu.Lock()
	_, err = q.log.expire(s.db, s.now())
	seen = q.log.oldest
	gone := q.log.trimmed >= seen
	q.mu.Unlock()
	if err != nil {
		return 0, errInternal(err)
	}
	if gone {
		return seen, nil
	}
	return seen, s.settleDue(q, nil)
}

// settleDue lets every group see what fell due in it, before messages that it would need for that are gone.
func (s *store) settleDue(q *queue, eq *engine.Queue) error {
	groups, err := s.knownGroups(q)
	if err != nil {
		return errInternal(err)
	}
	for _, g := range groups {
		if err := s.lockGroup(q, g); err != nil {
			if isDropped(err) {
				continue
			}
			return err
		}
		gc, _, err := s.beginGroup(q, g, eq)
		if err == nil {
			gc.submit(false, nil)
		}
		g.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *store) purgeDead(eq engine.Queue, groupID string, k *usage.Key) (int64, error) {
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return 0, err
	}
	defer s.exit()
	defer s.registry.release(q)
	if err := s.lockGroup(q, g); err != nil {
		return 0, err
	}
	gc, _, err := s.beginGroup(q, g, &eq)
	if err != nil {
		g.mu.Unlock()
		return 0, err
	}
	gc.exist()
	n := g.dead.available(g.letters.next)
	g.letters.drop()
	g.letters.trim(gc.batch())
	g.dead.catchUp(gc, g.letters.oldest)
	c := gc.submit(true, k)
	g.mu.Unlock()
	return n, s.answerOf(c)
}

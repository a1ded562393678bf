package pebbleengine

import (
	"dms/internal/errs"
)

// isDropped reports whether err says that the queue or group was dropped.
func isDropped(err error) bool { return err != nil && errs.CodeOf(err) == errs.NotFound }

// dropQueue erases the queue. A grave keeps late calls from bringing it back.
func (s *store) dropQueue(queueID string) error {
	id, err := parseQueueID(queueID)
	if err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.exit()
	q := s.registry.acquire(id)
	defer s.registry.release(q)

	// From here on no call puts a change of the queue on the commit queue: calls look at the mark with their lock held, and those that
	// looked before are waited for, lock by lock.
	q.dropped.Store(true)
	q.mu.Lock()
	groups := make([]*group, 0, len(q.groups))
	for _, g := range q.groups {
		groups = append(groups, g)
	}
	q.mu.Unlock()
	for _, g := range groups {
		g.mu.Lock()
		s.sched.set(g.alarm, 0)
		g.mu.Unlock()
	}

	b := s.newBatch()
	b.free(queuePrefix(id), after(queuePrefix(id)))
	at := s.now() + int64(graveTime)
	b.set(graveKey(id, nil), nil)
	b.set(agendaKey(at, id, taskForget, nil), nil)
	c := &change{batch: b, alone: true, done: make(chan error, 1), applied: func() { s.agenda.note(at) }}
	q.mu.Lock()
	s.submit(q, c)
	q.mu.Unlock()
	q.wait.ringAll()
	return s.answerOf(c)
}

// dropGroup erases the group and its dead letters.
func (s *store) dropGroup(queueID, groupID string) error {
	qid, err := parseQueueID(queueID)
	if err != nil {
		return err
	}
	gid, err := parseGroupID(groupID)
	if err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.exit()
	q, err := s.openQueue(qid)
	if isDropped(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	g := q.openGroup(gid)
	g.mu.Lock()
	if q.dropped.Load() {
		g.mu.Unlock()
		return nil
	}
	g.dropped = true
	s.sched.set(g.alarm, 0)
	b := s.newBatch()
	b.free(groupPrefix(qid, gid), after(groupPrefix(qid, gid)))
	at := s.now() + int64(graveTime)
	b.set(graveKey(qid, &gid), nil)
	b.set(agendaKey(at, qid, taskForget, &gid), nil)
	c := &change{batch: b, alone: true, done: make(chan error, 1), applied: func() { s.agenda.note(at) }}
	s.submit(q, c)
	g.mu.Unlock()
	for _, st := range []*stream{&g.live, &g.dead} {
		q.wait.ring(st, 1<<30)
	}
	return s.answerOf(c)
}

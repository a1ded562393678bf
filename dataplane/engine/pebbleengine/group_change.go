package pebbleengine

import (
	"slices"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/usage"
)

// groupChange gathers what one call changes in a group into one batch. It lives while group.mu is held.
type groupChange struct {
	s         *store
	q         *queue
	g         *group
	maxFailed int
	b         *batch
	spans     []dirtySpan
	buried    int
}

type dirtySpan struct {
	st    *stream
	start uint64
}

// beginGroup begins a change: expired messages are given up. It returns the first sequence number of the queue that is not assigned yet.
// Requires: g.mu held and g loaded.
func (s *store) beginGroup(q *queue, g *group) (*groupChange, uint64, error) {
	gc := &groupChange{s: s, q: q, g: g}
	for _, k := range g.stale {
		gc.batch().delete(k)
	}
	g.stale = nil
	now := s.now()
	q.mu.Lock()
	_, err := q.log.expire(s.db, now)
	oldest, next := q.log.oldest, q.log.next
	q.mu.Unlock()
	if err != nil {
		return nil, 0, errInternal(err)
	}
	if _, err := g.letters.expire(s.db, now); err != nil {
		return nil, 0, errInternal(err)
	}
	g.live.catchUp(gc, oldest)
	g.dead.catchUp(gc, g.letters.oldest)
	g.letters.passOver(g.dead.floor)
	return gc, next, nil
}

// expireLeases takes back the leases that have ended.
func (gc *groupChange) expireLeases(eq engine.Queue) {
	if !eq.Mode.Kafka() { // those have no dead letters
		gc.maxFailed = eq.MaxConsumeCount
	}
	now := gc.s.now()
	gc.g.live.expireLeases(gc, now)
	gc.g.dead.expireLeases(gc, now)
}

func (gc *groupChange) batch() *batch {
	if gc.b == nil {
		gc.b = gc.s.newBatch()
	}
	return gc.b
}

// touch makes sure that the group's record is written.
func (gc *groupChange) touch() { gc.batch() }

func (gc *groupChange) key(st *stream, sub byte, n uint64) []byte {
	base := byte(groupBaseLive)
	if st.dead {
		base = groupBaseDead
	}
	return groupNumberKey(gc.q.id, gc.g.id, base+sub, n)
}

func (gc *groupChange) dirtySpan(st *stream, start uint64) {
	gc.touch()
	if !slices.Contains(gc.spans, dirtySpan{st, start}) {
		gc.spans = append(gc.spans, dirtySpan{st, start})
	}
}

// bury copies the message into the dead letters of the group.
func (gc *groupChange) bury(seq uint64) error {
	m, err := gc.s.read(&gc.q.log, seq)
	if err != nil {
		return err
	}
	m.available = gc.s.now()
	m.expiry = m.available + int64(dataplane.StandardRetention)
	gc.g.letters.append(gc.batch(), &m)
	gc.buried++
	return nil
}

// submit completes the batch and puts it on the commit queue, unless nothing has changed. With wait, the change is durable once
// answerOf returns. Requires: g.mu held.
func (gc *groupChange) submit(wait bool, k *usage.Key) *change {
	s, q, g := gc.s, gc.q, gc.g
	s.scheduleGroup(q, g)
	if gc.b == nil && k == nil {
		return nil
	}
	b := gc.batch()
	for _, d := range gc.spans {
		key := gc.key(d.st, groupSpan, d.start)
		if i, ok := d.st.spans.find(d.start); ok && d.st.spans[i].start == d.start {
			b.set(key, appendUint64(nil, d.st.spans[i].end))
		} else {
			b.delete(key)
		}
	}
	var notice int64
	if g.trimAt == 0 && g.letters.next > g.letters.trimmed {
		g.trimAt = max(g.letters.headExpiry, s.now()+int64(s.opt.TrimInterval))
		b.set(agendaKey(g.trimAt, q.id, taskTrimDead, &g.id), nil)
		notice = g.trimAt
	}
	b.set(groupKey(q.id, g.id, groupRecord), g.encode())
	c := &change{batch: b, lazy: !wait && gc.buried == 0, usage: k}
	if wait {
		c.done = make(chan error, 1)
	}
	next, buried := g.letters.next, gc.buried
	var t *ticket
	if buried > 0 {
		t = newTicket()
		g.burying = t
	}
	c.applied = func() {
		if t != nil {
			g.letters.visible.Store(next)
			close(t.done)
			q.wait.ring(&g.dead, buried)
		}
		s.agenda.note(notice)
	}
	s.submit(q, c)
	return c
}

// scheduleGroup sets the alarm for the next end of a lease that a waiting poll must know of. Requires: g.mu held.
func (s *store) scheduleGroup(q *queue, g *group) {
	var at int64
	if q.wait.waiting(&g.live) || q.wait.waiting(&g.dead) {
		at = g.live.deadline()
		if d := g.dead.deadline(); d != 0 && (at == 0 || d < at) {
			at = d
		}
	}
	if at != 0 || g.alarmed {
		s.sched.set(g.alarm, at)
		g.alarmed = at != 0
	}
}

func (s *store) workTrimDead(e agendaEntry) error {
	q, err := s.openQueue(e.queue)
	if isDropped(err) {
		return s.strike(e)
	}
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	g := q.openGroup(*e.group)
	if err := s.lockGroup(q, g); err != nil {
		if isDropped(err) {
			return s.strike(e)
		}
		return err
	}
	gc, _, err := s.beginGroup(q, g)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.batch().delete(e.key)
	if g.trimAt == e.at {
		g.trimAt = 0
		if g.letters.trim(gc.b) {
			g.trimAt = s.now()
			gc.b.set(agendaKey(g.trimAt, q.id, taskTrimDead, &g.id), nil)
		}
	}
	c := gc.submit(true, nil)
	g.mu.Unlock()
	return s.answerOf(c)
}

package pebbleengine

import (
	"errors"
	"slices"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/usage"
)

// groupChange gathers what one call changes in a group into one batch. It lives while group.mu is held.
type groupChange struct {
	s        *store
	q        *queue
	g        *group
	now      int64
	oldest   uint64 // message that the queue keeps
	b        *batch
	spans    []dirtySpan
	buried   int
	returned int   // messages that were redriven
	notice   int64 // an entry that was put on the agenda
}

type dirtySpan struct {
	st    *stream
	start uint64
}

// beginGroup begins a change of a group: what fell due since the last one happens, failed consumptions before expiries. Without eq the group goes by
// what the latest call said of the queue; if none has yet, leases and live messages are left to the next change. It returns the first
// sequence number of the queue that is not assigned yet.
// Requires: g.mu held and g loaded.
func (s *store) beginGroup(q *queue, g *group, eq *engine.Queue) (*groupChange, uint64, error) {
	gc := &groupChange{s: s, q: q, g: g, now: s.now()}
	for _, k := range g.stale {
		gc.batch().delete(k)
	}
	g.stale = nil
	q.mu.Lock()
	_, err := q.log.expire(s.db, gc.now)
	oldest, next, purges := q.log.oldest, q.log.next, q.purges
	q.mu.Unlock()
	gc.oldest = oldest
	if err != nil {
		return nil, 0, errInternal(err)
	}
	if !g.exists { // what it has not seen come and go was never skipped
		g.live.floor, g.live.cursor, g.purges = oldest, oldest, purges
	}
	if eq != nil {
		g.maxFailed = maxFailedOf(eq)
	}
	if g.maxFailed != maxFailedUnknown {
		gc.expireLeases()
		g.skipped += g.live.catchUp(gc, oldest)
	}
	if g.purges != purges {
		g.purges = purges
		g.skipped += gc.dropRedriven()
	}
	if _, err := g.letters.expire(s.db, gc.now); err != nil {
		return nil, 0, errInternal(err)
	}
	if _, err := g.returned.expire(s.db, gc.now); err != nil {
		return nil, 0, errInternal(err)
	}
	g.dead.catchUp(gc, g.letters.oldest)
	g.letters.passOver(g.dead.floor)
	g.skipped += g.redriven.catchUp(gc, g.returned.oldest)
	g.returned.passOver(g.redriven.floor)
	for _, st := range g.streams() {
		st.wakePostponed(gc.now)
	}
	return gc, next, nil
}

// exist makes a group that was not heard of yet one. It begins at what is kept now, not at what was kept when the change began.
func (gc *groupChange) exist() {
	g := gc.g
	if g.exists {
		return
	}
	g.exists = true
	gc.oldest = gc.q.claim()
	g.live.floor, g.live.cursor = gc.oldest, gc.oldest
	gc.touch()
}

// dropRedriven gives up all redriven messages, and returns how many there were.
func (gc *groupChange) dropRedriven() int64 {
	g := gc.g
	g.returned.drop()
	g.returned.trim(gc.batch())
	return g.redriven.catchUp(gc, g.returned.oldest)
}

// expireLeases ends the leases whose deadline has passed, in the order of the deadlines: each counts as a failed consumption.
func (gc *groupChange) expireLeases() {
	g := gc.g
	for {
		live, redriven := g.live.nextLease(gc.now), g.redriven.nextLease(gc.now)
		switch {
		case redriven != nil && (live == nil || redriven.deadline < live.deadline || redriven.deadline == live.deadline && redriven.of <= live.of):
			g.redriven.expireLease(gc, redriven)
		case live != nil:
			g.live.expireLease(gc, live)
		default:
			for d := g.dead.nextLease(gc.now); d != nil; d = g.dead.nextLease(gc.now) {
				g.dead.expireLease(gc, d)
			}
			return
		}
	}
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
	return groupNumberKey(gc.q.id, gc.g.id, st.base()+sub, n)
}

func (gc *groupChange) dirtySpan(st *stream, start uint64) {
	gc.touch()
	if !slices.Contains(gc.spans, dirtySpan{st, start}) {
		gc.spans = append(gc.spans, dirtySpan{st, start})
	}
}

// errExpired says that a message expired before its consumption failed.
var errExpired = errors.New("the message has expired")

// forgetSpans leaves the records of the stream's spans as they are: they are erased in one.
func (gc *groupChange) forgetSpans(st *stream) {
	gc.spans = slices.DeleteFunc(gc.spans, func(d dirtySpan) bool { return d.st == st })
}

// bury copies the message into the dead letters of the group.
func (gc *groupChange) bury(st *stream, e *entry, f failure) error {
	m, err := gc.s.read(st.log, e.seq)
	switch {
	case err != nil && st.which == liveStream && e.seq < gc.oldest:
		return errExpired // and is erased already
	case err != nil:
		return err
	case m.expiry <= f.at:
		return errExpired
	}
	d := death{failures: e.failed, firstFailure: e.firstFailed, lastFailure: f.at, reason: f.reason, origin: e.seq, firstReceived: e.first}
	if old := m.death; old != nil {
		d.origin, d.firstReceived, d.redriven = old.origin, old.firstReceived, old.redriven+1
	}
	m.death, m.encoded = &d, nil
	m.expiry = f.at + int64(dataplane.StandardRetention)
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
	if g.trimAt == 0 && (g.letters.next > g.letters.trimmed || g.returned.next > g.returned.trimmed) {
		g.trimAt = max(earlier(g.letters.headExpiry, g.returned.headExpiry), gc.now+int64(s.opt.TrimInterval))
		b.set(agendaKey(g.trimAt, q.id, taskTrimDead, &g.id), nil)
		notice = g.trimAt
	}
	b.set(groupKey(q.id, g.id, groupRecord), g.encode())
	c := &change{batch: b, lazy: !wait && gc.buried == 0 && gc.returned == 0, usage: k}
	if wait {
		c.done = make(chan error, 1)
	}
	next, returned, buried, back := g.letters.next, g.returned.next, gc.buried, gc.returned
	var t *ticket
	if buried > 0 || back > 0 {
		t = newTicket()
		g.burying = t
	}
	c.applied = func() {
		if t != nil {
			g.letters.visible.Store(next)
			g.returned.visible.Store(returned)
			close(t.done)
			q.wait.ring(&g.dead, buried)
			q.wait.ring(&g.live, back)
		}
		s.agenda.note(earlier(notice, gc.notice))
	}
	s.submit(q, c)
	return c
}

// scheduleGroup sets the alarm for the next end of a lease that a waiting poll must know of. Requires: g.mu held.
func (s *store) scheduleGroup(q *queue, g *group) {
	var at int64
	if q.wait.waiting(&g.live) || q.wait.waiting(&g.dead) {
		for _, st := range g.streams() {
			at = earlier(at, st.wakeAt())
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
	gc, _, err := s.beginGroup(q, g, nil)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.batch().delete(e.key)
	if g.trimAt == e.at {
		g.trimAt = 0
		letters, returned := g.letters.trim(gc.b), g.returned.trim(gc.b)
		if letters || returned {
			g.trimAt = s.now()
			gc.b.set(agendaKey(g.trimAt, q.id, taskTrimDead, &g.id), nil)
		}
	}
	c := gc.submit(true, nil)
	g.mu.Unlock()
	return s.answerOf(c)
}

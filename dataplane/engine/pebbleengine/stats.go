package pebbleengine

import (
	"time"

	"dms/dataplane/engine"
)

// headMark is when a message of a log became available, kept so that it is read once.
type headMark struct {
	seq       uint64
	available int64
}

// of returns when the message became available; ok is false while it cannot be read. Guarded by the lock of the owner.
func (h *headMark) of(s *store, l *messageLog, seq uint64) (available int64, ok bool) {
	if h.seq == seq {
		return h.available, true
	}
	it := s.iterate(l, seq, l.visible.Load())
	defer it.close()
	if !it.first() {
		return 0, false
	}
	*h = headMark{seq: seq, available: it.available()}
	return h.available, true
}

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
	now := s.now()
	if _, err := q.log.expire(s.db, now); err != nil {
		return engine.QueueStats{}, errInternal(err)
	}
	st := q.stats()
	if q.log.oldest < q.log.next {
		if at, ok := q.head.of(s, &q.log, q.log.oldest); ok {
			st.Oldest = time.Duration(now - at)
		}
	}
	return st, nil
}

// Requires: q.mu held.
func (q *queue) stats() engine.QueueStats {
	return engine.QueueStats{
		Messages: q.log.count() + int64(q.delayed.count),
		Bytes:    q.log.bytes() + int64(q.delayed.bytes),
		Delayed:  int64(q.delayed.count),
		Prepared: int64(q.prepared),
		Produced: int64(q.log.next - 1 + q.delayed.count + q.purgedDelayed),
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
	gc, next, err := s.beginGroup(q, g, &eq)
	if err != nil {
		return engine.GroupStats{}, err
	}
	gc.submit(false, nil)
	q.mu.Lock()
	produced := q.stats().Messages
	q.mu.Unlock()
	st := engine.GroupStats{
		Produced:      produced,
		Consumed:      g.consumed,
		Skipped:       g.skipped,
		Available:     g.live.available(next) + g.redriven.available(g.returned.next),
		InFlight:      int64(g.live.leased + g.redriven.leased),
		Postponed:     int64(len(g.live.postponed) + len(g.redriven.postponed)),
		DeadProduced:  int64(g.letters.next - 1),
		DeadAvailable: g.dead.available(g.letters.next),
		Redriven:      g.redrives,
	}
	if st.Available > 0 {
		st.OldestUnsettled = g.oldestUnsettled(s, q, next, gc.now)
	}
	return st, nil
}

// oldestUnsettled returns the age of the oldest message that the group has not settled. Requires: g.mu held.
func (g *group) oldestUnsettled(s *store, q *queue, next uint64, now int64) (age time.Duration) {
	if st := &g.live; st.floor < next {
		if at, ok := g.head.of(s, st.log, st.floor); ok {
			age = time.Duration(now - at)
		}
	}
	st := &g.redriven
	if st.available(g.returned.next) == 0 {
		return age
	}
	// The order of redriven messages is not that of their age; what is found holds until one is settled or comes in.
	state := redrivenState{next: g.returned.visible.Load(), settled: st.floor + st.above}
	if g.redrivenHead.state != state {
		it := s.iterate(st.log, st.floor, state.next)
		defer it.close()
		oldest := int64(0)
		for ok := it.first(); ok; ok = it.next() {
			if st.settled(it.seq()) {
				continue
			}
			oldest = earlier(oldest, it.available())
		}
		g.redrivenHead.state, g.redrivenHead.available = state, oldest
	}
	if at := g.redrivenHead.available; at != 0 {
		age = max(age, time.Duration(now-at))
	}
	return age
}

// redrivenState says which redriven messages are unsettled, well enough to see that it changed.
type redrivenState struct{ next, settled uint64 }

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

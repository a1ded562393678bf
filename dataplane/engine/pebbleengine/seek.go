package pebbleengine

import (
	"time"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/usage"
)

// seek moves the group's place in the queue's messages.
func (s *store) seek(eq engine.Queue, groupID string, to engine.SeekTo, k *usage.Key) error {
	ways := 0
	for _, set := range []bool{to.Earliest, to.Latest, !to.Time.IsZero(), to.Position != 0} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		return errs.New(errs.Invalid, reason.ParameterInvalid, "a seek goes to exactly one of: the earliest, the latest, a time, a position")
	}
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return err
	}
	defer s.exit()
	defer s.registry.release(q)
	if err := s.lockPromoted(q, true); err != nil {
		return err
	}
	q.mu.Unlock()
	if err := s.lockGroup(q, g); err != nil {
		return err
	}
	gc, next, err := s.beginGroup(q, g, &eq)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.exist()
	place := next
	switch {
	case to.Earliest:
		place = q.claim()
	case to.Position != 0:
		place = min(max(to.Position, q.claim()), next)
	case !to.Time.IsZero():
		place, err = s.firstAvailable(&q.log, q.claim(), next, to.Time)
	}
	if err == nil {
		err = gc.seek(place)
	}
	if err != nil {
		gc.submit(false, nil) // what beginGroup found
		g.mu.Unlock()
		return errInternal(err)
	}
	c := gc.submit(true, k)
	g.mu.Unlock()
	q.wait.ring(&g.live, 1)
	return s.answerOf(c)
}

// firstAvailable returns the first message of [from, next) that became available at or after t, next when there is none. What can be
// read is searched; what is still on its way to the disk is of now.
func (s *store) firstAvailable(l *messageLog, from, next uint64, t time.Time) (uint64, error) {
	at, visible := stored(t), l.visible.Load()
	if from >= visible {
		visible = from
	}
	it := s.iterate(l, from, visible)
	defer it.close()
	lo, hi := from, visible // below lo all are earlier; from hi on none is, or it cannot be read
	for lo < hi {
		mid := lo + (hi-lo)/2
		seq, earlier := hi, false
		if it.seek(mid) && it.seq() < hi {
			seq, earlier = it.seq(), it.available() < at
		}
		if earlier {
			lo = seq + 1
		} else {
			hi = mid
		}
	}
	if err := it.err(); err != nil {
		return 0, err
	}
	if lo == visible && at > s.now() {
		return next, nil
	}
	return lo, nil
}

// seek makes everything from place on undelivered and everything before it settled. Requires: g.mu held.
func (gc *groupChange) seek(place uint64) error {
	g, st := gc.g, &gc.g.live
	if err := gc.skipRedriven(place); err != nil {
		return err
	}
	for _, e := range st.pending {
		st.forget(gc, e)
	}
	if place > st.floor {
		lost := place - st.floor
		for _, sp := range st.spans {
			if sp.start < place {
				lost -= min(sp.end, place) - sp.start
			}
		}
		g.skipped += int64(lost)
	}
	gc.batch().deleteRange(groupNumberKey(gc.q.id, g.id, st.base()+groupSpan, 0), groupKey(gc.q.id, g.id, st.base()+groupSpan+1))
	gc.forgetSpans(st)
	st.spans, st.above, st.ready = nil, 0, nil
	st.floor, st.cursor, st.minimum = place, place, ^uint64(0)
	g.void = gc.s.nextDelivery()
	return nil
}

// skipRedriven gives up the redriven messages: those whose place is before `place` unsettled, the others to come again with the queue's.
func (gc *groupChange) skipRedriven(place uint64) error {
	g, st := gc.g, &gc.g.redriven
	if st.available(g.returned.next) == 0 {
		return nil
	}
	it := gc.s.iterate(st.log, st.floor, g.returned.next)
	defer it.close()
	lost := int64(0)
	for ok := it.first(); ok; ok = it.next() {
		if st.settled(it.seq()) {
			continue
		}
		if m, err := it.message(); err == nil && m.death != nil && m.death.origin < place {
			lost++
		}
	}
	if err := it.err(); err != nil {
		return err
	}
	gc.dropRedriven()
	g.skipped += lost
	return nil
}

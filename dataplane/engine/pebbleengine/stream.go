package pebbleengine

import (
	"container/heap"
)

// stream is where a group stands in a message log: the queue's (live) or that of the group's dead letters (dead). Every message of the
// log is exactly one of: settled (below the floor or in a span), pending (delivered, an entry knows it), or undelivered.
// Guarded by group.mu.
type stream struct {
	dead    bool
	floor   uint64
	spans   spans  // settled above the floor
	above   uint64 // how many those are
	cursor  uint64 // everything below is settled, pending, or unreadable
	pending map[uint64]*entry
	minimum uint64    // no pending message is below
	ready   readyHeap // pending ones that may be given again; may hold entries that are no longer so
	leases  leaseHeap
	leased  int // messages under a lease
}

func (st *stream) init(dead bool) {
	*st = stream{dead: dead, floor: 1, cursor: 1, pending: make(map[uint64]*entry), minimum: ^uint64(0)}
}

// settled reports whether the message is acknowledged, buried, passed over, or gone.
func (st *stream) settled(seq uint64) bool {
	if seq < st.floor {
		return true
	}
	_, ok := st.spans.find(seq)
	return ok
}

// available returns how many messages of [oldest, next) are not settled. Requires: the stream has caught up with oldest.
func (st *stream) available(next uint64) int64 {
	if next < st.floor {
		return 0
	}
	return int64(next - st.floor - st.above)
}

func (st *stream) addPending(e *entry) {
	st.pending[e.seq] = e
	st.minimum = min(st.minimum, e.seq)
}

// offer lets the message be given again.
func (st *stream) offer(e *entry) {
	if !e.queued {
		e.queued = true
		heap.Push(&st.ready, e)
	}
}

// nextReady returns the first message that may be given again, nil when there is none.
func (st *stream) nextReady() *entry {
	for len(st.ready) > 0 {
		e := st.ready[0]
		if st.pending[e.seq] == e && e.lease == nil {
			return e
		}
		st.popReady()
	}
	return nil
}

func (st *stream) popReady() {
	heap.Pop(&st.ready).(*entry).queued = false
}

// markSettled adds [start, end), which is unsettled and has no entries any more.
func (st *stream) markSettled(gc *groupChange, start, end uint64) {
	gc.touch()
	if start != st.floor {
		joined, swallowed, did := st.spans.insert(span{start, end})
		st.above += end - start
		gc.dirtySpan(st, joined.start)
		if did {
			gc.dirtySpan(st, swallowed)
		}
		return
	}
	st.floor = end
	st.absorb(gc)
}

// absorb moves the floor over the spans that it reaches.
func (st *stream) absorb(gc *groupChange) {
	for len(st.spans) > 0 && st.spans[0].start <= st.floor {
		sp := st.spans[0]
		st.spans = st.spans[1:]
		st.above -= sp.end - sp.start
		st.floor = max(st.floor, sp.end)
		gc.dirtySpan(st, sp.start)
	}
	st.cursor = max(st.cursor, st.floor)
}

// catchUp gives up what is no longer kept.
func (st *stream) catchUp(gc *groupChange, oldest uint64) {
	if st.floor >= oldest {
		return
	}
	if st.minimum < oldest {
		st.minimum = ^uint64(0)
		for seq, e := range st.pending {
			if seq < oldest {
				st.endLease(gc, e)
				st.forget(gc, e)
			} else {
				st.minimum = min(st.minimum, seq)
			}
		}
	}
	st.floor = oldest
	st.absorb(gc)
}

// forget drops the entry and its record.
func (st *stream) forget(gc *groupChange, e *entry) {
	delete(st.pending, e.seq)
	if e.recorded {
		e.recorded = false
		gc.batch().delete(gc.key(st, groupAttempt, e.seq))
	}
}

// endLease takes the message out of the delivery that holds it.
func (st *stream) endLease(gc *groupChange, e *entry) {
	d := e.lease
	if d == nil {
		return
	}
	e.lease = nil
	st.leased--
	if d.open--; d.open == 0 {
		if d.index >= 0 {
			heap.Remove(&st.leases, d.index)
		}
		gc.batch().delete(gc.key(st, groupDelivery, d.no))
	}
}

// acknowledge settles a message that was delivered.
func (st *stream) acknowledge(gc *groupChange, seq uint64) {
	if e := st.pending[seq]; e != nil {
		st.endLease(gc, e)
		st.forget(gc, e)
	}
	st.markSettled(gc, seq, seq+1)
	if st.dead {
		gc.batch().freeKey(gc.g.deadKey(seq))
	} else {
		gc.g.consumed++
	}
}

// end records that a delivery of the message is over without its being settled, and offers it again.
func (st *stream) end(gc *groupChange, e *entry, delivery uint64) {
	st.endLease(gc, e)
	e.ended = max(e.ended, delivery)
	e.recorded = true
	gc.batch().set(gc.key(st, groupAttempt, e.seq), e.encode())
	st.offer(e)
}

// fail counts a failed consumption: the message is offered again, or becomes a dead letter.
func (st *stream) fail(gc *groupChange, e *entry, delivery uint64) {
	e.failed++
	if !st.dead && gc.maxFailed > 0 && int(e.failed) >= gc.maxFailed {
		err := gc.bury(e.seq)
		if err == nil {
			st.acknowledge(gc, e.seq)
			return
		}
		gc.s.log.Error("a message could not be moved to the dead letters", "queue", gc.q.id.String(), "error", err)
	}
	st.end(gc, e, delivery)
}

// expireLeases ends the leases whose deadline has passed: each counts as a failed consumption.
func (st *stream) expireLeases(gc *groupChange, now int64) {
	for len(st.leases) > 0 && st.leases[0].deadline <= now {
		d := st.leases[0]
		for _, e := range d.entries {
			if e.lease == d {
				st.fail(gc, e, d.no)
			}
		}
		if d.index >= 0 { // not reached: the last entry took it off
			heap.Remove(&st.leases, d.index)
		}
	}
}

// lease gives the entries to one receive.
func (st *stream) lease(gc *groupChange, entries []*entry, no uint64, deadline int64) {
	d := &delivery{no: no, deadline: deadline, entries: entries, open: len(entries)}
	for _, e := range entries {
		e.received++
		e.lease = d
	}
	st.leased += len(entries)
	heap.Push(&st.leases, d)
	gc.batch().set(gc.key(st, groupDelivery, no), d.encode())
}

// deadline returns when the next lease ends, 0 when there is none.
func (st *stream) deadline() int64 {
	if len(st.leases) == 0 {
		return 0
	}
	return st.leases[0].deadline
}

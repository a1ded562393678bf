package pebbleengine

import (
	"cmp"
	"container/heap"
	"errors"
	"slices"
	"time"

	"dms/dataplane/engine"
)

// streamKind tells the streams of a group apart.
type streamKind uint8

const (
	liveStream     streamKind = iota // the queue's messages
	deadStream                       // the group's dead letters
	redrivenStream                   // dead letters that were given back to the group: served with the queue's messages, before them
)

// stream is where a group stands in a message log. Every message of the log is exactly one of: settled (below the floor or in a span),
// pending (an entry knows it), or unseen. Guarded by group.mu.
type stream struct {
	which     streamKind
	log       *messageLog
	floor     uint64
	spans     spans  // settled above the floor
	above     uint64 // how many those are
	cursor    uint64 // everything below is settled, pending, or unreadable
	pending   map[uint64]*entry
	minimum   uint64        // no pending message is below
	ready     readyHeap     // pending ones that may be given again; may hold entries that are no longer so
	postponed postponedHeap // pending ones that failed with a delay that has not passed
	leases    leaseHeap
	leased    int       // messages under a lease
	order     *ordering // of a FIFO queue, from the first receive on; live and redriven messages share one
	learned   bool      // the ordering keys of what is leased or postponed are known
}

func (st *stream) init(which streamKind, log *messageLog) {
	*st = stream{which: which, log: log, floor: 1, cursor: 1, minimum: ^uint64(0)}
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

// afterRedriven is set in the order of live messages: redriven ones go first.
const afterRedriven = 1 << 63

// newEntry returns an entry for a message that had none.
func (st *stream) newEntry(seq uint64) *entry {
	e := &entry{seq: seq, order: seq}
	if st.which == liveStream {
		e.order |= afterRedriven
	}
	if st.pending == nil {
		st.pending = make(map[uint64]*entry)
	}
	st.pending[seq] = e
	st.minimum = min(st.minimum, seq)
	return e
}

// offer lets the message be given again.
func (st *stream) offer(e *entry) {
	switch {
	case e.key != nil && e.seq >= st.cursor:
		// Only its key was learned; earlier messages of the key may be unseen. The scan offers it when it gets there.
		k := e.key
		e.key = nil
		st.order.update(k)
	case e.key != nil:
		st.order.wait(e)
	case st.which == redrivenStream && !e.known:
		// The scan offers it, with its order.
	case !e.queued && st.order == nil:
		e.queued = true
		heap.Push(&st.ready, e)
	}
}

// postpone keeps the message back until its time.
func (st *stream) postpone(e *entry) {
	heap.Push(&st.postponed, e)
	if e.key != nil {
		e.key.later++
		st.order.wait(e)
	}
}

// advance ends the delay of an entry.
func (st *stream) advance(e *entry) {
	heap.Remove(&st.postponed, e.postponed-1)
	if e.key != nil {
		e.key.later--
		st.order.update(e.key)
	}
}

// wakePostponed offers what failed with a delay that has passed.
func (st *stream) wakePostponed(now int64) {
	for len(st.postponed) > 0 && st.postponed[0].notBefore <= now {
		e := st.postponed[0]
		st.advance(e)
		st.offer(e)
	}
}

// nextReady returns the first message that may be given again, nil when there is none.
func (st *stream) nextReady() *entry {
	for len(st.ready) > 0 {
		e := st.ready[0]
		if !e.gone && e.lease == nil && e.postponed == 0 {
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

// catchUp gives up what is no longer kept, and returns how many messages of it were not settled.
func (st *stream) catchUp(gc *groupChange, oldest uint64) int64 {
	if st.floor >= oldest {
		return 0
	}
	before := st.floor + st.above
	if st.minimum < oldest {
		st.minimum = ^uint64(0)
		for seq, e := range st.pending {
			if seq < oldest {
				st.forget(gc, e)
			} else {
				st.minimum = min(st.minimum, seq)
			}
		}
	}
	st.floor = oldest
	st.absorb(gc)
	return int64(st.floor + st.above - before)
}

// forget ends the lease, if there is one, and drops the entry and its record.
func (st *stream) forget(gc *groupChange, e *entry) {
	st.endLease(gc, e)
	if e.postponed > 0 {
		st.advance(e)
	}
	delete(st.pending, e.seq)
	e.gone = true
	if e.key != nil {
		st.order.update(e.key)
	}
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
	if e.key != nil {
		e.key.leased--
		st.order.update(e.key)
	}
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
		st.forget(gc, e)
	}
	st.markSettled(gc, seq, seq+1)
	if st.which != liveStream {
		gc.batch().freeKey(st.log.key(seq))
	}
	if st.which != deadStream {
		gc.g.consumed++
	}
}

// end records that a delivery of the message is over without its being settled, and offers it again when its time has come.
func (st *stream) end(gc *groupChange, e *entry, delivery uint64) {
	st.endLease(gc, e)
	e.ended = max(e.ended, delivery)
	e.recorded = true
	gc.batch().set(gc.key(st, groupAttempt, e.seq), e.encode())
	switch {
	case e.notBefore <= gc.now:
		st.offer(e)
	case e.postponed == 0:
		st.postpone(e)
	}
}

// failure is a failed consumption.
type failure struct {
	at     int64
	reason engine.DeathReason
	delay  time.Duration
}

// fail counts a failed consumption: the message is offered again, or becomes a dead letter.
func (st *stream) fail(gc *groupChange, e *entry, delivery uint64, f failure) {
	e.failed++
	if e.firstFailed == 0 {
		e.firstFailed = f.at
	}
	if st.which != deadStream && gc.g.maxFailed > 0 && int(e.failed) >= gc.g.maxFailed {
		err := gc.bury(st, e, f)
		if err == nil {
			st.acknowledge(gc, e.seq)
			return
		}
		if !errors.Is(err, errExpired) {
			gc.s.log.Error("a message could not be moved to the dead letters", "queue", gc.q.id.String(), "error", err)
		}
	}
	if f.delay > 0 {
		e.notBefore = gc.now + int64(f.delay)
	}
	st.end(gc, e, delivery)
}

// nextLease returns the first lease that has ended by now, nil when there is none.
func (st *stream) nextLease(now int64) *delivery {
	if len(st.leases) == 0 || st.leases[0].deadline > now {
		return nil
	}
	return st.leases[0]
}

// expireLease ends a lease whose deadline has passed, together with others that extending split off from the same receive.
func (st *stream) expireLease(gc *groupChange, d *delivery) {
	entries := make([]*entry, 0, len(d.entries))
	split := false
	for o := d; o != nil && o.deadline == d.deadline && o.of == d.of; o = st.nextLease(d.deadline) {
		heap.Remove(&st.leases, o.index)
		split = split || o != d
		for _, e := range o.entries {
			if e.lease == o {
				entries = append(entries, e)
			}
		}
	}
	if split {
		slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.order, b.order) })
	}
	for _, e := range entries {
		st.fail(gc, e, d.of, failure{at: d.deadline, reason: engine.TimedOut})
	}
}

// lease puts the entries under the lease d, which is new.
func (st *stream) lease(gc *groupChange, d *delivery) {
	d.open = len(d.entries)
	for _, e := range d.entries {
		e.lease = d
		if e.key != nil {
			e.key.leased++
			st.order.update(e.key)
		}
	}
	st.leased += d.open
	heap.Push(&st.leases, d)
	gc.batch().set(gc.key(st, groupDelivery, d.no), d.encode())
}

// wakeAt returns when the next lease or delay ends, 0 when there is none.
func (st *stream) wakeAt() int64 {
	at := int64(0)
	if len(st.leases) > 0 {
		at = st.leases[0].deadline
	}
	if len(st.postponed) > 0 {
		at = earlier(at, st.postponed[0].notBefore)
	}
	return at
}

// earlier returns the earlier of two instants, of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

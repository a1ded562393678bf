package pebbleengine

import (
	"container/heap"
	"errors"
)

// pick is a message on its way to a consumer.
type pick struct {
	st *stream
	e  *entry
	m  message // in a buffer of its own

	// What the answer says, which the entry knows only as long as the group is held.
	seq      uint64
	no       uint64
	deadline int64
	received uint32
	first    int64
}

// maxScan bounds how many messages one step looks at while it holds the group.
const maxScan = 2000

// picker chooses the next messages of a group: first redriven ones, then those that may be given again, then unseen ones, each in order.
type picker struct {
	*receiver
	gc     *groupChange
	picked []pick
	bytes  int
	more   bool // there may be more for another poll
}

// full reports whether m does not fit any more.
func (p *picker) full(m *message) bool {
	if len(p.picked) == p.opt.MaxMessages || len(p.picked) > 0 && p.bytes+int(m.size()) > p.opt.MaxBytes {
		p.more = true
		return true
	}
	return false
}

func (p *picker) add(st *stream, e *entry, m message) {
	if p.picked == nil {
		p.picked = make([]pick, 0, min(p.opt.MaxMessages, 16))
	}
	p.picked = append(p.picked, pick{st: st, e: e, m: m})
	p.bytes += int(m.size())
}

// passes reports whether the message is for this group. Requires: g.mu held.
func (p *picker) passes(st *stream, m *message) bool {
	return st.which == deadStream || p.g.rule.pass(m.labels)
}

// passOver settles a message that is not for this group.
func (p *picker) passOver(st *stream, seq uint64, e *entry) {
	if e != nil {
		st.forget(p.gc, e)
	}
	st.markSettled(p.gc, seq, seq+1)
	if st.which == redrivenStream {
		p.gc.batch().freeKey(st.log.key(seq))
	}
	p.g.skipped++
}

// lease gives what was picked to the caller.
func (p *picker) lease() {
	no := p.s.nextDelivery()
	deadline := p.gc.now + int64(p.opt.AckWait)
	for from := 0; from < len(p.picked); { // redriven messages stand before the others
		st, to := p.picked[from].st, from
		for to < len(p.picked) && p.picked[to].st == st {
			to++
		}
		d := &delivery{no: no, of: no, given: p.gc.now, deadline: deadline, entries: make([]*entry, to-from)}
		for i := range d.entries {
			k := &p.picked[from+i]
			e := k.e
			d.entries[i] = e
			if e.first == 0 {
				e.first = p.gc.now
			}
			e.received++
			e.notBefore = 0
			k.seq, k.no, k.deadline, k.received, k.first = e.seq, no, deadline, e.received, e.first
		}
		st.lease(p.gc, d)
		for _, e := range d.entries {
			if e.key != nil {
				e.key.taken--
			}
		}
		from = to
	}
}

// pick picks from a queue without order.
func (p *picker) pick() error {
	st := p.stream
	if st.which == liveStream && p.g.redriven.available(p.g.returned.next) > 0 {
		if _, err := p.admitRedriven(); err != nil {
			return err
		}
		if err := p.pickAgain(&p.g.redriven); err != nil || p.more {
			return err
		}
	}
	if err := p.pickAgain(st); err != nil || p.more {
		return err
	}
	return p.pickNew(st)
}

// pickAgain takes messages that the group knows of.
func (p *picker) pickAgain(st *stream) error {
	for {
		e := st.nextReady()
		if e == nil || e.seq >= st.cursor {
			return nil
		}
		if len(p.picked) == p.opt.MaxMessages {
			p.more = true
			return nil
		}
		m, err := p.s.read(st.log, e.seq)
		if err != nil {
			p.s.log.Error("a damaged message is not delivered", "queue", p.q.id.String(), "error", err)
			st.popReady()
			continue
		}
		if p.full(&m) {
			return nil
		}
		st.popReady()
		if !p.passes(st, &m) {
			p.passOver(st, e.seq, e)
			continue
		}
		p.add(st, e, m)
	}
}

// pickNew reads forward from the cursor.
func (p *picker) pickNew(st *stream) error {
	return p.scan(st, func(it *messageIter, seq uint64, e *entry) (bool, error) {
		if e == nil && len(st.pending) >= p.s.opt.MaxPending {
			return true, nil
		}
		m, err := it.message()
		switch {
		case errors.Is(err, errDamaged):
			p.s.log.Error("a damaged message is not delivered", "queue", p.q.id.String(), "error", err)
			return false, nil
		case err != nil:
			return false, err
		case m.expiry <= p.gc.now:
			return false, nil
		case !p.passes(st, &m):
			p.passOver(st, seq, e)
			return false, nil
		case e != nil && e.postponed > 0:
			return false, nil
		case p.full(&m):
			return true, nil
		}
		if e == nil {
			e = st.newEntry(seq)
		}
		p.add(st, e, m)
		return false, nil
	})
}

// scan looks at the messages of the stream from the cursor on that are neither settled nor under a lease, and moves the cursor behind each of
// them, until look says stop. After maxScan of them it stops, too: others may want the group.
func (p *picker) scan(st *stream, look func(it *messageIter, seq uint64, e *entry) (stop bool, err error)) error {
	visible := st.log.visible.Load()
	if st.cursor >= visible {
		return nil
	}
	it := p.s.iterate(st.log, st.cursor, visible)
	defer it.close()
	scanned := 0
	for ok := it.first(); ok; {
		seq := it.seq()
		if i, done := st.spans.find(seq); done {
			st.cursor = st.spans[i].end
			ok = it.seek(st.cursor)
			continue
		}
		e := st.pending[seq]
		if e != nil && e.lease != nil && (st.order == nil || e.key != nil) && (e.known || st.which != redrivenStream) {
			st.cursor = seq + 1
			ok = it.next()
			continue
		}
		if len(p.picked) == p.opt.MaxMessages || scanned == maxScan {
			p.more = true
			return nil
		}
		scanned++
		stop, err := look(it, seq, e)
		if stop || err != nil {
			return err
		}
		st.cursor = max(st.cursor, seq+1)
		ok = it.next()
	}
	if err := it.err(); err != nil {
		return err
	}
	st.cursor = max(st.cursor, visible)
	return nil
}

// admitRedriven reads the redriven messages that are new, so that they can be given in the order of their places in the queue, and reports
// whether all are known now.
func (p *picker) admitRedriven() (bool, error) {
	st := &p.g.redriven
	picked := p.picked
	p.picked = nil // a full answer is no reason to stop
	err := p.scan(st, func(it *messageIter, seq uint64, e *entry) (bool, error) {
		if e == nil && len(st.pending) >= p.s.opt.MaxPending {
			return true, nil
		}
		m, err := it.message()
		switch {
		case errors.Is(err, errDamaged):
			p.s.log.Error("a damaged message is not delivered", "queue", p.q.id.String(), "error", err)
			return false, nil
		case err != nil:
			return false, err
		case m.expiry <= p.gc.now || m.death == nil:
			return false, nil
		}
		if e == nil {
			e = st.newEntry(seq)
		}
		e.order, e.known = m.death.origin, true
		if e.postponed > 0 {
			heap.Fix(&st.postponed, e.postponed-1)
		}
		switch {
		case e.key != nil: // learned before
		case st.order != nil:
			st.order.attach(e, st.order.get(m.orderingKey))
		case e.lease == nil && e.postponed == 0:
			st.offer(e)
		}
		return false, nil
	})
	p.picked = picked
	return st.cursor >= st.log.visible.Load(), err
}

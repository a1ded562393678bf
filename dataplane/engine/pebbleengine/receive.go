package pebbleengine

import (
	"context"
	"errors"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// receive gives the group its next messages; it waits for the first outside of the database.
func (s *store) receive(ctx context.Context, stop <-chan struct{}, eq engine.Queue, groupID string, kind engine.Kind, opt engine.ReceiveOptions) ([]engine.Delivery, error) {
	r := receiver{s: s, eq: eq, opt: opt, kind: kind, rule: newLabelRule(opt.Labels, opt.Match)}
	var err error
	if r.queueID, err = parseQueueID(eq.ID); err != nil {
		return nil, err
	}
	if r.groupID, err = parseGroupID(groupID); err != nil {
		return nil, err
	}
	if opt.MaxMessages < 1 {
		return nil, errs.New(errs.Invalid, reason.MaxMessages, "at least one message must be asked for")
	}
	if opt.AckWait <= 0 {
		return nil, errs.New(errs.Invalid, reason.AckWait, "the ack wait must be positive")
	}
	if ctx.Err() != nil {
		return nil, nil // nobody is there to be given anything
	}
	if err := r.open(); err != nil {
		return nil, err
	}
	defer s.registry.release(r.q)

	end := s.now() + int64(opt.Wait)
	for {
		got, err := r.take()
		if len(got) > 0 || err != nil {
			return got, err
		}
		if opt.Wait <= 0 || s.now() >= end || isDone(ctx, stop) {
			return nil, nil
		}
		// Registered first, looked again, and only then asleep: what comes in between rings.
		w := r.q.wait.add(r.stream)
		got, err = r.take()
		if len(got) > 0 || err != nil {
			if !r.q.wait.remove(w) && len(got) == 0 {
				r.q.wait.ring(r.stream, 1)
			}
			return got, err
		}
		s.sched.set(w.end, end)
		if s.opt.Parked != nil {
			s.opt.Parked()
		}
		select {
		case <-w.ch:
		case <-ctx.Done():
		case <-stop:
		case <-s.failed:
		}
		s.sched.set(w.end, 0)
		rung := !r.q.wait.remove(w)
		if isDone(ctx, stop) {
			if rung {
				r.q.wait.ring(r.stream, 1)
			}
			return nil, nil
		}
		if s.hasFailed() {
			return nil, errUnavailable(errClosed)
		}
	}
}

func isDone(ctx context.Context, stop <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return true
	case <-stop:
		return true
	default:
		return false
	}
}

// receiver is one Receive.
type receiver struct {
	s                *store
	eq               engine.Queue
	opt              engine.ReceiveOptions
	kind             engine.Kind
	rule             labelRule
	queueID, groupID uid
	q                *queue
	g                *group
	stream           *stream
}

func (r *receiver) open() error {
	if err := r.s.enter(); err != nil {
		return err
	}
	defer r.s.exit()
	q, err := r.s.openQueue(r.queueID)
	if err != nil {
		return err
	}
	r.q, r.g = q, q.openGroup(r.groupID)
	r.stream = r.g.stream(r.kind == engine.Dead)
	return nil
}

// take gives what is there now.
func (r *receiver) take() ([]engine.Delivery, error) {
	s, q, g := r.s, r.q, r.g
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.exit()
	if r.kind == engine.Live {
		if err := s.lockPromoted(q, true); err != nil {
			return nil, err
		}
		q.mu.Unlock()
	} else if err := r.bury(); err != nil {
		return nil, err
	}
	for {
		if err := s.lockGroup(q, g); err != nil {
			return nil, err
		}
		got, c, more, err := r.takeLocked()
		g.mu.Unlock()
		if err != nil {
			return nil, err
		}
		if c != nil && c.done != nil {
			if err := s.answerOf(c); err != nil {
				return nil, err
			}
		}
		if len(got) == 0 && more && !s.hasFailed() {
			continue // a long run of messages with other labels: others could have the group in between
		}
		if more {
			q.wait.ring(r.stream, 1)
		}
		return got, nil
	}
}

// bury turns into dead letters what has failed too often by now, and waits until they can be read.
func (r *receiver) bury() error {
	s, q, g := r.s, r.q, r.g
	if err := s.lockGroup(q, g); err != nil {
		return err
	}
	gc, _, err := s.beginGroup(q, g)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.expireLeases(r.eq)
	gc.submit(false, nil)
	burying := g.burying
	g.mu.Unlock()
	if !burying.pending() {
		return nil
	}
	return s.waitFor(burying)
}

// Requires: g.mu held.
func (r *receiver) takeLocked() (got []engine.Delivery, c *change, more bool, err error) {
	s, g, st := r.s, r.g, r.stream
	binds := false
	if r.kind == engine.Live {
		rule, err := g.rule.check(r.rule)
		if err != nil {
			return nil, nil, false, err
		}
		binds = rule.bound && !g.rule.bound
		g.rule = rule
	}
	gc, _, err := s.beginGroup(r.q, g)
	if err != nil {
		return nil, nil, false, err
	}
	gc.expireLeases(r.eq)
	p := picker{receiver: r, gc: gc, now: s.now()}
	if r.eq.Mode != dataplane.ModeFIFO || st.leased == 0 {
		err = p.pick()
	}
	if len(p.picked) > 0 {
		got = r.deliver(gc, p.picked)
		err = nil // what stopped the picking is met again by the next receive
		more = p.more && r.eq.Mode != dataplane.ModeFIFO
	} else {
		more = p.more
	}
	// The binding to labels is a promise: it waits for the sync, once in the life of a group.
	if binds {
		gc.touch()
	}
	c = gc.submit(binds, nil)
	if err != nil {
		err = errInternal(err)
	}
	return got, c, more, err
}

// deliver leases what was picked.
func (r *receiver) deliver(gc *groupChange, picked []pick) []engine.Delivery {
	no := r.s.nextDelivery()
	deadline := r.s.now() + int64(r.opt.AckWait)
	entries := make([]*entry, len(picked))
	for i := range picked {
		entries[i] = picked[i].e
	}
	r.stream.lease(gc, entries, no, deadline)
	got := make([]engine.Delivery, len(picked))
	for i := range picked {
		e, m := picked[i].e, &picked[i].m
		got[i] = engine.Delivery{
			MessageID: m.id.String(), Body: m.body, Attributes: m.attrs, Labels: m.labels,
			ReceiveCount: int(e.received), SentAt: time.Unix(0, m.sent).UTC(),
			Handler: r.s.sealer.seal(handler{
				kind: r.kind, queue: r.queueID, group: r.groupID, seq: e.seq, message: m.id.tag(), delivery: no, deadline: deadline, received: e.received,
			}),
		}
	}
	return got
}

// pick is a message on its way to a consumer.
type pick struct {
	e *entry
	m message // in a buffer of its own
}

// maxScan bounds how many messages one step looks at while it holds the group.
const maxScan = 2000

// picker chooses the next messages of a stream: first those that may be given again, then the undelivered ones, in order.
type picker struct {
	*receiver
	gc     *groupChange
	now    int64
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

func (p *picker) add(e *entry, m message) {
	p.picked = append(p.picked, pick{e, m})
	p.bytes += int(m.size())
}

// log is what the stream stands in.
func (p *picker) log() *messageLog {
	if p.stream.dead {
		return &p.g.letters
	}
	return &p.q.log
}

// passes reports whether the message is for this group; Requires: g.mu held.
func (p *picker) passes(m *message) bool { return p.stream.dead || p.g.rule.pass(m.labels) }

func (p *picker) pick() error {
	if err := p.pickAgain(); err != nil || p.more {
		return err
	}
	return p.pickNew()
}

// pickAgain takes messages that were delivered before.
func (p *picker) pickAgain() error {
	st := p.stream
	for {
		e := st.nextReady()
		if e == nil || e.seq >= st.cursor {
			return nil
		}
		if len(p.picked) == p.opt.MaxMessages {
			p.more = true
			return nil
		}
		m, err := p.s.readMessage(st, p.q, p.g, e.seq)
		if err != nil {
			if p.eq.Mode == dataplane.ModeFIFO {
				return err
			}
			p.s.log.Error("a damaged message is not delivered", "queue", p.q.id.String(), "error", err)
			st.popReady()
			continue
		}
		if p.full(&m) {
			return nil
		}
		st.popReady()
		if !p.passes(&m) {
			st.forget(p.gc, e)
			st.markSettled(p.gc, e.seq, e.seq+1)
			continue
		}
		p.add(e, m)
	}
}

// pickNew reads forward from the cursor.
func (p *picker) pickNew() error {
	st, visible := p.stream, p.log().visible.Load()
	if st.cursor >= visible {
		return nil
	}
	it := p.s.iterate(p.log(), st.cursor, visible)
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
		if e != nil && e.lease != nil {
			st.cursor = seq + 1
			ok = it.next()
			continue
		}
		if len(p.picked) == p.opt.MaxMessages || scanned == maxScan {
			p.more = true
			return nil
		}
		scanned++
		stop, err := p.look(it, seq, e)
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

// look decides about one message under the iterator: e is its entry if it was delivered before.
func (p *picker) look(it *messageIter, seq uint64, e *entry) (stop bool, err error) {
	st := p.stream
	if e == nil && len(st.pending) >= p.s.opt.MaxPending {
		return true, nil
	}
	m, err := it.message()
	switch {
	case err != nil && (p.eq.Mode == dataplane.ModeFIFO || !errors.Is(err, errDamaged)):
		return false, err // order cannot be kept without it
	case err != nil:
		p.s.log.Error("a damaged message is not delivered", "queue", p.q.id.String(), "error", err)
		return false, nil
	case m.expiry <= p.now:
		return false, nil
	case !p.passes(&m):
		if e != nil {
			st.forget(p.gc, e)
		}
		st.markSettled(p.gc, seq, seq+1)
		return false, nil
	case p.full(&m):
		return true, nil
	}
	if e == nil {
		e = &entry{seq: seq}
		st.addPending(e)
	}
	p.add(e, m)
	return false, nil
}

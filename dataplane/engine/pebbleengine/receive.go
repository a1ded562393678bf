package pebbleengine

import (
	"context"
	"errors"

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
	for tries := 0; ; tries++ {
		if err := s.lockGroup(q, g); err != nil {
			return nil, err
		}
		picked, c, more, err := r.takeLocked()
		g.mu.Unlock()
		if errors.Is(err, errGone) && tries < 3 {
			continue // the next look begins behind it
		}
		if err != nil {
			return nil, err
		}
		got := r.answer(picked) // outside of the lock: sealing costs
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
	gc, _, err := s.beginGroup(q, g, &r.eq)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.submit(false, nil)
	burying := g.burying
	g.mu.Unlock()
	if !burying.pending() {
		return nil
	}
	return s.waitFor(burying)
}

// takeLocked picks and leases. Requires: g.mu held.
func (r *receiver) takeLocked() (picked []pick, c *change, more bool, err error) {
	s, g := r.s, r.g
	binds := false
	if r.kind == engine.Live {
		rule, err := g.rule.check(r.rule)
		if err != nil {
			return nil, nil, false, err
		}
		binds = rule.bound && !g.rule.bound
		g.rule = rule
	}
	gc, _, err := s.beginGroup(r.q, g, &r.eq)
	if err != nil {
		return nil, nil, false, err
	}
	gc.exist()
	p := picker{receiver: r, gc: gc}
	if r.eq.Mode == dataplane.ModeFIFO {
		err = p.pickInOrder()
	} else {
		err = p.pick()
	}
	if more = p.more; len(p.picked) > 0 {
		err = nil // what stopped the picking is met again by the next receive
		p.lease()
	}
	// The binding to labels is a promise: it waits for the sync, once in the life of a group.
	if binds {
		gc.touch()
	}
	c = gc.submit(binds, nil)
	if err != nil {
		err = errInternal(err)
	}
	return p.picked, c, more, err
}

// answer makes deliveries of what was picked.
func (r *receiver) answer(picked []pick) []engine.Delivery {
	if len(picked) == 0 {
		return nil
	}
	got := make([]engine.Delivery, len(picked))
	for i := range picked {
		p, m := &picked[i], &picked[i].m
		got[i] = engine.Delivery{
			MessageID: m.id.String(), Body: m.body, Attributes: m.attrs, Labels: m.labels, OrderingKey: m.orderingKey,
			ReceiveCount: int(p.received), Position: p.seq, SentAt: instant(m.sent), FirstReceivedAt: instant(p.first), Death: m.death.outside(),
			Handler: r.s.sealer.seal(handler{
				stream: p.st.which, queue: r.queueID, group: r.groupID, seq: p.seq, message: m.id.tag(), delivery: p.no, deadline: p.deadline, received: p.received,
			}),
		}
		if d := m.death; d != nil {
			if p.st.which == redrivenStream {
				got[i].Position = d.origin
			}
			if d.firstReceived != 0 {
				got[i].FirstReceivedAt = instant(d.firstReceived)
			}
		}
	}
	return got
}

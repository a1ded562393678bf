package memengine

import (
	"bytes"
	"context"
	"slices"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Receive implements engine.Engine.
func (e *Engine) Receive(ctx context.Context, eq engine.Queue, groupID string, kind engine.Kind, opt engine.ReceiveOptions) ([]engine.Delivery, error) {
	switch {
	case opt.MaxMessages < 1:
		return nil, errs.New(errs.Invalid, reason.MaxMessages, "at least one message must be asked for")
	case opt.AckWait <= 0:
		return nil, errs.New(errs.Invalid, reason.AckWait, "the ack wait must be positive")
	}
	end := e.now().Add(opt.Wait)
	for {
		if ctx.Err() != nil {
			return nil, nil
		}
		got, changed, next, err := e.take(eq, groupID, kind, opt)
		if len(got) > 0 || err != nil {
			return got, err
		}
		if next.IsZero() || next.After(end) {
			next = end
		}
		if !e.now().Before(end) || !e.sleep(ctx, changed, next) {
			return nil, nil
		}
	}
}

// sleep waits for a change of the queue or for an instant, and returns false when the poll must end. m.mu is not held.
func (e *Engine) sleep(ctx context.Context, changed <-chan struct{}, until time.Time) bool {
	select {
	case <-e.stop:
		return false
	default:
	}
	var rung chan struct{}
	// The clock may move between reading it and setting the timer, which would then ring too late. A clock that ticks always does, by nothing.
	for try := 0; ; try++ {
		rung = make(chan struct{})
		now := e.now()
		timer := e.opt.Clock.AfterFunc(until.Sub(now), func() { close(rung) })
		if later := e.now(); later.Equal(now) || try == 2 {
			defer timer.Stop()
			break
		}
		timer.Stop()
	}
	if !e.now().Before(until) {
		return true
	}
	if e.opt.Parked != nil {
		e.opt.Parked()
	}
	select {
	case <-changed:
	case <-rung:
	case <-ctx.Done():
	case <-e.stop:
		return false
	}
	return true
}

// take gives what is there now; else it returns the channel that is closed at the next change, and when something happens by itself.
func (e *Engine) take(eq engine.Queue, groupID string, kind engine.Kind, opt engine.ReceiveOptions) ([]engine.Delivery, <-chan struct{}, time.Time, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	q, g, err := e.group(eq, groupID)
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	if kind == engine.Live {
		if g.rule, err = g.rule.bind(opt.Labels, opt.Match); err != nil {
			return nil, nil, time.Time{}, err
		}
	}
	picked := g.pick(kind, opt, eq.Mode)
	if len(picked) == 0 {
		next, _ := q.nextEvent()
		return nil, q.changed, next, nil
	}
	now := e.now()
	e.m.leases++
	got := make([]engine.Delivery, len(picked))
	for i, it := range picked {
		it.received++
		it.lease = &lease{number: e.m.leases, deadline: now.Add(opt.AckWait), first: it.firstReceived.IsZero()}
		if it.lease.first {
			it.firstReceived = now
		}
		got[i] = engine.Delivery{
			MessageID: it.id, Body: bytes.Clone(it.body), Attributes: bytes.Clone(it.attrs), Labels: slices.Clone(it.labels),
			Handler: e.m.newHandle(q, groupID, kind, it), ReceiveCount: it.received, OrderingKey: it.key, Position: it.place,
			SentAt: it.sentAt.UTC(), FirstReceivedAt: it.firstReceived.UTC(), Death: copyOf(it.death),
		}
	}
	q.wake() // polls must know when the leases end
	return got, nil, time.Time{}, nil
}

// pick chooses what may be given. What the labels pass over on the way is given up.
func (g *group) pick(kind engine.Kind, opt engine.ReceiveOptions, mode dataplane.Mode) []*item {
	blocked := make(map[string]bool) // ordering keys that must wait
	if mode == dataplane.ModeFIFO {
		for _, it := range g.of(kind) {
			if !it.free() {
				blocked[it.key] = true
			}
		}
	}
	var picked []*item
	size := 0
	for _, it := range g.of(kind) {
		if len(picked) == opt.MaxMessages {
			break
		}
		if !it.free() || blocked[it.key] {
			continue
		}
		if kind == engine.Live && !g.rule.passes(it.labels) {
			g.skip(it)
			continue
		}
		if len(picked) > 0 && size+int(it.size()) > opt.MaxBytes {
			break
		}
		picked = append(picked, it)
		size += int(it.size())
	}
	return picked
}

func copyOf(d *engine.Death) *engine.Death {
	if d == nil {
		return nil
	}
	c := *d
	c.FirstFailure, c.LastFailure = d.FirstFailure.UTC(), d.LastFailure.UTC()
	return &c
}

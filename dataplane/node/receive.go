package node

import (
	"context"
	"log/slog"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
	"dms/internal/usage"
)

// Reception is one receive: whose, of which group, and how. It is passed by its pointer: what a poll holds on its stack while it waits is
// held once for each open poll, and these facts are large.
type Reception struct {
	Actor   access.Actor
	Queue   dataplane.Queue
	Group   dataplane.Group
	Kind    engine.Kind
	Options engine.ReceiveOptions
	// Recheck is asked while the receive waits, whenever the caller's rights may have changed, and ends the wait with its error; nil asks nothing.
	Recheck func() error

	queue engine.Queue // Queue as the engine knows it
}

// Receive gives the group the next messages; when there are none it waits for the first, r.Options.Wait at most. The answer is empty, without
// error, when the time is over, ctx ended or the node stops; what was delivered when ctx had ended is released.
//
// A caller that gets messages calls Delivered once the reply is written, or Undelivered when it could not be.
// errs.Throttled: the queue has as many open polls as it may have.
func (n *Node) Receive(ctx context.Context, r *Reception) ([]engine.Delivery, error) {
	got, err := n.first(ctx, r)
	if err == nil && len(got) == 0 && r.Options.Wait > 0 && ctx.Err() == nil {
		got, err = n.poll(ctx, r)
	}
	return n.received(ctx, r, got, err)
}

// first gives what is there, without the bookkeeping of a poll and whatever the number of open ones.
func (n *Node) first(ctx context.Context, r *Reception) ([]engine.Delivery, error) {
	if err := n.fresh(); err != nil {
		return nil, err
	}
	r.queue = engine.QueueOf(r.Queue)
	return n.take(ctx, r, 0)
}

// take asks the engine, which may wait.
func (n *Node) take(ctx context.Context, r *Reception, wait time.Duration) ([]engine.Delivery, error) {
	opt := r.Options
	opt.Wait = wait
	return n.engine.Receive(ctx, r.queue, r.Group.ID, r.Kind, opt)
}

// received counts a receive that has ended.
func (n *Node) received(ctx context.Context, r *Reception, got []engine.Delivery, err error) ([]engine.Delivery, error) {
	n.metrics.request(receiveAction(r.Kind), err)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		n.Undelivered(r, got)
		return nil, nil
	}
	n.metrics.delivered(r.Kind, len(got))
	return got, nil
}

// poll waits. It and what it calls are as flat as they can be: a stack that stays below 8 KiB, net/http's part and the engine's included,
// costs half of one that does not.
func (n *Node) poll(ctx context.Context, r *Reception) ([]engine.Delivery, error) {
	p, err := n.polls.add(r)
	if err != nil {
		return nil, err
	}
	defer n.polls.remove(p)
	end := n.clock.Now().Add(r.Options.Wait)
	for {
		got, again, err := n.wait(ctx, p, end)
		if !again {
			return got, err
		}
	}
}

// wait waits once: until there are messages, the time is over, or the caller's rights may have changed. again reports that they have not.
func (n *Node) wait(ctx context.Context, p *poll, end time.Time) (got []engine.Delivery, again bool, err error) {
	// The first time this closes the gap between the check before the call and the registration: what changed in between
	// would be seen by nobody.
	wait, cancel := n.polls.arm(ctx, p)
	defer cancel()
	if err := p.recheck(); err != nil {
		return nil, false, err
	}
	left := end.Sub(n.clock.Now())
	if left <= 0 {
		return nil, false, nil
	}
	if got, err = n.take(wait, p.reception, left); err != nil {
		return nil, false, err
	}
	for n.polls.takeStale(p) {
		again = true
		if err := p.recheck(); err != nil {
			n.Undelivered(p.reception, got)
			return nil, false, err
		}
	}
	return got, again && len(got) == 0 && ctx.Err() == nil, nil
}

// Delivered counts a receive that was not empty, after the reply was written.
func (n *Node) Delivered(r *Reception) {
	n.engine.Count(n.usageKey(r.Actor, r.Queue.ID, receiveAction(r.Kind)), 1)
}

// releaseTime bounds a release; a message that is not released becomes visible again after its ack wait.
const releaseTime = 5 * time.Second

// Undelivered makes deliveries whose reply could not be written visible again. It takes no context: the request's has ended, which is
// why it is called.
func (n *Node) Undelivered(r *Reception, deliveries []engine.Delivery) {
	if len(deliveries) == 0 {
		return
	}
	handlers := make([]string, len(deliveries))
	for i, d := range deliveries {
		handlers[i] = d.Handler
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	if err := n.engine.Release(ctx, engine.QueueOf(r.Queue), r.Group.ID, r.Kind, handlers); err != nil {
		n.log.WarnContext(ctx, "undelivered messages stay hidden for their ack wait", slog.String("queue_id", r.Queue.ID), slog.Int("messages", len(handlers)), slog.String("error", err.Error()))
		return
	}
	n.metrics.released(r.Kind, len(handlers))
}

func receiveAction(kind engine.Kind) access.Action {
	if kind == engine.Dead {
		return access.DeadLetterReceive
	}
	return access.MessageReceive
}

func (n *Node) usageKey(a access.Actor, queueID string, action access.Action) usage.Key {
	return usage.Key{
		AccountID: a.AccountID, ProjectID: a.ProjectID, UserID: a.UserID,
		QueueID: queueID, Action: action, Hour: usage.HourOf(n.clock.Now()),
	}
}

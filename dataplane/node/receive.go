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

// Receive gives the group the next messages; when there are none it waits for the first, opt.Wait at most. While it waits, recheck
// is asked whenever the caller's rights may have changed, and ends the wait with its error; nil asks nothing. The answer is empty, without error, when the
// time is over, ctx ended or the node stops; what was delivered when ctx had ended is released.
//
// A caller that gets messages calls Delivered once the reply is written, or Undelivered when it could not be.
// errs.Throttled: the queue has as many open polls as it may have.
func (n *Node) Receive(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, kind engine.Kind, opt engine.ReceiveOptions, recheck func() error) (got []engine.Delivery, err error) {
	defer func() { n.metrics.request(receiveAction(kind), err) }()
	if err := n.fresh(); err != nil {
		return nil, err
	}
	// What is there is given without the bookkeeping of a poll, and whatever the number of open ones.
	first := opt
	first.Wait = 0
	got, err = n.engine.Receive(ctx, engine.QueueOf(q), g.ID, kind, first)
	if err == nil && len(got) == 0 && opt.Wait > 0 && ctx.Err() == nil {
		got, err = n.poll(ctx, a, q, g, kind, opt, recheck)
	}
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		n.Undelivered(q, g, kind, got)
		return nil, nil
	}
	n.metrics.delivered(kind, len(got))
	return got, nil
}

func (n *Node) poll(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, kind engine.Kind, opt engine.ReceiveOptions, recheck func() error) ([]engine.Delivery, error) {
	if recheck == nil {
		recheck = func() error { return nil }
	}
	p, err := n.polls.add(a, q)
	if err != nil {
		return nil, err
	}
	defer n.polls.remove(p)
	end := n.clock.Now().Add(opt.Wait)
	for {
		// The first time this closes the gap between the check before the call and the registration: what changed in between
		// would be seen by nobody.
		wait, cancel := n.polls.arm(ctx, p)
		if err := recheck(); err != nil {
			cancel()
			return nil, err
		}
		if opt.Wait = end.Sub(n.clock.Now()); opt.Wait <= 0 {
			cancel()
			return nil, nil
		}
		got, err := n.engine.Receive(wait, engine.QueueOf(q), g.ID, kind, opt)
		cancel()
		if err != nil {
			return nil, err
		}
		stale := false
		for n.polls.takeStale(p) {
			stale = true
			if err := recheck(); err != nil {
				n.Undelivered(q, g, kind, got)
				return nil, err
			}
		}
		if len(got) > 0 || !stale || ctx.Err() != nil {
			return got, nil
		}
	}
}

// Delivered counts a receive that was not empty, after the reply was written.
func (n *Node) Delivered(a access.Actor, q dataplane.Queue, kind engine.Kind) {
	n.engine.Count(n.usageKey(a, q.ID, receiveAction(kind)), 1)
}

// releaseTime bounds a release; a message that is not released becomes visible again after its ack wait.
const releaseTime = 5 * time.Second

// Undelivered makes deliveries whose reply could not be written visible again. It takes no context: the request's has ended, which is
// why it is called.
func (n *Node) Undelivered(q dataplane.Queue, g dataplane.Group, kind engine.Kind, deliveries []engine.Delivery) {
	if len(deliveries) == 0 {
		return
	}
	handlers := make([]string, len(deliveries))
	for i, d := range deliveries {
		handlers[i] = d.Handler
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	if err := n.engine.Release(ctx, engine.QueueOf(q), g.ID, kind, handlers); err != nil {
		n.log.WarnContext(ctx, "undelivered messages stay hidden for their ack wait", slog.String("queue_id", q.ID), slog.Int("messages", len(handlers)), slog.String("error", err.Error()))
		return
	}
	n.metrics.released(kind, len(handlers))
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

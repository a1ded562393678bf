package node

import (
	"context"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
	"dms/internal/errs"
)

// Send stores all messages or none, and answers for each in order. Its count rides with the messages.
func (n *Node) Send(ctx context.Context, a access.Actor, q dataplane.Queue, msgs []engine.NewMessage) (sent []engine.Sent, err error) {
	defer func() { n.metrics.request(access.MessageSend, err) }()
	if err := n.fresh(); err != nil {
		return nil, err
	}
	key := n.usageKey(a, q.ID, access.MessageSend)
	sent, err = n.engine.Send(ctx, engine.QueueOf(q), msgs, &key)
	if err != nil {
		return nil, err
	}
	for _, m := range sent {
		if !m.Duplicate {
			n.metrics.sent.Inc()
		}
	}
	return sent, nil
}

// Settle acknowledges or fails deliveries in order, and returns how many were accepted; see engine.Engine. Once begun it goes
// on when ctx ends: the client must not learn "nothing happened" about an acknowledgement that is on its way to the disk.
func (n *Node) Settle(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, kind engine.Kind, s []engine.Settlement) (accepted int, err error) {
	action := ackAction(kind)
	defer func() { n.metrics.request(action, err) }()
	ctx, err = n.begin(ctx)
	if err != nil {
		return 0, err
	}
	key := n.usageKey(a, q.ID, action)
	accepted, err = n.engine.Settle(ctx, engine.QueueOf(q), g.ID, kind, s, &key)
	if err != nil {
		return 0, err
	}
	n.metrics.settled(kind, s[:accepted])
	return accepted, nil
}

// begin is the first step of a change that is not given up once it has begun: it returns a context that outlives the request.
func (n *Node) begin(ctx context.Context) (context.Context, error) {
	if err := n.fresh(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "", "The request ended before anything was changed.")
	}
	return context.WithoutCancel(ctx), nil
}

func ackAction(kind engine.Kind) access.Action {
	if kind == engine.Dead {
		return access.DeadLetterAck
	}
	return access.MessageAck
}

// CountRead counts a read that the DMS wire bills; queueID is "" for reads of the project.
func (n *Node) CountRead(a access.Actor, queueID string, action access.Action) {
	n.engine.Count(n.usageKey(a, queueID, action), 1)
	n.metrics.request(action, nil)
}

// QueueStats counts a queue.
func (n *Node) QueueStats(ctx context.Context, q dataplane.Queue) (engine.QueueStats, error) {
	if err := n.fresh(); err != nil {
		return engine.QueueStats{}, err
	}
	return n.engine.QueueStats(ctx, engine.QueueOf(q))
}

// GroupStats counts a consumer group.
func (n *Node) GroupStats(ctx context.Context, q dataplane.Queue, g dataplane.Group) (engine.GroupStats, error) {
	if err := n.fresh(); err != nil {
		return engine.GroupStats{}, err
	}
	return n.engine.GroupStats(ctx, engine.QueueOf(q), g.ID)
}

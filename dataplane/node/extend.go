package node

import (
	"context"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
)

// Extend lengthens leases. Each is judged by itself: the slice holds nil or why not. It is counted as an acknowledgement is.
func (n *Node) Extend(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, kind engine.Kind, e []engine.Extension) (results []error, err error) {
	action := ackAction(kind)
	defer func() { n.metrics.request(action, err) }()
	ctx, err = n.begin(ctx)
	if err != nil {
		return nil, err
	}
	key := n.usageKey(a, q.ID, action)
	results, err = n.engine.Extend(ctx, engine.QueueOf(q), g.ID, kind, e, &key)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r == nil {
			n.metrics.extended.WithLabelValues(kindLabel(kind)).Inc()
		}
	}
	return results, nil
}

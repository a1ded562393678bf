package node

import (
	"context"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
)

// Purge erases the messages of the queue (kind Live, g is not looked at), or the dead letters of the group, and returns how many there were.
func (n *Node) Purge(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, kind engine.Kind) (purged int64, err error) {
	action := access.MessagePurge
	if kind == engine.Dead {
		action = access.DeadLetterPurge
	}
	defer func() { n.metrics.request(action, err) }()
	ctx, err = n.begin(ctx)
	if err != nil {
		return 0, err
	}
	key := n.usageKey(a, q.ID, action)
	purged, err = n.engine.Purge(ctx, engine.QueueOf(q), groupOf(g, kind), kind, &key)
	if err != nil {
		return 0, err
	}
	n.metrics.purged.WithLabelValues(kindLabel(kind)).Add(float64(purged))
	return purged, nil
}

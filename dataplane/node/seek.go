package node

import (
	"context"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
)

// Seek moves the group's place in the queue.
func (n *Node) Seek(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, to engine.SeekTo) (err error) {
	defer func() { n.metrics.request(access.GroupSeek, err) }()
	ctx, err = n.begin(ctx)
	if err != nil {
		return err
	}
	key := n.usageKey(a, q.ID, access.GroupSeek)
	return n.engine.Seek(ctx, engine.QueueOf(q), g.ID, to, &key)
}

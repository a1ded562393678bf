package node

import (
	"context"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
)

// Browse looks at messages of the queue (kind Live, g is not looked at), or at dead letters of the group. It changes nothing and is free.
// next is the position to go on from, 0 at the end.
func (n *Node) Browse(ctx context.Context, q dataplane.Queue, g dataplane.Group, kind engine.Kind, opt engine.BrowseOptions) (msgs []engine.Browsed, next uint64, err error) {
	action := access.MessageBrowse
	if kind == engine.Dead {
		action = access.DeadLetterBrowse
	}
	defer func() { n.metrics.request(action, err) }()
	if err := n.fresh(); err != nil {
		return nil, 0, err
	}
	return n.engine.Browse(ctx, engine.QueueOf(q), groupOf(g, kind), kind, opt)
}

// groupOf returns the group that the engine is to be asked about: none for the queue's own messages.
func groupOf(g dataplane.Group, kind engine.Kind) string {
	if kind == engine.Live {
		return ""
	}
	return g.ID
}

package node

import (
	"context"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
)

// Redrive gives dead letters back to their group, and returns how many it has moved by now; with a rate the engine goes on by itself.
func (n *Node) Redrive(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, opt engine.RedriveOptions) (moved int64, err error) {
	defer func() { n.metrics.request(access.DeadLetterRedrive, err) }()
	ctx, err = n.begin(ctx)
	if err != nil {
		return 0, err
	}
	key := n.usageKey(a, q.ID, access.DeadLetterRedrive)
	return n.engine.Redrive(ctx, engine.QueueOf(q), g.ID, opt, &key)
}

// RedriveStatus tells of the latest redrive that has a rate.
func (n *Node) RedriveStatus(ctx context.Context, q dataplane.Queue, g dataplane.Group) (engine.RedriveStatus, error) {
	if err := n.fresh(); err != nil {
		return engine.RedriveStatus{}, err
	}
	return n.engine.RedriveStatus(ctx, engine.QueueOf(q), g.ID)
}

// StopRedrive ends a redrive that has a rate. It is free, and no error when there is none.
func (n *Node) StopRedrive(ctx context.Context, q dataplane.Queue, g dataplane.Group) error {
	ctx, err := n.begin(ctx)
	if err != nil {
		return err
	}
	return n.engine.StopRedrive(ctx, engine.QueueOf(q), g.ID)
}

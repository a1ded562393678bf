package node

import (
	"context"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/access"
)

// Prepare stores all messages or none, to be decided later.
func (n *Node) Prepare(ctx context.Context, a access.Actor, q dataplane.Queue, msgs []engine.NewMessage, opt engine.PrepareOptions) (p engine.Prepared, err error) {
	defer func() { n.metrics.request(access.MessagePrepare, err) }()
	if err := n.fresh(); err != nil {
		return engine.Prepared{}, err
	}
	key := n.usageKey(a, q.ID, access.MessagePrepare)
	p, err = n.engine.Prepare(ctx, engine.QueueOf(q), msgs, opt, &key)
	if err != nil {
		return engine.Prepared{}, err
	}
	n.metrics.prepared.Add(float64(len(msgs)))
	return p, nil
}

// Decide commits or rolls back what was prepared, and returns the messages of a commit; see engine.Engine for repetitions.
func (n *Node) Decide(ctx context.Context, a access.Actor, q dataplane.Queue, preparedID string, o engine.Outcome) (sent []engine.Sent, err error) {
	action := access.MessageRollback
	if o == engine.Commit {
		action = access.MessageCommit
	}
	defer func() { n.metrics.request(action, err) }()
	ctx, err = n.begin(ctx)
	if err != nil {
		return nil, err
	}
	key := n.usageKey(a, q.ID, action)
	return n.engine.Decide(ctx, engine.QueueOf(q), preparedID, o, &key)
}

// ListPrepared returns what is not decided, in the order of the ids, from behind after.
func (n *Node) ListPrepared(ctx context.Context, q dataplane.Queue, after string, limit int) ([]engine.Prepared, error) {
	if err := n.fresh(); err != nil {
		return nil, err
	}
	return n.engine.ListPrepared(ctx, engine.QueueOf(q), after, limit)
}

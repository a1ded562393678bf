package node

import (
	"cmp"
	"context"
	"slices"

	"dms/dataplane"
	"dms/dataplane/nodestore"
	"dms/internal/directory"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Look-ups answer from the node's copy of the directory. All of them answer errs.Unavailable while there is none or it is
// too old. What they return is shared: callers must not change what it points to.

// Queue returns the queue of the project, or errs.NotFound with reason.QueueNotFound: the same for one that does not exist, is another
// project's or another region's.
func (n *Node) Queue(ctx context.Context, projectID, queueID string) (dataplane.Queue, error) {
	q, err := lookUp[dataplane.Queue](ctx, n, directory.KindQueue, projectID+"/"+queueID)
	if errs.CodeOf(err) == errs.NotFound {
		return dataplane.Queue{}, dmswire.QueueNotFound()
	}
	if err != nil {
		return dataplane.Queue{}, err
	}
	// The ids are compared with the fact's own: a slash in either must not lead to somebody else's key.
	if q.ProjectID != projectID || q.ID != queueID || q.Region != n.identity.Region {
		return dataplane.Queue{}, dmswire.QueueNotFound()
	}
	return q, nil
}

// Queues returns the queues of the project in the order of their creation.
func (n *Node) Queues(ctx context.Context, projectID string) ([]dataplane.Queue, error) {
	if err := n.fresh(); err != nil {
		return nil, err
	}
	all, err := nodestore.Facts[dataplane.Queue](ctx, n.store, directory.KindQueue, projectID+"/")
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(q dataplane.Queue) bool {
		return q.ProjectID != projectID || q.Region != n.identity.Region
	})
	slices.SortFunc(all, func(x, y dataplane.Queue) int {
		return cmp.Or(cmp.Compare(x.CreatedAt, y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}

// Group returns the consumer group of q, or errs.NotFound with reason.GroupNotFound.
func (n *Node) Group(ctx context.Context, q dataplane.Queue, groupID string) (dataplane.Group, error) {
	g, err := lookUp[dataplane.Group](ctx, n, directory.KindGroup, q.ID+"/"+groupID)
	if errs.CodeOf(err) == errs.NotFound {
		return dataplane.Group{}, dmswire.GroupNotFound()
	}
	if err != nil {
		return dataplane.Group{}, err
	}
	if g.QueueID != q.ID || g.ID != groupID {
		return dataplane.Group{}, dmswire.GroupNotFound()
	}
	return g, nil
}

// Groups returns the consumer groups of q in the order of their creation.
func (n *Node) Groups(ctx context.Context, q dataplane.Queue) ([]dataplane.Group, error) {
	if err := n.fresh(); err != nil {
		return nil, err
	}
	all, err := nodestore.Facts[dataplane.Group](ctx, n.store, directory.KindGroup, q.ID+"/")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(x, y dataplane.Group) int {
		return cmp.Or(cmp.Compare(x.CreatedAt, y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}

// SharedQueue is Queue for a caller of another account: a queue without a policy, and one whose owner may not use the service, are not
// found. It never asks the control plane: strangers with ids of their fancy must not use up what those get who may ask.
func (n *Node) SharedQueue(ctx context.Context, projectID, queueID string) (dataplane.Queue, error) {
	q, err := known[dataplane.Queue](ctx, n, directory.KindQueue, projectID+"/"+queueID)
	if err == nil && (q.ProjectID != projectID || q.ID != queueID || q.Region != n.identity.Region || q.PolicyVersion == 0) {
		err = dmswire.QueueNotFound()
	}
	var act dataplane.Activation
	if err == nil {
		act, err = known[dataplane.Activation](ctx, n, directory.KindActivation, q.AccountID)
	}
	if errs.CodeOf(err) == errs.NotFound || err == nil && checkActivation(act) != nil {
		err = dmswire.QueueNotFound()
	}
	if err != nil {
		return dataplane.Queue{}, err
	}
	return q, nil
}

// SharedGroup is Group for a caller of another account.
func (n *Node) SharedGroup(ctx context.Context, q dataplane.Queue, groupID string) (dataplane.Group, error) {
	g, err := known[dataplane.Group](ctx, n, directory.KindGroup, q.ID+"/"+groupID)
	if errs.CodeOf(err) == errs.NotFound || err == nil && (g.QueueID != q.ID || g.ID != groupID) {
		return dataplane.Group{}, dmswire.GroupNotFound()
	}
	return g, err
}

// Quota returns the limits of the project, and how many queues it has.
func (n *Node) Quota(ctx context.Context, projectID string) (limit dataplane.Quota, usedQueues int, err error) {
	queues, err := n.Queues(ctx, projectID)
	if err != nil {
		return dataplane.Quota{}, 0, err
	}
	limit, err = nodestore.Fact[dataplane.Quota](ctx, n.store, directory.KindQuota, projectID)
	if errs.CodeOf(err) == errs.NotFound {
		limit, err = dataplane.DefaultQuota, nil
	}
	return limit, len(queues), err
}

// CheckService refuses, as errs.Forbidden, accounts that have not activated the service (reason.NotActivated) or are frozen
// (reason.Frozen).
func (n *Node) CheckService(ctx context.Context, accountID string) error {
	act, err := lookUp[dataplane.Activation](ctx, n, directory.KindActivation, accountID)
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return err
	}
	return checkActivation(act)
}

// checkActivation takes the zero Activation for none.
func checkActivation(act dataplane.Activation) error {
	switch act.State {
	case dataplane.ActivationActive:
		return nil
	case dataplane.ActivationFrozen:
		return errs.New(errs.Forbidden, reason.Frozen, "The account is frozen.")
	}
	return errs.New(errs.Forbidden, reason.NotActivated, "The service is not activated for this account.")
}

// lookUp returns the fact under key. When there is none it asks whether the control plane knows more, and looks again.
func lookUp[T any](ctx context.Context, n *Node, kind directory.Kind, key string) (T, error) {
	v, err := known[T](ctx, n, kind, key)
	if errs.CodeOf(err) == errs.NotFound && n.catchUp.ask(ctx) {
		v, err = nodestore.Fact[T](ctx, n.store, kind, key)
	}
	return v, err
}

// known returns the fact under key as the copy has it.
func known[T any](ctx context.Context, n *Node, kind directory.Kind, key string) (T, error) {
	if err := n.fresh(); err != nil {
		var none T
		return none, err
	}
	return nodestore.Fact[T](ctx, n.store, kind, key)
}

// Directory returns the copy for the modules that decide who may do what. It answers errs.Unavailable when it is too old.
func (n *Node) Directory() directory.Reader { return freshReader{n} }

type freshReader struct{ n *Node }

var _ directory.Reader = freshReader{}

func (r freshReader) Get(ctx context.Context, kind directory.Kind, key string) (directory.Entry, error) {
	if err := r.n.fresh(); err != nil {
		return directory.Entry{}, err
	}
	return r.n.store.Get(ctx, kind, key)
}

func (r freshReader) Scan(ctx context.Context, kind directory.Kind, prefix string, f func(directory.Entry) bool) error {
	if err := r.n.fresh(); err != nil {
		return err
	}
	return r.n.store.Scan(ctx, kind, prefix, f)
}

func (r freshReader) Revision(ctx context.Context) (directory.Revision, error) {
	if err := r.n.fresh(); err != nil {
		return 0, err
	}
	return r.n.store.Revision(ctx)
}

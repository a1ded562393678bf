// Package node is a data-plane node.
package node

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/dataplane/nodestore"
	"dms/internal/access"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/usage"
)

// Options is what a node is made of. Start from DefaultOptions.
type Options struct {
	Engine  engine.Engine
	Store   *nodestore.Store
	Source  directory.Source
	Sink    usage.Sink
	Region  string
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: counted, shown nowhere
	// MaxDirectoryAge is how long the node goes on without the control plane; 0: for ever.
	MaxDirectoryAge time.Duration
}

// DefaultOptions returns the options that do not depend on the deployment.
func DefaultOptions() Options {
	return Options{Clock: clock.System{}, Log: slog.Default(), MaxDirectoryAge: 24 * time.Hour}
}

// Node is a data-plane node.
type Node struct{ o Options }

var errSoon = errs.New(errs.Unavailable, "", "The node is starting.")

// New returns a node that does nothing until Run.
func New(o Options) (*Node, error) { return &Node{o: o}, nil }

// Run follows the directory and delivers usage until ctx ends or Stop is called.
func (n *Node) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Stop ends Run and waits for it.
func (n *Node) Stop() {}

// Ready returns nil while the node can serve.
func (n *Node) Ready() error { return errSoon }

// StopPolls ends open polls with an empty answer.
func (n *Node) StopPolls() {}

// Region returns the node's region.
func (n *Node) Region() string { return n.o.Region }

// Queue returns the queue, or reason.QueueNotFound.
func (n *Node) Queue(ctx context.Context, projectID, queueID string) (dataplane.Queue, error) {
	return dataplane.Queue{}, errSoon
}

// Queues returns the queues of the project in the order of their creation.
func (n *Node) Queues(ctx context.Context, projectID string) ([]dataplane.Queue, error) {
	return nil, errSoon
}

// Group returns the consumer group of q, or reason.GroupNotFound.
func (n *Node) Group(ctx context.Context, q dataplane.Queue, groupID string) (dataplane.Group, error) {
	return dataplane.Group{}, errSoon
}

// Groups returns the consumer groups of q in the order of their creation.
func (n *Node) Groups(ctx context.Context, q dataplane.Queue) ([]dataplane.Group, error) {
	return nil, errSoon
}

// Quota returns the limits of the project and how many queues it has.
func (n *Node) Quota(ctx context.Context, projectID string) (limit dataplane.Quota, usedQueues int, err error) {
	return dataplane.Quota{}, 0, errSoon
}

// CheckService refuses accounts that have not activated the service (reason.NotActivated) or are frozen (reason.Frozen).
func (n *Node) CheckService(ctx context.Context, accountID string) error { return errSoon }

// Admit applies the queue's limit of requests; call it before the body is read.
func (n *Node) Admit(q dataplane.Queue) error { return errSoon }

// Send stores all messages or none, and returns their ids in order.
func (n *Node) Send(ctx context.Context, a access.Actor, q dataplane.Queue, msgs []engine.NewMessage) ([]string, error) {
	return nil, errSoon
}

// Receive gives the group the next messages.
func (n *Node) Receive(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, kind engine.Kind, opt engine.ReceiveOptions, recheck func() error) ([]engine.Delivery, error) {
	return nil, errSoon
}

// Delivered counts a receive that was not empty, after the reply was written.
func (n *Node) Delivered(a access.Actor, q dataplane.Queue, kind engine.Kind) {}

// Undelivered makes deliveries whose reply could not be written visible again.
func (n *Node) Undelivered(q dataplane.Queue, g dataplane.Group, kind engine.Kind, deliveries []engine.Delivery) {
}

// Settle acknowledges or fails deliveries in order, and returns how many were accepted.
func (n *Node) Settle(ctx context.Context, a access.Actor, q dataplane.Queue, g dataplane.Group, kind engine.Kind, s []engine.Settlement) (int, error) {
	return 0, errSoon
}

// CountRead counts a read that the DMS wire bills; queueID is "" for reads of the project.
func (n *Node) CountRead(a access.Actor, queueID string, action access.Action) {}

// QueueStats counts a queue.
func (n *Node) QueueStats(ctx context.Context, q dataplane.Queue) (engine.QueueStats, error) {
	return engine.QueueStats{}, errSoon
}

// GroupStats counts a consumer group.
func (n *Node) GroupStats(ctx context.Context, q dataplane.Queue, g dataplane.Group) (engine.GroupStats, error) {
	return engine.GroupStats{}, errSoon
}

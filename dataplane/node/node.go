package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dms/dataplane/engine"
	"dms/dataplane/nodestore"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/usage"
)

// Node is a data-plane node. Safe for concurrent use.
type Node struct {
	o        Options
	engine   engine.Engine
	store    *nodestore.Store
	source   directory.Source
	sink     usage.Sink
	clock    clock.Clock
	log      *slog.Logger
	identity directory.Node

	polls         *polls
	limits        *limits
	catchUp       *catchUp
	announcements *announcements
	metrics       *metrics
	stopping      atomic.Bool // StopPolls was called

	life struct {
		mu      sync.Mutex // guards the rest
		stopped bool
		cancel  context.CancelFunc // of Run; nil before it
		done    chan struct{}      // closed at the end of Run
	}
}

// New returns a node that answers from what its store holds, and does nothing of its own until Run.
func New(o Options) (*Node, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	n := &Node{
		o: o, engine: o.Engine, store: o.Store, source: o.Source, sink: o.Sink, clock: o.Clock, log: o.Log,
		identity:      directory.Node{ID: o.Store.ID(), Region: o.Region},
		polls:         newPolls(),
		limits:        newLimits(o.MaxLimitedQueues),
		catchUp:       newCatchUp(o.Clock, o.ExchangeWait, o.CatchUpWait),
		announcements: newAnnouncements(),
	}
	m, err := newMetrics(n, o.Metrics)
	if err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	n.metrics = m
	return n, nil
}

// lastDelivery bounds how long a stop waits to deliver what was counted last. What is left waits on the disk.
const lastDelivery = 2 * time.Second

// Run follows the directory, tells the engine of groups that are new, erases what was deleted, and delivers usage, until ctx ends or Stop
// is called. Call it once; end it after the last request was answered, so that the last usage is delivered too.
func (n *Node) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n.life.mu.Lock()
	if n.life.done != nil {
		n.life.mu.Unlock()
		return errors.New("node: Run was called twice")
	}
	if n.life.stopped {
		n.life.mu.Unlock()
		return nil
	}
	n.life.cancel, n.life.done = cancel, make(chan struct{})
	n.life.mu.Unlock()
	defer close(n.life.done)

	n.log.InfoContext(ctx, "node started", slog.String("node_id", n.identity.ID), slog.String("region", n.identity.Region))
	var loops sync.WaitGroup
	loops.Go(func() { n.followLoop(ctx) })
	loops.Go(func() { n.tickLoop(ctx) })
	loops.Go(func() { n.announceLoop(ctx) })
	loops.Wait()

	last, cancelLast := context.WithTimeout(context.WithoutCancel(ctx), lastDelivery)
	defer cancelLast()
	_, err := n.cutUsage(last)
	if err == nil {
		_, err = n.shipUsage(last)
	}
	if err != nil {
		n.log.WarnContext(ctx, "usage stays on the disk until the next start", slog.String("error", err.Error()))
	}
	n.log.InfoContext(ctx, "node stopped", slog.String("node_id", n.identity.ID))
	return nil
}

// Stop ends Run and waits for it. Before Run it makes Run return at once; it may be called twice.
func (n *Node) Stop() {
	n.life.mu.Lock()
	n.life.stopped = true
	cancel, done := n.life.cancel, n.life.done
	n.life.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// StopPolls ends open polls with what is there, mostly nothing, and makes later ones return at once: the first step of a graceful
// stop. From then on Ready refuses, so that no new clients are sent here.
func (n *Node) StopPolls() {
	n.stopping.Store(true)
	n.engine.StopPolls()
}

// Ready returns nil while the node can serve, or errs.Unavailable.
func (n *Node) Ready() error {
	if n.stopping.Load() {
		return errs.New(errs.Unavailable, "", "The node is stopping.")
	}
	if err := n.engine.Ready(); err != nil {
		return err
	}
	if err := n.store.Ready(); err != nil {
		return err
	}
	return n.fresh()
}

// ID returns the node's id.
func (n *Node) ID() string { return n.identity.ID }

// Region returns the node's region.
func (n *Node) Region() string { return n.identity.Region }

// fresh refuses to answer from a copy of the directory that is not whole yet or too old.
func (n *Node) fresh() error {
	if !n.store.Complete() {
		return errs.New(errs.Unavailable, "", "The node has not reached the control plane yet.")
	}
	if n.o.MaxDirectoryAge > 0 && n.directoryAge() > n.o.MaxDirectoryAge {
		return errs.New(errs.Unavailable, "", "The node has not reached the control plane for too long.")
	}
	return nil
}

func (n *Node) directoryAge() time.Duration { return n.clock.Now().Sub(n.store.Contact()) }

// sleep waits for d and reports false when ctx ended first.
func sleep(ctx context.Context, c clock.Clock, d time.Duration) bool {
	woken := make(chan struct{})
	t := c.AfterFunc(d, func() { close(woken) })
	defer t.Stop()
	select {
	case <-woken:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

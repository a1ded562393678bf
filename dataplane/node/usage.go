package node

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"dms/internal/errs"
)

const (
	shipRetryFirst = time.Second
	shipRetryMax   = 30 * time.Second
	deliverTime    = 30 * time.Second // of one delivery
	batchesAStep   = 100              // so that a long backlog does not hold up the rest
)

// tickLoop does each second what is to be done each second, until ctx ends.
func (n *Node) tickLoop(ctx context.Context) {
	n.erase(ctx) // owed since before the start
	failures, shipAt := 0, n.clock.Now()
	cutting := true
	for sleep(ctx, n.clock, n.o.UsageInterval) {
		n.erase(ctx)
		n.announcements.retry()
		_, err := n.cutUsage(ctx)
		if err != nil && cutting && ctx.Err() == nil { // said once an outage
			n.log.WarnContext(ctx, "usage could not be cut, will try again", slog.String("error", err.Error()))
		}
		cutting = err == nil
		if n.clock.Now().Before(shipAt) {
			continue
		}
		switch _, err := n.shipUsage(ctx); {
		case ctx.Err() != nil:
		case err != nil:
			failures++
			shipAt = n.clock.Now().Add(backOff(failures, shipRetryFirst, shipRetryMax))
			if failures == 1 {
				n.log.WarnContext(ctx, "usage was not delivered and waits on the disk", slog.String("error", err.Error()))
			}
		case failures > 0:
			failures = 0
			n.log.InfoContext(ctx, "usage is delivered again", slog.Int("batches_waiting", n.store.OutboxSize()))
		}
	}
}

// cutUsage moves what the engine has counted into the outbox, and returns how many batches that made.
//
// Each of its steps may be the last before a crash: a batch that was put and not forgotten by the engine is forgotten by the next cut,
// because the outbox remembers how far the source was cut, also after the batch has left.
func (n *Node) cutUsage(ctx context.Context) (cut int, err error) {
	for ; cut < batchesAStep; cut++ {
		if ok, err := n.cutBatch(ctx); err != nil || !ok {
			return cut, err
		}
	}
	return cut, nil
}

func (n *Node) cutBatch(ctx context.Context) (bool, error) {
	// An engine whose data were replaced counts from 1 under another name, so its name is asked for before the position.
	probe, ok, err := n.engine.Usage(ctx, 0, 1)
	if err != nil || !ok {
		return false, err
	}
	last, err := n.store.LastCut(probe.Source)
	if err != nil {
		return false, err
	}
	if probe.First <= last {
		if err := n.engine.ForgetUsage(ctx, last); err != nil {
			return false, fmt.Errorf("forget usage: %w", err)
		}
	}
	b, ok, err := n.engine.Usage(ctx, last, n.o.MaxBatchRecords)
	for err == nil && ok && len(b.Counts) > n.o.MaxBatchCounts && b.Last > b.First {
		b, ok, err = n.engine.Usage(ctx, last, int(b.Last-b.First+1)/2)
	}
	if err != nil || !ok {
		return false, err
	}
	if err := n.store.PutBatch(b); err != nil {
		return false, err
	}
	if err := n.engine.ForgetUsage(ctx, b.Last); err != nil {
		return true, fmt.Errorf("forget usage: %w", err)
	}
	return true, nil
}

// shipUsage delivers what is in the outbox, oldest first, and returns how many batches left it.
func (n *Node) shipUsage(ctx context.Context) (delivered int, err error) {
	for ; delivered < batchesAStep; delivered++ {
		if ok, err := n.shipBatch(ctx); err != nil || !ok {
			return delivered, err
		}
	}
	return delivered, nil
}

func (n *Node) shipBatch(ctx context.Context) (bool, error) {
	b, ok, err := n.store.OldestBatch()
	if err != nil || !ok {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	stored, err := n.sink.Deliver(ctx, b)
	if err != nil {
		return false, fmt.Errorf("deliver usage %d to %d: %w", b.First, b.Last, err)
	}
	if stored < b.Last {
		return false, errs.New(errs.Internal, "", "usage %d to %d was delivered, but only %d is stored", b.First, b.Last, stored)
	}
	return true, n.store.RemoveBatch(b)
}

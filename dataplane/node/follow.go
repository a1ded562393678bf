package node

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"dms/dataplane/nodestore"
	"dms/internal/errs"
)

const (
	retryFirst = 100 * time.Millisecond
	retryMax   = 10 * time.Second
)

// backOff returns how long to wait after so many failures in a row. Half of it is chance: the nodes of a region must not come back
// to a recovering control plane all at once.
func backOff(failures int, first, most time.Duration) time.Duration {
	d := most
	if failures < 30 {
		d = min(most, first<<(failures-1))
	}
	return d/2 + rand.N(d/2+1)
}

// followLoop exchanges with the control plane until ctx ends.
func (n *Node) followLoop(ctx context.Context) {
	n.catchUp.start()
	defer n.catchUp.stop()
	for failures := 0; ctx.Err() == nil; {
		exchange, hurried, end := n.catchUp.begin(ctx)
		more, err := n.follow(exchange)
		late := hurried && exchange.Err() != nil
		end(more && err == nil)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && late:
			// A slow answer is no outage; an exchange that is given its time will tell.
		case err != nil:
			failures++
			if failures == 1 { // said once an outage
				n.log.WarnContext(ctx, "directory could not be followed", slog.String("error", err.Error()), slog.Duration("age", n.directoryAge()))
			}
			n.catchUp.pause(ctx, backOff(failures, retryFirst, retryMax))
		case failures > 0:
			failures = 0
			n.log.InfoContext(ctx, "directory is followed again")
		}
	}
}

// follow asks once for what has changed, and brings it about here. Asking again confirms it, so everything that the confirmation
// promises happens before the return.
func (n *Node) follow(ctx context.Context) (more bool, err error) {
	ch, err := n.source.Changes(ctx, n.identity, n.store.Position())
	if err != nil {
		return false, fmt.Errorf("ask for directory changes: %w", err)
	}
	if ch.Position.Directory == "" {
		return false, nil // ctx ended before there was any answer
	}
	applied, err := n.store.Apply(ch, n.clock.Now())
	if err != nil {
		return false, err
	}
	n.polls.recheck(concerned(applied))
	n.announcements.note(applied)
	if applied.Erasures {
		n.erase(context.WithoutCancel(ctx)) // the time-out is the exchange's
	}
	return ch.More, nil
}

const erasuresAStep = 256

// erase makes the engine erase the deleted queues and groups that it still owes. What fails is tried again each second.
func (n *Node) erase(ctx context.Context) {
	for {
		owed, err := n.store.Erasures(erasuresAStep)
		for _, e := range owed {
			if err = n.eraseOne(ctx, e); err != nil {
				break
			}
		}
		if err != nil {
			n.log.WarnContext(ctx, "deleted messages were not erased, will try again", slog.String("error", err.Error()))
			return
		}
		if len(owed) < erasuresAStep {
			return
		}
	}
}

func (n *Node) eraseOne(ctx context.Context, e nodestore.Erasure) error {
	var err error
	if e.GroupID == "" {
		err = n.engine.DropQueue(ctx, e.QueueID)
	} else {
		err = n.engine.DropGroup(ctx, e.QueueID, e.GroupID)
	}
	switch errs.CodeOf(err) {
	case "", errs.NotFound:
	case errs.Invalid: // an id that the engine cannot hold anything under
		n.log.ErrorContext(ctx, "deleted id is malformed", slog.String("queue_id", e.QueueID), slog.String("group_id", e.GroupID), slog.String("error", err.Error()))
	default:
		return err
	}
	return n.store.Erased(e)
}

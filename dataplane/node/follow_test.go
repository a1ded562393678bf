package node_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/dataplane/node"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// silentSource was never in touch with a directory.
type silentSource struct{}

func (silentSource) Changes(context.Context, directory.Node, directory.Position) (directory.Changes, error) {
	return directory.Changes{}, nil
}

// stubbornEngine refuses to erase while err is set.
type stubbornEngine struct {
	engine.Engine
	err error
}

func (e *stubbornEngine) DropQueue(ctx context.Context, queueID string) error {
	if e.err != nil {
		return e.err
	}
	return e.Engine.DropQueue(ctx, queueID)
}

func (e *stubbornEngine) DropGroup(ctx context.Context, queueID, groupID string) error {
	if e.err != nil {
		return e.err
	}
	return e.Engine.DropGroup(ctx, queueID, groupID)
}

func (f *fixture) messages(q dataplane.Queue) int64 {
	f.t.Helper()
	s, err := f.engine.QueueStats(f.t.Context(), engine.QueueOf(q))
	require.NoError(f.t, err)
	return s.Messages
}

func TestDeletedQueueAndGroupAreErased(t *testing.T) {
	f := newFixture(t)
	te, q, g := f.queueWithGroup()
	other := te.queue()
	f.source.append(queueEntry(other))
	f.follow()
	f.send(te, q, `1`, `2`)
	f.send(te, other, `3`)
	require.Len(t, f.receive(te, q, g), 2)

	f.source.append(deleted(groupEntry(g)))
	f.follow()
	_, err := f.node.Group(t.Context(), q, g.ID)
	require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
	s, err := f.engine.GroupStats(t.Context(), engine.QueueOf(q), g.ID)
	require.NoError(t, err)
	require.Zero(t, s.InFlight)
	require.Equal(t, int64(2), f.messages(q), "the messages are the queue's")

	f.source.append(deleted(queueEntry(q)))
	f.follow()
	require.Zero(t, f.messages(q))
	require.Equal(t, int64(1), f.messages(other))
	_, err = f.node.Send(t.Context(), te.actor, q, []engine.NewMessage{{Body: []byte(`4`)}})
	require.Equal(t, reason.QueueNotFound, errs.ReasonOf(err), "a send that looked the queue up before")
	owed, err := f.store.Erasures(10)
	require.NoError(t, err)
	require.Empty(t, owed)
}

func TestErasureThatFailedIsMadeUpFor(t *testing.T) {
	for name, makeUp := range map[string]func(f *fixture){
		"each second": func(f *fixture) { f.node.Erase(f.t.Context()) },
		"by a node that starts": func(f *fixture) {
			f.restart()
			f.run()
			require.Eventually(f.t, func() bool {
				owed, err := f.store.Erasures(10)
				return err == nil && len(owed) == 0
			}, 10*time.Second, time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			stubborn := &stubbornEngine{Engine: f.engine, err: errs.New(errs.Unavailable, "", "reopening")}
			f.opt.Engine = stubborn
			f.restart()
			te, q, g := f.queueWithGroup()
			f.send(te, q, `1`)
			f.source.append(deleted(queueEntry(q)), deleted(groupEntry(g)))
			f.follow()
			_, err := f.node.Queue(t.Context(), q.ProjectID, q.ID)
			require.Equal(t, errs.NotFound, errs.CodeOf(err), "it is gone for clients all the same")
			require.Equal(t, int64(1), f.messages(q))

			stubborn.err = nil
			makeUp(f)
			require.Zero(t, f.messages(q))
			owed, err := f.store.Erasures(10)
			require.NoError(t, err)
			require.Empty(t, owed)
		})
	}
}

func TestMalformedIDDoesNotHoldUpOtherErasures(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	f.send(te, q, `1`)
	odd := directory.Entry{Kind: directory.KindQueue, Key: "!/not a queue", Deleted: true}
	f.source.append(odd, deleted(queueEntry(q)))
	f.follow()
	require.Zero(t, f.messages(q))
}

func TestNodeNoticesChangesWhileItRuns(t *testing.T) {
	f := newFixture(t)
	te := newTenant()
	f.run()
	q := te.queue()
	f.source.append(queueEntry(q))
	require.Eventually(t, func() bool {
		_, err := f.node.Queue(t.Context(), q.ProjectID, q.ID)
		return err == nil
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, f.node.Ready())
}

// The loop tries again after a failure, later each time, and goes on where it was.
func TestFollowerBacksOffAndComesBack(t *testing.T) {
	f := newFixture(t)
	asked := make(chan struct{}, 100)
	f.source.onAsk = func() { asked <- struct{}{} }
	f.source.setDown(errors.New("connection refused"))
	f.run()
	for range 3 {
		<-asked
		require.Eventually(t, func() bool { return f.clock.Waiting() >= 2 }, 10*time.Second, time.Millisecond, "both loops sleep")
		require.Empty(t, asked, "no question before the time is over")
		f.clock.Advance(400 * time.Millisecond) // the third failure waits 400 ms at most
	}
	<-asked
	require.Error(t, f.node.Ready())
	f.source.setDown(nil)
	require.Eventually(t, func() bool {
		f.clock.Advance(time.Second)
		return f.node.Ready() == nil
	}, 10*time.Second, time.Millisecond)
}

func TestBackOffGrowsToItsBoundAndIsSpread(t *testing.T) {
	for failures, most := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond, 8: 10 * time.Second, 29: 10 * time.Second, 1000: 10 * time.Second,
	} {
		seen := map[time.Duration]bool{}
		for range 100 {
			d := node.BackOff(failures, 100*time.Millisecond, 10*time.Second)
			require.LessOrEqual(t, d, most, failures)
			require.GreaterOrEqual(t, d, most/2, failures)
			seen[d] = true
		}
		require.Greater(t, len(seen), 50, "nodes do not come back all at once")
	}
}

func TestUnknownIDMakesTheNodeAskTheControlPlane(t *testing.T) {
	f := newFixture(t)
	te := newTenant()
	f.source.append(te.activation(dataplane.ActivationActive))
	f.follow()
	asked := make(chan struct{}, 100)
	f.source.onAsk = func() { asked <- struct{}{} }
	f.source.setDown(errLost)
	f.run()
	<-asked
	require.Eventually(t, func() bool { return f.clock.Waiting() >= 2 }, 10*time.Second, time.Millisecond, "the follower waits before it tries again")
	// The control plane is back and has a queue that a client uses at once. The clock stands still: without being asked the
	// follower would wait for ever.
	f.source.setDown(nil)
	q := te.queue()
	g := te.group(q)
	f.source.append(queueEntry(q), groupEntry(g))
	got, err := f.node.Queue(t.Context(), q.ProjectID, q.ID)
	require.NoError(t, err)
	require.Equal(t, q.ID, got.ID)
	_, err = f.node.Group(t.Context(), q, g.ID)
	require.NoError(t, err)
}

func TestLookUpsOfUnknownIDsAreBounded(t *testing.T) {
	f := newFixture(t)
	te := newTenant()
	f.source.append(te.activation(dataplane.ActivationActive))
	f.follow()
	asked := make(chan struct{}, 1000)
	f.source.onAsk = func() { asked <- struct{}{} }
	before := f.source.questions()
	f.run()
	<-asked
	for range 50 {
		f.missing(t, te.actor.ProjectID, id.NewQueue())
	}
	require.Greater(t, f.source.questions()-before, 4, "they did ask")
	// The first question of the loop; for each catch-up one that is cut short, one that is waited for, and the one after it.
	require.LessOrEqual(t, f.source.questions()-before, 1+4*3, "50 unknown ids, in no time on the node's clock")
}

func TestRunAndStopInAnyOrder(t *testing.T) {
	f := newFixture(t)
	f.node.Stop()
	f.node.Stop()
	require.NoError(t, f.node.Run(t.Context()), "stopped before it began")

	f.restart()
	done := make(chan error, 1)
	asked := make(chan struct{}, 100)
	f.source.onAsk = func() { asked <- struct{}{} }
	go func() { done <- f.node.Run(t.Context()) }()
	<-asked
	require.Error(t, f.node.Run(t.Context()), "twice")
	f.node.Stop()
	f.node.Stop()
	require.NoError(t, <-done)
}

func TestOptionsNameEveryViolation(t *testing.T) {
	_, err := node.New(node.Options{MaxDirectoryAge: -1})
	for _, name := range []string{"Engine", "Store", "Source", "Sink", "Region", "Clock", "Log", "MaxDirectoryAge", "ExchangeWait", "CatchUpWait", "UsageInterval", "MaxBatchRecords", "MaxBatchCounts", "MaxLimitedQueues"} {
		require.ErrorContains(t, err, name)
	}
}

package node_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/id"
)

// listeningEngine remembers the groups that it was told of, and refuses them while refuse says so.
type listeningEngine struct {
	engine.Engine

	mu     sync.Mutex // guards: the rest
	told   []string
	refuse func(groupID string) error
}

func (e *listeningEngine) AddGroup(ctx context.Context, queueID, groupID string) error {
	e.mu.Lock()
	refuse := e.refuse
	e.mu.Unlock()
	if refuse != nil {
		if err := refuse(groupID); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, queueID+"/"+groupID)
	return nil
}

func (e *listeningEngine) refuseWith(f func(groupID string) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refuse = f
}

// groups returns what the engine was told, sorted and each once.
func (e *listeningEngine) groups() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := slices.Clone(e.told)
	slices.Sort(out)
	return slices.Compact(out)
}

func groupKeys(groups ...dataplane.Group) []string {
	var out []string
	for _, g := range groups {
		out = append(out, g.QueueID+"/"+g.ID)
	}
	slices.Sort(out)
	return out
}

// listen puts a listening engine into the fixture.
func (f *fixture) listen() *listeningEngine {
	f.t.Helper()
	e := &listeningEngine{Engine: f.engine}
	f.opt.Engine = e
	f.restart()
	return e
}

func (f *fixture) awaitGroups(e *listeningEngine, want []string) {
	f.t.Helper()
	require.Eventually(f.t, func() bool { return slices.Equal(want, e.groups()) }, 10*time.Second, time.Millisecond)
}

func TestEngineIsToldOfEveryGroupThatThereIsAndOfThoseThatCome(t *testing.T) {
	f := newFixture(t)
	_, q, first := f.queueWithGroup() // before the start
	e := f.listen()
	f.run()
	f.awaitGroups(e, groupKeys(first))
	second := newTenant().group(q)
	f.source.append(groupEntry(second))
	f.awaitGroups(e, groupKeys(first, second))
}

func TestEngineIsToldOfTheGroupsOfACopyThatBeganAnew(t *testing.T) {
	f := newFixture(t)
	f.queueWithGroup()
	f.source = newSource(t) // another directory: its first answer is a whole one, in several pages
	f.source.page = 2
	f.opt.Source = f.source
	e := f.listen()
	te := newTenant()
	q := te.queue()
	groups := []dataplane.Group{te.group(q), te.group(q), te.group(q), te.group(q)}
	f.source.append(queueEntry(q), groupEntry(groups[0]), groupEntry(groups[1]), groupEntry(groups[2]), groupEntry(groups[3]))
	f.follow()
	require.NoError(t, f.node.Announce(t.Context()))
	require.Equal(t, groupKeys(groups...), e.groups())
}

func TestEngineIsToldOnceAndNotOfDeletedGroups(t *testing.T) {
	f := newFixture(t)
	e := f.listen()
	te, q, kept := f.queueWithGroup()
	gone := te.group(q)
	f.source.append(groupEntry(gone), deleted(groupEntry(gone)))
	f.follow()
	require.NoError(t, f.node.Announce(t.Context()))
	require.Equal(t, groupKeys(kept), e.groups())
	require.NoError(t, f.node.Announce(t.Context()))
	require.Len(t, e.told, 1)
	f.source.append(deleted(groupEntry(kept)))
	f.follow()
	require.NoError(t, f.node.Announce(t.Context()))
	require.Len(t, e.told, 1)
}

func TestGroupsThatTheEngineCouldNotTakeAreToldAgain(t *testing.T) {
	f := newFixture(t)
	e := f.listen()
	te, q, first := f.queueWithGroup()
	require.NoError(t, f.node.Announce(t.Context()))
	asked := make(chan struct{}, 1000)
	e.refuseWith(func(string) error {
		asked <- struct{}{}
		return errs.New(errs.Unavailable, "", "reopening")
	})
	second, third := te.group(q), te.group(q)
	f.source.append(groupEntry(second), groupEntry(third))
	f.follow()
	require.Equal(t, errs.Unavailable, errs.CodeOf(f.node.Announce(t.Context())))
	<-asked
	_, waiting := f.node.OwedGroups()
	require.Equal(t, 2, waiting, "both stay owed")
	f.run()
	<-asked // the one of the start is over, too
	_, err := f.node.Group(t.Context(), q, second.ID)
	require.NoError(t, err, "clients have it all the same")
	e.refuseWith(nil)
	require.Eventually(t, func() bool {
		f.clock.Advance(time.Second) // each second
		return slices.Equal(groupKeys(first, second, third), e.groups())
	}, 10*time.Second, time.Millisecond)
}

func TestGroupsThatWaitAreBoundedInMemory(t *testing.T) {
	f := newFixture(t)
	e := f.listen()
	te, q, _ := f.queueWithGroup()
	add := func(n int) {
		entries := make([]directory.Entry, n)
		for i := range entries {
			entries[i] = groupEntry(te.group(q))
		}
		for chunk := range slices.Chunk(entries, 1000) { // a database takes so many at once
			f.source.append(chunk...)
		}
		f.follow()
	}
	require.NoError(t, f.node.Announce(t.Context()))
	add(10_000)
	all, waiting := f.node.OwedGroups()
	require.False(t, all)
	require.Equal(t, 10_000, waiting)
	add(1)
	all, waiting = f.node.OwedGroups()
	require.True(t, all)
	require.Zero(t, waiting)
	require.NoError(t, f.node.Announce(t.Context()))
	require.Len(t, e.groups(), 10_002, "every one that there is")
}

func TestGroupsThatTheEngineDroppedOrCannotHoldDoNotHoldUpOthers(t *testing.T) {
	for _, code := range []errs.Code{errs.NotFound, errs.Invalid} {
		f := newFixture(t)
		e := f.listen()
		te, q, first := f.queueWithGroup()
		second, third := te.group(q), te.group(q)
		f.source.append(groupEntry(second), groupEntry(third))
		f.follow()
		e.refuseWith(func(groupID string) error {
			if groupID == second.ID {
				return errs.New(code, "", "refused")
			}
			return nil
		})
		require.NoError(t, f.node.Announce(t.Context()))
		require.Equal(t, groupKeys(first, third), e.groups())
		e.refuseWith(nil)
		require.NoError(t, f.node.Announce(t.Context()))
		require.Equal(t, groupKeys(first, third), e.groups(), "it is not owed any more")
	}
}

func TestSlowEngineDoesNotHoldUpTheDirectory(t *testing.T) {
	f := newFixture(t)
	e := f.listen()
	asked, release := make(chan struct{}), make(chan struct{})
	e.refuseWith(func(string) error {
		asked <- struct{}{}
		<-release
		return nil
	})
	te, q, first := f.queueWithGroup()
	f.run()
	<-asked
	second := te.group(q)
	f.source.append(groupEntry(second), entry(directory.KindUser, id.NewHex(), "x"))
	require.Eventually(t, func() bool {
		_, err := f.node.Group(t.Context(), q, second.ID)
		return err == nil && f.store.Position() == f.source.position()
	}, 10*time.Second, time.Millisecond)
	require.Empty(t, e.groups())
	e.refuseWith(nil)
	close(release)
	f.awaitGroups(e, groupKeys(first, second))
}

func TestStopWaitsForOneGroupToBeToldAndNotForAll(t *testing.T) {
	f := newFixture(t)
	e := f.listen()
	asked, release := make(chan struct{}), make(chan struct{})
	e.refuseWith(func(string) error {
		asked <- struct{}{}
		<-release
		return nil
	})
	te, q, _ := f.queueWithGroup()
	for range 10 {
		f.source.append(groupEntry(te.group(q)))
	}
	f.follow()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f.node.Run(ctx) }()
	<-asked
	cancel()
	e.refuseWith(nil)
	close(release)
	require.NoError(t, <-done)
	require.Len(t, e.groups(), 1)
}

// Package storetest is the suite that every controlplane.Store must pass.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/directory"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/lifecycle"
	"dms/internal/reason"
	"dms/internal/usage"
)

// Store is what the suite looks at.
type Store interface {
	controlplane.Store
	lifecycle.Log
}

// Run proves that a store keeps its promises. open returns an empty one.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s Store)
	}{
		{"QueueIsReadAsItWasWritten", queueIsReadAsItWasWritten},
		{"QueueNameIsUniqueInAProject", queueNameIsUniqueInAProject},
		{"GroupsComeInOrderOfCreation", groupsComeInOrderOfCreation},
		{"TagsAreReplaced", tagsAreReplaced},
		{"QueuePolicyIsFoundByTheQueue", queuePolicyIsFoundByTheQueue},
		{"DeletedQueueTakesGroupsAndTagsWithIt", deletedQueueTakesGroupsAndTagsWithIt},
		{"RolledBackTransactionLeavesNothing", rolledBackTransactionLeavesNothing},
		{"QuotaIsTheDefaultUntilSet", quotaIsTheDefaultUntilSet},
		{"ActivationIsInsertedOnce", activationIsInsertedOnce},
		{"RegionsComeByName", regionsComeByName},
		{"UsageIsCutOnceAndNumberedWithoutGaps", usageIsCutOnceAndNumberedWithoutGaps},
		{"LifecycleGivesQueuesOfAWindow", lifecycleGivesQueuesOfAWindow},
	} {
		t.Run("case="+c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
	for _, swapped := range []bool{false, true} {
		name := "case=OneAccountNeverSeesAnother/swapped=false"
		if swapped {
			name = "case=OneAccountNeverSeesAnother/swapped=true"
		}
		t.Run(name, func(t *testing.T) { oneAccountNeverSeesAnother(t, open(t), swapped) })
	}
}

var ctx = context.Background()

func newQueue(accountID, projectID, name string) controlplane.Queue {
	return controlplane.Queue{UserID: id.NewHex(), Queue: dataplane.Queue{
		ID: id.NewQueue(), AccountID: accountID, ProjectID: projectID, Region: "local-1", Name: name, Mode: dataplane.ModeNormal, CreatedAt: 1_700_000_000_000_001,
	}}
}

func newGroup(q controlplane.Queue, name string, at int64) dataplane.Group {
	return dataplane.Group{ID: id.NewGroup(), QueueID: q.ID, ProjectID: q.ProjectID, AccountID: q.AccountID, Name: name, CreatedAt: at}
}

func inTx(t *testing.T, s Store, f func(tx controlplane.Tx) error) {
	t.Helper()
	require.NoError(t, s.InTx(ctx, f))
}

func insert(t *testing.T, s Store, q controlplane.Queue, groups ...dataplane.Group) {
	t.Helper()
	inTx(t, s, func(tx controlplane.Tx) error {
		return errors.Join(tx.InsertQueue(q), tx.InsertGroups(groups))
	})
}

func groupsOf(t *testing.T, s Store, q controlplane.Queue) (groups []dataplane.Group) {
	t.Helper()
	inTx(t, s, func(tx controlplane.Tx) (err error) {
		groups, err = tx.Groups(q.AccountID, q.ID)
		return err
	})
	return groups
}

func queueIsReadAsItWasWritten(t *testing.T, s Store) {
	q := newQueue(id.NewHex(), id.NewHex(), "orders")
	q.Description, q.Mode, q.RetentionHours = "Bestellungen 订单", dataplane.ModeKafkaHA, 36
	q.Limits = dataplane.QueueLimits{RequestsPerSecond: 2000, OpenPolls: 200}
	insert(t, s, q)
	got, err := s.Queue(ctx, q.AccountID, q.ProjectID, q.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(q, got))
	inTx(t, s, func(tx controlplane.Tx) error {
		locked, err := tx.LockQueue(q.AccountID, q.ProjectID, q.ID)
		require.Empty(t, cmp.Diff(q, locked))
		return err
	})
	_, err = s.Queue(ctx, q.AccountID, q.ProjectID, id.NewQueue())
	require.Equal(t, dmswire.QueueNotFound(), err)
}

func queueNameIsUniqueInAProject(t *testing.T, s Store) {
	q := newQueue(id.NewHex(), id.NewHex(), "orders")
	insert(t, s, q)
	err := s.InTx(ctx, func(tx controlplane.Tx) error { return tx.InsertQueue(newQueue(q.AccountID, q.ProjectID, "orders")) })
	require.Equal(t, errs.Conflict, errs.CodeOf(err))
	require.Equal(t, reason.QueueNameTaken, errs.ReasonOf(err))
	insert(t, s, newQueue(q.AccountID, id.NewHex(), "orders"))
	insert(t, s, newQueue(q.AccountID, q.ProjectID, "Orders"))
	inTx(t, s, func(tx controlplane.Tx) error {
		taken, err := tx.QueueNameExists(q.AccountID, q.ProjectID, "orders")
		require.True(t, taken)
		require.NoError(t, err)
		taken, err = tx.QueueNameExists(q.AccountID, q.ProjectID, "order")
		require.False(t, taken)
		require.NoError(t, err)
		n, err := tx.CountQueues(q.AccountID, q.ProjectID)
		require.Equal(t, 2, n)
		return err
	})
}

func groupsComeInOrderOfCreation(t *testing.T, s Store) {
	q := newQueue(id.NewHex(), id.NewHex(), "orders")
	a, b, c := newGroup(q, "z", 10), newGroup(q, "m", 11), newGroup(q, "a", 12)
	insert(t, s, q, b, c, a)
	require.Empty(t, cmp.Diff([]dataplane.Group{a, b, c}, groupsOf(t, s, q)))
	got, err := s.Group(ctx, q.AccountID, q.ID, b.ID)
	require.NoError(t, err)
	require.Equal(t, b, got)
	_, err = s.Group(ctx, q.AccountID, q.ID, id.NewGroup())
	require.Equal(t, dmswire.GroupNotFound(), err)
	err = s.InTx(ctx, func(tx controlplane.Tx) error { return tx.InsertGroups([]dataplane.Group{newGroup(q, "m", 13)}) })
	require.Equal(t, reason.GroupNameTaken, errs.ReasonOf(err))
	inTx(t, s, func(tx controlplane.Tx) error { return tx.DeleteGroup(q.AccountID, q.ID, b.ID) })
	require.Empty(t, cmp.Diff([]dataplane.Group{a, c}, groupsOf(t, s, q)))
}

func tagsAreReplaced(t *testing.T, s Store) {
	q := newQueue(id.NewHex(), id.NewHex(), "orders")
	insert(t, s, q)
	set := func(tags ...dataplane.Tag) {
		inTx(t, s, func(tx controlplane.Tx) error { return tx.SetTags(q.AccountID, q.ID, tags) })
	}
	read := func() []dataplane.Tag {
		got, err := s.Queue(ctx, q.AccountID, q.ProjectID, q.ID)
		require.NoError(t, err)
		return got.Tags
	}
	set(dataplane.Tag{Key: "环境", Value: "prod"}, dataplane.Tag{Key: "Team", Value: ""}, dataplane.Tag{Key: "team", Value: "a b"})
	require.Equal(t, []dataplane.Tag{{Key: "Team"}, {Key: "team", Value: "a b"}, {Key: "环境", Value: "prod"}}, read(), "by key, byte by byte")
	set(dataplane.Tag{Key: "team", Value: "c"})
	require.Equal(t, []dataplane.Tag{{Key: "team", Value: "c"}}, read())
	set()
	require.Empty(t, read())
}

func deletedQueueTakesGroupsAndTagsWithIt(t *testing.T, s Store) {
	q := newQueue(id.NewHex(), id.NewHex(), "orders")
	g := newGroup(q, "g", 1)
	insert(t, s, q, g)
	inTx(t, s, func(tx controlplane.Tx) error {
		return errors.Join(tx.SetTags(q.AccountID, q.ID, []dataplane.Tag{{Key: "k", Value: "v"}}), tx.DeleteQueue(q.AccountID, q.ID))
	})
	_, err := s.Queue(ctx, q.AccountID, q.ProjectID, q.ID)
	require.Equal(t, dmswire.QueueNotFound(), err)
	_, err = s.Group(ctx, q.AccountID, q.ID, g.ID)
	require.Equal(t, dmswire.GroupNotFound(), err)
	insert(t, s, q, g) // the same ids again: nothing of the first life is left
	got, err := s.Queue(ctx, q.AccountID, q.ProjectID, q.ID)
	require.NoError(t, err)
	require.Empty(t, got.Tags)
}

func rolledBackTransactionLeavesNothing(t *testing.T, s Store) {
	q := newQueue(id.NewHex(), id.NewHex(), "orders")
	boom := errors.New("boom")
	at := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
	err := s.InTx(ctx, func(tx controlplane.Tx) error {
		require.NoError(t, tx.InsertQueue(q))
		require.NoError(t, tx.InsertGroups([]dataplane.Group{newGroup(q, "g", 1)}))
		require.NoError(t, tx.LogLifecycle(lifecycle.Event{At: at, Kind: lifecycle.Created, QueueID: q.ID, AccountID: q.AccountID}))
		require.NoError(t, tx.CountCall(usage.Key{AccountID: q.AccountID}))
		_, err := tx.Publish(directory.Entry{Kind: directory.KindQueue, Key: "k", Value: []byte("{}")})
		require.NoError(t, err)
		return boom
	})
	require.ErrorIs(t, err, boom)
	_, err = s.Queue(ctx, q.AccountID, q.ProjectID, q.ID)
	require.Equal(t, dmswire.QueueNotFound(), err)
	_, ok, err := s.CutUsage(ctx, 10)
	require.NoError(t, err)
	require.False(t, ok)
	events, err := s.Events(ctx, q.AccountID, at.Add(-time.Hour), at.Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, events)
	inTx(t, s, func(tx controlplane.Tx) error {
		rev, err := tx.Publish(directory.Entry{Kind: directory.KindQueue, Key: "k", Value: []byte("{}")})
		require.Equal(t, directory.Revision(1), rev)
		return err
	})
}

func quotaIsTheDefaultUntilSet(t *testing.T, s Store) {
	p := id.NewHex()
	read := func() dataplane.Quota {
		q, err := s.Quota(ctx, p)
		require.NoError(t, err)
		inTx(t, s, func(tx controlplane.Tx) error {
			inside, err := tx.Quota(p)
			require.Equal(t, q, inside)
			return err
		})
		return q
	}
	require.Equal(t, dataplane.DefaultQuota, read())
	inTx(t, s, func(tx controlplane.Tx) error {
		q, err := tx.LockProject(p)
		require.Equal(t, dataplane.DefaultQuota, q)
		return err
	})
	require.Equal(t, dataplane.DefaultQuota, read(), "a locked project has no quota of its own yet")
	inTx(t, s, func(tx controlplane.Tx) error { return tx.SetQuota(p, dataplane.Quota{Queues: 0, GroupsPerQueue: 5}) })
	require.Equal(t, dataplane.Quota{Queues: 0, GroupsPerQueue: 5}, read())
	inTx(t, s, func(tx controlplane.Tx) error {
		q, err := tx.LockProject(p)
		require.Equal(t, dataplane.Quota{Queues: 0, GroupsPerQueue: 5}, q)
		return err
	})
}

func activationIsInsertedOnce(t *testing.T, s Store) {
	a := dataplane.Activation{AccountID: id.NewHex(), State: dataplane.ActivationActive, ActivatedAt: 42}
	put := func(a dataplane.Activation) (added bool) {
		inTx(t, s, func(tx controlplane.Tx) (err error) {
			added, err = tx.InsertActivation(a)
			return err
		})
		return added
	}
	_, found, err := s.Activation(ctx, a.AccountID)
	require.NoError(t, err)
	require.False(t, found)
	require.True(t, put(a))
	require.False(t, put(dataplane.Activation{AccountID: a.AccountID, State: dataplane.ActivationFrozen, ActivatedAt: 43}))
	got, found, err := s.Activation(ctx, a.AccountID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, a, got)
}

func regionsComeByName(t *testing.T, s Store) {
	for _, r := range []controlplane.Region{{Name: "west-1"}, {Name: "local-1", Endpoint: "http://a"}, {Name: "local-1", Endpoint: "http://b"}} {
		inTx(t, s, func(tx controlplane.Tx) error { return tx.PutRegion(r) })
	}
	got, err := s.Regions(ctx)
	require.NoError(t, err)
	require.Equal(t, []controlplane.Region{{Name: "local-1", Endpoint: "http://b"}, {Name: "west-1"}}, got)
}

func usageIsCutOnceAndNumberedWithoutGaps(t *testing.T, s Store) {
	a := usage.Key{AccountID: "a", ProjectID: "p", UserID: "u", QueueID: "q", Action: access.QueueCreate, Hour: 7}
	b := a
	b.Action = access.TagCreate
	count := func(keys ...usage.Key) {
		for _, k := range keys {
			inTx(t, s, func(tx controlplane.Tx) error { return tx.CountCall(k) })
		}
	}
	cut := func(max int) usage.Batch {
		got, ok, err := s.CutUsage(ctx, max)
		require.NoError(t, err)
		require.True(t, ok)
		return got
	}
	count(a, b, a)
	require.Error(t, s.InTx(ctx, func(tx controlplane.Tx) error { return errors.Join(tx.CountCall(a), errors.New("no")) }))
	first := usage.Batch{Source: controlplane.UsageSource, First: 1, Last: 3, Counts: []usage.Count{{Key: a, Calls: 2}, {Key: b, Calls: 1}}}
	require.Equal(t, first, cut(10))
	count(b)
	require.Equal(t, first, cut(10), "what was cut is not cut anew")
	require.NoError(t, s.UsageDelivered(ctx, 4), "nothing that was not cut is dropped")
	require.Equal(t, first, cut(10))
	require.NoError(t, s.UsageDelivered(ctx, 3))
	require.NoError(t, s.UsageDelivered(ctx, 3))
	count(a)
	require.Equal(t, usage.Batch{Source: controlplane.UsageSource, First: 4, Last: 4, Counts: []usage.Count{{Key: b, Calls: 1}}}, cut(1), "at most as many as asked for")
	require.NoError(t, s.UsageDelivered(ctx, 4))
	require.Equal(t, uint64(5), cut(1).First)
	require.NoError(t, s.UsageDelivered(ctx, 5))
	_, ok, err := s.CutUsage(ctx, 10)
	require.NoError(t, err)
	require.False(t, ok)
}

func lifecycleGivesQueuesOfAWindow(t *testing.T, s Store) {
	h := func(n int) time.Time { return time.Date(2026, 11, 24, n, 0, 0, 0, time.UTC) }
	log := func(account, queue string, kind lifecycle.Kind, at time.Time) {
		inTx(t, s, func(tx controlplane.Tx) error {
			return tx.LogLifecycle(lifecycle.Event{At: at, Kind: kind, QueueID: queue, AccountID: account, ProjectID: "p", UserID: "u", Region: "local-1"})
		})
	}
	log("a", "q1", lifecycle.Created, h(1))
	log("b", "q2", lifecycle.Created, h(2))
	log("a", "q1", lifecycle.Frozen, h(3))
	log("a", "q3", lifecycle.Created, h(4))
	log("a", "q1", lifecycle.Deleted, h(5))

	events := func(account string, from, to time.Time) (out []string) {
		es, err := s.Events(ctx, account, from, to)
		require.NoError(t, err)
		last := int64(0)
		for _, e := range es {
			require.Greater(t, e.Sequence, last)
			last = e.Sequence
			require.Equal(t, account, e.AccountID)
			require.Equal(t, time.UTC, e.At.Location())
			out = append(out, e.QueueID+" "+string(e.Kind))
		}
		return out
	}
	accounts := func(from, to time.Time) []string {
		ids, err := s.AcrossAccountsExisting(ctx, from, to)
		require.NoError(t, err)
		return ids
	}
	require.Empty(t, events("a", h(0), h(1)), "windows are half open")
	require.Empty(t, accounts(h(0), h(1)))
	require.Equal(t, []string{"q1 created"}, events("a", h(2), h(3)), "with what says in which state it came in")
	require.Equal(t, []string{"a", "b"}, accounts(h(2), h(3)))
	require.Equal(t, []string{"q1 created", "q1 frozen", "q3 created"}, events("a", h(4), h(5)))
	require.Equal(t, []string{"q3 created"}, events("a", h(5), h(6)), "a queue that was deleted at five does not exist from five on")
	require.Equal(t, []string{"q1 created", "q1 frozen", "q3 created", "q1 deleted"}, events("a", h(4), h(6)))
	require.Equal(t, []string{"q2 created"}, events("b", h(0), h(9)))
	require.Equal(t, []string{"a"}, accounts(h(1), h(2)))

	es, err := s.Events(ctx, "b", h(0), h(9))
	require.NoError(t, err)
	es[0].Sequence = 0
	require.Equal(t, lifecycle.Event{At: h(2), Kind: lifecycle.Created, QueueID: "q2", AccountID: "b", ProjectID: "p", UserID: "u", Region: "local-1"}, es[0])
}

// oneAccountNeverSeesAnother asks for everything of one account in the name of another: the answers are those for what does not exist.
func oneAccountNeverSeesAnother(t *testing.T, s Store, swapped bool) {
	mine, theirs := newQueue(id.NewHex(), id.NewHex(), "same"), newQueue(id.NewHex(), id.NewHex(), "same")
	if swapped {
		mine, theirs = theirs, mine
	}
	g := newGroup(theirs, "g", 1)
	insert(t, s, mine)
	insert(t, s, theirs, g)
	inTx(t, s, func(tx controlplane.Tx) error {
		return tx.SetTags(theirs.AccountID, theirs.ID, []dataplane.Tag{{Key: "k", Value: "v"}})
	})

	policy := controlplane.QueuePolicy{QueueID: theirs.ID, AccountID: theirs.AccountID, Document: []byte(`{"theirs":1}`)}
	setPolicy(t, s, &policy)
	_, err := s.QueuePolicy(ctx, mine.AccountID, theirs.ID)
	require.Equal(t, controlplane.QueuePolicyNotFound(), err)
	forged := policy
	forged.AccountID = mine.AccountID
	require.Error(t, s.InTx(ctx, func(tx controlplane.Tx) error {
		_, err := tx.SetQueuePolicy(forged)
		return err
	}))
	inTx(t, s, func(tx controlplane.Tx) error { return tx.DeleteQueuePolicy(mine.AccountID, theirs.ID) })
	kept, err := s.QueuePolicy(ctx, theirs.AccountID, theirs.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(policy, kept))

	for _, project := range []string{mine.ProjectID, theirs.ProjectID} {
		_, err := s.Queue(ctx, mine.AccountID, project, theirs.ID)
		require.Equal(t, dmswire.QueueNotFound(), err)
		require.Equal(t, dmswire.QueueNotFound(), s.InTx(ctx, func(tx controlplane.Tx) error {
			_, err := tx.LockQueue(mine.AccountID, project, theirs.ID)
			return err
		}))
	}
	_, err = s.Queue(ctx, theirs.AccountID, mine.ProjectID, theirs.ID)
	require.Equal(t, dmswire.QueueNotFound(), err, "the right account, but another project")
	_, err = s.Group(ctx, mine.AccountID, theirs.ID, g.ID)
	require.Equal(t, dmswire.GroupNotFound(), err)
	_, err = s.Group(ctx, mine.AccountID, mine.ID, g.ID)
	require.Equal(t, dmswire.GroupNotFound(), err)
	inTx(t, s, func(tx controlplane.Tx) error {
		groups, err := tx.Groups(mine.AccountID, theirs.ID)
		require.Empty(t, groups)
		n, err2 := tx.CountQueues(mine.AccountID, theirs.ProjectID)
		require.Zero(t, n)
		taken, err3 := tx.QueueNameExists(mine.AccountID, theirs.ProjectID, "same")
		require.False(t, taken)
		return errors.Join(err, err2, err3,
			tx.DeleteGroup(mine.AccountID, theirs.ID, g.ID),
			tx.SetTags(mine.AccountID, theirs.ID, nil),
			tx.DeleteQueue(mine.AccountID, theirs.ID))
	})
	got, err := s.Queue(ctx, theirs.AccountID, theirs.ProjectID, theirs.ID)
	require.NoError(t, err, "nothing of theirs was deleted")
	require.Equal(t, []dataplane.Tag{{Key: "k", Value: "v"}}, got.Tags)
	require.Equal(t, []dataplane.Group{g}, groupsOf(t, s, theirs))
}

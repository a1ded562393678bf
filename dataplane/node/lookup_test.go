package node_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/directory"
	"dms/internal/directory/directorytest"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

func TestLookUpsAnswerFromTheDirectory(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	a, b := newTenant(), newTenant()
	at := func(q dataplane.Queue, micros int64, queueID string) dataplane.Queue {
		q.CreatedAt, q.ID = micros, queueID
		return q
	}
	// Created in an order that is not the order of ids.
	q1 := at(a.queue(), 10, "ffffffff-0000-4000-8000-000000000001")
	q2 := at(a.queue(), 20, "00000000-0000-4000-8000-000000000002")
	q3 := at(a.queue(), 20, "00000000-0000-4000-8000-000000000003")
	foreign := b.queue()
	elsewhere := a.queue()
	elsewhere.Region = "other-1"
	g1, g2 := a.group(q1), a.group(q1)
	g1.CreatedAt, g1.ID = 2, "g-00000000-0000-4000-8000-000000000001"
	g2.CreatedAt, g2.ID = 1, "g-00000000-0000-4000-8000-000000000002"
	f.source.append(queueEntry(q3), queueEntry(q2), queueEntry(q1), queueEntry(foreign), queueEntry(elsewhere), groupEntry(g1), groupEntry(g2))
	f.follow()

	queues, err := f.node.Queues(ctx, a.actor.ProjectID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]dataplane.Queue{q1, q2, q3}, queues))
	groups, err := f.node.Groups(ctx, q1)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]dataplane.Group{g2, g1}, groups))
	got, err := f.node.Queue(ctx, a.actor.ProjectID, q2.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(q2, got))
	group, err := f.node.Group(ctx, q1, g1.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(g1, group))

	unknown := f.missing(t, a.actor.ProjectID, id.NewQueue())
	for name, queueID := range map[string]string{"foreign": foreign.ID, "of another region": elsewhere.ID} {
		require.Equal(t, unknown, f.missing(t, a.actor.ProjectID, queueID), name)
	}
	require.Equal(t, unknown, f.missing(t, "", a.actor.ProjectID+"/"+q1.ID), "a slash opens no other key")
	_, err = f.node.Group(ctx, q2, g1.ID)
	require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err), "a group of another queue")

	limit, used, err := f.node.Quota(ctx, a.actor.ProjectID)
	require.NoError(t, err)
	require.Equal(t, dataplane.DefaultQuota, limit)
	require.Equal(t, 3, used)
	f.source.append(entry(directory.KindQuota, a.actor.ProjectID, dataplane.Quota{Queues: 7, GroupsPerQueue: 5}))
	f.follow()
	limit, _, err = f.node.Quota(ctx, a.actor.ProjectID)
	require.NoError(t, err)
	require.Equal(t, dataplane.Quota{Queues: 7, GroupsPerQueue: 5}, limit)
}

// missing returns the answer for a queue that must not be found.
func (f *fixture) missing(t *testing.T, projectID, queueID string) string {
	t.Helper()
	_, err := f.node.Queue(t.Context(), projectID, queueID)
	require.Equal(t, reason.QueueNotFound, errs.ReasonOf(err))
	return err.Error()
}

func TestServiceIsForActivatedAccountsThatAreNotFrozen(t *testing.T) {
	f := newFixture(t)
	te := newTenant()
	f.follow()
	check := func() errs.Reason {
		err := f.node.CheckService(t.Context(), te.actor.AccountID)
		if err != nil {
			require.Equal(t, errs.Forbidden, errs.CodeOf(err))
		}
		return errs.ReasonOf(err)
	}
	require.Equal(t, reason.NotActivated, check())
	for _, step := range []struct {
		state dataplane.ActivationState
		want  errs.Reason
	}{
		{dataplane.ActivationActive, ""},
		{dataplane.ActivationFrozen, reason.Frozen},
		{dataplane.ActivationActive, ""},
		{"something new", reason.NotActivated},
	} {
		f.source.append(te.activation(step.state))
		f.follow()
		require.Equal(t, step.want, check(), step.state)
	}
}

// TestSharedQueueIsFoundByItsPolicyAlone: a guest finds a queue that has a policy while its owner may use the service, and never makes the node ask the control plane.
func TestSharedQueueIsFoundByItsPolicyAlone(t *testing.T) {
	f := newFixture(t)
	owner := newTenant()
	shared, private, elsewhere := owner.queue(), owner.queue(), owner.queue()
	shared.PolicyVersion, elsewhere.PolicyVersion, elsewhere.Region = 3, 1, "other-1"
	g, other := owner.group(shared), owner.group(private)
	f.source.append(queueEntry(shared), queueEntry(private), queueEntry(elsewhere), groupEntry(g), groupEntry(other))
	f.follow()
	asked := f.source.questions()
	find := func(projectID, queueID string) error {
		_, err := f.node.SharedQueue(t.Context(), projectID, queueID)
		return err
	}
	unknown := find(id.NewHex(), id.NewQueue())
	require.Equal(t, reason.QueueNotFound, errs.ReasonOf(unknown))
	require.Equal(t, unknown, find(shared.ProjectID, shared.ID), "the owner has not activated the service")

	f.source.append(owner.activation(dataplane.ActivationActive))
	f.follow()
	got, err := f.node.SharedQueue(t.Context(), shared.ProjectID, shared.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(shared, got))
	group, err := f.node.SharedGroup(t.Context(), shared, g.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(g, group))
	for _, groupID := range []string{other.ID, id.NewGroup()} {
		_, err = f.node.SharedGroup(t.Context(), shared, groupID)
		require.Equal(t, reason.GroupNotFound, errs.ReasonOf(err))
	}
	for name, at := range map[string][2]string{
		"without a policy":  {private.ProjectID, private.ID},
		"of another region": {elsewhere.ProjectID, elsewhere.ID},
		"another project":   {id.NewHex(), shared.ID},
		"a slash":           {"", shared.ProjectID + "/" + shared.ID},
	} {
		require.Equal(t, unknown, find(at[0], at[1]), name)
	}

	f.source.append(owner.activation(dataplane.ActivationFrozen))
	f.follow()
	require.Equal(t, unknown, find(shared.ProjectID, shared.ID), "the owner is frozen")
	require.Equal(t, asked+2, f.source.questions(), "but for the two changes nobody was asked")
}

// everything calls each operation and look-up of the node once, by name.
func (f *fixture) everything(te tenant, q dataplane.Queue, g dataplane.Group) map[string]error {
	ctx, n := f.t.Context(), f.node
	out := map[string]error{}
	_, out["Queue"] = n.Queue(ctx, q.ProjectID, q.ID)
	_, out["Queues"] = n.Queues(ctx, q.ProjectID)
	_, out["Group"] = n.Group(ctx, q, g.ID)
	_, out["Groups"] = n.Groups(ctx, q)
	shared := q
	shared.PolicyVersion = 1
	_, out["SharedGroup"] = n.SharedGroup(ctx, shared, g.ID)
	_, _, out["Quota"] = n.Quota(ctx, q.ProjectID)
	out["CheckService"] = n.CheckService(ctx, q.AccountID)
	out["Admit"] = n.Admit(q)
	_, out["Send"] = n.Send(ctx, te.actor, q, []engine.NewMessage{{Body: []byte(`1`)}})
	var got []engine.Delivery
	got, out["Receive"] = n.Receive(ctx, te.reception(q, g, 0))
	handlers := []engine.Settlement{}
	for _, d := range got {
		handlers = append(handlers, engine.Settlement{Handler: d.Handler})
	}
	_, out["Settle"] = n.Settle(ctx, te.actor, q, g, engine.Live, handlers)
	_, out["QueueStats"] = n.QueueStats(ctx, q)
	_, out["GroupStats"] = n.GroupStats(ctx, q, g)
	_, out["Directory.Get"] = n.Directory().Get(ctx, directory.KindQueue, q.ProjectID+"/"+q.ID)
	out["Directory.Scan"] = n.Directory().Scan(ctx, directory.KindQueue, "", func(directory.Entry) bool { return true })
	_, out["Directory.Revision"] = n.Directory().Revision(ctx)
	out["Ready"] = n.Ready()
	return out
}

func TestNodeThatIsCutOffForTooLongAnswersNothing(t *testing.T) {
	f := newFixture(t)
	te := newTenant()
	q := te.queue()
	g := te.group(q)
	unavailable := func(when string) {
		t.Helper()
		for name, err := range f.everything(te, q, g) {
			require.Equal(t, errs.Unavailable, errs.CodeOf(err), "%s %s: %v", name, when, err)
		}
	}
	unavailable("before the first contact")

	f.source.append(te.activation(dataplane.ActivationActive), queueEntry(q), groupEntry(g))
	f.follow()
	available := func(when string) {
		t.Helper()
		for name, err := range f.everything(te, q, g) {
			require.NoError(t, err, "%s %s", name, when)
		}
	}
	available("in contact")

	f.source.setDown(errLost)
	f.clock.Advance(f.opt.MaxDirectoryAge)
	available("at the limit")
	f.restart()
	available("after a restart at the limit, without the control plane")
	f.clock.Advance(1)
	unavailable("past the limit")

	f.opt.MaxDirectoryAge = 0
	f.restart()
	f.clock.Advance(10_000 * time.Hour)
	available("with 0: for ever")

	f.opt.MaxDirectoryAge = time.Hour
	f.restart()
	unavailable("past an hour")
	f.source.setDown(nil)
	f.source.append(te.activation(dataplane.ActivationActive))
	f.follow()
	available("after the control plane came back")
}

// A source that cannot tell whether it was in reach is no news, however politely it ended.
func TestAnswerWithoutAPositionIsNoContact(t *testing.T) {
	f := newFixture(t)
	f.follow()
	before := f.store.Contact()
	f.clock.Advance(time.Hour)
	f.opt.Source = silentSource{}
	f.restart()
	_, err := f.node.Follow(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, f.store.Contact())
}

func TestDirectoryOfANodeIsAReader(t *testing.T) {
	f := newFixture(t)
	f.follow()
	directorytest.Run(t, f.node.Directory(), func(entries ...directory.Entry) {
		f.source.append(entries...)
		f.follow()
	})
}

func TestLargeDirectoryArrivesInPagesAndIsServedWhenItIsWhole(t *testing.T) {
	f := newFixture(t)
	te := newTenant()
	f.source.page = 3
	var all []dataplane.Queue
	for i := range 10 {
		q := te.queue()
		q.CreatedAt = int64(i)
		q.Name = fmt.Sprint("q", i)
		all = append(all, q)
		f.source.append(queueEntry(q))
	}
	more, err := f.node.Follow(t.Context())
	require.NoError(t, err)
	require.True(t, more)
	_, err = f.node.Queues(t.Context(), te.actor.ProjectID)
	require.Equal(t, errs.Unavailable, errs.CodeOf(err), "half a directory is none")
	f.follow()
	got, err := f.node.Queues(t.Context(), te.actor.ProjectID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(all, got))
}

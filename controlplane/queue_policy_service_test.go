package controlplane_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/controlplane/gormstore"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// judge takes every policy as it is, and does something before it says so.
type judge struct {
	meanwhile func()
	before    []byte
}

func (j *judge) CheckQueuePolicy(_ context.Context, _ access.Actor, _ access.Resource, before, after []byte) ([]byte, error) {
	j.before = before
	if f := j.meanwhile; f != nil {
		j.meanwhile = nil
		f()
	}
	return after, nil
}

func newSharingWorld(db *dbx.DB) (*world, *judge) {
	w, j := newWorld(db), &judge{}
	w.Services = controlplane.NewServices(controlplane.Deps{
		Store: gormstore.New(db), Confirmer: w.confirmed, Clock: w.clock, Log: discard, QueuePolicies: j,
	})
	return w, j
}

func TestQueueAndItsPolicyChangeAtOneRevision(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, j := newSharingWorld(db)
		a := newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		require.Equal(t, controlplane.QueuePolicyNotFound(), w.Queues.DeletePolicy(ctx, a, q))
		w.counted(t)
		facts := func() (fact dataplane.Queue, policy *access.QueuePolicyFact) {
			e, err := w.directory.Get(ctx, directory.KindQueue, q.ProjectID+"/"+q.ID)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(e.Value, &fact))
			p, err := w.directory.Get(ctx, directory.KindQueuePolicy, q.ID)
			if errs.CodeOf(err) == errs.NotFound {
				return fact, nil
			}
			require.NoError(t, err)
			require.Equal(t, e.Revision, p.Revision)
			require.NoError(t, json.Unmarshal(p.Value, &policy))
			return fact, policy
		}
		set := func(document string, version int64) {
			before := len(w.confirmed.revisions)
			p, err := w.Queues.SetPolicy(ctx, a, q, []byte(document))
			require.NoError(t, err)
			require.Equal(t, version, p.Version)
			require.Len(t, w.confirmed.revisions, before+1, "the nodes were waited for")
			fact, policy := facts()
			require.Equal(t, version, fact.PolicyVersion)
			require.Equal(t, version, policy.Version)
			require.Equal(t, a.AccountID, policy.AccountID)
			require.JSONEq(t, document, string(policy.Document))
		}
		set(`{"n":1}`, 1)
		set(`{"n":2}`, 2)
		require.JSONEq(t, `{"n":1}`, string(j.before))
		require.NoError(t, w.Queues.PutTags(ctx, a, q.ID, []dataplane.Tag{{Key: "k"}}))
		e, err := w.directory.Get(ctx, directory.KindQueue, q.ProjectID+"/"+q.ID)
		require.NoError(t, err)
		var fact dataplane.Queue
		require.NoError(t, json.Unmarshal(e.Value, &fact))
		require.Equal(t, int64(2), fact.PolicyVersion, "a change of tags keeps it")
		w.counted(t)

		require.NoError(t, w.Queues.DeletePolicy(ctx, a, q))
		fact, policy := facts()
		require.Zero(t, fact.PolicyVersion)
		require.Nil(t, policy)
		set(`{"n":3}`, 3)
		require.Empty(t, w.counted(t), "sharing is no billable call")

		require.NoError(t, w.Queues.Delete(ctx, a, q.ID))
		require.Empty(t, w.live(t, directory.KindQueuePolicy), "it goes with the queue")
	})
}

// What was judged against one policy is not written over another.
func TestPolicyThatWasChangedMeanwhileIsNotOverwritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, j := newSharingWorld(db)
		a := newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		set := func(document string) error {
			_, err := w.Queues.SetPolicy(ctx, a, q, []byte(document))
			return err
		}
		for name, change := range map[string]func() error{
			"set": func() error { return set(`{"mine":1}`) }, "deleted": func() error { return w.Queues.DeletePolicy(ctx, a, q) },
		} {
			require.NoError(t, set(`{"first":1}`))
			j.meanwhile = func() { require.NoError(t, set(`{"theirs":1}`)) }
			err := change()
			require.Equal(t, errs.Conflict, errs.CodeOf(err), name)
			require.Equal(t, reason.QueuePolicyChanged, errs.ReasonOf(err), name)
			p, err := w.Queues.Policy(ctx, q)
			require.NoError(t, err)
			require.JSONEq(t, `{"theirs":1}`, string(p.Document), name)
		}
	})
}

func TestSharedQueueIsForGuestsWhileItsOwnerMayUseTheService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, _ := newSharingWorld(db)
		accounts := []access.Actor{newActor(), newActor()}
		for i, a := range accounts {
			guest := accounts[1-i]
			q, groups, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders", Groups: []string{"g"}})
			require.NoError(t, err)
			_, err = w.Queues.SetPolicy(ctx, guest, q, []byte(`{}`))
			require.Equal(t, dmswire.QueueNotFound(), err, "a guest does not share on")
			_, err = w.Queues.SetPolicy(ctx, a, q, []byte(`{}`))
			require.NoError(t, err)
			require.Equal(t, dmswire.QueueNotFound(), w.Queues.DeletePolicy(ctx, guest, q))
			_, err = w.Queues.SharedQueue(ctx, q.ProjectID, q.ID)
			require.Equal(t, dmswire.QueueNotFound(), err, "the owner has not activated the service")
			_, err = w.Activations.Activate(ctx, a.AccountID)
			require.NoError(t, err)
			shared, err := w.Queues.SharedQueue(ctx, q.ProjectID, q.ID)
			require.NoError(t, err)
			_, err = w.Queues.SharedQueue(ctx, guest.ProjectID, q.ID)
			require.Equal(t, dmswire.QueueNotFound(), err)

			w.counted(t)
			guest.ProjectID = "" // who signs need not name one
			made, err := w.Queues.CreateGroups(ctx, guest, shared, []string{"guests"})
			require.NoError(t, err)
			require.Equal(t, []string{a.AccountID, a.ProjectID, q.ID}, []string{made[0].AccountID, made[0].ProjectID, made[0].QueueID}, "what a guest makes is the owner's")
			require.NoError(t, w.Queues.DeleteGroup(ctx, guest, shared, groups[0].ID))
			b, ok, err := w.store.CutUsage(ctx, 10)
			require.NoError(t, err)
			require.True(t, ok)
			for _, c := range b.Counts {
				require.Equal(t, []string{guest.AccountID, guest.UserID, "", q.ID}, []string{c.AccountID, c.UserID, c.ProjectID, c.QueueID}, "the guest pays")
			}
			require.NoError(t, w.store.UsageDelivered(ctx, b.Last))
			require.Equal(t, dmswire.GroupNotFound(), w.Queues.DeleteGroup(ctx, guest, shared, id.NewGroup()))
		}
	})
}

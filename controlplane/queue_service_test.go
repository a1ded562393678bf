package controlplane_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/lifecycle"
	"dms/internal/reason"
	"dms/internal/usage"
)

var ctx = context.Background()

func TestCreateQueueWritesRowsLogCountAndDirectoryAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		q, groups, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{
			Name: "orders", Description: "d", Redrive: controlplane.RedriveEnable, MaxConsumeCount: ptr(3), Groups: []string{"z", "a"},
		})
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(controlplane.Queue{UserID: a.UserID, Queue: dataplane.Queue{
			ID: q.ID, AccountID: a.AccountID, ProjectID: a.ProjectID, Region: "local-1", Name: "orders", Description: "d",
			Mode: dataplane.ModeNormal, MaxConsumeCount: 3, CreatedAt: start.UnixMicro(),
		}}, q))
		require.True(t, id.IsQueue(q.ID))
		got, err := w.Queues.Queue(ctx, a, q.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(q, got))

		e, err := w.directory.Get(ctx, directory.KindQueue, a.ProjectID+"/"+q.ID)
		require.NoError(t, err)
		var fact dataplane.Queue
		require.NoError(t, json.Unmarshal(e.Value, &fact))
		require.Empty(t, cmp.Diff(q.Queue, fact))
		require.Len(t, groups, 2)
		require.Equal(t, []string{"z", "a"}, []string{groups[0].Name, groups[1].Name})
		require.Less(t, groups[0].CreatedAt, groups[1].CreatedAt, "lists keep the order of the request")
		for _, g := range groups {
			e, err := w.directory.Get(ctx, directory.KindGroup, q.ID+"/"+g.ID)
			require.NoError(t, err)
			var fact dataplane.Group
			require.NoError(t, json.Unmarshal(e.Value, &fact))
			require.Equal(t, g, fact)
		}
		require.Equal(t, []directory.Revision{1}, w.confirmed.revisions, "one revision, and it was waited for")
		require.Equal(t, map[access.Action]int64{access.QueueCreate: 1}, w.counted(t), "a create with groups is one call")
		events, err := w.store.Events(ctx, a.AccountID, start, start.Add(time.Second))
		require.NoError(t, err)
		require.Len(t, events, 1)
		events[0].Sequence = 0
		require.Equal(t, lifecycle.Event{At: start, Kind: lifecycle.Created, QueueID: q.ID, AccountID: a.AccountID, ProjectID: a.ProjectID, UserID: a.UserID, Region: "local-1"}, events[0])
	})
}

func TestRefusedCreateLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		_, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		w.counted(t)
		for _, c := range []struct {
			spec controlplane.QueueSpec
			code errs.Code
			want errs.Reason
		}{
			{controlplane.QueueSpec{Name: "orders"}, errs.Conflict, reason.QueueNameTaken},
			{controlplane.QueueSpec{Name: "a b"}, errs.Invalid, reason.NameInvalid},
			{controlplane.QueueSpec{Name: "other", Groups: []string{"a", "b", "c", "d"}}, errs.Quota, reason.GroupLimit},
		} {
			_, _, err := w.Queues.Create(ctx, a, "local-1", c.spec)
			require.Equal(t, c.code, errs.CodeOf(err))
			require.Equal(t, c.want, errs.ReasonOf(err))
		}
		require.Len(t, w.live(t, directory.KindQueue), 1)
		require.Empty(t, w.live(t, directory.KindGroup))
		require.Empty(t, w.counted(t), "a refused call costs nothing")
		require.Len(t, w.confirmed.revisions, 1)
	})
}

func TestKafkaQueueKeeps72HoursUnlessToldOtherwise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "a", Mode: dataplane.ModeKafkaHA})
		require.NoError(t, err)
		require.Equal(t, 72, q.RetentionHours)
		require.Equal(t, "k-"+a.ProjectID+"-"+q.ID, controlplane.KafkaTopic(q.Queue))
		q, _, err = w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "b", Mode: dataplane.ModeKafkaHT, RetentionHours: ptr(36)})
		require.NoError(t, err)
		require.Equal(t, 36, q.RetentionHours)
	})
}

func TestQuotaHoldsAgainstConcurrentCreates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		w.Services = controlplane.NewServices(controlplane.Deps{Store: w.store, Confirmer: controlplane.NewHub(controlplane.HubOptions{Log: w.directory, Clock: w.clock}), Clock: w.clock, Log: discard})
		require.NoError(t, w.Quotas.Set(ctx, a.AccountID, a.ProjectID, dataplane.Quota{Queues: 5, GroupsPerQueue: 3}))
		var (
			wg  sync.WaitGroup
			mu  sync.Mutex
			got = map[errs.Reason]int{}
		)
		for i := range 12 {
			wg.Go(func() {
				_, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: fmt.Sprintf("q%d", i)})
				mu.Lock()
				defer mu.Unlock()
				got[errs.ReasonOf(err)]++
				if err != nil {
					require.Equal(t, errs.Quota, errs.CodeOf(err))
				}
			})
		}
		wg.Wait()
		require.Equal(t, map[errs.Reason]int{"": 5, reason.QueueQuota: 7}, got)
		require.Len(t, w.live(t, directory.KindQueue), 5)
		require.Equal(t, int64(5), w.counted(t)[access.QueueCreate])
		require.Equal(t, errs.Conflict, errs.CodeOf(w.Quotas.Set(ctx, a.AccountID, a.ProjectID, dataplane.Quota{Queues: 4, GroupsPerQueue: 3})))
		require.Equal(t, errs.Invalid, errs.CodeOf(w.Quotas.Set(ctx, a.AccountID, a.ProjectID, dataplane.Quota{Queues: 501, GroupsPerQueue: 3})))
		require.Equal(t, []string{a.ProjectID}, w.live(t, directory.KindQuota))
	})
}

func TestOneOfTwoConcurrentCreatesOfANameWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		errsOf := make([]error, 8)
		var wg sync.WaitGroup
		w.Services = controlplane.NewServices(controlplane.Deps{Store: w.store, Confirmer: controlplane.NewHub(controlplane.HubOptions{Log: w.directory, Clock: w.clock}), Clock: w.clock, Log: discard})
		for i := range errsOf {
			wg.Go(func() {
				_, _, errsOf[i] = w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "same"})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errsOf {
			if err == nil {
				won++
				continue
			}
			require.Equal(t, reason.QueueNameTaken, errs.ReasonOf(err))
		}
		require.Equal(t, 1, won)
	})
}

func TestDeleteQueueBuriesItWithItsGroups(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders", Groups: []string{"g"}})
		require.NoError(t, err)
		w.counted(t)
		w.clock.Advance(90 * time.Minute)
		other := a
		other.UserID = id.NewHex()
		require.NoError(t, w.Queues.Delete(ctx, other, q.ID))
		require.Empty(t, w.live(t, directory.KindQueue))
		require.Empty(t, w.live(t, directory.KindGroup))
		require.Equal(t, map[access.Action]int64{access.QueueDelete: 1}, w.counted(t))
		events, err := w.store.Events(ctx, a.AccountID, start, w.clock.Now().Add(time.Second))
		require.NoError(t, err)
		require.Len(t, events, 2)
		require.Equal(t, lifecycle.Deleted, events[1].Kind)
		require.Equal(t, w.clock.Now(), events[1].At)
		require.Equal(t, a.UserID, events[1].UserID, "the creator's, not the deleter's")
		require.Equal(t, dmswire.QueueNotFound(), w.Queues.Delete(ctx, a, q.ID))
		require.Empty(t, w.counted(t))

		again, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err, "the name is free again")
		require.NotEqual(t, q.ID, again.ID)
	})
}

func TestLifeNeverEndsBeforeItBegan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		w.clock.Advance(-time.Hour)
		require.NoError(t, w.Queues.Delete(ctx, a, q.ID))
		events, err := w.store.Events(ctx, a.AccountID, start.Add(-1), start.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, start, events[1].At)
	})
}

func TestGroupsAreCreatedAllOrNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		w.counted(t)
		first, err := w.Queues.CreateGroups(ctx, a, q, []string{"b"})
		require.NoError(t, err)
		w.clock.Advance(-time.Minute) // a clock that was set back does not put new groups before old ones
		second, err := w.Queues.CreateGroups(ctx, a, q, []string{"a"})
		require.NoError(t, err)
		require.Greater(t, second[0].CreatedAt, first[0].CreatedAt)
		w.clock.Advance(time.Minute)

		for _, c := range []struct {
			names []string
			code  errs.Code
			want  errs.Reason
		}{
			{[]string{"c", "d"}, errs.Quota, reason.GroupLimit},
			{[]string{"c", "b"}, errs.Conflict, reason.GroupNameTaken},
			{[]string{"c", "c"}, errs.Invalid, reason.GroupNameTaken},
			{nil, errs.Invalid, reason.Format},
			{[]string{""}, errs.Invalid, reason.GroupNameLength},
		} {
			_, err := w.Queues.CreateGroups(ctx, a, q, c.names)
			require.Equal(t, c.code, errs.CodeOf(err), c.names)
			require.Equal(t, c.want, errs.ReasonOf(err), c.names)
		}
		require.Len(t, w.live(t, directory.KindGroup), 2)
		_, err = w.Queues.CreateGroups(ctx, a, q, []string{"c"})
		require.NoError(t, err, "three is the limit itself")
		require.Equal(t, int64(3), w.counted(t)[access.GroupCreate])

		require.NoError(t, w.Queues.DeleteGroup(ctx, a, q, first[0].ID))
		require.Equal(t, dmswire.GroupNotFound(), w.Queues.DeleteGroup(ctx, a, q, first[0].ID))
		require.Equal(t, map[access.Action]int64{access.GroupDelete: 1}, w.counted(t))
		require.Len(t, w.live(t, directory.KindGroup), 2)
	})
}

func TestTagsOfAQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		w.counted(t)
		fact := func() []dataplane.Tag {
			e, err := w.directory.Get(ctx, directory.KindQueue, a.ProjectID+"/"+q.ID)
			require.NoError(t, err)
			var f dataplane.Queue
			require.NoError(t, json.Unmarshal(e.Value, &f))
			stored, err := w.Queues.Queue(ctx, a, q.ID)
			require.NoError(t, err)
			require.Equal(t, stored.Tags, f.Tags)
			return f.Tags
		}
		type tags = []dataplane.Tag
		tag := func(key, value string) dataplane.Tag { return dataplane.Tag{Key: key, Value: value} }
		require.NoError(t, w.Queues.PutTags(ctx, a, q.ID, tags{tag("b", "1"), tag("a", "1")}))
		require.NoError(t, w.Queues.PutTags(ctx, a, q.ID, tags{tag("b", "2")}))
		require.Equal(t, tags{tag("a", "1"), tag("b", "2")}, fact(), "an equal key is overwritten")
		require.NoError(t, w.Queues.RemoveTags(ctx, a, q.ID, []controlplane.TagSelector{{Key: "b", Value: ptr("1")}, {Key: "missing"}}))
		require.Equal(t, tags{tag("a", "1"), tag("b", "2")}, fact(), "with a value, only if both match")
		require.NoError(t, w.Queues.RemoveTags(ctx, a, q.ID, []controlplane.TagSelector{{Key: "b", Value: ptr("2")}}))
		require.Equal(t, tags{tag("a", "1")}, fact())
		require.NoError(t, w.Queues.RemoveTag(ctx, a, q.ID, "a"))
		require.Empty(t, fact())
		err = w.Queues.RemoveTag(ctx, a, q.ID, "a")
		require.Equal(t, errs.NotFound, errs.CodeOf(err))
		require.Equal(t, reason.TagNotFound, errs.ReasonOf(err))
		require.Equal(t, map[access.Action]int64{access.TagCreate: 2, access.TagDelete: 3}, w.counted(t), "each successful call counts, also one that changes nothing")

		var ten tags
		for i := range 10 {
			ten = append(ten, tag(fmt.Sprint(i), ""))
		}
		require.NoError(t, w.Queues.PutTags(ctx, a, q.ID, ten))
		require.NoError(t, w.Queues.PutTags(ctx, a, q.ID, tags{tag("9", "x")}), "overwriting at the limit")
		err = w.Queues.PutTags(ctx, a, q.ID, tags{tag("8", "y"), tag("10", "")})
		require.Equal(t, reason.TagLimit, errs.ReasonOf(err))
		require.Len(t, fact(), 10)
		require.Equal(t, "", fact()[8].Value, "all or nothing")
	})
}

// TestForeignQueueIsAsGoodAsNone tries every change with the ids of another account, both ways round.
func TestForeignQueueIsAsGoodAsNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newWorld(db)
		actors := []access.Actor{newActor(), newActor()}
		for i, me := range actors {
			them := actors[1-i]
			theirs, _, err := w.Queues.Create(ctx, them, "local-1", controlplane.QueueSpec{Name: "theirs", Groups: []string{"g"}})
			require.NoError(t, err)
			require.NoError(t, w.Queues.PutTags(ctx, them, theirs.ID, []dataplane.Tag{{Key: "k"}}))
			w.counted(t)
			before, err := w.directory.Revision(ctx)
			require.NoError(t, err)
			inTheirProject := me
			inTheirProject.ProjectID = them.ProjectID
			for _, a := range []access.Actor{me, inTheirProject} {
				for name, call := range map[string]func(queueID string) error{
					"get":    func(q string) error { _, err := w.Queues.Queue(ctx, a, q); return err },
					"delete": func(q string) error { return w.Queues.Delete(ctx, a, q) },
					"shared": func(q string) error { _, err := w.Queues.SharedQueue(ctx, them.ProjectID, q); return err },
					"put":    func(q string) error { return w.Queues.PutTags(ctx, a, q, []dataplane.Tag{{Key: "x"}}) },
					"remove": func(q string) error {
						return w.Queues.RemoveTags(ctx, a, q, []controlplane.TagSelector{{Key: "k"}})
					},
					"untag": func(q string) error { return w.Queues.RemoveTag(ctx, a, q, "k") },
				} {
					require.Equal(t, call(id.NewQueue()), call(theirs.ID), name)
					require.Equal(t, dmswire.QueueNotFound(), call(theirs.ID), name)
				}
			}
			after, err := w.directory.Revision(ctx)
			require.NoError(t, err)
			require.Equal(t, before, after)
			require.Empty(t, w.counted(t))
			require.NoError(t, w.Queues.Delete(ctx, them, theirs.ID))
			w.counted(t)
		}
	})
}

// failingStore fails step number fail of each transaction.
type failingStore struct {
	controlplane.Store
	fail, step int
}

var errStep = errors.New("the step failed")

func (s *failingStore) InTx(ctx context.Context, f func(controlplane.Tx) error) error {
	s.step = 0
	return s.Store.InTx(ctx, func(tx controlplane.Tx) error { return f(&failingTx{Tx: tx, s: s}) })
}

type failingTx struct {
	controlplane.Tx
	s *failingStore
}

func (t *failingTx) next() error {
	t.s.step++
	if t.s.step == t.s.fail {
		return errStep
	}
	return nil
}

func (t *failingTx) InsertQueue(q controlplane.Queue) error {
	return errors.Join(t.Tx.InsertQueue(q), t.next())
}
func (t *failingTx) InsertGroups(g []dataplane.Group) error {
	return errors.Join(t.Tx.InsertGroups(g), t.next())
}
func (t *failingTx) DeleteQueue(a, q string) error {
	return errors.Join(t.Tx.DeleteQueue(a, q), t.next())
}
func (t *failingTx) LogLifecycle(e lifecycle.Event) error {
	return errors.Join(t.Tx.LogLifecycle(e), t.next())
}
func (t *failingTx) CountCall(k usage.Key) error {
	return errors.Join(t.Tx.CountCall(k), t.next())
}
func (t *failingTx) Publish(e ...directory.Entry) (directory.Revision, error) {
	rev, err := t.Tx.Publish(e...)
	return rev, errors.Join(err, t.next())
}

func TestAFailureAtAnyStepLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, a := newWorld(db), newActor()
		q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "kept"})
		require.NoError(t, err)
		w.counted(t)
		fs := &failingStore{Store: w.store}
		broken := controlplane.NewServices(controlplane.Deps{Store: fs, Confirmer: w.confirmed, Clock: w.clock, Log: discard})
		for name, call := range map[string]func() error{
			"create": func() error {
				_, _, err := broken.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "lost", Groups: []string{"g"}})
				return err
			},
			"delete": func() error { return broken.Queues.Delete(ctx, a, q.ID) },
		} {
			steps := map[string]int{"create": 5, "delete": 4}[name]
			for fs.fail = 1; fs.fail <= steps; fs.fail++ {
				require.ErrorIs(t, call(), errStep, "%s, step %d", name, fs.fail)
				require.Equal(t, []string{a.ProjectID + "/" + q.ID}, w.live(t, directory.KindQueue))
				require.Empty(t, w.live(t, directory.KindGroup))
				require.Empty(t, w.counted(t))
				events, err := w.store.Events(ctx, a.AccountID, start, start.Add(time.Hour))
				require.NoError(t, err)
				require.Len(t, events, 1)
			}
		}
		require.Len(t, w.confirmed.revisions, 1)
		_, err = w.Queues.Queue(ctx, a, q.ID)
		require.NoError(t, err)
	})
}

func TestActivationIsIdempotentAndChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w, account := newWorld(db), id.NewHex()
		require.Equal(t, reason.NotActivated, errs.ReasonOf(w.Activations.Check(ctx, account)))
		require.Equal(t, reason.NotActivated, errs.ReasonOf(w.Activations.CheckDelete(ctx, account)))
		first, err := w.Activations.Activate(ctx, account)
		require.NoError(t, err)
		w.clock.Advance(time.Hour)
		second, err := w.Activations.Activate(ctx, account)
		require.NoError(t, err)
		require.Equal(t, first, second)
		require.Equal(t, start.UnixMicro(), second.ActivatedAt)
		require.Len(t, w.confirmed.revisions, 1)
		require.Equal(t, []string{account}, w.live(t, directory.KindActivation))
		require.NoError(t, w.Activations.Check(ctx, account))

		frozen := id.NewHex()
		require.NoError(t, w.store.InTx(ctx, func(tx controlplane.Tx) error {
			_, err := tx.InsertActivation(dataplane.Activation{AccountID: frozen, State: dataplane.ActivationFrozen})
			return err
		}))
		require.Equal(t, reason.Frozen, errs.ReasonOf(w.Activations.Check(ctx, frozen)))
		require.NoError(t, w.Activations.CheckDelete(ctx, frozen))
		got, err := w.Activations.Activate(ctx, frozen)
		require.NoError(t, err)
		require.Equal(t, dataplane.ActivationFrozen, got.State, "activating does not thaw")
	})
}

func TestUnknownRegionNamesThoseThatExist(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newWorld(db)
		require.Equal(t, errs.Invalid, errs.CodeOf(w.Regions.Check(ctx, "local-1")))
		require.NoError(t, w.Regions.Ensure(ctx, controlplane.Region{Name: "west-1", Endpoint: "http://w"}))
		require.NoError(t, w.Regions.Ensure(ctx, controlplane.Region{Name: "local-1"}))
		require.NoError(t, w.Regions.Ensure(ctx, controlplane.Region{Name: "west-1"}))
		require.Equal(t, errs.Invalid, errs.CodeOf(w.Regions.Ensure(ctx, controlplane.Region{Name: "NO"})))
		require.NoError(t, w.Regions.Check(ctx, "local-1"))
		err := w.Regions.Check(ctx, "locla-1")
		require.Equal(t, errs.Invalid, errs.CodeOf(err))
		require.Equal(t, `The region "locla-1" does not exist; these do: local-1, west-1.`, errs.MessageOf(err))
		list, err := w.Regions.List(ctx)
		require.NoError(t, err)
		require.Equal(t, []controlplane.Region{{Name: "local-1"}, {Name: "west-1", Endpoint: "http://w"}}, list, "an endpoint stays when none is given")
	})
}

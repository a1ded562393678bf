package controlplane

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/directory"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/lifecycle"
	"dms/internal/reason"
	"dms/internal/usage"
)

// QueueService creates, shares, tags and deletes queues and consumer groups. Methods that name a queue by its id act in the project of the actor;
// those that are given a Queue act on that, which for a guest is another account's. A change counts one billable call of the actor when it
// succeeds, and returns when the connected nodes know it.
type QueueService struct{ Deps }

// Queue returns a queue of the actor's project, or dmswire.QueueNotFound.
func (s *QueueService) Queue(ctx context.Context, a access.Actor, queueID string) (Queue, error) {
	return s.Store.Queue(ctx, a.AccountID, a.ProjectID, queueID)
}

// SharedQueue returns a queue of another account's project that has a policy and whose owner may use the service, or dmswire.QueueNotFound. Whether the
// policy names the caller is the next question.
func (s *QueueService) SharedQueue(ctx context.Context, projectID, queueID string) (Queue, error) {
	q, err := s.Store.AcrossAccountsSharedQueue(ctx, projectID, queueID)
	if err != nil {
		return Queue{}, err
	}
	owner, found, err := s.Store.Activation(ctx, q.AccountID)
	if err != nil {
		return Queue{}, err
	}
	if CheckActive(owner, found) != nil {
		return Queue{}, dmswire.QueueNotFound()
	}
	return q, nil
}

// Group returns a consumer group of a queue, or dmswire.GroupNotFound.
func (s *QueueService) Group(ctx context.Context, q Queue, groupID string) (dataplane.Group, error) {
	return s.Store.Group(ctx, q.AccountID, q.ID, groupID)
}

// Create makes a queue, and its consumer groups if some are named: all or nothing. errs.Invalid with the reason of the first rule
// that is broken; errs.Conflict with reason.QueueNameTaken; errs.Quota with reason.QueueQuota or reason.GroupLimit.
func (s *QueueService) Create(ctx context.Context, a access.Actor, region string, spec QueueSpec) (Queue, []dataplane.Group, error) {
	if err := spec.Validate(); err != nil {
		return Queue{}, nil, err
	}
	var (
		q      Queue
		groups []dataplane.Group
	)
	err := s.change(ctx, func(tx Tx) (directory.Revision, error) {
		quota, err := tx.LockProject(a.ProjectID)
		if err != nil {
			return 0, err
		}
		if err := s.checkRoom(tx, a, spec.Name, quota); err != nil {
			return 0, err
		}
		if len(spec.Groups) > quota.GroupsPerQueue {
			return 0, groupLimit(quota.GroupsPerQueue)
		}
		now := s.Clock.Now()
		q = spec.queue(id.NewQueue(), now)
		q.AccountID, q.ProjectID, q.Region, q.UserID, q.Limits = a.AccountID, a.ProjectID, region, a.UserID, s.QueueLimits
		if err := tx.InsertQueue(q); err != nil {
			return 0, err
		}
		groups = newGroups(q, spec.Groups, nil, now)
		if err := tx.InsertGroups(groups); err != nil {
			return 0, err
		}
		if err := tx.LogLifecycle(event(q, lifecycle.Created, now)); err != nil {
			return 0, err
		}
		return s.finish(tx, a, queueEvent(access.QueueCreate, q, nil, queueEntry(q.Queue).Value, groupNames(groups)), q, now, append(groupEntries(groups), queueEntry(q.Queue))...)
	})
	if err != nil {
		return Queue{}, nil, err
	}
	s.Log.InfoContext(ctx, "queue created", slog.String("account_id", q.AccountID), slog.String("queue_id", q.ID))
	return q, groups, nil
}

func (s *QueueService) checkRoom(tx Tx, a access.Actor, name string, quota dataplane.Quota) error {
	taken, err := tx.QueueNameExists(a.AccountID, a.ProjectID, name)
	if err != nil {
		return err
	}
	if taken {
		return QueueNameTaken(name)
	}
	n, err := tx.CountQueues(a.AccountID, a.ProjectID)
	if err != nil {
		return err
	}
	if n >= quota.Queues {
		return errs.New(errs.Quota, reason.QueueQuota, "The quota of %d queues in this project is used up. Delete a queue or ask the operator for more.", quota.Queues)
	}
	return nil
}

// Delete removes a queue with its consumer groups; nodes drop its messages. Queue-hours end with the hour that has begun.
func (s *QueueService) Delete(ctx context.Context, a access.Actor, queueID string) error {
	err := s.change(ctx, func(tx Tx) (directory.Revision, error) {
		q, err := tx.LockQueue(a.AccountID, a.ProjectID, queueID)
		if err != nil {
			return 0, err
		}
		groups, err := tx.Groups(q.AccountID, q.ID)
		if err != nil {
			return 0, err
		}
		if err := tx.DeleteQueue(q.AccountID, q.ID); err != nil {
			return 0, err
		}
		now := s.Clock.Now()
		if err := tx.LogLifecycle(event(q, lifecycle.Deleted, now)); err != nil {
			return 0, err
		}
		entries := append(groupEntries(groups), queueEntry(q.Queue))
		if q.PolicyVersion > 0 {
			entries = append(entries, queuePolicyEntry(QueuePolicy{QueueID: q.ID}))
		}
		for i := range entries {
			entries[i] = gone(entries[i])
		}
		return s.finish(tx, a, queueEvent(access.QueueDelete, q, queueEntry(q.Queue).Value, nil, groupNames(groups)), q, now, entries...)
	})
	if err == nil {
		s.Log.InfoContext(ctx, "queue deleted", slog.String("account_id", a.AccountID), slog.String("queue_id", queueID))
	}
	return err
}

// CreateGroups makes consumer groups, all or nothing, and returns them in the order of their names in the request. errs.Conflict with
// reason.GroupNameTaken; errs.Quota with reason.GroupLimit.
func (s *QueueService) CreateGroups(ctx context.Context, a access.Actor, q Queue, names []string) ([]dataplane.Group, error) {
	if err := ValidateGroupNames(names); err != nil {
		return nil, err
	}
	var groups []dataplane.Group
	err := s.change(ctx, func(tx Tx) (directory.Revision, error) {
		q, err := tx.LockQueue(q.AccountID, q.ProjectID, q.ID)
		if err != nil {
			return 0, err
		}
		have, err := tx.Groups(q.AccountID, q.ID)
		if err != nil {
			return 0, err
		}
		for _, g := range have {
			if slices.Contains(names, g.Name) {
				return 0, GroupNameTaken(g.Name)
			}
		}
		quota, err := tx.Quota(q.ProjectID)
		if err != nil {
			return 0, err
		}
		if len(have)+len(names) > quota.GroupsPerQueue {
			return 0, groupLimit(quota.GroupsPerQueue)
		}
		now := s.Clock.Now()
		groups = newGroups(q, names, have, now)
		if err := tx.InsertGroups(groups); err != nil {
			return 0, err
		}
		return s.finish(tx, a, queueEvent(access.GroupCreate, q, nil, nil, groupNames(groups)), q, now, groupEntries(groups)...)
	})
	if err != nil {
		return nil, err
	}
	return groups, nil
}

// DeleteGroup removes a consumer group; nodes drop its position and dead letters, the queue's messages stay.
func (s *QueueService) DeleteGroup(ctx context.Context, a access.Actor, q Queue, groupID string) error {
	return s.change(ctx, func(tx Tx) (directory.Revision, error) {
		q, err := tx.LockQueue(q.AccountID, q.ProjectID, q.ID)
		if err != nil {
			return 0, err
		}
		groups, err := tx.Groups(q.AccountID, q.ID)
		if err != nil {
			return 0, err
		}
		i := slices.IndexFunc(groups, func(g dataplane.Group) bool { return g.ID == groupID })
		if i < 0 {
			return 0, dmswire.GroupNotFound()
		}
		if err := tx.DeleteGroup(q.AccountID, q.ID, groupID); err != nil {
			return 0, err
		}
		return s.finish(tx, a, queueEvent(access.GroupDelete, q, nil, nil, groupNames(groups[i:i+1])), q, s.Clock.Now(), gone(groupEntry(groups[i])))
	})
}

// PutTags puts tags on a queue; a tag with a key that is there already is overwritten. errs.Quota with reason.TagLimit.
func (s *QueueService) PutTags(ctx context.Context, a access.Actor, queueID string, tags []dataplane.Tag) error {
	if err := ValidateTags(tags); err != nil {
		return err
	}
	return s.changeTags(ctx, a, access.TagCreate, queueID, func(have []dataplane.Tag) ([]dataplane.Tag, error) {
		return withTags(have, tags)
	})
}

// RemoveTags takes tags off a queue; one that is not there is no error.
func (s *QueueService) RemoveTags(ctx context.Context, a access.Actor, queueID string, tags []TagSelector) error {
	if err := ValidateTagSelectors(tags); err != nil {
		return err
	}
	return s.changeTags(ctx, a, access.TagDelete, queueID, func(have []dataplane.Tag) ([]dataplane.Tag, error) {
		return withoutTags(have, tags), nil
	})
}

// RemoveTag takes one tag off a queue, or answers errs.NotFound with reason.TagNotFound.
func (s *QueueService) RemoveTag(ctx context.Context, a access.Actor, queueID, key string) error {
	if err := ValidateTagSelectors([]TagSelector{{Key: key}}); err != nil {
		return err
	}
	return s.changeTags(ctx, a, access.TagDelete, queueID, func(have []dataplane.Tag) ([]dataplane.Tag, error) {
		if tagIndex(have, key) < 0 {
			return nil, errs.New(errs.NotFound, reason.TagNotFound, "The queue has no tag with the key %s.", key)
		}
		return withoutTags(have, []TagSelector{{Key: key}}), nil
	})
}

func (s *QueueService) changeTags(ctx context.Context, a access.Actor, action access.Action, queueID string, f func([]dataplane.Tag) ([]dataplane.Tag, error)) error {
	return s.change(ctx, func(tx Tx) (directory.Revision, error) {
		q, err := tx.LockQueue(a.AccountID, a.ProjectID, queueID)
		if err != nil {
			return 0, err
		}
		tags, err := f(q.Tags)
		if err != nil {
			return 0, err
		}
		before := queueEntry(q.Queue).Value
		if slices.Equal(tags, q.Tags) {
			return s.finish(tx, a, queueEvent(action, q, before, before, nil), q, s.Clock.Now())
		}
		if err := tx.SetTags(q.AccountID, q.ID, tags); err != nil {
			return 0, err
		}
		q.Tags = tags
		return s.finish(tx, a, queueEvent(action, q, before, queueEntry(q.Queue).Value, nil), q, s.Clock.Now(), queueEntry(q.Queue))
	})
}

// change runs a changing transaction and waits for the nodes; revision 0 says that there is nothing to wait for. A change that nodes are told of
// without a record in an audit trail is refused.
func (d Deps) change(ctx context.Context, f func(tx Tx) (directory.Revision, error)) error {
	var rev directory.Revision
	err := d.Store.InTx(ctx, func(tx Tx) (err error) {
		rev, err = f(&auditedTx{Tx: tx})
		return err
	})
	if err != nil || rev == 0 {
		return err
	}
	if !d.Confirmer.Confirm(ctx, rev) {
		d.Log.WarnContext(ctx, "nodes were late with a change", slog.Int64("revision", int64(rev)))
	}
	return nil
}

// auditedTx is a transaction that publishes only what it has recorded.
type auditedTx struct {
	Tx
	recorded bool
}

// Audit implements Tx.
func (t *auditedTx) Audit(at time.Time, events ...audit.Event) error {
	t.recorded = t.recorded || len(events) > 0
	return t.Tx.Audit(at, events...)
}

// Publish implements Tx.
func (t *auditedTx) Publish(entries ...directory.Entry) (directory.Revision, error) {
	if !t.recorded {
		return 0, errs.New(errs.Internal, "", "a change of %d directory entries has no audit record", len(entries))
	}
	return t.Tx.Publish(entries...)
}

// finish counts the call, records it in the trail of the queue's owner and publishes the entries, in the order of the locks.
func (s *QueueService) finish(tx Tx, a access.Actor, e audit.Event, q Queue, now time.Time, entries ...directory.Entry) (directory.Revision, error) {
	k := usage.Key{AccountID: a.AccountID, ProjectID: a.ProjectID, UserID: a.UserID, QueueID: q.ID, Action: e.Action, Hour: usage.HourOf(now)}
	if err := tx.CountCall(k); err != nil {
		return 0, err
	}
	if err := tx.Audit(now, e); err != nil {
		return 0, err
	}
	if len(entries) == 0 {
		return 0, nil
	}
	return tx.Publish(entries...)
}

// newGroups makes groups whose times of creation keep the order of names, and come after those that are there: lists are in this order.
func newGroups(q Queue, names []string, have []dataplane.Group, now time.Time) []dataplane.Group {
	at := now.UnixMicro()
	for _, g := range have {
		at = max(at, g.CreatedAt+1)
	}
	groups := make([]dataplane.Group, len(names))
	for i, name := range names {
		groups[i] = dataplane.Group{ID: id.NewGroup(), QueueID: q.ID, ProjectID: q.ProjectID, AccountID: q.AccountID, Name: name, CreatedAt: at + int64(i)}
	}
	return groups
}

// queueEvent is what was done to a queue, or to the named consumer groups of it.
func queueEvent(action access.Action, q Queue, before, after []byte, groups []string) audit.Event {
	return audit.Event{
		AccountID: q.AccountID, Action: action, Resource: access.QueueResource(q.Region, q.AccountID, q.Name), Before: before, After: after,
		Detail: map[string]string{"project_id": q.ProjectID, "queue_id": q.ID, "groups": strings.Join(groups, ",")},
	}
}

func groupNames(groups []dataplane.Group) []string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
	}
	return names
}

func groupEntries(groups []dataplane.Group) []directory.Entry {
	entries := make([]directory.Entry, len(groups), len(groups)+1)
	for i, g := range groups {
		entries[i] = groupEntry(g)
	}
	return entries
}

// event never lies before the queue's creation, also when the clock was set back: a life of negative length cannot be billed.
func event(q Queue, kind lifecycle.Kind, now time.Time) lifecycle.Event {
	at := time.UnixMicro(max(now.UnixMicro(), q.CreatedAt)).UTC()
	return lifecycle.Event{At: at, Kind: kind, QueueID: q.ID, AccountID: q.AccountID, ProjectID: q.ProjectID, UserID: q.UserID, Region: q.Region}
}

// QueueNameTaken is the answer to a second queue of one name in a project.
func QueueNameTaken(name string) error {
	return errs.New(errs.Conflict, reason.QueueNameTaken, "A queue named %s exists already.", name).WithField("/name", "is taken")
}

// GroupNameTaken is the answer to a second consumer group of one name in a queue.
func GroupNameTaken(name string) error {
	return errs.New(errs.Conflict, reason.GroupNameTaken, "A consumer group named %s exists already.", name).WithField("/name", "is taken")
}

func groupLimit(limit int) error {
	return errs.New(errs.Quota, reason.GroupLimit, "A queue may have at most %d consumer groups.", limit)
}

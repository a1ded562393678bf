package controlplane

import (
	"context"
	"log/slog"

	"dms/internal/access"
	"dms/internal/directory"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Setting and removing a queue's policy are no billable calls.

// Policy returns the policy of a queue, or QueuePolicyNotFound.
func (s *QueueService) Policy(ctx context.Context, q Queue) (QueuePolicy, error) {
	return s.Store.QueuePolicy(ctx, q.AccountID, q.ID)
}

// SetPolicy gives a queue of the actor's account a policy in the place of the one that it has. When it returns, the connected nodes know it, and
// open polls of those who lost their right have ended. The errors are those of QueuePolicyChecker, and errs.Conflict when somebody else changed the policy
// meanwhile.
func (s *QueueService) SetPolicy(ctx context.Context, a access.Actor, q Queue, document []byte) (QueuePolicy, error) {
	if q.AccountID != a.AccountID { // a queue that is shared with an account is not shared on by it
		return QueuePolicy{}, dmswire.QueueNotFound()
	}
	before, err := s.policyBefore(ctx, q)
	if err != nil {
		return QueuePolicy{}, err
	}
	p := QueuePolicy{QueueID: q.ID, AccountID: q.AccountID, UpdatedBy: a.UserID}
	if p.Document, err = s.QueuePolicies.CheckQueuePolicy(ctx, a, q.Object().Resource, before.Document, document); err != nil {
		return QueuePolicy{}, err
	}
	err = s.change(ctx, func(tx Tx) (directory.Revision, error) {
		q, err := lockUnchanged(tx, q, before)
		if err != nil {
			return 0, err
		}
		p.UpdatedAt = s.Clock.Now().UnixMicro()
		if p.Version, err = tx.SetQueuePolicy(p); err != nil {
			return 0, err
		}
		q.PolicyVersion = p.Version
		if err := tx.Audit(s.Clock.Now(), queueEvent(access.QueuePolicySet, q, before.Document, p.Document, nil)); err != nil {
			return 0, err
		}
		return tx.Publish(queuePolicyEntry(p), queueEntry(q.Queue))
	})
	if err != nil {
		return QueuePolicy{}, err
	}
	s.Log.InfoContext(ctx, "queue policy set", slog.String("account_id", q.AccountID), slog.String("queue_id", q.ID), slog.Int64("version", p.Version))
	return p, nil
}

// DeletePolicy takes the policy off a queue of the actor's account: the queue is its owner's alone then. QueuePolicyNotFound when it has none; else as
// SetPolicy.
func (s *QueueService) DeletePolicy(ctx context.Context, a access.Actor, q Queue) error {
	if q.AccountID != a.AccountID {
		return dmswire.QueueNotFound()
	}
	before, err := s.Policy(ctx, q)
	if err != nil {
		return err
	}
	if _, err := s.QueuePolicies.CheckQueuePolicy(ctx, a, q.Object().Resource, before.Document, nil); err != nil {
		return err
	}
	err = s.change(ctx, func(tx Tx) (directory.Revision, error) {
		q, err := lockUnchanged(tx, q, before)
		if err != nil {
			return 0, err
		}
		if err := tx.DeleteQueuePolicy(q.AccountID, q.ID); err != nil {
			return 0, err
		}
		q.PolicyVersion = 0
		if err := tx.Audit(s.Clock.Now(), queueEvent(access.QueuePolicyDelete, q, before.Document, nil, nil)); err != nil {
			return 0, err
		}
		return tx.Publish(gone(queuePolicyEntry(before)), queueEntry(q.Queue))
	})
	if err == nil {
		s.Log.InfoContext(ctx, "queue policy deleted", slog.String("account_id", q.AccountID), slog.String("queue_id", q.ID))
	}
	return err
}

// policyBefore returns the policy in force; the zero QueuePolicy is none.
func (s *QueueService) policyBefore(ctx context.Context, q Queue) (QueuePolicy, error) {
	p, err := s.Policy(ctx, q)
	if errs.CodeOf(err) == errs.NotFound {
		return QueuePolicy{}, nil
	}
	return p, err
}

// lockUnchanged locks the queue. What was checked against a policy that is in force no more was not checked at all.
func lockUnchanged(tx Tx, q Queue, before QueuePolicy) (Queue, error) {
	locked, err := tx.LockQueue(q.AccountID, q.ProjectID, q.ID)
	if err == nil && locked.PolicyVersion != before.Version {
		err = errs.New(errs.Conflict, reason.QueuePolicyChanged, "Somebody else changed the policy of the queue at the same time. Read it and try again.")
	}
	return locked, err
}

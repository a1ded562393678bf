package controlplane

import (
	"context"

	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/reason"
)

// QueuePolicy is what the owner of a queue lets other accounts do with it.
type QueuePolicy struct {
	QueueID   string
	AccountID string // the owner
	// Version is never given to another policy of the queue, also not after this one is gone: decisions are remembered by it.
	Version   int64
	Document  []byte // as QueuePolicyChecker returned it
	UpdatedAt int64  // microseconds since 1970, UTC
	UpdatedBy string // the user who set it
}

// QueuePolicyChecker knows the language of queue policies, and who may set one: a policy gives rights away.
type QueuePolicyChecker interface {
	// CheckQueuePolicy checks that a may change the policy of the queue from before to after, and returns after in the form in which it is
	// kept. nil stands for no policy. errs.Invalid: after is no policy; errs.Forbidden with reason.GrantTooMuch: it would give, or no longer deny, what a may
	// not do.
	CheckQueuePolicy(ctx context.Context, a access.Actor, queue access.Resource, before, after []byte) ([]byte, error)
}

// QueuePolicyNotFound is the answer when a queue has no policy.
func QueuePolicyNotFound() error {
	return errs.New(errs.NotFound, reason.QueuePolicyNotFound, "The queue has no policy: it is its owner's alone.")
}

package controlplane

import (
	"context"
	"time"

	"dms/dataplane"
	"dms/internal/audit"
	"dms/internal/directory"
	"dms/internal/lifecycle"
	"dms/internal/usage"
)

// Store keeps the control plane's facts; storetest proves what it promises. Look-ups that name an account and a project answer for a
// thing of another account or project as for none.
type Store interface {
	// InTx runs f in one transaction and commits unless f returns an error.
	InTx(ctx context.Context, f func(tx Tx) error) error

	// Queue returns a queue, or dmswire.QueueNotFound.
	Queue(ctx context.Context, accountID, projectID, queueID string) (Queue, error)
	// Group returns a consumer group of a queue, or dmswire.GroupNotFound.
	Group(ctx context.Context, accountID, queueID, groupID string) (dataplane.Group, error)
	// AcrossAccountsSharedQueue returns a queue that has a policy by its project alone, or dmswire.QueueNotFound: whom the policy names is asked later.
	AcrossAccountsSharedQueue(ctx context.Context, projectID, queueID string) (Queue, error)
	// QueuePolicy returns the policy of a queue, or QueuePolicyNotFound.
	QueuePolicy(ctx context.Context, accountID, queueID string) (QueuePolicy, error)
	// Quota returns what holds for a project: dataplane.DefaultQuota unless the operator said otherwise.
	Quota(ctx context.Context, projectID string) (dataplane.Quota, error)
	// Activation returns the account's activation and whether there is one.
	Activation(ctx context.Context, accountID string) (dataplane.Activation, bool, error)
	// Regions returns all regions by name.
	Regions(ctx context.Context) ([]Region, error)

	// CutUsage returns the next counts to deliver, at most max, and false when there are none. What was cut once is cut the same way
	// again until UsageDelivered names its last number.
	CutUsage(ctx context.Context, max int) (usage.Batch, bool, error)
	// UsageDelivered drops the counts up to last. Repeating it changes nothing.
	UsageDelivered(ctx context.Context, last uint64) error
}

// Tx is a Store's transaction. Methods that lock are called in the order of the package comment.
type Tx interface {
	// LockProject keeps others from creating queues in the project until the transaction ends, and returns its quota.
	LockProject(projectID string) (dataplane.Quota, error)
	// Quota is Store.Quota as the transaction sees it.
	Quota(projectID string) (dataplane.Quota, error)
	SetQuota(projectID string, q dataplane.Quota) error
	CountQueues(accountID, projectID string) (int, error)
	// QueueNameExists reports whether the project has a queue of this name.
	QueueNameExists(accountID, projectID, name string) (bool, error)
	// InsertQueue adds a queue without its tags and policy, or answers errs.Conflict with reason.QueueNameTaken.
	InsertQueue(q Queue) error
	// LockQueue keeps others from changing the queue, its groups and its tags until the transaction ends, and returns it; or
	// dmswire.QueueNotFound.
	LockQueue(accountID, projectID, queueID string) (Queue, error)
	// DeleteQueue removes a locked queue with its groups, tags and policy.
	DeleteQueue(accountID, queueID string) error
	// Groups returns the consumer groups of a queue in the order of creation.
	Groups(accountID, queueID string) ([]dataplane.Group, error)
	// InsertGroups adds consumer groups, or answers errs.Conflict with reason.GroupNameTaken.
	InsertGroups(groups []dataplane.Group) error
	DeleteGroup(accountID, queueID, groupID string) error
	// SetTags replaces the tags of a locked queue.
	SetTags(accountID, queueID string, tags []dataplane.Tag) error
	// SetQueuePolicy gives a locked queue the policy at the next version, which it returns. The policy's own Version is ignored.
	SetQueuePolicy(p QueuePolicy) (version int64, err error)
	// DeleteQueuePolicy takes the policy off a locked queue.
	DeleteQueuePolicy(accountID, queueID string) error
	// InsertActivation adds the account's activation unless it has one, and reports whether it did.
	InsertActivation(a dataplane.Activation) (bool, error)
	// PutRegion adds a region, or changes its endpoint.
	PutRegion(r Region) error

	// LogLifecycle appends to the log that queue-hours are computed from. The event's Sequence is ignored.
	LogLifecycle(e lifecycle.Event) error
	// CountCall counts one billable call, at the next sequence number. It locks the usage head.
	CountCall(k usage.Key) error
	// Audit writes events to the trails of their accounts. It locks the ends of these trails.
	Audit(at time.Time, events ...audit.Event) error
	// Publish writes directory entries at the next revision, and returns that. It locks the directory head: call it last.
	Publish(entries ...directory.Entry) (directory.Revision, error)
}

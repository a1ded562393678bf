package controlplane

import (
	"context"
	"strconv"

	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/directory"
)

// QuotaService changes how much a project may have. It is the operator's.
type QuotaService struct{ Deps }

// Get returns what holds for a project.
func (s *QuotaService) Get(ctx context.Context, projectID string) (dataplane.Quota, error) {
	return s.Store.Quota(ctx, projectID)
}

// Set changes the quota of a project of an account. errs.Conflict when the project has more queues already.
func (s *QuotaService) Set(ctx context.Context, accountID, projectID string, q dataplane.Quota) error {
	if err := ValidateQuota(q); err != nil {
		return err
	}
	return s.change(ctx, func(tx Tx) (directory.Revision, error) {
		before, err := tx.LockProject(projectID)
		if err != nil {
			return 0, err
		}
		used, err := tx.CountQueues(accountID, projectID)
		if err != nil {
			return 0, err
		}
		if used > q.Queues {
			return 0, quotaBelowUse(q.Queues, used)
		}
		if err := tx.SetQuota(projectID, q); err != nil {
			return 0, err
		}
		if err := tx.Audit(s.Clock.Now(), audit.Event{
			AccountID: accountID, Action: access.PlatformQuotaSet, Resource: audit.Resource("dms", accountID, "quota", projectID),
			Before: quotaEntry(projectID, before).Value, After: quotaEntry(projectID, q).Value,
			Detail: map[string]string{"queues": strconv.Itoa(q.Queues), "groups_per_queue": strconv.Itoa(q.GroupsPerQueue)},
		}); err != nil {
			return 0, err
		}
		return tx.Publish(quotaEntry(projectID, q))
	})
}

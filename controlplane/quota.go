package controlplane

import (
	"dms/dataplane"
	"dms/internal/errs"
)

// MaxQueuesPerProject is how far an operator may raise the quota (dms-api section 2.8, "max").
const MaxQueuesPerProject = 500

// MaxGroupsPerQueue is how far an operator may raise the number of consumer groups a queue.
const MaxGroupsPerQueue = 100

// ValidateQuota refuses numbers that no project may have.
func ValidateQuota(q dataplane.Quota) error {
	var v violations
	if q.Queues < 0 || q.Queues > MaxQueuesPerProject {
		v.add("quota_out_of_range", "/queues", "The queue quota must be between 0 and %d.", MaxQueuesPerProject)
	}
	if q.GroupsPerQueue < 0 || q.GroupsPerQueue > MaxGroupsPerQueue {
		v.add("quota_out_of_range", "/groups_per_queue", "The consumer group quota must be between 0 and %d.", MaxGroupsPerQueue)
	}
	return v.result()
}

func quotaBelowUse(limit, used int) error {
	return errs.New(errs.Conflict, "quota_below_use", "The project has %d queues; the quota cannot be set to %d.", used, limit)
}

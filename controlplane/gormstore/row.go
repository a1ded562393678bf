package gormstore

import (
	"dms/controlplane"
	"dms/dataplane"
)

type regionRow struct {
	Name     string `gorm:"primaryKey"`
	Endpoint string
}

func (regionRow) TableName() string { return "cp_regions" }

type activationRow struct {
	AccountID   string `gorm:"primaryKey"`
	State       string
	ActivatedAt int64 `gorm:"autoCreateTime:false"`
}

func (activationRow) TableName() string { return "cp_activations" }

type projectRow struct {
	ProjectID      string `gorm:"primaryKey"`
	Queues         *int
	GroupsPerQueue *int
}

func (projectRow) TableName() string { return "cp_projects" }

func (r projectRow) quota() dataplane.Quota {
	q := dataplane.DefaultQuota
	if r.Queues != nil {
		q.Queues = *r.Queues
	}
	if r.GroupsPerQueue != nil {
		q.GroupsPerQueue = *r.GroupsPerQueue
	}
	return q
}

type queueRow struct {
	ID                string `gorm:"primaryKey"`
	AccountID         string
	ProjectID         string
	UserID            string
	Region            string
	Name              string
	Description       string
	Mode              string
	MaxConsumeCount   int
	RetentionHours    int
	RequestsPerSecond int
	OpenPolls         int
	CreatedAt         int64 `gorm:"autoCreateTime:false"` // microseconds; gorm would fill in seconds
	PolicyVersion     int64
	LastPolicyVersion int64
}

func (queueRow) TableName() string { return "cp_queues" }

func toQueueRow(q controlplane.Queue) queueRow {
	return queueRow{
		ID: q.ID, AccountID: q.AccountID, ProjectID: q.ProjectID, UserID: q.UserID, Region: q.Region,
		Name: q.Name, Description: q.Description, Mode: string(q.Mode),
		MaxConsumeCount: q.MaxConsumeCount, RetentionHours: q.RetentionHours,
		RequestsPerSecond: q.Limits.RequestsPerSecond, OpenPolls: q.Limits.OpenPolls,
		CreatedAt: q.CreatedAt,
	}
}

// queue returns the queue without its tags.
func (r queueRow) queue() controlplane.Queue {
	return controlplane.Queue{UserID: r.UserID, Queue: dataplane.Queue{
		ID: r.ID, AccountID: r.AccountID, ProjectID: r.ProjectID, Region: r.Region,
		Name: r.Name, Description: r.Description, Mode: dataplane.Mode(r.Mode),
		MaxConsumeCount: r.MaxConsumeCount, RetentionHours: r.RetentionHours,
		Limits:    dataplane.QueueLimits{RequestsPerSecond: r.RequestsPerSecond, OpenPolls: r.OpenPolls},
		CreatedAt: r.CreatedAt, PolicyVersion: r.PolicyVersion,
	}}
}

type groupRow struct {
	ID        string `gorm:"primaryKey"`
	AccountID string
	ProjectID string
	QueueID   string
	Name      string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (groupRow) TableName() string { return "cp_groups" }

func toGroupRow(g dataplane.Group) groupRow {
	return groupRow{ID: g.ID, AccountID: g.AccountID, ProjectID: g.ProjectID, QueueID: g.QueueID, Name: g.Name, CreatedAt: g.CreatedAt}
}

func (r groupRow) group() dataplane.Group {
	return dataplane.Group{ID: r.ID, AccountID: r.AccountID, ProjectID: r.ProjectID, QueueID: r.QueueID, Name: r.Name, CreatedAt: r.CreatedAt}
}

type tagRow struct {
	QueueID   string `gorm:"primaryKey"`
	TagKey    string `gorm:"primaryKey"`
	TagValue  string
	AccountID string
}

func (tagRow) TableName() string { return "cp_queue_tags" }

// Package gormstore keeps the control plane's facts in its database, SQLite or Postgres.
package gormstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/dbx"
	"dms/internal/dmswire"
	"dms/internal/lifecycle"
)

// Store is a controlplane.Store, and the lifecycle.Log that billing reads.
type Store struct{ db *dbx.DB }

var (
	_ controlplane.Store = (*Store)(nil)
	_ lifecycle.Log      = (*Store)(nil)
)

// New returns the store in db, whose schema is up to date.
func New(db *dbx.DB) *Store { return &Store{db: db} }

// scoped starts every query on a tenant's rows.
func scoped(db *gorm.DB, accountID string) *gorm.DB { return db.Where("account_id = ?", accountID) }

// InTx implements controlplane.Store.
func (s *Store) InTx(ctx context.Context, f func(tx controlplane.Tx) error) error {
	return s.db.InTx(ctx, func(db *gorm.DB) error { return f(&tx{db: db}) })
}

// Queue implements controlplane.Store.
func (s *Store) Queue(ctx context.Context, accountID, projectID, queueID string) (controlplane.Queue, error) {
	q, err := readQueue(scoped(s.db.Read(ctx), accountID), projectID, queueID)
	if err != nil {
		return controlplane.Queue{}, err
	}
	return withTags(s.db.Read(ctx), q)
}

// AcrossAccountsSharedQueue implements controlplane.Store.
func (s *Store) AcrossAccountsSharedQueue(ctx context.Context, projectID, queueID string) (controlplane.Queue, error) {
	q, err := readQueue(s.db.Read(ctx).Where("policy_version > 0"), projectID, queueID)
	if err != nil {
		return controlplane.Queue{}, err
	}
	return withTags(s.db.Read(ctx), q)
}

// readQueue returns the queue without its tags; db says whose it may be.
func readQueue(db *gorm.DB, projectID, queueID string) (controlplane.Queue, error) {
	var rows []queueRow
	err := db.Where("project_id = ? AND id = ?", projectID, queueID).Limit(1).Find(&rows).Error
	if err != nil {
		return controlplane.Queue{}, fmt.Errorf("read queue: %w", err)
	}
	if len(rows) == 0 {
		return controlplane.Queue{}, dmswire.QueueNotFound()
	}
	return rows[0].queue(), nil
}

// withTags completes a queue. db must be a session of its own, not one that carries conditions.
func withTags(db *gorm.DB, q controlplane.Queue) (controlplane.Queue, error) {
	var rows []tagRow
	err := scoped(db, q.AccountID).Where("queue_id = ?", q.ID).Order("tag_key").Find(&rows).Error
	if err != nil {
		return controlplane.Queue{}, fmt.Errorf("read tags: %w", err)
	}
	for _, r := range rows {
		q.Tags = append(q.Tags, dataplane.Tag{Key: r.TagKey, Value: r.TagValue})
	}
	return q, nil
}

// Group implements controlplane.Store.
func (s *Store) Group(ctx context.Context, accountID, queueID, groupID string) (dataplane.Group, error) {
	var rows []groupRow
	err := scoped(s.db.Read(ctx), accountID).Where("queue_id = ? AND id = ?", queueID, groupID).Limit(1).Find(&rows).Error
	if err != nil {
		return dataplane.Group{}, fmt.Errorf("read consumer group: %w", err)
	}
	if len(rows) == 0 {
		return dataplane.Group{}, dmswire.GroupNotFound()
	}
	return rows[0].group(), nil
}

// Quota implements controlplane.Store.
func (s *Store) Quota(ctx context.Context, projectID string) (dataplane.Quota, error) {
	return readQuota(s.db.Read(ctx), projectID)
}

func readQuota(db *gorm.DB, projectID string) (dataplane.Quota, error) {
	var rows []projectRow
	if err := db.Where("project_id = ?", projectID).Limit(1).Find(&rows).Error; err != nil {
		return dataplane.Quota{}, fmt.Errorf("read quota: %w", err)
	}
	if len(rows) == 0 {
		return dataplane.DefaultQuota, nil
	}
	return rows[0].quota(), nil
}

// Activation implements controlplane.Store.
func (s *Store) Activation(ctx context.Context, accountID string) (dataplane.Activation, bool, error) {
	var rows []activationRow
	if err := scoped(s.db.Read(ctx), accountID).Limit(1).Find(&rows).Error; err != nil {
		return dataplane.Activation{}, false, fmt.Errorf("read activation: %w", err)
	}
	if len(rows) == 0 {
		return dataplane.Activation{}, false, nil
	}
	r := rows[0]
	return dataplane.Activation{AccountID: r.AccountID, State: dataplane.ActivationState(r.State), ActivatedAt: r.ActivatedAt}, true, nil
}

// Regions implements controlplane.Store.
func (s *Store) Regions(ctx context.Context) ([]controlplane.Region, error) {
	var rows []regionRow
	if err := s.db.Read(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read regions: %w", err)
	}
	out := make([]controlplane.Region, len(rows))
	for i, r := range rows {
		out[i] = controlplane.Region{Name: r.Name, Endpoint: r.Endpoint}
	}
	return out, nil
}

package gormstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dms/controlplane"
)

type queuePolicyRow struct {
	QueueID   string `gorm:"primaryKey"`
	AccountID string
	Version   int64
	Document  string
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
	UpdatedBy string
}

func (queuePolicyRow) TableName() string { return "cp_queue_policies" }

// QueuePolicy implements controlplane.Store.
func (s *Store) QueuePolicy(ctx context.Context, accountID, queueID string) (controlplane.QueuePolicy, error) {
	var rows []queuePolicyRow
	if err := scoped(s.db.Read(ctx), accountID).Where("queue_id = ?", queueID).Limit(1).Find(&rows).Error; err != nil {
		return controlplane.QueuePolicy{}, fmt.Errorf("read queue policy: %w", err)
	}
	if len(rows) == 0 {
		return controlplane.QueuePolicy{}, controlplane.QueuePolicyNotFound()
	}
	r := rows[0]
	return controlplane.QueuePolicy{
		QueueID: r.QueueID, AccountID: r.AccountID, Version: r.Version, Document: []byte(r.Document), UpdatedAt: r.UpdatedAt, UpdatedBy: r.UpdatedBy,
	}, nil
}

// SetQueuePolicy implements controlplane.Tx. An update gives both columns the value that is made of the old one.
func (t *tx) SetQueuePolicy(p controlplane.QueuePolicy) (int64, error) {
	if err := t.setPolicyVersion(p.AccountID, p.QueueID, map[string]any{
		"policy_version": gorm.Expr("last_policy_version + 1"), "last_policy_version": gorm.Expr("last_policy_version + 1"),
	}); err != nil {
		return 0, err
	}
	var q queueRow
	if err := scoped(t.db, p.AccountID).Where("id = ?", p.QueueID).Take(&q).Error; err != nil {
		return 0, fmt.Errorf("read policy version: %w", err)
	}
	row := queuePolicyRow{
		QueueID: p.QueueID, AccountID: p.AccountID, Version: q.PolicyVersion, Document: string(p.Document), UpdatedAt: p.UpdatedAt, UpdatedBy: p.UpdatedBy,
	}
	if err := t.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return 0, fmt.Errorf("write queue policy: %w", err)
	}
	return q.PolicyVersion, nil
}

// DeleteQueuePolicy implements controlplane.Tx.
func (t *tx) DeleteQueuePolicy(accountID, queueID string) error {
	if err := scoped(t.db, accountID).Where("queue_id = ?", queueID).Delete(&queuePolicyRow{}).Error; err != nil {
		return fmt.Errorf("delete queue policy: %w", err)
	}
	return t.setPolicyVersion(accountID, queueID, map[string]any{"policy_version": 0})
}

func (t *tx) setPolicyVersion(accountID, queueID string, columns map[string]any) error {
	if err := scoped(t.db.Model(&queueRow{}), accountID).Where("id = ?", queueID).Updates(columns).Error; err != nil {
		return fmt.Errorf("set policy version: %w", err)
	}
	return nil
}

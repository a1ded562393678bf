package gormstore

import (
	"context"
	"fmt"
	"time"

	"dms/internal/dbx"
	"dms/internal/lifecycle"
)

type lifecycleRow struct {
	Sequence  int64 `gorm:"primaryKey;autoIncrement"`
	At        int64
	Kind      string
	QueueID   string
	AccountID string
	ProjectID string
	UserID    string
	Region    string
}

func (lifecycleRow) TableName() string { return "cp_lifecycle" }

// LogLifecycle implements controlplane.Tx.
func (t *tx) LogLifecycle(e lifecycle.Event) error {
	row := lifecycleRow{At: dbx.Micros(e.At), Kind: string(e.Kind), QueueID: e.QueueID, AccountID: e.AccountID, ProjectID: e.ProjectID, UserID: e.UserID, Region: e.Region}
	if err := t.db.Create(&row).Error; err != nil {
		return fmt.Errorf("write lifecycle event: %w", err)
	}
	return nil
}

// Events implements lifecycle.Log.
func (s *Store) Events(ctx context.Context, accountID string, from, to time.Time) ([]lifecycle.Event, error) {
	var rows []lifecycleRow
	err := scoped(s.db.Read(ctx), accountID).
		Where("at < ?", dbx.Micros(to)).
		Where(`NOT EXISTS (SELECT 1 FROM cp_lifecycle d WHERE d.queue_id = cp_lifecycle.queue_id AND d.kind = ? AND d.at <= ?)`,
			string(lifecycle.Deleted), dbx.Micros(from)).
		Order("sequence").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read lifecycle events: %w", err)
	}
	out := make([]lifecycle.Event, len(rows))
	for i, r := range rows {
		out[i] = lifecycle.Event{
			Sequence: r.Sequence, At: dbx.Time(r.At), Kind: lifecycle.Kind(r.Kind), QueueID: r.QueueID,
			AccountID: r.AccountID, ProjectID: r.ProjectID, UserID: r.UserID, Region: r.Region,
		}
	}
	return out, nil
}

// AcrossAccountsExisting implements lifecycle.Log.
func (s *Store) AcrossAccountsExisting(ctx context.Context, from, to time.Time) ([]string, error) {
	var ids []string
	err := s.db.Read(ctx).Model(&lifecycleRow{}).Distinct("account_id").
		Where("kind = ? AND at < ?", string(lifecycle.Created), dbx.Micros(to)).
		Where(`NOT EXISTS (SELECT 1 FROM cp_lifecycle d WHERE d.queue_id = cp_lifecycle.queue_id AND d.kind = ? AND d.at <= ?)`,
			string(lifecycle.Deleted), dbx.Micros(from)).
		Order("account_id").Pluck("account_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("read accounts with queues: %w", err)
	}
	return ids, nil
}

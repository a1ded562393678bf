package gormstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"dms/controlplane"
	"dms/internal/access"
	"dms/internal/usage"
)

type usageRow struct {
	Sequence  int64 `gorm:"primaryKey;autoIncrement:false"`
	AccountID string
	ProjectID string
	UserID    string
	QueueID   string
	Action    string
	Hour      int64
}

func (usageRow) TableName() string { return "cp_usage_outbox" }

// CountCall implements controlplane.Tx. The number is taken under the lock of the head's row, so numbers have no gaps and become
// visible in their order.
func (t *tx) CountCall(k usage.Key) error {
	var n int64
	err := t.db.Raw("UPDATE cp_usage_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence").Scan(&n).Error
	if err != nil {
		return fmt.Errorf("take the next usage number: %w", err)
	}
	row := usageRow{Sequence: n, AccountID: k.AccountID, ProjectID: k.ProjectID, UserID: k.UserID, QueueID: k.QueueID, Action: string(k.Action), Hour: int64(k.Hour)}
	if err := t.db.Create(&row).Error; err != nil {
		return fmt.Errorf("count call: %w", err)
	}
	return nil
}

// CutUsage implements controlplane.Store.
func (s *Store) CutUsage(ctx context.Context, max int) (usage.Batch, bool, error) {
	var head struct{ Sequence, Cut, Delivered int64 }
	if err := s.db.Read(ctx).Raw("SELECT sequence, cut, delivered FROM cp_usage_head WHERE id = 1").Scan(&head).Error; err != nil {
		return usage.Batch{}, false, fmt.Errorf("read usage head: %w", err)
	}
	if head.Sequence == head.Delivered { // looked at each second: an idle database is not written to
		return usage.Batch{}, false, nil
	}
	var rows []usageRow
	err := s.db.InTx(ctx, func(db *gorm.DB) error {
		err := db.Raw(`UPDATE cp_usage_head SET cut = CASE
				WHEN cut > delivered THEN cut
				WHEN sequence - delivered > ? THEN delivered + ?
				ELSE sequence END
			WHERE id = 1 RETURNING sequence, cut, delivered`, max, max).Scan(&head).Error
		if err != nil {
			return err
		}
		return db.Where("sequence > ? AND sequence <= ?", head.Delivered, head.Cut).Order("sequence").Find(&rows).Error
	})
	if err != nil {
		return usage.Batch{}, false, fmt.Errorf("cut usage: %w", err)
	}
	if head.Cut == head.Delivered { // another shipper was faster
		return usage.Batch{}, false, nil
	}
	b := usage.Batch{Source: controlplane.UsageSource, First: uint64(head.Delivered) + 1, Last: uint64(head.Cut)}
	at := make(map[usage.Key]int)
	for _, r := range rows {
		k := usage.Key{AccountID: r.AccountID, ProjectID: r.ProjectID, UserID: r.UserID, QueueID: r.QueueID, Action: access.Action(r.Action), Hour: usage.Hour(r.Hour)}
		i, ok := at[k]
		if !ok {
			i = len(b.Counts)
			at[k] = i
			b.Counts = append(b.Counts, usage.Count{Key: k})
		}
		b.Counts[i].Calls++
	}
	return b, true, nil
}

// UsageDelivered implements controlplane.Store.
func (s *Store) UsageDelivered(ctx context.Context, last uint64) error {
	err := s.db.InTx(ctx, func(db *gorm.DB) error {
		err := db.Exec("UPDATE cp_usage_head SET delivered = ? WHERE id = 1 AND delivered < ? AND cut >= ?", int64(last), int64(last), int64(last)).Error
		if err != nil {
			return err
		}
		return db.Exec("DELETE FROM cp_usage_outbox WHERE sequence <= (SELECT delivered FROM cp_usage_head WHERE id = 1)").Error
	})
	if err != nil {
		return fmt.Errorf("mark usage as delivered: %w", err)
	}
	return nil
}

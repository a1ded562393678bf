package gormstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dms/internal/access"
	"dms/internal/audit"
)

type countRow struct {
	Source       string `gorm:"primaryKey"`
	Minute       int64  `gorm:"primaryKey;autoIncrement:false"`
	AccountID    string `gorm:"primaryKey"`
	Kind         string `gorm:"primaryKey"`
	UserID       string `gorm:"primaryKey"`
	CredentialID string `gorm:"primaryKey"`
	Action       string `gorm:"primaryKey"`
	Resource     string `gorm:"primaryKey"`
	Calls        int64
}

func (countRow) TableName() string { return "audit_counts" }

const (
	// countsKept is how long counts are kept, in minutes: 90 days.
	countsKept = 90 * 24 * 60
	countsPage = 500 // rows of one statement
)

var _ audit.CountSink = (*Store)(nil)

// Count implements audit.CountSink. Each delivery drops what is too old to be kept.
func (s *Store) Count(ctx context.Context, b audit.CountBatch) error {
	if len(b.Counts) == 0 {
		return nil
	}
	newest := int64(0)
	rows := make([]countRow, len(b.Counts))
	for i, n := range b.Counts {
		newest = max(newest, n.Minute)
		rows[i] = countRow{Source: b.Source, Minute: n.Minute, AccountID: n.AccountID, Kind: string(n.Kind), UserID: n.UserID, CredentialID: n.CredentialID,
			Action: string(n.Action), Resource: string(n.Resource), Calls: n.Calls}
	}
	return s.db.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(&rows, countsPage).Error; err != nil {
			return fmt.Errorf("write audit counts: %w", err)
		}
		if err := tx.Where("minute < ?", newest-countsKept).Delete(&countRow{}).Error; err != nil {
			return fmt.Errorf("drop old audit counts: %w", err)
		}
		return nil
	})
}

// Counts implements audit.Reader.
func (s *Store) Counts(ctx context.Context, q audit.CountQuery) ([]audit.Count, error) {
	g := s.scoped(ctx, q.AccountID).Model(&countRow{}).Select("minute, kind, user_id, credential_id, action, resource, SUM(calls) AS calls")
	if !q.From.IsZero() {
		g = g.Where("minute >= ?", q.From.Unix()/60)
	}
	if !q.To.IsZero() {
		g = g.Where("minute < ?", (q.To.Unix()+59)/60)
	}
	if q.Kind != "" {
		g = g.Where("kind = ?", string(q.Kind))
	}
	const key = "kind, user_id, credential_id, action, resource"
	var rows []countRow
	if err := g.Group("minute, " + key).Order("minute DESC, " + key).Limit(q.Limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read audit counts: %w", err)
	}
	out := make([]audit.Count, len(rows))
	for i, r := range rows {
		out[i] = audit.Count{Minute: r.Minute, Kind: audit.CountKind(r.Kind), AccountID: q.AccountID, UserID: r.UserID, CredentialID: r.CredentialID,
			Action: access.Action(r.Action), Resource: access.Resource(r.Resource), Calls: r.Calls}
	}
	return out, nil
}

// Package gormstore keeps billing's counts, closed hours and prices in the control plane's database.
package gormstore

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"dms/billing"
	"dms/internal/dbx"
	"dms/internal/usage"
)

// Store is a billing.Store on Postgres or SQLite.
type Store struct{ db *dbx.DB }

// New returns the store in db.
func New(db *dbx.DB) *Store { return &Store{db: db} }

var _ billing.Store = (*Store)(nil)

// insertRows bounds one INSERT: both databases limit the number of its parameters (32,766 in SQLite, 65,535 in Postgres).
const insertRows = 1000

// scoped is where every query on an account's rows begins.
func scoped(g *gorm.DB, accountID string) *gorm.DB { return g.Where("account_id = ?", accountID) }

// InTx implements billing.Store.
func (s *Store) InTx(ctx context.Context, f func(billing.Tx) error) error {
	return s.db.InTx(ctx, func(g *gorm.DB) error {
		return f(&tx{db: g, dialect: s.db.Dialect()})
	})
}

// Meter implements billing.Store.
func (s *Store) Meter(ctx context.Context) (billing.MeterState, error) {
	return readMeter(s.db.Read(ctx), "")
}

// HourlyCalls implements billing.Store.
func (s *Store) HourlyCalls(ctx context.Context, accountID string, from, to usage.Hour) ([]billing.HourlyCalls, error) {
	var rows []struct {
		BilledHour int64
		ProjectID  string
		UserID     string
		QueueID    string
		Calls      int64
	}
	err := scoped(s.db.Read(ctx), accountID).Table("billing_calls").
		Select("billed_hour, project_id, user_id, queue_id, CAST(SUM(calls) AS BIGINT) AS calls").
		Where("billable AND billed_hour >= ? AND billed_hour < ?", int64(from), int64(to)).
		Group("billed_hour, project_id, queue_id, user_id").
		Order("billed_hour, project_id, queue_id, user_id").
		Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]billing.HourlyCalls, len(rows))
	for i, r := range rows {
		out[i] = billing.HourlyCalls{Hour: usage.Hour(r.BilledHour), ProjectID: r.ProjectID, UserID: r.UserID, QueueID: r.QueueID, Calls: r.Calls}
	}
	return out, nil
}

// ClosedHours implements billing.Store.
func (s *Store) ClosedHours(ctx context.Context, accountID string, from, to usage.Hour) ([]billing.ClosedHour, error) {
	var rows []closedRow
	err := scoped(s.db.Read(ctx), accountID).
		Where("hour >= ? AND hour < ?", int64(from), int64(to)).Order("hour").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]billing.ClosedHour, len(rows))
	for i, r := range rows {
		if out[i], err = r.closedHour(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Prices implements billing.Store.
func (s *Store) Prices(ctx context.Context) (map[string]billing.PriceVersion, error) {
	var rows []priceRow
	if err := s.db.Read(ctx).Order("price_id").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make(map[string]billing.PriceVersion, len(rows))
	for _, r := range rows {
		var v billing.PriceVersion
		if err := json.Unmarshal([]byte(r.Body), &v); err != nil {
			return nil, fmt.Errorf("read price %s: %w", r.PriceID, err)
		}
		out[r.PriceID] = v
	}
	return out, nil
}

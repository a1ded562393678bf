package gormstore

import (
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dms/billing"
	"dms/internal/dbx"
	"dms/internal/usage"
)

// tx is a billing.Tx.
type tx struct {
	db      *gorm.DB
	dialect dbx.Dialect
}

var _ billing.Tx = (*tx)(nil)

func readMeter(g *gorm.DB, lock string) (billing.MeterState, error) {
	var rows []struct{ FirstHour, NextHour *int64 }
	if err := g.Raw("SELECT first_hour, next_hour FROM billing_meter WHERE id = 1" + lock).Scan(&rows).Error; err != nil {
		return billing.MeterState{}, err
	}
	if len(rows) != 1 {
		return billing.MeterState{}, fmt.Errorf("billing_meter has no row")
	}
	if rows[0].FirstHour == nil || rows[0].NextHour == nil {
		return billing.MeterState{}, nil
	}
	return billing.MeterState{Started: true, First: usage.Hour(*rows[0].FirstHour), Next: usage.Hour(*rows[0].NextHour)}, nil
}

// LockMeter implements billing.Tx.
func (t *tx) LockMeter() (billing.MeterState, error) {
	lock := " FOR UPDATE"
	if t.dialect == dbx.SQLite {
		lock = "" // the transaction is immediate: it has been the only writer since it began
	}
	return readMeter(t.db, lock)
}

// SaveMeter implements billing.Tx.
func (t *tx) SaveMeter(s billing.MeterState) error {
	return t.db.Exec("UPDATE billing_meter SET first_hour = ?, next_hour = ? WHERE id = 1", int64(s.First), int64(s.Next)).Error
}

// AcrossAccountsFirstHour implements billing.Tx.
func (t *tx) AcrossAccountsFirstHour() (usage.Hour, bool, error) {
	var rows []int64
	err := t.db.Raw("SELECT billed_hour FROM billing_calls ORDER BY billed_hour LIMIT 1").Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, false, err
	}
	return usage.Hour(rows[0]), true, nil
}

// AcrossAccountsCalls implements billing.Tx.
func (t *tx) AcrossAccountsCalls(h usage.Hour) ([]billing.AccountCalls, error) {
	var out []billing.AccountCalls
	err := t.db.Raw("SELECT account_id, CAST(SUM(calls) AS BIGINT) AS calls FROM billing_calls"+
		" WHERE billed_hour = ? AND billable GROUP BY account_id ORDER BY account_id", int64(h)).Scan(&out).Error
	return out, err
}

// ChainHeads implements billing.Tx.
func (t *tx) ChainHeads(accountIDs []string, before usage.Hour) (map[string]billing.Hash, error) {
	out := make(map[string]billing.Hash, len(accountIDs))
	for ids := range slices.Chunk(accountIDs, insertRows) {
		var rows []closedRow
		err := t.db.Raw("SELECT c.account_id, c.hash FROM billing_closed_hours c JOIN"+
			" (SELECT account_id, MAX(hour) AS hour FROM billing_closed_hours WHERE account_id IN ? AND hour < ? GROUP BY account_id) last"+
			" ON c.account_id = last.account_id AND c.hour = last.hour", ids, int64(before)).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if out[r.AccountID], err = toHash(r.Hash); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// InsertClosedHours implements billing.Tx.
func (t *tx) InsertClosedHours(records []billing.ClosedHour) (int, error) {
	inserted := 0
	for chunk := range slices.Chunk(records, insertRows) {
		rows := make([]closedRow, len(chunk))
		for i, c := range chunk {
			rows[i] = toClosedRow(c)
		}
		res := t.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
		if res.Error != nil {
			return 0, res.Error
		}
		inserted += int(res.RowsAffected)
	}
	return inserted, nil
}

// PublishPrices implements billing.Tx.
func (t *tx) PublishPrices(v billing.PriceVersion) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&priceRow{PriceID: v.ID(), Body: string(body)}).Error
}

// Source implements billing.Tx.
func (t *tx) Source(source string) (billing.SourceState, error) {
	out := billing.SourceState{Source: source}
	var rows []sourceRow
	if err := t.db.Where("source = ?", source).Find(&rows).Error; err != nil || len(rows) == 0 {
		return out, err
	}
	out.Last = uint64(rows[0].LastSequence)
	var gaps []gapRow
	if err := t.db.Where("source = ?", source).Order("first_sequence").Find(&gaps).Error; err != nil {
		return out, err
	}
	for _, g := range gaps {
		out.Missing = append(out.Missing, billing.SequenceRange{First: uint64(g.FirstSequence), Last: uint64(g.LastSequence)})
	}
	return out, nil
}

// SaveSource implements billing.Tx.
func (t *tx) SaveSource(s billing.SourceState) error {
	err := t.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&sourceRow{Source: s.Source, LastSequence: int64(s.Last)}).Error
	if err != nil {
		return err
	}
	if err := t.db.Where("source = ?", s.Source).Delete(&gapRow{}).Error; err != nil {
		return err
	}
	for chunk := range slices.Chunk(s.Missing, insertRows) {
		rows := make([]gapRow, len(chunk))
		for i, m := range chunk {
			rows[i] = gapRow{Source: s.Source, FirstSequence: int64(m.First), LastSequence: int64(m.Last)}
		}
		if err := t.db.Create(&rows).Error; err != nil {
			return err
		}
	}
	return nil
}

// AddCounts implements billing.Tx.
func (t *tx) AddCounts(counts []billing.BookedCount) error {
	add := clause.OnConflict{
		Columns: []clause.Column{
			{Name: "account_id"}, {Name: "billed_hour"}, {Name: "project_id"}, {Name: "queue_id"}, {Name: "user_id"}, {Name: "action"}, {Name: "hour"},
		},
		DoUpdates: clause.Assignments(map[string]any{"calls": gorm.Expr("billing_calls.calls + excluded.calls")}),
	}
	for chunk := range slices.Chunk(counts, insertRows) {
		rows := make([]callsRow, len(chunk))
		for i, c := range chunk {
			rows[i] = toCallsRow(c)
		}
		if err := t.db.Clauses(add).Create(&rows).Error; err != nil {
			return err
		}
	}
	return nil
}

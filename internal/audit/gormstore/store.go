// Package gormstore keeps the audit trails in the control plane's database.
package gormstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"dms/internal/audit"
	"dms/internal/dbx"
)

type recordRow struct {
	AccountID string `gorm:"primaryKey"`
	Sequence  int64  `gorm:"primaryKey;autoIncrement:false"`
	ID        string
	At        int64
	UserID    string
	Action    string
	Resource  string
	Result    string
	Body      string
	PrevHash  []byte
	Hash      []byte
}

func (recordRow) TableName() string { return "audit_records" }

func toRow(r audit.Row) recordRow {
	return recordRow{AccountID: r.AccountID, Sequence: r.Sequence, ID: r.ID, At: dbx.Micros(r.At), UserID: r.UserID, Action: r.Action, Resource: r.Resource,
		Result: r.Result, Body: r.Body, PrevHash: nonNull(r.PrevHash), Hash: r.Hash}
}

func (r recordRow) row() audit.Row {
	return audit.Row{AccountID: r.AccountID, Sequence: r.Sequence, ID: r.ID, At: dbx.Time(r.At), UserID: r.UserID, Action: r.Action, Resource: r.Resource,
		Result: r.Result, Body: r.Body, PrevHash: r.PrevHash, Hash: r.Hash}
}

func nonNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Append chains events to the trails of their accounts, in the caller's transaction. Who is behind them is said by tx's context. It locks the ends
// of these trails, in the order of account ids: call it behind all other changes of the transaction, and before the directory's Append.
func Append(tx *gorm.DB, at time.Time, events ...audit.Event) error {
	call := audit.From(tx.Statement.Context)
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b audit.Event) int { return strings.Compare(a.AccountID, b.AccountID) })
	for len(events) > 0 {
		n := slices.IndexFunc(events, func(e audit.Event) bool { return e.AccountID != events[0].AccountID })
		if n < 0 {
			n = len(events)
		}
		if err := appendTo(tx, events[0].AccountID, at, call, events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

type headRow struct {
	AccountID string
	Sequence  int64
	Hash      []byte
}

func (r headRow) head() audit.Head {
	return audit.Head{AccountID: r.AccountID, Sequence: r.Sequence, Hash: r.Hash}
}

func appendTo(tx *gorm.DB, accountID string, at time.Time, call audit.Call, events []audit.Event) error {
	var locked headRow
	// The update that changes nothing takes the row's lock, also when the row was there.
	err := tx.Raw(`INSERT INTO audit_heads (account_id, sequence, hash) VALUES (?, 0, ?)
		ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id
		RETURNING account_id, sequence, hash`, accountID, []byte{}).Scan(&locked).Error
	if err != nil {
		return fmt.Errorf("lock audit trail: %w", err)
	}
	head := locked.head()
	rows := make([]recordRow, 0, len(events))
	for _, e := range events {
		row, next, err := head.Append(at, call, e)
		if err != nil {
			return err
		}
		rows, head = append(rows, toRow(row)), next
	}
	if err := tx.Create(&rows).Error; err != nil {
		return fmt.Errorf("write audit records: %w", err)
	}
	if err := tx.Exec("UPDATE audit_heads SET sequence = ?, hash = ? WHERE account_id = ?", head.Sequence, head.Hash, accountID).Error; err != nil {
		return fmt.Errorf("write audit trail: %w", err)
	}
	return nil
}

// Store reads the trails, and adds what belongs to no other change.
type Store struct{ db *dbx.DB }

var _ audit.Reader = (*Store)(nil)

// New returns the trails of db.
func New(db *dbx.DB) *Store { return &Store{db: db} }

// Record writes events in a transaction of their own.
func (s *Store) Record(ctx context.Context, at time.Time, events ...audit.Event) error {
	return s.db.InTx(ctx, func(tx *gorm.DB) error { return Append(tx, at, events...) })
}

func (s *Store) scoped(ctx context.Context, accountID string) *gorm.DB {
	return s.db.Read(ctx).Where("account_id = ?", accountID)
}

// Search implements audit.Reader.
func (s *Store) Search(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	g := s.scoped(ctx, q.AccountID)
	if !q.From.IsZero() {
		g = g.Where("at >= ?", dbx.Micros(q.From))
	}
	if !q.To.IsZero() {
		g = g.Where("at < ?", dbx.Micros(q.To))
	}
	if q.UserID != "" {
		g = g.Where("user_id = ?", q.UserID)
	}
	g = like(like(g, "action", q.Action), "resource", q.Resource)
	if q.Before > 0 {
		g = g.Where("sequence < ?", q.Before)
	}
	return find(g.Order("sequence DESC").Limit(q.Limit))
}

// like adds the condition that the column is want, or begins with what is before the "*" at want's end.
func like(g *gorm.DB, column, want string) *gorm.DB {
	prefix, open := strings.CutSuffix(want, "*")
	switch {
	case want == "":
		return g
	case open:
		return g.Where("substr("+column+", 1, ?) = ?", utf8.RuneCountInString(prefix), prefix)
	}
	return g.Where(column+" = ?", want)
}

// After implements audit.Reader.
func (s *Store) After(ctx context.Context, accountID string, sequence int64, limit int) ([]audit.Row, error) {
	return find(s.scoped(ctx, accountID).Where("sequence > ?", sequence).Order("sequence").Limit(limit))
}

// Head implements audit.Reader.
func (s *Store) Head(ctx context.Context, accountID string) (audit.Head, error) {
	rows := []headRow{}
	if err := s.scoped(ctx, accountID).Table("audit_heads").Find(&rows).Error; err != nil {
		return audit.Head{}, fmt.Errorf("read audit trail: %w", err)
	}
	if len(rows) == 0 {
		return audit.Head{AccountID: accountID}, nil
	}
	return rows[0].head(), nil
}

func find(g *gorm.DB) ([]audit.Row, error) {
	var rows []recordRow
	if err := g.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read audit records: %w", err)
	}
	out := make([]audit.Row, len(rows))
	for i, r := range rows {
		out[i] = r.row()
	}
	return out, nil
}

// Package gormstore keeps the directory in the control plane's database.
package gormstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/errs"
)

type entryRow struct {
	Kind     string `gorm:"primaryKey"`
	EntryKey string `gorm:"primaryKey"`
	Revision int64
	Deleted  bool
	Value    []byte
}

func (entryRow) TableName() string { return "directory_entries" }

func (r entryRow) entry() directory.Entry {
	return directory.Entry{Kind: directory.Kind(r.Kind), Key: r.EntryKey, Revision: directory.Revision(r.Revision), Deleted: r.Deleted, Value: r.Value}
}

// Append writes entries at the next revision, in the caller's transaction, and returns that revision. It takes the row lock that
// orders all directory changes, and the transaction holds it until its end: call it last. Entry.Revision is ignored.
func Append(tx *gorm.DB, entries ...directory.Entry) (directory.Revision, error) {
	var rev int64
	err := tx.Raw("UPDATE directory_head SET revision = revision + 1 WHERE id = 1 RETURNING revision").Scan(&rev).Error
	if err != nil {
		return 0, fmt.Errorf("take the next directory revision: %w", err)
	}
	if rev == 0 {
		return 0, fmt.Errorf("take the next directory revision: directory_head has no row")
	}
	rows := make([]entryRow, len(entries))
	for i, e := range entries {
		rows[i] = entryRow{Kind: string(e.Kind), EntryKey: e.Key, Revision: rev, Deleted: e.Deleted, Value: e.Value}
		if e.Deleted {
			rows[i].Value = nil
		}
	}
	if len(rows) == 0 {
		return directory.Revision(rev), nil
	}
	if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&rows).Error; err != nil {
		return 0, fmt.Errorf("write directory entries: %w", err)
	}
	return directory.Revision(rev), nil
}

// Store reads the directory.
type Store struct{ db *dbx.DB }

// New returns the directory of db.
func New(db *dbx.DB) *Store { return &Store{db: db} }

var _ directory.Reader = (*Store)(nil)

// Get implements directory.Reader.
func (s *Store) Get(ctx context.Context, kind directory.Kind, key string) (directory.Entry, error) {
	var rows []entryRow
	err := s.db.Read(ctx).Where("kind = ? AND entry_key = ? AND NOT deleted", string(kind), key).Limit(1).Find(&rows).Error
	if err != nil {
		return directory.Entry{}, fmt.Errorf("read directory entry: %w", err)
	}
	if len(rows) == 0 {
		return directory.Entry{}, errs.New(errs.NotFound, "", "There is no such %s.", kind)
	}
	return rows[0].entry(), nil
}

const scanPage = 500

// Scan implements directory.Reader. It reads in pages by key, so that a slow f holds no connection.
func (s *Store) Scan(ctx context.Context, kind directory.Kind, prefix string, f func(directory.Entry) bool) error {
	from, inclusive := prefix, true
	for {
		q := s.db.Read(ctx).Where("kind = ? AND NOT deleted", string(kind))
		if inclusive {
			q = q.Where("entry_key >= ?", from)
		} else {
			q = q.Where("entry_key > ?", from)
		}
		if end, bounded := prefixEnd(prefix); bounded {
			q = q.Where("entry_key < ?", end)
		}
		var rows []entryRow
		if err := q.Order("entry_key").Limit(scanPage).Find(&rows).Error; err != nil {
			return fmt.Errorf("scan directory: %w", err)
		}
		for _, r := range rows {
			if !f(r.entry()) {
				return nil
			}
		}
		if len(rows) < scanPage {
			return nil
		}
		from, inclusive = rows[len(rows)-1].EntryKey, false
	}
}

// prefixEnd returns the first key after all keys with the prefix. Keys are ASCII, so the last byte can be counted up.
func prefixEnd(prefix string) (string, bool) {
	if prefix == "" {
		return "", false
	}
	last := len(prefix) - 1
	return prefix[:last] + string(prefix[last]+1), true
}

// Revision implements directory.Reader.
func (s *Store) Revision(ctx context.Context) (directory.Revision, error) {
	p, err := s.Position(ctx)
	return p.Revision, err
}

// Position returns the directory's id and newest revision.
func (s *Store) Position(ctx context.Context) (directory.Position, error) {
	var row struct {
		DirectoryID string
		Revision    int64
	}
	res := s.db.Read(ctx).Raw("SELECT directory_id, revision FROM directory_head WHERE id = 1").Scan(&row)
	if res.Error != nil {
		return directory.Position{}, fmt.Errorf("read directory revision: %w", res.Error)
	}
	return directory.Position{Directory: row.DirectoryID, Revision: directory.Revision(row.Revision)}, nil
}

// Since returns entries changed after rev in the order of their revisions: about max, always whole revisions, and whether there
// is more. Tombstones are left out when rev is 0: a new copy has nothing to bury.
func (s *Store) Since(ctx context.Context, rev directory.Revision, max int) (entries []directory.Entry, upTo directory.Revision, more bool, err error) {
	q := func() *gorm.DB {
		g := s.db.Read(ctx).Order("revision, kind, entry_key")
		if rev == 0 {
			g = g.Where("NOT deleted")
		}
		return g
	}
	var rows []entryRow
	if err := q().Where("revision > ?", int64(rev)).Limit(max + 1).Find(&rows).Error; err != nil {
		return nil, 0, false, fmt.Errorf("read directory changes: %w", err)
	}
	upTo = rev
	if len(rows) > 0 {
		upTo = directory.Revision(rows[len(rows)-1].Revision)
	}
	if len(rows) > max {
		// The last revision may be cut: read it whole. A row that changed meanwhile has moved to a later revision and comes then.
		for len(rows) > 0 && rows[len(rows)-1].Revision == int64(upTo) {
			rows = rows[:len(rows)-1]
		}
		var last []entryRow
		if err := q().Where("revision = ?", int64(upTo)).Find(&last).Error; err != nil {
			return nil, 0, false, fmt.Errorf("read directory changes: %w", err)
		}
		rows = append(rows, last...)
		// That revision may have been the last: a node that is told to come back at once must find something.
		var beyond []entryRow
		if err := s.db.Read(ctx).Where("revision > ?", int64(upTo)).Limit(1).Find(&beyond).Error; err != nil {
			return nil, 0, false, fmt.Errorf("read directory changes: %w", err)
		}
		more = len(beyond) > 0
	}
	entries = make([]directory.Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.entry()
	}
	return entries, upTo, more, nil
}

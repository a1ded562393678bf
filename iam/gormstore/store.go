// Package gormstore keeps iam's accounts, users, keys and sessions in the control plane's database.
package gormstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"dms/iam"
	"dms/internal/dbx"
	"dms/internal/errs"
)

// Store implements iam.Store.
type Store struct {
	reads
	db *dbx.DB
}

var (
	_ iam.Store = (*Store)(nil)
	_ iam.Tx    = tx{}
)

// New returns the store of db.
func New(db *dbx.DB) *Store { return &Store{reads: reads{db.Read}, db: db} }

// InTx implements iam.Store.
func (s *Store) InTx(ctx context.Context, f func(tx iam.Tx) error) error {
	return s.db.InTx(ctx, func(g *gorm.DB) error {
		handle := func(ctx context.Context) *gorm.DB { return g.WithContext(ctx) }
		return f(tx{reads: reads{handle}, dialect: s.db.Dialect()})
	})
}

// reads are the look-ups, on the database or in a transaction.
type reads struct {
	handle func(ctx context.Context) *gorm.DB
}

// scoped is where every query on a tenant's rows starts.
func (r reads) scoped(ctx context.Context, accountID string) *gorm.DB {
	return r.handle(ctx).Where("account_id = ?", accountID)
}

// one reads the single row of q, or answers errs.NotFound.
func one[Row, T any](q *gorm.DB, what string, from func(Row) (T, error)) (T, error) {
	var (
		row  Row
		zero T
	)
	err := q.Take(&row).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return zero, errs.New(errs.NotFound, "", "There is no such %s.", what)
	case err != nil:
		return zero, fmt.Errorf("read %s: %w", what, err)
	}
	return from(row)
}

func all[Row, T any](q *gorm.DB, what string, from func(Row) (T, error)) ([]T, error) {
	var rows []Row
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = from(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Account implements iam.Reads.
func (r reads) Account(ctx context.Context, accountID string) (iam.Account, error) {
	return one(r.handle(ctx).Where("id = ?", accountID), "account", accountRow.account)
}

// AccountByName implements iam.Reads.
func (r reads) AccountByName(ctx context.Context, name string) (iam.Account, error) {
	return one(r.handle(ctx).Where("folded_name = ?", iam.FoldName(name)), "account", accountRow.account)
}

// AcrossAccountsList implements iam.Reads.
func (r reads) AcrossAccountsList(ctx context.Context, after string, limit int) ([]iam.Account, error) {
	return all(r.handle(ctx).Where("id > ?", after).Order("id").Limit(limit), "accounts", accountRow.account)
}

// AcrossAccountsSearch implements iam.Reads.
func (r reads) AcrossAccountsSearch(ctx context.Context, part, after string, limit int) ([]iam.Account, error) {
	pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(iam.FoldName(part)) + "%"
	return all(r.handle(ctx).Where(`id > ? AND folded_name LIKE ? ESCAPE '\'`, after, pattern).Order("id").Limit(limit), "accounts", accountRow.account)
}

// AcrossAccountsWithoutProject implements iam.Reads.
func (r reads) AcrossAccountsWithoutProject(ctx context.Context, projectName string, limit int) ([]iam.Account, error) {
	q := r.handle(ctx).Where("NOT EXISTS (SELECT 1 FROM iam_projects p WHERE p.account_id = iam_accounts.id AND p.name = ?)", projectName)
	return all(q.Order("id").Limit(limit), "accounts", accountRow.account)
}

// User implements iam.Reads.
func (r reads) User(ctx context.Context, accountID, userID string) (iam.User, error) {
	return one(r.scoped(ctx, accountID).Where("id = ?", userID), "user", userRow.user)
}

// UserByName implements iam.Reads.
func (r reads) UserByName(ctx context.Context, accountID, name string) (iam.User, error) {
	return one(r.scoped(ctx, accountID).Where("folded_name = ?", iam.FoldName(name)), "user", userRow.user)
}

// AcrossAccountsUser implements iam.Reads.
func (r reads) AcrossAccountsUser(ctx context.Context, userID string) (iam.User, error) {
	return one(r.handle(ctx).Where("id = ?", userID), "user", userRow.user)
}

// AcrossAccountsUserByEmail implements iam.Reads.
func (r reads) AcrossAccountsUserByEmail(ctx context.Context, email string) (iam.User, error) {
	return one(r.handle(ctx).Where("folded_email = ?", iam.FoldName(email)), "user", userRow.user)
}

// Projects implements iam.Reads.
func (r reads) Projects(ctx context.Context, accountID string) ([]iam.Project, error) {
	return all(r.scoped(ctx, accountID).Order("name"), "projects", projectRow.project)
}

// Project implements iam.Reads.
func (r reads) Project(ctx context.Context, accountID, projectID string) (iam.Project, error) {
	return one(r.scoped(ctx, accountID).Where("id = ?", projectID), "project", projectRow.project)
}

// AccessKeys implements iam.Reads.
func (r reads) AccessKeys(ctx context.Context, accountID, userID string) ([]iam.AccessKey, error) {
	return all(r.scoped(ctx, accountID).Where("user_id = ?", userID).Order("created_at, id"), "access keys", accessKeyRow.accessKey)
}

// AcrossAccountsSession implements iam.Reads.
func (r reads) AcrossAccountsSession(ctx context.Context, sessionID string) (iam.Session, error) {
	return one(r.handle(ctx).Where("id = ?", sessionID), "session", sessionRow.session)
}

// EndedSessions implements iam.Reads.
func (r reads) EndedSessions(ctx context.Context, accountID, userID string, since time.Time) ([]string, error) {
	q := r.scoped(ctx, accountID).Where("user_id = ? AND ended_at >= ?", userID, dbx.Micros(since)).Order("id")
	return all(q, "sessions", func(r sessionRow) (string, error) { return r.ID, nil })
}

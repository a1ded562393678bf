package gormstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dms/iam"
	"dms/internal/dbx"
	"dms/internal/directory"
	directorystore "dms/internal/directory/gormstore"
	"dms/internal/errs"
)

// tx implements iam.Tx.
type tx struct {
	reads
	dialect dbx.Dialect
}

// locked makes the rows of a query the transaction's own. SQLite needs nothing: it has one writer at a time.
func (t tx) locked(q *gorm.DB) *gorm.DB {
	if t.dialect == dbx.Postgres {
		return q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	return q
}

// create writes a new row; conflict is the answer when a unique key forbids it.
func (t tx) create(ctx context.Context, row any, what string, conflict error) error {
	err := t.handle(ctx).Create(row).Error
	if dbx.IsDuplicate(err) {
		return conflict
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}

// affected turns "no row was touched" into errs.NotFound.
func affected(res *gorm.DB, what string) error {
	if res.Error != nil {
		return fmt.Errorf("write %s: %w", what, res.Error)
	}
	if res.RowsAffected == 0 {
		return errs.New(errs.NotFound, "", "There is no such %s.", what)
	}
	return nil
}

// CreateAccount implements iam.Tx.
func (t tx) CreateAccount(ctx context.Context, a iam.Account) error {
	row := toAccountRow(a)
	return t.create(ctx, &row, "account", iam.ErrAccountNameTaken())
}

// LockAccount implements iam.Tx. The lock lets others refer to the account meanwhile, as BumpPolicyVersion's does: who holds a user's row and writes one of its keys would else wait
// for the account, whose holder waits for that user.
func (t tx) LockAccount(ctx context.Context, accountID string) (iam.Account, error) {
	q := t.handle(ctx)
	if t.dialect == dbx.Postgres {
		q = q.Clauses(clause.Locking{Strength: "NO KEY UPDATE"})
	}
	return one(q.Where("id = ?", accountID), "account", accountRow.account)
}

// SetSuspended implements iam.Tx.
func (t tx) SetSuspended(ctx context.Context, a iam.Account) error {
	row := toAccountRow(a)
	return affected(t.handle(ctx).Model(&accountRow{}).Where("id = ?", a.ID).Select("SuspendedAt", "SuspendedReason").Updates(&row), "account")
}

// BumpPolicyVersion implements iam.Tx.
func (t tx) BumpPolicyVersion(ctx context.Context, accountID string) (iam.Account, error) {
	res := t.handle(ctx).Model(&accountRow{}).Where("id = ?", accountID).Update("policy_version", gorm.Expr("policy_version + 1"))
	if err := affected(res, "account"); err != nil {
		return iam.Account{}, err
	}
	return t.Account(ctx, accountID)
}

// CreateUser implements iam.Tx. Which of the two unique keys forbids it is found out beforehand: the database names the key in
// each dialect's own way, and a Postgres transaction is over after the error.
func (t tx) CreateUser(ctx context.Context, u iam.User) error {
	if u.Email != "" {
		switch _, err := t.AcrossAccountsUserByEmail(ctx, u.Email); {
		case err == nil:
			return iam.ErrEmailTaken()
		case errs.CodeOf(err) != errs.NotFound:
			return err
		}
	}
	switch _, err := t.UserByName(ctx, u.AccountID, u.Name); {
	case err == nil:
		return iam.ErrUserNameTaken()
	case errs.CodeOf(err) != errs.NotFound:
		return err
	}
	conflict := iam.ErrUserNameTaken()
	if u.Email != "" { // lost a race: people who sign up with a name of their own can only collide here
		conflict = iam.ErrEmailTaken()
	}
	row := toUserRow(u)
	return t.create(ctx, &row, "user", conflict)
}

// LockUser implements iam.Tx.
func (t tx) LockUser(ctx context.Context, accountID, userID string) (iam.User, error) {
	return one(t.locked(t.scoped(ctx, accountID)).Where("id = ?", userID), "user", userRow.user)
}

// UpdateUser implements iam.Tx.
func (t tx) UpdateUser(ctx context.Context, u iam.User) error {
	row := toUserRow(u)
	res := t.scoped(ctx, u.AccountID).Model(&userRow{}).Where("id = ?", u.ID).
		Select("Email", "FoldedEmail", "PasswordHash", "Enabled", "Operator", "TokenEpoch", "EmailVerified", "MFA").Updates(&row)
	if dbx.IsDuplicate(res.Error) {
		return iam.ErrEmailTaken()
	}
	return affected(res, "user")
}

// CreateProject implements iam.Tx.
func (t tx) CreateProject(ctx context.Context, p iam.Project) error {
	row := toProjectRow(p)
	return t.create(ctx, &row, "project", errs.New(errs.Conflict, "project_name_taken", "The account has a project %q already.", p.Name))
}

// CreateAccessKey implements iam.Tx.
func (t tx) CreateAccessKey(ctx context.Context, k iam.AccessKey) error {
	row := toAccessKeyRow(k)
	return t.create(ctx, &row, "access key", errs.New(errs.Conflict, "", "The access key exists already."))
}

// SetAccessKeyEnabled implements iam.Tx.
func (t tx) SetAccessKeyEnabled(ctx context.Context, accountID, userID, accessKey string, enabled bool) (iam.AccessKey, error) {
	q := func() *gorm.DB { return t.scoped(ctx, accountID).Where("user_id = ? AND id = ?", userID, accessKey) }
	if err := affected(q().Model(&accessKeyRow{}).Update("enabled", enabled), "access key"); err != nil {
		return iam.AccessKey{}, err
	}
	return one(q(), "access key", accessKeyRow.accessKey)
}

// DeleteAccessKey implements iam.Tx.
func (t tx) DeleteAccessKey(ctx context.Context, accountID, userID, accessKey string) error {
	return affected(t.scoped(ctx, accountID).Where("user_id = ? AND id = ?", userID, accessKey).Delete(&accessKeyRow{}), "access key")
}

// CreateSigningKey implements iam.Tx.
func (t tx) CreateSigningKey(ctx context.Context, k iam.SigningKey) error {
	row := toSigningKeyRow(k)
	return t.create(ctx, &row, "signing key", errs.New(errs.Conflict, "", "The signing key exists already."))
}

// CreateSession implements iam.Tx.
func (t tx) CreateSession(ctx context.Context, s iam.Session) error {
	row := toSessionRow(s)
	return t.create(ctx, &row, "session", errs.New(errs.Conflict, "", "The session exists already."))
}

// UpdateSession implements iam.Tx.
func (t tx) UpdateSession(ctx context.Context, s iam.Session) error {
	row := toSessionRow(s)
	res := t.scoped(ctx, s.AccountID).Model(&sessionRow{}).Where("id = ?", s.ID).
		Select("TokenEpoch", "CurrentHash", "PreviousHash", "RotatedAt", "EndedAt", "MFA").Updates(&row)
	return affected(res, "session")
}

// ForgetSessions implements iam.Tx.
func (t tx) ForgetSessions(ctx context.Context, accountID, userID string, before time.Time) error {
	at := dbx.Micros(before)
	err := t.scoped(ctx, accountID).Where("user_id = ? AND (ended_at < ? OR expires_at < ?)", userID, at, at).Delete(&sessionRow{}).Error
	if err != nil {
		return fmt.Errorf("delete old sessions: %w", err)
	}
	return nil
}

// Append implements iam.Tx.
func (t tx) Append(ctx context.Context, entries ...directory.Entry) (directory.Revision, error) {
	return directorystore.Append(t.handle(ctx), entries...)
}

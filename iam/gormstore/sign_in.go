package gormstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"dms/iam"
	"dms/internal/dbx"
	"dms/internal/errs"
)

type ticketRow struct {
	Hash      []byte `gorm:"primaryKey"`
	Purpose   string
	AccountID string
	UserID    string
	Email     string
	Data      string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	ExpiresAt int64
}

func (ticketRow) TableName() string { return "iam_tickets" }

func (r ticketRow) ticket() (iam.Ticket, error) {
	return iam.Ticket{Hash: r.Hash, Purpose: iam.TicketPurpose(r.Purpose), AccountID: r.AccountID, UserID: r.UserID, Email: r.Email, Data: r.Data,
		CreatedAt: dbx.Time(r.CreatedAt), ExpiresAt: dbx.Time(r.ExpiresAt)}, nil
}

type totpRow struct {
	UserID       string `gorm:"primaryKey"`
	AccountID    string
	SealedSecret string
	Confirmed    bool
	LastStep     int64
	Failures     int64
	FailedAt     int64
}

func (totpRow) TableName() string { return "iam_totp" }

func (r totpRow) totp() (iam.TOTP, error) {
	return iam.TOTP{AccountID: r.AccountID, UserID: r.UserID, SealedSecret: r.SealedSecret, Confirmed: r.Confirmed, LastStep: r.LastStep, Failures: r.Failures, FailedAt: dbx.Time(r.FailedAt)}, nil
}

type recoveryCodeRow struct {
	AccountID string
	UserID    string `gorm:"primaryKey"`
	Hash      []byte `gorm:"primaryKey"`
}

func (recoveryCodeRow) TableName() string { return "iam_recovery_codes" }

// Sessions implements iam.SignInReads.
func (r reads) Sessions(ctx context.Context, accountID, userID string) ([]iam.Session, error) {
	q := r.scoped(ctx, accountID).Where("user_id = ? AND ended_at IS NULL", userID)
	return all(q.Order("created_at DESC, id"), "sessions", sessionRow.session)
}

// AcrossAccountsTicket implements iam.SignInReads.
func (r reads) AcrossAccountsTicket(ctx context.Context, hash []byte, purpose iam.TicketPurpose, now time.Time) (iam.Ticket, error) {
	q := r.handle(ctx).Where("hash = ? AND purpose = ? AND expires_at > ?", hash, string(purpose), dbx.Micros(now))
	return one(q, "ticket", ticketRow.ticket)
}

// TOTP implements iam.SignInReads.
func (r reads) TOTP(ctx context.Context, accountID, userID string) (iam.TOTP, error) {
	return one(r.scoped(ctx, accountID).Where("user_id = ?", userID), "second factor", totpRow.totp)
}

// RecoveryCodesLeft implements iam.SignInReads.
func (r reads) RecoveryCodesLeft(ctx context.Context, accountID, userID string) (int, error) {
	var n int64
	err := r.scoped(ctx, accountID).Model(&recoveryCodeRow{}).Where("user_id = ?", userID).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count recovery codes: %w", err)
	}
	return int(n), nil
}

// CreateTicket implements iam.SignInTx.
func (t tx) CreateTicket(ctx context.Context, k iam.Ticket) error {
	row := ticketRow{Hash: k.Hash, Purpose: string(k.Purpose), AccountID: k.AccountID, UserID: k.UserID, Email: k.Email, Data: k.Data,
		CreatedAt: dbx.Micros(k.CreatedAt), ExpiresAt: dbx.Micros(k.ExpiresAt)}
	return t.create(ctx, &row, "ticket", errs.New(errs.Conflict, "", "The ticket exists already."))
}

// TakeTicket implements iam.SignInTx. The deletion decides: it touches the row for one transaction alone.
func (t tx) TakeTicket(ctx context.Context, hash []byte, purpose iam.TicketPurpose, now time.Time) (iam.Ticket, error) {
	k, err := t.AcrossAccountsTicket(ctx, hash, purpose, now)
	if err != nil {
		return iam.Ticket{}, err
	}
	return k, affected(t.handle(ctx).Where("hash = ?", hash).Delete(&ticketRow{}), "ticket")
}

// ForgetTickets implements iam.SignInTx.
func (t tx) ForgetTickets(ctx context.Context, accountID, userID string, purpose iam.TicketPurpose) error {
	err := t.scoped(ctx, accountID).Where("user_id = ? AND purpose = ?", userID, string(purpose)).Delete(&ticketRow{}).Error
	if err != nil {
		return fmt.Errorf("delete tickets: %w", err)
	}
	return nil
}

// AcrossAccountsSweepTickets implements iam.SignInTx.
func (t tx) AcrossAccountsSweepTickets(ctx context.Context, now time.Time) error {
	if err := t.handle(ctx).Where("expires_at <= ?", dbx.Micros(now)).Delete(&ticketRow{}).Error; err != nil {
		return fmt.Errorf("delete expired tickets: %w", err)
	}
	return nil
}

// PutTOTP implements iam.SignInTx.
func (t tx) PutTOTP(ctx context.Context, f iam.TOTP) error {
	row := totpRow{UserID: f.UserID, AccountID: f.AccountID, SealedSecret: f.SealedSecret, Confirmed: f.Confirmed, LastStep: f.LastStep, Failures: f.Failures, FailedAt: dbx.Micros(f.FailedAt)}
	q := t.handle(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "user_id"}}, UpdateAll: true,
		Where: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "iam_totp.account_id = ?", Vars: []any{f.AccountID}}}},
	})
	return affected(q.Create(&row), "second factor")
}

// TakeTOTPStep implements iam.SignInTx.
func (t tx) TakeTOTPStep(ctx context.Context, accountID, userID string, step int64) (bool, error) {
	res := t.scoped(ctx, accountID).Model(&totpRow{}).Where("user_id = ? AND last_step < ?", userID, step).Update("last_step", step)
	if res.Error != nil {
		return false, fmt.Errorf("write second factor: %w", res.Error)
	}
	return res.RowsAffected > 0, nil
}

// DeleteTOTP implements iam.SignInTx.
func (t tx) DeleteTOTP(ctx context.Context, accountID, userID string) error {
	err := t.scoped(ctx, accountID).Where("user_id = ?", userID).Delete(&totpRow{}).Error
	if err == nil {
		err = t.scoped(ctx, accountID).Where("user_id = ?", userID).Delete(&recoveryCodeRow{}).Error
	}
	if err != nil {
		return fmt.Errorf("delete second factor: %w", err)
	}
	return nil
}

// PutRecoveryCodes implements iam.SignInTx.
func (t tx) PutRecoveryCodes(ctx context.Context, accountID, userID string, hashes [][]byte) error {
	err := t.scoped(ctx, accountID).Where("user_id = ?", userID).Delete(&recoveryCodeRow{}).Error
	rows := make([]recoveryCodeRow, len(hashes))
	for i, h := range hashes {
		rows[i] = recoveryCodeRow{AccountID: accountID, UserID: userID, Hash: h}
	}
	if err == nil {
		err = t.handle(ctx).Create(&rows).Error
	}
	if err != nil {
		return fmt.Errorf("write recovery codes: %w", err)
	}
	return nil
}

// TakeRecoveryCode implements iam.SignInTx.
func (t tx) TakeRecoveryCode(ctx context.Context, accountID, userID string, hash []byte) (bool, error) {
	res := t.scoped(ctx, accountID).Where("user_id = ? AND hash = ?", userID, hash).Delete(&recoveryCodeRow{})
	if res.Error != nil {
		return false, fmt.Errorf("use recovery code: %w", res.Error)
	}
	return res.RowsAffected > 0, nil
}

package gormstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"dms/iam"
	"dms/internal/dbx"
)

type roleRow struct {
	ID               string `gorm:"primaryKey"`
	AccountID        string
	Name             string
	FoldedName       string
	Description      string
	TrustedAccountID string
	TrustedUsers     string
	MaxSeconds       int64
	Epoch            int64
	CreatedAt        int64 `gorm:"autoCreateTime:false"`
}

func (roleRow) TableName() string { return "iam_roles" }

func toRoleRow(r iam.Role) (roleRow, error) {
	users, err := json.Marshal(append([]string{}, r.TrustedUsers...))
	if err != nil {
		return roleRow{}, fmt.Errorf("encode role %s: %w", r.Name, err)
	}
	return roleRow{ID: r.ID, AccountID: r.AccountID, Name: r.Name, FoldedName: iam.FoldName(r.Name), Description: r.Description, TrustedAccountID: r.TrustedAccountID,
		TrustedUsers: string(users), MaxSeconds: int64(r.MaxLife / time.Second), Epoch: r.Epoch, CreatedAt: dbx.Micros(r.CreatedAt)}, nil
}

func (r roleRow) role() (iam.Role, error) {
	out := iam.Role{ID: r.ID, AccountID: r.AccountID, Name: r.Name, Description: r.Description, TrustedAccountID: r.TrustedAccountID,
		MaxLife: time.Duration(r.MaxSeconds) * time.Second, Epoch: r.Epoch, CreatedAt: dbx.Time(r.CreatedAt)}
	if err := json.Unmarshal([]byte(r.TrustedUsers), &out.TrustedUsers); err != nil {
		return iam.Role{}, fmt.Errorf("decode role %s: %w", r.Name, err)
	}
	if len(out.TrustedUsers) == 0 {
		out.TrustedUsers = nil
	}
	return out, nil
}

type revokedTokenRow struct {
	AccountID string
	UserID    string `gorm:"primaryKey"`
	TokenID   string `gorm:"primaryKey"`
	ExpiresAt int64
}

func (revokedTokenRow) TableName() string { return "iam_revoked_tokens" }

// Roles implements iam.CredentialReads.
func (r reads) Roles(ctx context.Context, accountID string) ([]iam.Role, error) {
	return all(r.scoped(ctx, accountID).Order("folded_name"), "roles", roleRow.role)
}

// Role implements iam.CredentialReads.
func (r reads) Role(ctx context.Context, accountID, roleID string) (iam.Role, error) {
	return one(r.scoped(ctx, accountID).Where("id = ?", roleID), "role", roleRow.role)
}

// RoleByName implements iam.CredentialReads.
func (r reads) RoleByName(ctx context.Context, accountID, name string) (iam.Role, error) {
	return one(r.scoped(ctx, accountID).Where("folded_name = ?", iam.FoldName(name)), "role", roleRow.role)
}

// SigningKeys implements iam.CredentialReads.
func (r reads) SigningKeys(ctx context.Context) ([]iam.SigningKey, error) {
	return all(r.handle(ctx).Order("created_at, id"), "signing keys", signingKeyRow.signingKey)
}

// CurrentSigningKey implements iam.CredentialReads.
func (r reads) CurrentSigningKey(ctx context.Context) (iam.SigningKey, error) {
	return one(r.handle(ctx).Where("state = ?", string(iam.SigningKeyCurrent)), "signing key", signingKeyRow.signingKey)
}

// RevokedTokens implements iam.CredentialReads.
func (r reads) RevokedTokens(ctx context.Context, accountID, userID string, now time.Time) ([]iam.RevokedToken, error) {
	q := r.scoped(ctx, accountID).Where("user_id = ? AND expires_at > ?", userID, now.Unix()).Order("token_id")
	return all(q, "revoked tokens", func(r revokedTokenRow) (iam.RevokedToken, error) {
		return iam.RevokedToken{ID: r.TokenID, ExpiresAt: r.ExpiresAt}, nil
	})
}

// CreateRole implements iam.CredentialTx.
func (t tx) CreateRole(ctx context.Context, r iam.Role) error {
	row, err := toRoleRow(r)
	if err != nil {
		return err
	}
	return t.create(ctx, &row, "role", iam.ErrRoleNameTaken())
}

// LockRole implements iam.CredentialTx.
func (t tx) LockRole(ctx context.Context, accountID, roleID string) (iam.Role, error) {
	return one(t.locked(t.scoped(ctx, accountID)).Where("id = ?", roleID), "role", roleRow.role)
}

// UpdateRole implements iam.CredentialTx.
func (t tx) UpdateRole(ctx context.Context, r iam.Role) error {
	row, err := toRoleRow(r)
	if err != nil {
		return err
	}
	res := t.scoped(ctx, r.AccountID).Model(&roleRow{}).Where("id = ?", r.ID).
		Select("Description", "TrustedAccountID", "TrustedUsers", "MaxSeconds", "Epoch").Updates(&row)
	return affected(res, "role")
}

// DeleteRole implements iam.CredentialTx.
func (t tx) DeleteRole(ctx context.Context, accountID, roleID string) error {
	return affected(t.scoped(ctx, accountID).Where("id = ?", roleID).Delete(&roleRow{}), "role")
}

// LockSigningKeys implements iam.CredentialTx.
func (t tx) LockSigningKeys(ctx context.Context) ([]iam.SigningKey, error) {
	return all(t.locked(t.handle(ctx)).Order("created_at, id"), "signing keys", signingKeyRow.signingKey)
}

// SetSigningKeyState implements iam.CredentialTx.
func (t tx) SetSigningKeyState(ctx context.Context, k iam.SigningKey) error {
	row := toSigningKeyRow(k)
	return affected(t.handle(ctx).Model(&signingKeyRow{}).Where("id = ?", k.ID).Select("State", "ChangedAt").Updates(&row), "signing key")
}

// DeleteSigningKey implements iam.CredentialTx.
func (t tx) DeleteSigningKey(ctx context.Context, keyID string) error {
	return affected(t.handle(ctx).Where("id = ?", keyID).Delete(&signingKeyRow{}), "signing key")
}

// RevokeToken implements iam.CredentialTx.
func (t tx) RevokeToken(ctx context.Context, accountID, userID string, token iam.RevokedToken, now time.Time) error {
	if err := t.scoped(ctx, accountID).Where("user_id = ? AND expires_at <= ?", userID, now.Unix()).Delete(&revokedTokenRow{}).Error; err != nil {
		return fmt.Errorf("delete expired tokens: %w", err)
	}
	row := revokedTokenRow{AccountID: accountID, UserID: userID, TokenID: token.ID, ExpiresAt: token.ExpiresAt}
	if err := t.handle(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("write revoked token: %w", err)
	}
	return nil
}

// ForgetRevokedTokens implements iam.CredentialTx.
func (t tx) ForgetRevokedTokens(ctx context.Context, accountID, userID string) error {
	if err := t.scoped(ctx, accountID).Where("user_id = ?", userID).Delete(&revokedTokenRow{}).Error; err != nil {
		return fmt.Errorf("delete revoked tokens: %w", err)
	}
	return nil
}

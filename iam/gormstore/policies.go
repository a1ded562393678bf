package gormstore

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm/clause"

	"dms/iam"
	"dms/internal/dbx"
	"dms/internal/errs"
)

type groupRow struct {
	ID          string `gorm:"primaryKey"`
	AccountID   string
	Name        string
	FoldedName  string
	Description string
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
}

func (groupRow) TableName() string { return "iam_groups" }

func toGroupRow(g iam.UserGroup) groupRow {
	return groupRow{ID: g.ID, AccountID: g.AccountID, Name: g.Name, FoldedName: iam.FoldName(g.Name), Description: g.Description, CreatedAt: dbx.Micros(g.CreatedAt)}
}

func (r groupRow) group() (iam.UserGroup, error) {
	return iam.UserGroup{ID: r.ID, AccountID: r.AccountID, Name: r.Name, Description: r.Description, CreatedAt: dbx.Time(r.CreatedAt)}, nil
}

type memberRow struct {
	AccountID string
	GroupID   string `gorm:"primaryKey"`
	UserID    string `gorm:"primaryKey"`
	CreatedAt int64  `gorm:"autoCreateTime:false"`
}

func (memberRow) TableName() string { return "iam_group_members" }

type policyRow struct {
	AccountID   string `gorm:"primaryKey"`
	Name        string `gorm:"primaryKey"`
	Description string
	Document    string
	Version     int64
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	UpdatedAt   int64 `gorm:"autoUpdateTime:false"`
}

func (policyRow) TableName() string { return "iam_policies" }

func toPolicyRow(p iam.ManagedPolicy) (policyRow, error) {
	document, err := json.Marshal(p.Document)
	if err != nil {
		return policyRow{}, fmt.Errorf("encode policy %s: %w", p.Name, err)
	}
	return policyRow{AccountID: p.AccountID, Name: p.Name, Description: p.Description, Document: string(document), Version: p.Version,
		CreatedAt: dbx.Micros(p.CreatedAt), UpdatedAt: dbx.Micros(p.UpdatedAt)}, nil
}

func (r policyRow) policy() (iam.ManagedPolicy, error) {
	document, err := iam.ParseStoredPolicy([]byte(r.Document))
	if err != nil {
		return iam.ManagedPolicy{}, fmt.Errorf("decode policy %s of account %s: %w", r.Name, r.AccountID, err)
	}
	return iam.ManagedPolicy{AccountID: r.AccountID, Name: r.Name, Description: r.Description, Document: document, Version: r.Version,
		CreatedAt: dbx.Time(r.CreatedAt), UpdatedAt: dbx.Time(r.UpdatedAt)}, nil
}

type attachmentRow struct {
	AccountID  string `gorm:"primaryKey"`
	Subject    string `gorm:"primaryKey"`
	PolicyName string `gorm:"primaryKey"`
	CreatedAt  int64  `gorm:"autoCreateTime:false"`
}

func (attachmentRow) TableName() string { return "iam_policy_attachments" }

func (r attachmentRow) attachment() (iam.Attachment, error) {
	return iam.Attachment{AccountID: r.AccountID, Subject: r.Subject, PolicyName: r.PolicyName, CreatedAt: dbx.Time(r.CreatedAt)}, nil
}

// Users implements iam.PolicyReads.
func (r reads) Users(ctx context.Context, accountID, after string, limit int) ([]iam.User, error) {
	return all(r.scoped(ctx, accountID).Where("id > ?", after).Order("id").Limit(limit), "users", userRow.user)
}

// UserGroups implements iam.PolicyReads.
func (r reads) UserGroups(ctx context.Context, accountID string) ([]iam.UserGroup, error) {
	return all(r.scoped(ctx, accountID).Order("name"), "user groups", groupRow.group)
}

// UserGroup implements iam.PolicyReads.
func (r reads) UserGroup(ctx context.Context, accountID, groupID string) (iam.UserGroup, error) {
	return one(r.scoped(ctx, accountID).Where("id = ?", groupID), "user group", groupRow.group)
}

// Members implements iam.PolicyReads.
func (r reads) Members(ctx context.Context, accountID, groupID string) ([]iam.User, error) {
	q := r.scoped(ctx, accountID).Where("id IN (SELECT m.user_id FROM iam_group_members m WHERE m.account_id = ? AND m.group_id = ?)", accountID, groupID)
	return all(q.Order("id"), "members", userRow.user)
}

// GroupsOfUser implements iam.PolicyReads.
func (r reads) GroupsOfUser(ctx context.Context, accountID, userID string) ([]string, error) {
	groups, err := all(r.scoped(ctx, accountID).Where("user_id = ?", userID).Order("group_id"), "memberships", func(r memberRow) (string, error) { return r.GroupID, nil })
	if len(groups) == 0 {
		return nil, err
	}
	return groups, err
}

// Policies implements iam.PolicyReads.
func (r reads) Policies(ctx context.Context, accountID string) ([]iam.ManagedPolicy, error) {
	return all(r.scoped(ctx, accountID).Order("name"), "policies", policyRow.policy)
}

// Policy implements iam.PolicyReads.
func (r reads) Policy(ctx context.Context, accountID, name string) (iam.ManagedPolicy, error) {
	return one(r.scoped(ctx, accountID).Where("name = ?", name), "policy", policyRow.policy)
}

// Attachments implements iam.PolicyReads.
func (r reads) Attachments(ctx context.Context, accountID, subject string) ([]iam.Attachment, error) {
	return all(r.scoped(ctx, accountID).Where("subject = ?", subject).Order("policy_name"), "policies", attachmentRow.attachment)
}

// AttachmentsOf implements iam.PolicyReads.
func (r reads) AttachmentsOf(ctx context.Context, accountID, policyName string) ([]iam.Attachment, error) {
	return all(r.scoped(ctx, accountID).Where("policy_name = ?", policyName).Order("subject"), "attachments", attachmentRow.attachment)
}

// AdministratorIDs implements iam.PolicyReads.
func (r reads) AdministratorIDs(ctx context.Context, accountID string) ([]string, error) {
	const attached = "SELECT a.subject FROM iam_policy_attachments a WHERE a.account_id = ? AND a.policy_name = ?"
	q := r.scoped(ctx, accountID).Where("enabled").Where("'u:' || id IN ("+attached+
		") OR id IN (SELECT m.user_id FROM iam_group_members m WHERE m.account_id = ? AND 'g:' || m.group_id IN ("+attached+"))",
		accountID, iam.PolicyTenantAdministrator, accountID, accountID, iam.PolicyTenantAdministrator)
	return all(q.Order("id"), "administrators", func(r userRow) (string, error) { return r.ID, nil })
}

// DeleteUser implements iam.PolicyTx.
func (t tx) DeleteUser(ctx context.Context, accountID, userID string) error {
	for _, row := range []any{&memberRow{}, &accessKeyRow{}, &sessionRow{}} {
		if err := t.scoped(ctx, accountID).Where("user_id = ?", userID).Delete(row).Error; err != nil {
			return fmt.Errorf("delete what a user has: %w", err)
		}
	}
	return affected(t.scoped(ctx, accountID).Where("id = ?", userID).Delete(&userRow{}), "user")
}

// CreateUserGroup implements iam.PolicyTx.
func (t tx) CreateUserGroup(ctx context.Context, g iam.UserGroup) error {
	row := toGroupRow(g)
	return t.create(ctx, &row, "user group", iam.ErrUserGroupNameTaken())
}

// UpdateUserGroup implements iam.PolicyTx.
func (t tx) UpdateUserGroup(ctx context.Context, g iam.UserGroup) error {
	res := t.scoped(ctx, g.AccountID).Model(&groupRow{}).Where("id = ?", g.ID).Update("description", g.Description)
	return affected(res, "user group")
}

// DeleteUserGroup implements iam.PolicyTx.
func (t tx) DeleteUserGroup(ctx context.Context, accountID, groupID string) error {
	if err := t.scoped(ctx, accountID).Where("group_id = ?", groupID).Delete(&memberRow{}).Error; err != nil {
		return fmt.Errorf("delete memberships: %w", err)
	}
	return affected(t.scoped(ctx, accountID).Where("id = ?", groupID).Delete(&groupRow{}), "user group")
}

// AddMember implements iam.PolicyTx.
func (t tx) AddMember(ctx context.Context, m iam.Membership) error {
	row := memberRow{AccountID: m.AccountID, GroupID: m.GroupID, UserID: m.UserID, CreatedAt: dbx.Micros(m.CreatedAt)}
	return t.create(ctx, &row, "membership", errs.New(errs.Conflict, "", "The user is in the user group already."))
}

// RemoveMember implements iam.PolicyTx.
func (t tx) RemoveMember(ctx context.Context, accountID, groupID, userID string) error {
	return affected(t.scoped(ctx, accountID).Where("group_id = ? AND user_id = ?", groupID, userID).Delete(&memberRow{}), "member")
}

// CreatePolicy implements iam.PolicyTx.
func (t tx) CreatePolicy(ctx context.Context, p iam.ManagedPolicy) error {
	row, err := toPolicyRow(p)
	if err != nil {
		return err
	}
	return t.create(ctx, &row, "policy", iam.ErrPolicyNameTaken())
}

// UpdatePolicy implements iam.PolicyTx.
func (t tx) UpdatePolicy(ctx context.Context, p iam.ManagedPolicy) error {
	row, err := toPolicyRow(p)
	if err != nil {
		return err
	}
	res := t.scoped(ctx, p.AccountID).Model(&policyRow{}).Where("name = ?", p.Name).Select("Description", "Document", "Version", "UpdatedAt").Updates(&row)
	return affected(res, "policy")
}

// DeletePolicy implements iam.PolicyTx.
func (t tx) DeletePolicy(ctx context.Context, accountID, name string) error {
	return affected(t.scoped(ctx, accountID).Where("name = ?", name).Delete(&policyRow{}), "policy")
}

// Attach implements iam.PolicyTx.
func (t tx) Attach(ctx context.Context, a iam.Attachment) error {
	row := attachmentRow{AccountID: a.AccountID, Subject: a.Subject, PolicyName: a.PolicyName, CreatedAt: dbx.Micros(a.CreatedAt)}
	if err := t.handle(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	return nil
}

// Detach implements iam.PolicyTx.
func (t tx) Detach(ctx context.Context, accountID, subject, policyName string) error {
	return affected(t.scoped(ctx, accountID).Where("subject = ? AND policy_name = ?", subject, policyName).Delete(&attachmentRow{}), "policy")
}

package gormstore

import (
	"time"

	"dms/iam"
	"dms/internal/dbx"
)

type accountRow struct {
	ID              string `gorm:"primaryKey"`
	Name            string
	FoldedName      string
	FirstUserID     string
	PolicyVersion   int64
	CreatedAt       int64 `gorm:"autoCreateTime:false"`
	SuspendedAt     int64 // 0: it is not
	SuspendedReason string
}

func (accountRow) TableName() string { return "iam_accounts" }

func toAccountRow(a iam.Account) accountRow {
	r := accountRow{ID: a.ID, Name: a.Name, FoldedName: iam.FoldName(a.Name), FirstUserID: a.FirstUserID, PolicyVersion: a.PolicyVersion, CreatedAt: dbx.Micros(a.CreatedAt),
		SuspendedReason: a.SuspendedReason}
	if !a.SuspendedAt.IsZero() {
		r.SuspendedAt = dbx.Micros(a.SuspendedAt)
	}
	return r
}

func (r accountRow) account() (iam.Account, error) {
	a := iam.Account{ID: r.ID, Name: r.Name, FirstUserID: r.FirstUserID, PolicyVersion: r.PolicyVersion, CreatedAt: dbx.Time(r.CreatedAt), SuspendedReason: r.SuspendedReason}
	if r.SuspendedAt != 0 {
		a.SuspendedAt = dbx.Time(r.SuspendedAt)
	}
	return a, nil
}

type userRow struct {
	ID           string `gorm:"primaryKey"`
	AccountID    string
	Name         string
	FoldedName   string
	Email        string
	FoldedEmail  *string
	PasswordHash string
	Enabled      bool
	Operator     bool
	TokenEpoch   int64
	CreatedAt    int64 `gorm:"autoCreateTime:false"`

	EmailVerified bool
	MFA           bool `gorm:"column:mfa"`
}

func (userRow) TableName() string { return "iam_users" }

func toUserRow(u iam.User) userRow {
	r := userRow{ID: u.ID, AccountID: u.AccountID, Name: u.Name, FoldedName: iam.FoldName(u.Name), Email: u.Email, PasswordHash: u.PasswordHash,
		Enabled: u.Enabled, Operator: u.Operator, TokenEpoch: u.TokenEpoch, CreatedAt: dbx.Micros(u.CreatedAt),
		EmailVerified: u.EmailVerified, MFA: u.MFA}
	if u.Email != "" {
		folded := iam.FoldName(u.Email)
		r.FoldedEmail = &folded
	}
	return r
}

func (r userRow) user() (iam.User, error) {
	return iam.User{ID: r.ID, AccountID: r.AccountID, Name: r.Name, Email: r.Email, PasswordHash: r.PasswordHash, Enabled: r.Enabled,
		Operator: r.Operator, TokenEpoch: r.TokenEpoch, CreatedAt: dbx.Time(r.CreatedAt),
		EmailVerified: r.EmailVerified, MFA: r.MFA}, nil
}

type projectRow struct {
	ID        string `gorm:"primaryKey"`
	AccountID string
	Name      string
	Region    string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (projectRow) TableName() string { return "iam_projects" }

func toProjectRow(p iam.Project) projectRow {
	return projectRow{ID: p.ID, AccountID: p.AccountID, Name: p.Name, Region: p.Region, CreatedAt: dbx.Micros(p.CreatedAt)}
}

func (r projectRow) project() (iam.Project, error) {
	return iam.Project{ID: r.ID, AccountID: r.AccountID, Name: r.Name, Region: r.Region, CreatedAt: dbx.Time(r.CreatedAt)}, nil
}

type accessKeyRow struct {
	ID           string `gorm:"primaryKey"`
	AccountID    string
	UserID       string
	Description  string
	SealedSecret string
	Enabled      bool
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

func (accessKeyRow) TableName() string { return "iam_access_keys" }

func toAccessKeyRow(k iam.AccessKey) accessKeyRow {
	return accessKeyRow{ID: k.ID, AccountID: k.AccountID, UserID: k.UserID, Description: k.Description, SealedSecret: k.SealedSecret, Enabled: k.Enabled, CreatedAt: dbx.Micros(k.CreatedAt)}
}

func (r accessKeyRow) accessKey() (iam.AccessKey, error) {
	return iam.AccessKey{ID: r.ID, AccountID: r.AccountID, UserID: r.UserID, Description: r.Description, SealedSecret: r.SealedSecret, Enabled: r.Enabled, CreatedAt: dbx.Time(r.CreatedAt)}, nil
}

type signingKeyRow struct {
	ID            string `gorm:"primaryKey"`
	PublicKey     []byte
	SealedPrivate string
	State         string
	ChangedAt     int64
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
}

func (signingKeyRow) TableName() string { return "iam_signing_keys" }

func toSigningKeyRow(k iam.SigningKey) signingKeyRow {
	return signingKeyRow{ID: k.ID, PublicKey: k.PublicKey, SealedPrivate: k.SealedPrivate, State: string(k.State), ChangedAt: dbx.Micros(k.ChangedAt), CreatedAt: dbx.Micros(k.CreatedAt)}
}

func (r signingKeyRow) signingKey() (iam.SigningKey, error) {
	return iam.SigningKey{ID: r.ID, PublicKey: r.PublicKey, SealedPrivate: r.SealedPrivate, State: iam.SigningKeyState(r.State), ChangedAt: dbx.Time(r.ChangedAt), CreatedAt: dbx.Time(r.CreatedAt)}, nil
}

type sessionRow struct {
	ID                string `gorm:"primaryKey"`
	AccountID         string
	UserID            string
	TokenEpoch        int64
	SealedRotationKey string
	CurrentHash       []byte
	PreviousHash      []byte
	RotatedAt         int64
	CreatedAt         int64 `gorm:"autoCreateTime:false"`
	ExpiresAt         int64
	EndedAt           *int64
	MFA               bool `gorm:"column:mfa"`
	Address           string
	UserAgent         string
	ImpersonatorID    string
}

func (sessionRow) TableName() string { return "iam_sessions" }

func toSessionRow(s iam.Session) sessionRow {
	return sessionRow{ID: s.ID, AccountID: s.AccountID, UserID: s.UserID, TokenEpoch: s.Epoch, SealedRotationKey: s.SealedRotationKey,
		CurrentHash: s.CurrentHash, PreviousHash: s.PreviousHash, RotatedAt: dbx.Micros(s.RotatedAt), CreatedAt: dbx.Micros(s.CreatedAt),
		ExpiresAt: dbx.Micros(s.ExpiresAt), EndedAt: microsOrNull(s.EndedAt),
		MFA: s.MFA, Address: s.Address, UserAgent: s.UserAgent, ImpersonatorID: s.ImpersonatorID}
}

func (r sessionRow) session() (iam.Session, error) {
	s := iam.Session{ID: r.ID, AccountID: r.AccountID, UserID: r.UserID, Epoch: r.TokenEpoch, SealedRotationKey: r.SealedRotationKey,
		CurrentHash: r.CurrentHash, PreviousHash: r.PreviousHash, RotatedAt: dbx.Time(r.RotatedAt), CreatedAt: dbx.Time(r.CreatedAt), ExpiresAt: dbx.Time(r.ExpiresAt),
		MFA: r.MFA, Address: r.Address, UserAgent: r.UserAgent, ImpersonatorID: r.ImpersonatorID}
	if r.EndedAt != nil {
		s.EndedAt = dbx.Time(*r.EndedAt)
	}
	return s, nil
}

func microsOrNull(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	m := dbx.Micros(t)
	return &m
}

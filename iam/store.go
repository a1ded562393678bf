package iam

import (
	"context"
	"time"

	"dms/internal/audit"
	"dms/internal/directory"
)

// Store keeps what iam owns. One suite (gormstore/storetest) holds for every implementation.
//
// Look-ups return an errs.NotFound when there is nothing, also when the thing is another account's. Names are compared by
// FoldName. Methods whose name begins with AcrossAccounts are the only ones that see more than one account.
type Store interface {
	Reads
	// InTx runs f in one transaction that may write; it commits unless f returns an error. f must use tx alone.
	InTx(ctx context.Context, f func(tx Tx) error) error
}

// Reads are the look-ups.
type Reads interface {
	PolicyReads
	CredentialReads
	SignInReads

	Account(ctx context.Context, accountID string) (Account, error)
	AccountByName(ctx context.Context, name string) (Account, error)
	// AcrossAccountsList returns up to limit accounts with ids after the given one, in the order of ids.
	AcrossAccountsList(ctx context.Context, after string, limit int) ([]Account, error)
	// AcrossAccountsSearch is AcrossAccountsList for the accounts whose name has the part, in any case.
	AcrossAccountsSearch(ctx context.Context, part, after string, limit int) ([]Account, error)
	// AcrossAccountsWithoutProject is AcrossAccountsList for the accounts that have no project of the name.
	AcrossAccountsWithoutProject(ctx context.Context, projectName string, limit int) ([]Account, error)

	User(ctx context.Context, accountID, userID string) (User, error)
	UserByName(ctx context.Context, accountID, name string) (User, error)
	AcrossAccountsUser(ctx context.Context, userID string) (User, error)
	AcrossAccountsUserByEmail(ctx context.Context, email string) (User, error)

	// Projects returns the account's projects in the order of names.
	Projects(ctx context.Context, accountID string) ([]Project, error)
	Project(ctx context.Context, accountID, projectID string) (Project, error)

	// AccessKeys returns the user's keys, the oldest first.
	AccessKeys(ctx context.Context, accountID, userID string) ([]AccessKey, error)

	// AcrossAccountsSession returns a session: a refresh token is all that its holder shows.
	AcrossAccountsSession(ctx context.Context, sessionID string) (Session, error)
	// EndedSessions returns the ids of the user's sessions that ended at or after since, in order.
	EndedSessions(ctx context.Context, accountID, userID string, since time.Time) ([]string, error)
}

// Tx is a transaction that may write.
type Tx interface {
	Reads
	PolicyTx
	CredentialTx
	SignInTx

	// Audit writes events to the trails of their accounts. Call it once, behind all other changes and before Append.
	Audit(ctx context.Context, at time.Time, events ...audit.Event) error

	// CreateAccount returns an errs.Conflict with the field /account_name when the name is taken.
	CreateAccount(ctx context.Context, a Account) error
	// LockAccount returns the account and keeps others from changing it until the transaction ends.
	LockAccount(ctx context.Context, accountID string) (Account, error)
	// SetSuspended writes SuspendedAt and SuspendedReason of a locked account.
	SetSuspended(ctx context.Context, a Account) error
	// BumpPolicyVersion counts the account's policy version up and returns the account as it is then.
	BumpPolicyVersion(ctx context.Context, accountID string) (Account, error)

	// CreateUser returns an errs.Conflict when the name within the account, or the e-mail address on the platform, is taken.
	CreateUser(ctx context.Context, u User) error
	// LockUser returns the user and keeps others from changing it, its keys and its sessions until the transaction ends.
	LockUser(ctx context.Context, accountID, userID string) (User, error)
	// UpdateUser writes what may change of a locked user: Email, EmailVerified, PasswordHash, Enabled, Operator, TokenEpoch, MFA. errs.Conflict: the address is taken.
	UpdateUser(ctx context.Context, u User) error

	// CreateProject returns an errs.Conflict when the account has a project of the name.
	CreateProject(ctx context.Context, p Project) error

	CreateAccessKey(ctx context.Context, k AccessKey) error
	SetAccessKeyEnabled(ctx context.Context, accountID, userID, accessKey string, enabled bool) (AccessKey, error)
	DeleteAccessKey(ctx context.Context, accountID, userID, accessKey string) error

	// CreateSigningKey returns an errs.Conflict when there is another key that is next, or current, as this one would be.
	CreateSigningKey(ctx context.Context, k SigningKey) error

	CreateSession(ctx context.Context, s Session) error
	// UpdateSession writes what may change of a session whose user is locked: the hashes, RotatedAt, EndedAt, Epoch, MFA.
	UpdateSession(ctx context.Context, s Session) error
	// ForgetSessions deletes the user's sessions that ended, or ran out, before the instant.
	ForgetSessions(ctx context.Context, accountID, userID string, before time.Time) error

	// Append writes directory entries at the next revision. It takes the lock that orders all directory changes: call it last.
	Append(ctx context.Context, entries ...directory.Entry) (directory.Revision, error)
}

package iam

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dms/internal/directory"
)

// The facts below are the values of directory entries, as JSON: all that a node must know to authenticate and authorise by
// itself. Fields are only ever added, and a node ignores those that it does not know.

// AccountFact is the value of a directory.KindAccount entry; its key is the account's id.
type AccountFact struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// PolicyVersion changes with every change of the account's policies.
	PolicyVersion int64 `json:"policy_version"`
	// State is StateSuspended, or "" while the account is active.
	State string `json:"state,omitempty"`
}

// ProjectFact is the value of a directory.KindProject entry; its key is the project's id.
type ProjectFact struct {
	ID        string `json:"id"`
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	Region    string `json:"region"`
}

// UserFact is the value of a directory.KindUser entry; its key is the user's id.
type UserFact struct {
	ID         string `json:"id"`
	AccountID  string `json:"account_id"`
	Name       string `json:"name"`
	Enabled    bool   `json:"enabled"`
	Operator   bool   `json:"operator,omitempty"`
	TokenEpoch int64  `json:"token_epoch"`
	// EndedSessions are the ids of the user's sessions that ended so lately that access tokens of theirs may not have expired.
	EndedSessions []string `json:"ended_sessions,omitempty"`
	// Groups are the ids of the user's groups, in order.
	Groups []string `json:"groups,omitempty"`
	// RevokedTokens are tokens of the user that were revoked one by one and have not expired.
	RevokedTokens []RevokedToken `json:"revoked_tokens,omitempty"`
}

// Policies are attached to subjects: a user, a user group or a role.

// UserSubject returns the user as a subject.
func UserSubject(userID string) string { return "u:" + userID }

// GroupSubject returns the user group as a subject.
func GroupSubject(groupID string) string { return "g:" + groupID }

// RoleSubject returns the role as a subject.
func RoleSubject(roleID string) string { return "r:" + roleID }

// AccessKeyFact is the value of a directory.KindAccessKey entry; its key is the access key. Nodes hold the secret sealed under
// their region's key (Resealer), the control plane under its own.
type AccessKeyFact struct {
	AccessKey    string `json:"access_key"`
	AccountID    string `json:"account_id"`
	UserID       string `json:"user_id"`
	SealedSecret string `json:"sealed_secret"`
	Enabled      bool   `json:"enabled"`
}

// PolicyFact is the value of a directory.KindPolicy entry: one policy attached to one subject; its key is PolicyKey. The policy is a built-in one, or
// the account's PolicyDocumentFact of the name.
type PolicyFact struct {
	AccountID string `json:"account_id"`
	Subject   string `json:"subject"`
	Name      string `json:"name"`
}

// PolicyDocumentFact is the value of a directory.KindPolicyDocument entry: a policy of the account's own; its key is PolicyDocumentKey.
type PolicyDocumentFact struct {
	AccountID string          `json:"account_id"`
	Name      string          `json:"name"`
	Version   int64           `json:"version"`
	Document  json.RawMessage `json:"document"`
}

// RoleFact is the value of a directory.KindRole entry; its key is RoleKey.
type RoleFact struct {
	ID        string `json:"id"`
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	// TrustedAccountID is whose users may assume the role.
	TrustedAccountID string `json:"trusted_account_id"`
	// Epoch counts up when all credentials of the role are revoked, and when whom it trusts changes: the users it trusts do not travel.
	Epoch int64 `json:"epoch"`
}

// SigningKeyFact is the value of a directory.KindSigningKey entry; its key is the key id that tokens name.
type SigningKeyFact struct {
	KeyID     string `json:"key_id"`
	PublicKey []byte `json:"public_key"`
}

// PolicyKey is the key of a PolicyFact.
func PolicyKey(accountID, subject, policyName string) string {
	return accountID + "/" + subject + "/" + policyName
}

// PolicyDocumentKey is the key of a PolicyDocumentFact.
func PolicyDocumentKey(accountID, policyName string) string { return accountID + "/" + policyName }

// RoleKey is the key of a RoleFact.
func RoleKey(accountID, roleID string) string { return accountID + "/" + roleID }

// PolicyPrefix is what the keys of all policies and documents of an account begin with.
func PolicyPrefix(accountID string) string { return accountID + "/" }

func (a Account) entry() directory.Entry {
	f := AccountFact{ID: a.ID, Name: a.Name, PolicyVersion: a.PolicyVersion}
	if !a.SuspendedAt.IsZero() {
		f.State = StateSuspended
	}
	return entryOf(directory.KindAccount, a.ID, f)
}

func (p Project) entry() directory.Entry {
	return entryOf(directory.KindProject, p.ID, ProjectFact{ID: p.ID, AccountID: p.AccountID, Name: p.Name, Region: p.Region})
}

// userEntry makes the entry of a user out of everything that it holds: whoever changes a part of it publishes the whole.
func userEntry(ctx context.Context, tx Tx, u User, now time.Time) (directory.Entry, error) {
	f := UserFact{ID: u.ID, AccountID: u.AccountID, Name: u.Name, Enabled: u.Enabled, Operator: u.Operator, TokenEpoch: u.TokenEpoch}
	var err error
	if f.EndedSessions, err = tx.EndedSessions(ctx, u.AccountID, u.ID, now.Add(-AccessTokenLife)); err != nil {
		return directory.Entry{}, err
	}
	if f.Groups, err = tx.GroupsOfUser(ctx, u.AccountID, u.ID); err != nil {
		return directory.Entry{}, err
	}
	if f.RevokedTokens, err = tx.RevokedTokens(ctx, u.AccountID, u.ID, now); err != nil {
		return directory.Entry{}, err
	}
	return entryOf(directory.KindUser, u.ID, f), nil
}

func (k AccessKey) entry() directory.Entry {
	return entryOf(directory.KindAccessKey, k.ID, AccessKeyFact{AccessKey: k.ID, AccountID: k.AccountID, UserID: k.UserID, SealedSecret: k.SealedSecret, Enabled: k.Enabled})
}

func (a Attachment) entry() directory.Entry {
	return entryOf(directory.KindPolicy, PolicyKey(a.AccountID, a.Subject, a.PolicyName), PolicyFact{AccountID: a.AccountID, Subject: a.Subject, Name: a.PolicyName})
}

func (p ManagedPolicy) entry() directory.Entry {
	return entryOf(directory.KindPolicyDocument, PolicyDocumentKey(p.AccountID, p.Name), PolicyDocumentFact{AccountID: p.AccountID, Name: p.Name, Version: p.Version, Document: p.Document.canonical()})
}

func (r Role) entry() directory.Entry {
	return entryOf(directory.KindRole, RoleKey(r.AccountID, r.ID), RoleFact{ID: r.ID, AccountID: r.AccountID, Name: r.Name, TrustedAccountID: r.TrustedAccountID, Epoch: r.Epoch})
}

func (k SigningKey) entry() directory.Entry {
	return entryOf(directory.KindSigningKey, k.ID, SigningKeyFact{KeyID: k.ID, PublicKey: k.PublicKey})
}

func entryOf(kind directory.Kind, key string, fact any) directory.Entry {
	value, err := json.Marshal(fact)
	if err != nil {
		panic(fmt.Sprintf("encode %s fact: %v", kind, err)) // these are plain structs of strings and numbers
	}
	return directory.Entry{Kind: kind, Key: key, Value: value}
}

func tombstone(kind directory.Kind, key string) directory.Entry {
	return directory.Entry{Kind: kind, Key: key, Deleted: true}
}

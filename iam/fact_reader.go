package iam

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"

	"dms/internal/access"
	"dms/internal/directory"
)

// factCacheEntries bounds the decoded facts: one for each active account, project, user and key of a busy node.
const factCacheEntries = 65536

// FactReader reads facts from a directory. It decodes a value once, and again only when its bytes have changed: it holds
// nothing that the directory does not hold at this moment. Facts are shared and must not be changed. Safe for concurrent use.
type FactReader struct {
	dir   directory.Reader
	cache *lru.Cache[factKey, decodedFact]
}

type factKey struct {
	kind directory.Kind
	key  string
}

type decodedFact struct {
	value []byte
	fact  any
}

// NewFactReader returns a reader of dir's facts.
func NewFactReader(dir directory.Reader) *FactReader {
	cache, err := lru.New[factKey, decodedFact](factCacheEntries)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &FactReader{dir: dir, cache: cache}
}

// Account returns an account's fact, or an errs.NotFound.
func (r *FactReader) Account(ctx context.Context, accountID string) (*AccountFact, error) {
	return readFact[AccountFact](ctx, r, directory.KindAccount, accountID)
}

// Project returns a project's fact, or an errs.NotFound.
func (r *FactReader) Project(ctx context.Context, projectID string) (*ProjectFact, error) {
	return readFact[ProjectFact](ctx, r, directory.KindProject, projectID)
}

// User returns a user's fact, or an errs.NotFound.
func (r *FactReader) User(ctx context.Context, userID string) (*UserFact, error) {
	return readFact[UserFact](ctx, r, directory.KindUser, userID)
}

// AccessKey returns an access key's fact, or an errs.NotFound.
func (r *FactReader) AccessKey(ctx context.Context, accessKey string) (*AccessKeyFact, error) {
	return readFact[AccessKeyFact](ctx, r, directory.KindAccessKey, accessKey)
}

// SigningKey returns a signing key's fact, or an errs.NotFound.
func (r *FactReader) SigningKey(ctx context.Context, keyID string) (*SigningKeyFact, error) {
	return readFact[SigningKeyFact](ctx, r, directory.KindSigningKey, keyID)
}

// Role returns a role's fact, or an errs.NotFound.
func (r *FactReader) Role(ctx context.Context, accountID, roleID string) (*RoleFact, error) {
	return readFact[RoleFact](ctx, r, directory.KindRole, RoleKey(accountID, roleID))
}

// QueuePolicy returns the policy of a queue, or an errs.NotFound.
func (r *FactReader) QueuePolicy(ctx context.Context, queueID string) (*access.QueuePolicyFact, error) {
	return readFact[access.QueuePolicyFact](ctx, r, directory.KindQueuePolicy, queueID)
}

// Policies returns every policy that is attached to a subject of the account.
func (r *FactReader) Policies(ctx context.Context, accountID string) ([]PolicyFact, error) {
	return scanFacts[PolicyFact](ctx, r, directory.KindPolicy, accountID)
}

// PolicyDocuments returns the account's own policies.
func (r *FactReader) PolicyDocuments(ctx context.Context, accountID string) ([]PolicyDocumentFact, error) {
	return scanFacts[PolicyDocumentFact](ctx, r, directory.KindPolicyDocument, accountID)
}

func scanFacts[T any](ctx context.Context, r *FactReader, kind directory.Kind, accountID string) ([]T, error) {
	var (
		out    []T
		failed error
	)
	err := r.dir.Scan(ctx, kind, PolicyPrefix(accountID), func(e directory.Entry) bool {
		var f T
		if failed = json.Unmarshal(e.Value, &f); failed != nil {
			failed = fmt.Errorf("decode %s entry %s: %w", kind, e.Key, failed)
			return false
		}
		out = append(out, f)
		return true
	})
	if err == nil {
		err = failed
	}
	return out, err
}

func readFact[T any](ctx context.Context, r *FactReader, kind directory.Kind, key string) (*T, error) {
	e, err := r.dir.Get(ctx, kind, key)
	if err != nil {
		return nil, err
	}
	k := factKey{kind, key}
	if d, ok := r.cache.Get(k); ok && bytes.Equal(d.value, e.Value) {
		return d.fact.(*T), nil
	}
	f := new(T)
	if err := json.Unmarshal(e.Value, f); err != nil {
		return nil, fmt.Errorf("decode %s entry %s: %w", kind, key, err)
	}
	r.cache.Add(k, decodedFact{value: bytes.Clone(e.Value), fact: f})
	return f, nil
}

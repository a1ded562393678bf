package casbinauthz_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/casbinauthz"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/reason"
)

var ctx = context.Background()

// facts is a directory in memory, as a node has one.
type facts struct {
	mu      sync.Mutex // guards: entries
	entries map[directory.Kind]map[string][]byte
}

func newFacts() *facts { return &facts{entries: make(map[directory.Kind]map[string][]byte)} }

func (f *facts) put(kind directory.Kind, key string, fact any) {
	b, err := json.Marshal(fact)
	if err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.entries[kind] == nil {
		f.entries[kind] = make(map[string][]byte)
	}
	f.entries[kind][key] = b
}

func (f *facts) Get(_ context.Context, kind directory.Kind, key string) (directory.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.entries[kind][key]
	if !ok {
		return directory.Entry{}, errs.New(errs.NotFound, "", "nothing")
	}
	return directory.Entry{Kind: kind, Key: key, Value: v}, nil
}

func (f *facts) Scan(_ context.Context, kind directory.Kind, prefix string, each func(directory.Entry) bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k, v := range f.entries[kind] {
		if strings.HasPrefix(k, prefix) && !each(directory.Entry{Kind: kind, Key: k, Value: v}) {
			return nil
		}
	}
	return nil
}

func (f *facts) Revision(context.Context) (directory.Revision, error) { return 1, nil }

func (f *facts) account(id string, version int64) {
	f.put(directory.KindAccount, id, iam.AccountFact{ID: id, Name: id, PolicyVersion: version})
}

func (f *facts) user(account, id string, groups ...string) {
	f.put(directory.KindUser, id, iam.UserFact{ID: id, AccountID: account, Name: "name of " + id, Enabled: true, Groups: groups})
}

// policy gives the user, which is made, a policy of its own.
func (f *facts) policy(account, user, name string, statements ...iam.Statement) {
	f.user(account, user)
	f.attach(account, iam.UserSubject(user), user+" "+name, statements...)
}

// attach gives the subject a policy of the account.
func (f *facts) attach(account, subject, name string, statements ...iam.Statement) {
	f.put(directory.KindPolicy, iam.PolicyKey(account, subject, name), iam.PolicyFact{AccountID: account, Subject: subject, Name: name})
	f.document(account, name, iam.Policy{Version: iam.PolicyVersion1, Statement: statements})
}

func (f *facts) document(account, name string, document any) {
	raw, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	f.put(directory.KindPolicyDocument, iam.PolicyDocumentKey(account, name), iam.PolicyDocumentFact{AccountID: account, Name: name, Document: raw})
}

// queuePolicy gives the queue of the account a policy, and returns the queue as an object.
func (f *facts) queuePolicy(account, queue string, version int64, document any) access.Object {
	raw, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	f.put(directory.KindQueuePolicy, "id of "+queue, access.QueuePolicyFact{QueueID: "id of " + queue, AccountID: account, Version: version, Document: raw})
	return access.Object{Resource: access.QueueResource("r1", account, queue), QueueID: "id of " + queue, QueuePolicyVersion: version}
}

func actor(account, user string) access.Actor { return access.Actor{AccountID: account, UserID: user} }

func newAuthorizer(t testing.TB, d directory.Reader) *casbinauthz.Authorizer {
	t.Helper()
	a, err := casbinauthz.New(d, clocktest.New(iamtest.Start))
	require.NoError(t, err)
	return a
}

func denied(t *testing.T, err error, msg ...any) {
	t.Helper()
	require.Equal(t, errs.Forbidden, errs.CodeOf(err), msg...)
	require.Equal(t, reason.PolicyDenied, errs.ReasonOf(err), msg...)
}

func allow(action, resource string) iam.Statement {
	return iam.Statement{Effect: iam.EffectAllow, Action: []string{action}, Resource: []string{resource}}
}

func deny(action, resource string) iam.Statement {
	return iam.Statement{Effect: iam.EffectDeny, Action: []string{action}, Resource: []string{resource}}
}

package casbinauthz_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dms/iam"
	"dms/iam/casbinauthz"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/dbx"
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

func (f *facts) policy(account, user, name string, statements ...iam.Statement) {
	f.put(directory.KindPolicy, iam.PolicyKey(account, user, name), iam.PolicyFact{AccountID: account, UserID: user, Name: name,
		Document: &iam.Policy{Version: iam.PolicyVersion1, Statement: statements}})
}

func actor(account, user string) access.Actor { return access.Actor{AccountID: account, UserID: user} }

func newAuthorizer(t testing.TB, d directory.Reader) *casbinauthz.Authorizer {
	t.Helper()
	a, err := casbinauthz.New(d)
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

func TestDetachedPolicyDeniesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		k := iamtest.New(t, db)
		n := k.SignUp(t, "acme")
		who := actor(n.Account.ID, n.User.ID)
		send := func() error {
			return k.Authorizer.Authorize(ctx, who, access.MessageSend, access.QueueResource(iamtest.Region, n.Account.ID, "orders").Object())
		}
		for range 3 {
			require.NoError(t, send())
			require.NoError(t, send(), "remembered")
			require.NoError(t, k.Services.Users.Detach(ctx, n.Account.ID, n.User.ID, iam.PolicyTenantAdministrator))
			denied(t, send())
			denied(t, send(), "remembered")
			require.NoError(t, k.Services.Users.Attach(ctx, n.Account.ID, n.User.ID, iam.PolicyTenantAdministrator, nil))
		}
	})
}

func TestDenialNamesActionAndResource(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	err := newAuthorizer(t, f).Authorize(ctx, actor("a1", "u1"), access.QueueDelete, access.QueueResource("r1", "a1", "orders").Object())
	denied(t, err)
	require.Contains(t, errs.MessageOf(err), "dms:queue:delete")
	require.Contains(t, errs.MessageOf(err), "dms:r1:a1:queue:orders")
}

func TestNobodyMayDoAnythingByDefault(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	a := newAuthorizer(t, f)
	r := access.QueueResource("r1", "a1", "q")
	denied(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, r.Object()), "no policy")
	denied(t, a.Authorize(ctx, actor("a1", ""), access.QueueGet, r.Object()), "no user: casbin compares with an empty rule when there is none")
	denied(t, a.Authorize(ctx, actor("", ""), "", access.Object{}), "nothing at all")
	denied(t, a.Authorize(ctx, actor("a9", "u1"), access.QueueGet, access.QueueResource("r1", "a9", "q").Object()), "unknown account")
}

func TestStarNeverCrossesTheAccount(t *testing.T) {
	f := newFacts()
	for _, account := range []string{"a1", "a2"} {
		f.account(account, 1)
		f.policy(account, "u"+account, "all", allow("*", "*"), allow("*", "dms:*:*:queue:*"), allow("*", "dms:*:a1:queue:*"), allow("*", "dms:*:a2:queue:*"))
	}
	a := newAuthorizer(t, f)
	for _, c := range [][2]string{{"a1", "a2"}, {"a2", "a1"}} {
		me, other := c[0], c[1]
		own, foreign := access.QueueResource("r1", me, "q"), access.QueueResource("r1", other, "q")
		require.NoError(t, a.Authorize(ctx, actor(me, "u"+me), access.QueueDelete, own.Object()))
		denied(t, a.Authorize(ctx, actor(me, "u"+me), access.QueueDelete, foreign.Object()))
		denied(t, a.Authorize(ctx, actor(me, "u"+other), access.QueueDelete, own.Object()), "a user of another account")
		denied(t, a.Authorize(ctx, actor(me, "u"+me), access.BillGet, access.AccountResource("billing", other, "bill").Object()))
		require.NoError(t, a.Authorize(ctx, actor(me, "u"+me), access.BillGet, access.AccountResource("billing", me, "bill").Object()))
	}
}

func TestDenyWinsInEveryOrder(t *testing.T) {
	r := access.QueueResource("r1", "a1", "orders")
	all, no := allow("*", "*"), deny("dms:queue:delete", "dms:*:*:queue:orders")
	for name, put := range map[string]func(f *facts){
		"after":             func(f *facts) { f.policy("a1", "u1", "p", all, no) },
		"before":            func(f *facts) { f.policy("a1", "u1", "p", no, all) },
		"in another policy": func(f *facts) { f.policy("a1", "u1", "a", all); f.policy("a1", "u1", "b", no) },
		"in an earlier one": func(f *facts) { f.policy("a1", "u1", "b", all); f.policy("a1", "u1", "a", no) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFacts()
			f.account("a1", 1)
			put(f)
			a := newAuthorizer(t, f)
			denied(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueDelete, r.Object()))
			require.NoError(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, r.Object()))
			require.NoError(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueDelete, access.QueueResource("r1", "a1", "other").Object()))
		})
	}
}

func TestWhatCannotBeEvaluatedDenies(t *testing.T) {
	r := access.QueueResource("r1", "a1", "q")
	for name, fact := range map[string]any{
		"a document of a newer version": iam.PolicyFact{AccountID: "a1", UserID: "u1", Name: "x", Document: &iam.Policy{Version: "2.0", Statement: []iam.Statement{allow("*", "*")}}},
		"an unknown built-in policy":    iam.PolicyFact{AccountID: "a1", UserID: "u1", Name: "Queue Auditor"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFacts()
			f.account("a1", 1)
			f.policy("a1", "u1", "all", allow("*", "*"))
			f.policy("a1", "u2", "all", allow("*", "*"))
			f.put(directory.KindPolicy, iam.PolicyKey("a1", "u1", "x"), fact)
			a := newAuthorizer(t, f)
			denied(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, r.Object()))
			require.NoError(t, a.Authorize(ctx, actor("a1", "u2"), access.QueueGet, r.Object()), "another user is not concerned")
		})
	}
}

func TestSameStatementTwiceIsNoError(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "a", allow("*", "*"), allow("*", "*"))
	f.policy("a1", "u1", "b", allow("*", "*"))
	require.NoError(t, newAuthorizer(t, f).Authorize(ctx, actor("a1", "u1"), access.QueueGet, access.QueueResource("r1", "a1", "q").Object()))
}

func TestBrokenDirectoryIsNoPermission(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "p", allow("*", "*"))
	f.entries[directory.KindPolicy]["a1/u1/q"] = []byte("{")
	err := newAuthorizer(t, f).Authorize(ctx, actor("a1", "u1"), access.QueueGet, access.QueueResource("r1", "a1", "q").Object())
	require.Equal(t, errs.Internal, errs.CodeOf(err))
}

// reference is the naive evaluator: no cache, no casbin, no code of the module's matching.
func reference(policies []iam.PolicyFact, accountID, userID string, action access.Action, resource access.Resource) bool {
	parts := strings.SplitN(string(resource), ":", 4)
	if len(parts) < 4 || parts[2] != accountID {
		return false
	}
	split := func(s string) []string { return strings.Split(strings.ReplaceAll(s, "/", "\x00/\x00"), ":") }
	segments := func(s string) (out []string) {
		for _, colon := range split(s) {
			out = append(out, strings.Split(colon, "\x00")...)
			out = append(out, ":")
		}
		return out
	}
	resourceMatches := func(pattern string) bool {
		if pattern == "*" {
			return true
		}
		p, r := segments(pattern), segments(string(resource))
		if len(p) != len(r) {
			return false
		}
		for i := range p {
			separator := func(s string) bool { return s == "/" || s == ":" }
			if separator(p[i]) != separator(r[i]) || p[i] != "*" && p[i] != r[i] {
				return false
			}
		}
		return true
	}
	actionMatches := func(pattern string) bool {
		p, a := strings.Split(pattern, ":"), strings.Split(string(action), ":")
		for len(p) < len(a) && p[len(p)-1] == "*" {
			p = append(p, "*")
		}
		if len(p) != len(a) {
			return false
		}
		for i := range p {
			if p[i] != "*" && p[i] != a[i] {
				return false
			}
		}
		return true
	}
	allowed := false
	for _, p := range policies {
		if p.AccountID != accountID || p.UserID != userID {
			continue
		}
		for _, s := range p.Document.Statement {
			for _, a := range s.Action {
				for _, r := range s.Resource {
					if !actionMatches(a) || !resourceMatches(r) {
						continue
					}
					if s.Effect == iam.EffectDeny {
						return false
					}
					allowed = true
				}
			}
		}
	}
	return allowed
}

func TestDecisionsEqualANaiveReference(t *testing.T) {
	accounts, users := []string{"a1", "a2"}, []string{"u1", "u2"}
	word := func(words ...string) *rapid.Generator[string] { return rapid.SampledFrom(append(words, "*")) }
	actionPattern := rapid.Custom(func(t *rapid.T) string {
		parts := []string{word("dms", "iam").Draw(t, "service"), word("queue", "group").Draw(t, "noun"), word("get", "create").Draw(t, "verb")}
		n := rapid.IntRange(1, 3).Draw(t, "segments")
		if n < 3 {
			parts = append(parts[:n-1], "*")
		}
		return strings.Join(parts, ":")
	})
	resourcePattern := rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 3).Draw(t, "all") == 0 {
			return "*"
		}
		s := strings.Join([]string{word("dms", "iam").Draw(t, "service"), word("r1", "r2", "").Draw(t, "region"), word(accounts...).Draw(t, "account"), word("queue").Draw(t, "kind"), word("q1", "q2").Draw(t, "name")}, ":")
		if rapid.Bool().Draw(t, "group") {
			s += "/group:" + word("g1", "g2").Draw(t, "group name")
		}
		return s
	})
	statement := rapid.Custom(func(t *rapid.T) iam.Statement {
		return iam.Statement{
			Effect:   rapid.SampledFrom([]iam.Effect{iam.EffectAllow, iam.EffectAllow, iam.EffectDeny}).Draw(t, "effect"),
			Action:   rapid.SliceOfN(actionPattern, 1, 3).Draw(t, "actions"),
			Resource: rapid.SliceOfN(resourcePattern, 1, 3).Draw(t, "resources"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		f := newFacts()
		a, err := casbinauthz.New(f)
		if err != nil {
			t.Fatal(err)
		}
		policies := make(map[string]iam.PolicyFact)
		versions := make(map[string]int64)
		for _, id := range accounts {
			versions[id] = 1
			f.account(id, 1)
		}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			account, user := rapid.SampledFrom(accounts).Draw(t, "account"), rapid.SampledFrom(users).Draw(t, "user")
			key := iam.PolicyKey(account, user, fmt.Sprint(rapid.IntRange(0, 1).Draw(t, "policy")))
			p := iam.PolicyFact{AccountID: account, UserID: user, Name: "p", Document: &iam.Policy{Version: iam.PolicyVersion1, Statement: rapid.SliceOfN(statement, 1, 4).Draw(t, "statements")}}
			if err := p.Document.Validate(); err != nil {
				t.Fatalf("the generator makes invalid policies: %v", err)
			}
			policies[key] = p
			f.put(directory.KindPolicy, key, p)
			versions[account]++
			f.account(account, versions[account])

			all := make([]iam.PolicyFact, 0, len(policies))
			for _, p := range policies {
				all = append(all, p)
			}
			for range 20 {
				account, user := rapid.SampledFrom(accounts).Draw(t, "asking account"), rapid.SampledFrom(users).Draw(t, "asking user")
				action := access.Action(rapid.SampledFrom([]string{"dms", "iam"}).Draw(t, "s") + ":" + rapid.SampledFrom([]string{"queue", "group"}).Draw(t, "n") + ":" + rapid.SampledFrom([]string{"get", "create", "delete"}).Draw(t, "v"))
				region, owner, queue := rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "r"), rapid.SampledFrom(accounts).Draw(t, "owner"), rapid.SampledFrom([]string{"q1", "q2", "*"}).Draw(t, "q")
				resource := access.QueueResource(region, owner, queue)
				switch rapid.IntRange(0, 2).Draw(t, "resource kind") {
				case 1:
					resource = access.GroupResource(region, owner, queue, rapid.SampledFrom([]string{"g1", "g3"}).Draw(t, "g"))
				case 2:
					resource = access.AccountResource("iam", owner, "queue")
				}
				want := reference(all, account, user, action, resource)
				for range 2 { // the second answer may come from the cache
					err := a.Authorize(ctx, actor(account, user), action, resource.Object())
					if got := err == nil; got != want {
						t.Fatalf("%s/%s %s on %s: got %v, the reference says %v; policies %+v", account, user, action, resource, err, want, all)
					}
				}
			}
		}
	})
}

// Policies of one account change all the time while others ask: whatever is answered was true at some moment in between, and
// what holds in every version is never answered otherwise.
func TestDecisionsAreRightWhilePoliciesChange(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "p", allow("dms:queue:get", "*"), deny("dms:queue:delete", "*"))
	a := newAuthorizer(t, f)
	r := access.QueueResource("r1", "a1", "q")
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, r.Object()); err != nil && errs.CodeOf(err) != errs.Unavailable {
					t.Errorf("get: %v", err)
					return
				}
				if err := a.Authorize(ctx, actor("a1", "u1"), access.QueueDelete, r.Object()); err == nil {
					t.Error("delete was allowed")
					return
				}
			}
		})
	}
	for version := int64(2); version < 500; version++ {
		f.policy("a1", "u1", "q", allow("dms:message:send", "*"), allow("*", fmt.Sprintf("dms:*:*:queue:q%d", version)))
		f.account("a1", version)
		require.NoError(t, a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, access.QueueResource("r1", "a1", fmt.Sprint("q", version)).Object()))
		denied(t, a.Authorize(ctx, actor("a1", "u1"), access.BillGet, access.QueueResource("r1", "a1", fmt.Sprint("q", version-1)).Object()))
	}
	close(done)
	wg.Wait()
}

func BenchmarkAuthorize(b *testing.B) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "p", allow("dms:*", "*"), deny("dms:queue:delete", "*"))
	a := newAuthorizer(b, f)
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		r := access.QueueResource("r1", "a1", "q")
		for b.Loop() {
			if err := a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, r.Object()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decided", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i++
			if err := a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, access.QueueResource("r1", "a1", fmt.Sprint(i)).Object()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

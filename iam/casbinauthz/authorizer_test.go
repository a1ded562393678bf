package casbinauthz_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/errs"
)

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
			k.Detach(t, n, iam.PolicyTenantAdministrator)
			denied(t, send())
			denied(t, send(), "remembered")
			k.Attach(t, n, iam.PolicyTenantAdministrator)
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
	all := func(version string) map[string]any {
		return map[string]any{"Version": version, "Statement": []any{map[string]any{"Effect": "Allow", "Action": []string{"*"}, "Resource": []string{"*"}}}}
	}
	for name, document := range map[string]any{
		"a document of a newer version": all("2.0"),
		"a field that is not known": map[string]any{"Version": "1.1", "Statement": []any{
			map[string]any{"Effect": "Allow", "NotAction": []string{"dms:queue:get"}, "Action": []string{"iam:user:get"}, "Resource": []string{"*"}}}},
		"no policy at all": "*",
		"no such policy":   nil,
		"a denial in the dark": map[string]any{"Version": "1.1", "Statement": []any{
			map[string]any{"Effect": "Deny", "Action": []string{"*"}, "Resource": []string{"*"}, "Condition": map[string]any{"MoonPhase": map[string]any{"g:CurrentTime": "full"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFacts()
			f.account("a1", 1)
			f.policy("a1", "u1", "all", allow("*", "*"))
			f.policy("a1", "u2", "all", allow("*", "*"))
			f.put(directory.KindPolicy, iam.PolicyKey("a1", "u:u1", "x"), iam.PolicyFact{AccountID: "a1", Subject: "u:u1", Name: "x"})
			if document != nil {
				f.document("a1", "x", document)
			}
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
	f.put(directory.KindPolicy, "a1/of old", iam.PolicyFact{AccountID: "a1", Subject: "u:u1", Name: "u1 a"})
	require.NoError(t, newAuthorizer(t, f).Authorize(ctx, actor("a1", "u1"), access.QueueGet, access.QueueResource("r1", "a1", "q").Object()))
}

func TestBrokenDirectoryIsNoPermission(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "p", allow("*", "*"))
	f.entries[directory.KindPolicy]["a1/u:u1/q"] = []byte("{")
	err := newAuthorizer(t, f).Authorize(ctx, actor("a1", "u1"), access.QueueGet, access.QueueResource("r1", "a1", "q").Object())
	require.Equal(t, errs.Internal, errs.CodeOf(err))
}

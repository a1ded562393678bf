package casbinauthz_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/casbinauthz"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/errs"
)

func when(s iam.Statement, operator, key string, values ...string) iam.Statement {
	s.Condition = iam.Condition{operator: {key: values}}
	return s
}

func sessionPolicy(t *testing.T, statements ...iam.Statement) string {
	t.Helper()
	b, err := json.Marshal(iam.Policy{Version: iam.PolicyVersion1, Statement: statements})
	require.NoError(t, err)
	return string(b)
}

func share(effect iam.Effect, account string, actions ...string) iam.QueueStatement {
	return iam.QueueStatement{Effect: effect, Principal: iam.QueuePrincipal{Account: []string{account}}, Action: actions}
}

func policyOf(statements ...iam.QueueStatement) iam.QueuePolicy {
	return iam.QueuePolicy{Version: iam.PolicyVersion1, Statement: statements}
}

func TestGroupsGiveAndDeny(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.user("a1", "u1", "g1")
	f.user("a1", "u2", "g1", "g2")
	f.user("a1", "u3")
	f.attach("a1", iam.GroupSubject("g1"), "send", allow("dms:message:send", "*"))
	f.attach("a1", iam.GroupSubject("g2"), "no send", deny("dms:message:send", "*"))
	f.attach("a1", iam.UserSubject("g1"), "all", allow("*", "*")) // a user whose id is the group's
	f.attach("a1", iam.UserSubject("u2"), "all", allow("*", "*"))
	a := newAuthorizer(t, f)
	q := access.QueueResource("r1", "a1", "q").Object()
	require.NoError(t, a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, q))
	denied(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, q))
	denied(t, a.Authorize(ctx, actor("a1", "u2"), access.MessageSend, q), "one group's denial outweighs the user's own permission")
	require.NoError(t, a.Authorize(ctx, actor("a1", "u2"), access.QueueGet, q))
	denied(t, a.Authorize(ctx, actor("a1", "u3"), access.MessageSend, q))

	f.user("a1", "u1")
	f.user("a1", "u3", "g1")
	f.account("a1", 2)
	denied(t, a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, q), "who left the group")
	require.NoError(t, a.Authorize(ctx, actor("a1", "u3"), access.MessageSend, q), "who came into it")
}

func TestUserThatIsGoneMayDoNothing(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.account("a2", 1)
	f.attach("a1", "u:u1", "all", allow("*", "*"))
	f.attach("a1", "u:u2", "all", allow("*", "*"))
	f.user("a2", "u2")
	a := newAuthorizer(t, f)
	denied(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, access.QueueResource("r1", "a1", "q").Object()))
	denied(t, a.Authorize(ctx, actor("a1", "u2"), access.QueueGet, access.QueueResource("r1", "a1", "q").Object()), "a user of another account")
}

func TestRoleHasItsOwnPoliciesAlone(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.user("a1", "u1")
	f.attach("a1", "u:u1", "all", allow("*", "*"))
	f.attach("a1", "r:r1", "get", allow("dms:queue:get", "*"))
	a := newAuthorizer(t, f)
	q := access.QueueResource("r1", "a1", "q").Object()
	assumed := access.Actor{AccountID: "a1", UserID: "r1", RoleID: "r1", ParentUserID: "u1", Via: access.ViaTemporary}
	require.NoError(t, a.Authorize(ctx, assumed, access.QueueGet, q))
	denied(t, a.Authorize(ctx, assumed, access.QueueDelete, q))
	require.NoError(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueDelete, q))
}

func TestSessionPolicyOnlyNarrows(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "p", allow("dms:*", "*"), deny("dms:queue:delete", "*"))
	a := newAuthorizer(t, f)
	q := access.QueueResource("r1", "a1", "q").Object()
	with := func(document string) access.Actor {
		return access.Actor{AccountID: "a1", UserID: "u1", Via: access.ViaTemporary, SessionPolicy: document}
	}
	narrow := with(sessionPolicy(t, allow("dms:queue:*", "*"), deny("dms:queue:create", "*")))
	for range 2 {
		require.NoError(t, a.Authorize(ctx, narrow, access.QueueGet, q))
		denied(t, a.Authorize(ctx, narrow, access.QueueCreate, q), "denied by the session policy")
		denied(t, a.Authorize(ctx, narrow, access.QueueDelete, q), "denied by the user's policy")
		denied(t, a.Authorize(ctx, narrow, access.MessageSend, q), "not allowed by the session policy")
		denied(t, a.Authorize(ctx, with(sessionPolicy(t, allow("*", "*"))), access.BillGet, access.AccountResource("billing", "a1", "bill").Object()), "not allowed by the user's policy")
		require.NoError(t, a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, q), "the user itself")
		for _, broken := range []string{"{", "null", `{"Version":"9","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["*"]}]}`} {
			denied(t, a.Authorize(ctx, with(broken), access.QueueGet, q), broken)
		}
	}
	require.NoError(t, a.Authorize(ctx, with(`{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["dms:queue:get"]}]}`), access.QueueGet, q), "no Resource is all")
}

func TestGuestNeedsBothPolicies(t *testing.T) {
	f := newFacts()
	for _, id := range []string{"owner", "guest", "other"} {
		f.account(id, 1)
	}
	f.policy("guest", "written", "p", allow("dms:*", "dms:*:owner:queue:*"), allow("dms:*", "dms:*:owner:queue:*/group:*"))
	f.policy("guest", "star", "p", allow("*", "*"), allow("*", "*:*:*:queue:*"))
	f.policy("guest", "no", "p", allow("dms:*", "dms:*:owner:queue:*"), deny("dms:message:*", "*"))
	f.policy("other", "written", "p", allow("dms:*", "dms:*:owner:queue:*"))
	f.policy("owner", "u", "p", allow("*", "*"))
	f.user("other", "of other")
	f.attach("other", "u:of other", "p", allow("dms:*", "dms:*:owner:queue:*"))
	f.user("guest", "written")
	a := newAuthorizer(t, f)
	guest := func(account, user string) access.Actor {
		return access.Actor{AccountID: account, UserID: user, Guest: true}
	}
	q := f.queuePolicy("owner", "q", 1, policyOf(share(iam.EffectAllow, "guest", "DMS:ProduceMessages", "DMS:GetQueue")))
	may := func(want bool, who access.Actor, action access.Action, o access.Object, msg string) {
		t.Helper()
		for range 2 {
			err := a.Authorize(ctx, who, action, o)
			if want {
				require.NoError(t, err, msg)
			} else {
				denied(t, err, msg)
			}
		}
	}
	may(true, guest("guest", "written"), access.MessageSend, q, "both allow")
	may(true, guest("guest", "written"), access.MessageCommit, q, "committing is sending")
	may(false, guest("guest", "written"), access.MessageReceive, q, "the queue's policy does not allow it")
	may(false, guest("guest", "written"), access.MessagePurge, q, "the policy of a queue cannot give it")
	may(false, guest("guest", "star"), access.MessageSend, q, "a star never crosses the account")
	may(false, guest("guest", "no"), access.QueueCreate, q, "nor is it given")
	may(true, guest("guest", "no"), access.QueueGet, q, "what is not denied")
	may(false, guest("guest", "no"), access.MessageSend, q, "a denial with a star crosses")
	may(false, guest("guest", "nobody"), access.MessageSend, q, "no user")
	may(false, guest("other", "of other"), access.MessageSend, q, "an account that is not named")
	may(false, guest("guest", "written"), access.MessageSend, access.QueueResource("r1", "owner", "private").Object(), "a queue without a policy")
	may(false, actor("guest", "written"), access.MessageSend, q, "who did not come as a guest")
	may(true, actor("owner", "u"), access.MessageReceive, q, "the owner's users need no queue policy")

	narrow := guest("guest", "written")
	narrow.Via, narrow.SessionPolicy = access.ViaTemporary, sessionPolicy(t, allow("dms:message:*", "*"))
	may(true, narrow, access.MessageSend, q, "a session policy narrows what others allow, also abroad")
	may(false, narrow, access.QueueGet, q, "a session policy narrows")

	q = f.queuePolicy("owner", "q", 2, policyOf(share(iam.EffectAllow, "*", "DMS:*"), share(iam.EffectDeny, "*", "DMS:ProduceMessages")))
	may(false, guest("guest", "written"), access.MessageSend, q, "denied")
	may(true, guest("guest", "written"), access.MessageReceive, q, "allowed to all")
	may(true, guest("other", "of other"), access.MessageReceive, q, "allowed to all")
	may(false, actor("owner", "u"), access.MessageSend, q, "denied to the owner's users too")
	may(true, actor("owner", "u"), access.QueuePolicySet, q, "the owner can always give another policy")

	q = f.queuePolicy("owner", "q", 3, policyOf(iam.QueueStatement{Effect: iam.EffectAllow, Principal: iam.QueuePrincipal{User: []string{"guest:written"}}, Action: []string{"DMS:*"}}))
	may(true, guest("guest", "written"), access.MessageSend, q, "the user is named")
	may(false, guest("guest", "no"), access.QueueGet, q, "another user of the account")
	may(false, guest("other", "written"), access.MessageSend, q, "a user of the name in another account")

	q = f.queuePolicy("owner", "q", 4, map[string]any{"Version": "3", "Anything": true})
	may(false, guest("guest", "written"), access.MessageSend, q, "what cannot be evaluated")
	may(false, actor("owner", "u"), access.MessageSend, q, "what cannot be evaluated may be a denial")
	may(true, actor("owner", "u"), access.QueuePolicySet, q, "and can be replaced")
}

func TestQueuePolicyThatTheDirectoryContradictsIsNoPermission(t *testing.T) {
	f := newFacts()
	f.account("guest", 1)
	f.policy("guest", "u", "p", allow("dms:*", "dms:*:owner:queue:*"))
	q := f.queuePolicy("owner", "q", 1, policyOf(share(iam.EffectAllow, "guest", "DMS:*")))
	a := newAuthorizer(t, f)
	who := access.Actor{AccountID: "guest", UserID: "u", Guest: true}
	require.NoError(t, a.Authorize(ctx, who, access.MessageSend, q))
	foreign := q
	foreign.Resource = access.QueueResource("r1", "third", "q")
	require.Equal(t, errs.Internal, errs.CodeOf(a.Authorize(ctx, who, access.MessageSend, foreign)))
	_, err := a.Named(ctx, who, foreign)
	require.Equal(t, errs.Internal, errs.CodeOf(err))
	unknown := q
	unknown.QueueID = "gone"
	require.Equal(t, errs.Unavailable, errs.CodeOf(a.Authorize(ctx, who, access.MessageSend, unknown)))
}

func TestPolicyOfQueueIsNeverOld(t *testing.T) {
	f := newFacts()
	f.account("guest", 1)
	f.policy("guest", "u", "p", allow("dms:*", "dms:*:owner:queue:*"))
	a := newAuthorizer(t, f)
	who := access.Actor{AccountID: "guest", UserID: "u", Guest: true}
	for version := range int64(20) {
		effect := iam.EffectAllow
		if version%2 == 1 {
			effect = iam.EffectDeny
		}
		q := f.queuePolicy("owner", "q", version+1, policyOf(share(effect, "guest", "DMS:*")))
		for range 2 {
			require.Equal(t, effect == iam.EffectAllow, a.Authorize(ctx, who, access.MessageSend, q) == nil, "version %d", version+1)
		}
		// Whoever looked the queue up at another version is answered by the policy of now, and that is not remembered for the version it came with.
		old := q
		old.QueuePolicyVersion = 1000
		require.Equal(t, effect == iam.EffectAllow, a.Authorize(ctx, who, access.MessageSend, old) == nil)
	}
}

func TestNamedKnowsWhomThePolicyNames(t *testing.T) {
	f := newFacts()
	a := newAuthorizer(t, f)
	q := f.queuePolicy("owner", "q", 1, policyOf(share(iam.EffectAllow, "a1", "DMS:GetQueue"), share(iam.EffectDeny, "a4", "DMS:GetQueue"),
		iam.QueueStatement{Effect: iam.EffectAllow, Principal: iam.QueuePrincipal{User: []string{"a2:u1"}}, Action: []string{"DMS:*"}}))
	for who, want := range map[[2]string]bool{{"a1", "u9"}: true, {"a2", "u1"}: true, {"a2", "u2"}: false, {"a3", "u1"}: false, {"a4", "u1"}: false, {"", ""}: false, {"a2", ""}: false} {
		got, err := a.Named(ctx, access.Actor{AccountID: who[0], UserID: who[1], Guest: true}, q)
		require.NoError(t, err)
		require.Equal(t, want, got, "%v", who)
	}
	none, err := a.Named(ctx, access.Actor{AccountID: "a1", Guest: true}, access.QueueResource("r1", "owner", "q").Object())
	require.NoError(t, err)
	require.False(t, none, "no policy names nobody")
	broken := f.queuePolicy("owner", "q2", 1, "?")
	none, err = a.Named(ctx, access.Actor{AccountID: "a1", Guest: true}, broken)
	require.NoError(t, err)
	require.False(t, none)
}

func TestForeignThingIsAllowedOnlyByName(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "star", "p", allow("*", "*"))
	f.policy("a1", "named", "p", allow("iam:role:assume", "iam::a2:role:auditor"))
	a := newAuthorizer(t, f)
	role := access.Object{Resource: "iam::a2:role:auditor", Foreign: true}
	denied(t, a.Authorize(ctx, actor("a1", "star"), access.RoleAssume, role))
	require.NoError(t, a.Authorize(ctx, actor("a1", "named"), access.RoleAssume, role))
	denied(t, a.Authorize(ctx, actor("a1", "named"), access.RoleAssume, role.Resource.Object()), "one that was not opened to the account")
}

func TestConditionsAreAskedEachTime(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	clk := clocktest.New(iamtest.Start)
	a, err := casbinauthz.New(f, clk)
	require.NoError(t, err)
	inAnHour := iamtest.Start.Add(time.Hour).Format(time.RFC3339)
	f.policy("a1", "u1", "p",
		when(allow("dms:queue:get", "*"), "IpAddress", iam.KeySourceIP, "192.0.2.0/24"),
		when(allow("dms:queue:list", "*"), "Bool", iam.KeyMFAPresent, "true"),
		when(allow("dms:message:send", "*"), "StringEquals", iam.KeyResourceTag+"team", "red", "blue"),
		when(allow("dms:group:list", "*"), "DateLessThan", iam.KeyCurrentTime, inAnHour),
		allow("dms:message:receive", "*"), when(deny("dms:message:receive", "*"), "Bool", iam.KeySecureTransport, "false"),
		allow("dms:message:ack", "*"), when(deny("dms:message:ack", "*"), "NotIpAddress", iam.KeySourceIP, "192.0.2.0/24"),
	)
	q := access.QueueResource("r1", "a1", "q").Object()
	ask := func(action access.Action, change func(*access.Actor, *access.Object)) bool {
		who, o := actor("a1", "u1"), q
		change(&who, &o)
		err := a.Authorize(ctx, who, action, o)
		if err != nil {
			denied(t, err)
		}
		return err == nil
	}
	from := func(address string) func(*access.Actor, *access.Object) {
		return func(a *access.Actor, _ *access.Object) { a.Address = netip.MustParseAddr(address) }
	}
	tagged := func(team string) func(*access.Actor, *access.Object) {
		return func(_ *access.Actor, o *access.Object) { o.Tags = []access.Tag{{Key: "team", Value: team}} }
	}
	as := func(*access.Actor, *access.Object) {}
	require.True(t, ask(access.QueueGet, from("192.0.2.1")))
	require.True(t, ask(access.QueueGet, from("::ffff:192.0.2.1")))
	require.False(t, ask(access.QueueGet, from("198.51.100.1")))
	require.False(t, ask(access.QueueGet, as), "an address that is not known allows nothing")
	require.True(t, ask(access.MessageAck, from("192.0.2.1")))
	require.False(t, ask(access.MessageAck, as), "and denies what may be meant")
	require.False(t, ask(access.QueueList, as))
	require.True(t, ask(access.QueueList, func(a *access.Actor, _ *access.Object) { a.MFA = true }))
	require.False(t, ask(access.QueueList, as))
	require.False(t, ask(access.MessageSend, as))
	require.True(t, ask(access.MessageSend, tagged("blue")))
	require.False(t, ask(access.MessageSend, tagged("green")))
	require.False(t, ask(access.MessageReceive, as))
	require.True(t, ask(access.MessageReceive, func(a *access.Actor, _ *access.Object) { a.TLS = true }))
	require.True(t, ask(access.GroupList, as))
	clk.Advance(time.Hour)
	require.False(t, ask(access.GroupList, as), "time has passed")
}

func TestPlatformActionsAreTheOperatorsOwn(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "all", allow("*", "*"), allow("platform:*", "platform:::account:*"))
	a := newAuthorizer(t, f)
	r := access.Resource("platform:::account:*").Object()
	who := actor("a1", "u1")
	denied(t, a.Authorize(ctx, who, access.PlatformAccountSuspend, r), "no policy speaks of it")
	who.Operator = true
	require.NoError(t, a.Authorize(ctx, who, access.PlatformAccountSuspend, r))
	denied(t, a.Authorize(ctx, who, "platform:account:erase", r), "no such action")
	for name, change := range map[string]func(*access.Actor){
		"impersonated": func(a *access.Actor) { a.ImpersonatorID = "o" },
		"temporary":    func(a *access.Actor) { a.Via = access.ViaTemporary },
		"in a role":    func(a *access.Actor) { a.RoleID = "r" },
		"guest":        func(a *access.Actor) { a.Guest = true },
	} {
		other := who
		change(&other)
		denied(t, a.Authorize(ctx, other, access.PlatformAccountSuspend, r), name)
	}
}

func TestUnknownActionIsDenied(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "all", allow("*", "*"))
	a := newAuthorizer(t, f)
	for _, action := range []access.Action{"", "dms:queue:explode", access.Public, access.Self} {
		denied(t, a.Authorize(ctx, actor("a1", "u1"), action, access.QueueResource("r1", "a1", "q").Object()), action)
	}
}

// A directory that was put back to a former state may give versions anew, to other policies.
func TestDecisionsOfAReplacedDirectoryAreForgotten(t *testing.T) {
	f := newFacts()
	a := newAuthorizer(t, f)
	q := access.QueueResource("r1", "a1", "q").Object()
	f.policy("a1", "u1", "p", allow("*", "*"))
	for _, version := range []int64{5, 6, 4} {
		f.account("a1", version)
		require.NoError(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, q))
	}
	f.policy("a1", "u1", "p", deny("*", "*"))
	for _, version := range []int64{5, 6} {
		f.account("a1", version)
		denied(t, a.Authorize(ctx, actor("a1", "u1"), access.QueueGet, q))
	}
}

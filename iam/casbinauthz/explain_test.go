package casbinauthz_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/directory"
	"dms/internal/errs"
)

func TestDenialTellsTheStatementToWhoMaySimulate(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.user("a1", "admin", "g1")
	f.user("a1", "plain", "g1")
	f.user("a1", "asks")
	f.attach("a1", "u:admin", "all", allow("*", "*"))
	f.attach("a1", "g:g1", "guard", allow("dms:queue:get", "*"), iam.Statement{Sid: "Keep", Effect: iam.EffectDeny, Action: []string{"dms:queue:delete"}, Resource: []string{"*"}})
	f.attach("a1", "u:plain", "send", when(allow("dms:message:send", "*"), "Bool", iam.KeyMFAPresent, "true"))
	f.attach("a1", "u:asks", "ask", allow("iam:policy:simulate", "*"), when(allow("dms:message:send", "*"), "Bool", iam.KeyMFAPresent, "true"))
	a := newAuthorizer(t, f)
	q := access.QueueResource("r1", "a1", "q").Object()
	denialOf := func(user string, action access.Action) (*errs.Denial, string) {
		err := a.Authorize(ctx, actor("a1", user), action, q)
		denied(t, err)
		return errs.As(err).Denial, errs.MessageOf(err)
	}
	d, text := denialOf("admin", access.QueueDelete)
	require.Empty(t, cmp.Diff(&errs.Denial{Action: "dms:queue:delete", Resource: "dms:r1:a1:queue:q", Effect: "explicit_deny", Statement: `Statement[1] "Keep" of policy "guard" of g:g1`}, d))
	require.Contains(t, text, `policy "guard"`)
	d, text = denialOf("plain", access.QueueDelete)
	require.Empty(t, cmp.Diff(&errs.Denial{Action: "dms:queue:delete", Resource: "dms:r1:a1:queue:q", Effect: "explicit_deny"}, d))
	require.NotContains(t, text, "guard")
	d, text = denialOf("plain", access.MessageSend)
	require.Equal(t, "implicit_deny", d.Effect)
	require.NotContains(t, text, iam.KeyMFAPresent)
	d, text = denialOf("asks", access.MessageSend)
	require.Equal(t, "implicit_deny", d.Effect)
	require.Empty(t, d.Statement)
	require.Contains(t, text, `Statement[1] of policy "ask" of u:asks (Bool g:MFAPresent)`)
}

func TestGuestNeverLearnsWhatTheOwnerWrote(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "admin", "all", allow("*", "*"), allow("*", "dms:*:owner:queue:*"))
	a := newAuthorizer(t, f)
	shared := f.queuePolicy("owner", "q", 1, policyOf(iam.QueueStatement{Sid: "Secret", Effect: iam.EffectDeny, Principal: iam.QueuePrincipal{Account: []string{"a1"}}, Action: []string{"DMS:*"}}))
	err := a.Authorize(ctx, access.Actor{AccountID: "a1", UserID: "admin", Guest: true}, access.MessageSend, shared)
	denied(t, err)
	require.Empty(t, errs.As(err).Denial.Statement)
	require.NotContains(t, errs.MessageOf(err), "Secret")
}

func TestSimulationAnswersBeforeThePolicyIsInForce(t *testing.T) {
	f := newFacts()
	f.account("a1", 1)
	f.user("a1", "u1", "g1")
	f.attach("a1", "g:g1", "base", allow("dms:queue:get", "*"))
	f.attach("a1", "r:r1", "base", allow("dms:queue:get", "*"))
	f.put(directory.KindRole, iam.RoleKey("a1", "r1"), iam.RoleFact{ID: "r1", AccountID: "a1", Name: "auditor"})
	a := newAuthorizer(t, f)
	q := access.QueueResource("r1", "a1", "q").Object()
	simulate := func(change func(*iam.Simulation)) []access.Decision {
		t.Helper()
		s := iam.Simulation{AccountID: "a1", Subject: "u:u1", Actions: []access.Action{access.QueueGet, access.MessageSend}, Objects: []access.Object{q}}
		change(&s)
		out, err := a.Simulate(ctx, s)
		require.NoError(t, err)
		require.Len(t, out, len(s.Actions)*len(s.Objects))
		return out
	}
	effects := func(change func(*iam.Simulation)) (out []access.Effect) {
		t.Helper()
		for _, d := range simulate(change) {
			out = append(out, d.Effect)
		}
		return out
	}
	type effect = []access.Effect
	sendWithMFA := iam.Policy{Version: iam.PolicyVersion1, Statement: []iam.Statement{when(allow("dms:message:send", "*"), "Bool", iam.KeyMFAPresent, "true")}}
	require.Equal(t, effect{access.Allow, access.ImplicitDeny}, effects(func(*iam.Simulation) {}))
	require.Equal(t, effect{access.Allow, access.ImplicitDeny}, effects(func(s *iam.Simulation) { s.Subject = "r:r1" }))
	require.Equal(t, effect{access.Allow, access.ImplicitDeny}, effects(func(s *iam.Simulation) { s.Subject = "g:g1" }))
	require.Equal(t, effect{access.Allow, access.Allow}, effects(func(s *iam.Simulation) { s.Attach, s.MFA = []iam.Policy{sendWithMFA}, true }))
	require.Equal(t, effect{access.ImplicitDeny, access.Allow}, effects(func(s *iam.Simulation) { s.Replace, s.MFA = map[string]iam.Policy{"base": sendWithMFA}, true }))
	require.Equal(t, effect{access.ExplicitDeny, access.ImplicitDeny}, effects(func(s *iam.Simulation) {
		p := policyOf(share(iam.EffectDeny, "a1", "DMS:GetQueue"))
		s.QueuePolicy = &p
	}))
	require.Equal(t, effect{access.ImplicitDeny, access.Allow}, effects(func(s *iam.Simulation) {
		p := policyOf(share(iam.EffectAllow, "b", "DMS:ProduceMessages"))
		s.QueuePolicy, s.CallerAccount = &p, "b"
	}))
	require.Equal(t, effect{access.ImplicitDeny, access.ImplicitDeny}, effects(func(s *iam.Simulation) { s.CallerAccount = "b" }), "a queue without a policy")
	require.Equal(t, effect{access.ImplicitDeny}, effects(func(s *iam.Simulation) {
		s.Attach, s.Actions = []iam.Policy{{Version: iam.PolicyVersion1, Statement: []iam.Statement{allow("*", "*")}}}, []access.Action{access.PlatformAccountSuspend}
	}), "an operator's action")

	require.Empty(t, cmp.Diff([]access.Decision{
		{Effect: access.Allow, Action: access.QueueGet, Resource: q.Resource, By: &access.StatementRef{Layer: "identity", Subject: "g:g1", Policy: "base"}},
		{Effect: access.ImplicitDeny, Action: access.MessageSend, Resource: q.Resource, Unmet: []access.Unmet{
			{StatementRef: access.StatementRef{Layer: "identity", Subject: "u:u1", Policy: "attach[0]"}, Condition: "Bool g:MFAPresent"}}},
	}, simulate(func(s *iam.Simulation) { s.Attach = []iam.Policy{sendWithMFA} })))

	denied(t, a.Authorize(ctx, access.Actor{AccountID: "a1", UserID: "u1", MFA: true}, access.MessageSend, q), "nothing was changed")
	for _, subject := range []string{"u:nobody", "r:nothing"} {
		_, err := a.Simulate(ctx, iam.Simulation{AccountID: "a1", Subject: subject})
		require.Equal(t, errs.NotFound, errs.CodeOf(err), subject)
	}
	_, err := a.Simulate(ctx, iam.Simulation{AccountID: "a1", Subject: "everybody"})
	require.Equal(t, errs.Invalid, errs.CodeOf(err))
}

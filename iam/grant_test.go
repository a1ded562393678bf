package iam_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/reason"
)

func statement(effect iam.Effect, action, resource string) iam.Statement {
	return iam.Statement{Effect: effect, Action: []string{action}, Resource: []string{resource}}
}

func TestNobodyGivesWhatTheyDoNotHold(t *testing.T) {
	const account = "a1"
	allow := func(action, resource string) iam.Statement { return statement(iam.EffectAllow, action, resource) }
	deny := func(action, resource string) iam.Statement { return statement(iam.EffectDeny, action, resource) }
	when := func(s iam.Statement, c iam.Condition) iam.Statement { s.Condition = c; return s }
	office := iam.Condition{"IpAddress": {iam.KeySourceIP: {"192.0.2.0/24", "198.51.100.0/24"}}}
	turned := iam.Condition{"IpAddress": {iam.KeySourceIP: {"198.51.100.0/24", "192.0.2.0/24"}}}
	narrower := iam.Condition{"IpAddress": office["IpAddress"], "Bool": {iam.KeyMFAPresent: {"true"}}}
	isBob := iam.Condition{"StringEquals": {iam.KeyUserName: {"bob"}}}
	for name, c := range map[string]struct {
		holder, gives []iam.Statement
		may           bool
	}{
		"nothing":                       {nil, nil, true},
		"something of nothing":          {nil, []iam.Statement{allow("dms:queue:get", "*")}, false},
		"all of all":                    {[]iam.Statement{allow("*", "*")}, []iam.Statement{allow("*", "*")}, true},
		"all of a service":              {[]iam.Statement{allow("dms:*", "*")}, []iam.Statement{allow("*", "*")}, false},
		"a denial":                      {nil, []iam.Statement{deny("*", "*")}, true},
		"the same written out":          {[]iam.Statement{allow("dms:*", "*")}, []iam.Statement{allow("dms:*:*", "*")}, true},
		"a longer star":                 {[]iam.Statement{allow("dms:*:*", "*")}, []iam.Statement{allow("dms:*", "*")}, true},
		"one verb":                      {[]iam.Statement{allow("dms:queue:*", "*")}, []iam.Statement{allow("dms:queue:get", "*")}, true},
		"another verb":                  {[]iam.Statement{allow("*:*:get", "*")}, []iam.Statement{allow("dms:queue:list", "*")}, false},
		"one queue of all":              {[]iam.Statement{allow("*", "dms:*:*:queue:*")}, []iam.Statement{allow("dms:queue:get", "dms:r1:a1:queue:q")}, true},
		"all queues of one":             {[]iam.Statement{allow("*", "dms:r1:a1:queue:q")}, []iam.Statement{allow("dms:queue:get", "dms:r1:a1:queue:*")}, false},
		"a group of a queue":            {[]iam.Statement{allow("*", "dms:r1:a1:queue:q")}, []iam.Statement{allow("*", "dms:r1:a1:queue:q/group:g")}, false},
		"a star for the account":        {[]iam.Statement{allow("*", "dms:r1:a1:queue:q")}, []iam.Statement{allow("*", "dms:r1:*:queue:q")}, true},
		"everything of queues":          {[]iam.Statement{allow("*", "dms:*:*:queue:*")}, []iam.Statement{allow("dms:queue:get", "*")}, false},
		"another account's as one's":    {[]iam.Statement{allow("*", "dms:*:*:queue:*")}, []iam.Statement{allow("dms:queue:get", "dms:r1:b2:queue:q")}, true},
		"one's as another account's":    {[]iam.Statement{allow("*", "dms:r1:b2:queue:q")}, []iam.Statement{allow("*", "dms:r1:a1:queue:q")}, false},
		"the same of another account":   {[]iam.Statement{allow("*", "dms:r1:b2:queue:q")}, []iam.Statement{allow("*", "dms:r1:b2:queue:q")}, true},
		"what is denied":                {[]iam.Statement{allow("*", "*"), deny("iam:user:delete", "*")}, []iam.Statement{allow("iam:user:*", "*")}, false},
		"beside what is denied":         {[]iam.Statement{allow("*", "*"), deny("iam:user:delete", "*")}, []iam.Statement{allow("iam:user:get", "*")}, true},
		"with the denial":               {[]iam.Statement{allow("*", "*"), deny("iam:user:delete", "*")}, []iam.Statement{allow("*", "*"), deny("iam:user:*", "*")}, true},
		"with a smaller denial":         {[]iam.Statement{allow("*", "*"), deny("iam:user:*", "*")}, []iam.Statement{allow("*", "*"), deny("iam:user:delete", "*")}, false},
		"with a conditional denial":     {[]iam.Statement{allow("*", "*"), deny("iam:*", "*")}, []iam.Statement{allow("*", "*"), when(deny("iam:*", "*"), office)}, false},
		"a conditional denial":          {[]iam.Statement{allow("*", "*"), when(deny("iam:*", "*"), office)}, []iam.Statement{allow("*", "*")}, false},
		"without the condition":         {[]iam.Statement{when(allow("*", "*"), office)}, []iam.Statement{allow("dms:queue:get", "*")}, false},
		"with the condition":            {[]iam.Statement{when(allow("*", "*"), office)}, []iam.Statement{when(allow("dms:queue:get", "*"), turned)}, true},
		"with more conditions":          {[]iam.Statement{when(allow("*", "*"), office)}, []iam.Statement{when(allow("dms:queue:get", "*"), narrower)}, true},
		"with fewer conditions":         {[]iam.Statement{when(allow("*", "*"), narrower)}, []iam.Statement{when(allow("dms:queue:get", "*"), office)}, false},
		"what holds for somebody else":  {[]iam.Statement{when(allow("*", "*"), isBob)}, []iam.Statement{when(allow("*", "*"), isBob)}, false},
		"two statements that are whole": {[]iam.Statement{allow("dms:*", "*"), allow("iam:*", "*")}, []iam.Statement{{Effect: iam.EffectAllow, Action: []string{"dms:queue:get", "iam:user:get"}, Resource: []string{"*"}}}, true},
	} {
		err := iam.CheckGrant(c.holder, account, c.gives)
		if c.may {
			require.NoError(t, err, name)
			continue
		}
		require.Equal(t, reason.GrantTooMuch, errs.ReasonOf(err), name)
	}
}

// TestWhatMayBeGivenIsHeld draws statements and requests: what the gift allows, the giver is allowed.
func TestWhatMayBeGivenIsHeld(t *testing.T) {
	const account = "a1"
	part := func(words ...string) *rapid.Generator[string] { return rapid.SampledFrom(append(words, "*", "*")) }
	action := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"*", "dms:*", part("dms", "iam").Draw(t, "service") + ":" + part("queue", "user").Draw(t, "noun") + ":" + part("get", "delete").Draw(t, "verb")}).Draw(t, "action")
	})
	resource := rapid.Custom(func(t *rapid.T) string {
		r := "dms:" + part("r1", "r2").Draw(t, "region") + ":" + rapid.SampledFrom([]string{"*", "a1", "a1"}).Draw(t, "account") + ":queue:" + part("q1", "q2").Draw(t, "queue")
		return rapid.SampledFrom([]string{"*", r, r, r + "/group:" + part("g1").Draw(t, "group")}).Draw(t, "resource")
	})
	condition := rapid.SampledFrom([]iam.Condition{nil, nil, nil, {"Bool": {iam.KeyMFAPresent: {"true"}}}, {"Bool": {iam.KeySecureTransport: {"true"}}},
		{"Bool": {iam.KeyMFAPresent: {"true"}, iam.KeySecureTransport: {"true"}}}, {"IpAddress": {iam.KeySourceIP: {"192.0.2.0/24"}}}})
	statements := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) iam.Statement {
		return iam.Statement{
			Effect: rapid.SampledFrom([]iam.Effect{iam.EffectAllow, iam.EffectAllow, iam.EffectDeny}).Draw(t, "effect"), Condition: condition.Draw(t, "condition"),
			Action: rapid.SliceOfN(action, 1, 2).Draw(t, "actions"), Resource: rapid.SliceOfN(resource, 1, 2).Draw(t, "resources"),
		}
	}), 1, 3)
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		holder, gives := statements.Draw(t, "holder"), statements.Draw(t, "gives")
		if iam.CheckGrant(holder, account, gives) != nil {
			return
		}
		passed++
		for _, mfa := range []bool{false, true} {
			for _, tls := range []bool{false, true} {
				at := iam.Circumstances{MFA: mfa, TLS: tls} // the address is not known
				for _, a := range []access.Action{"dms:queue:get", "dms:queue:delete", "dms:user:get", "iam:user:get", "iam:user:delete", "iam:queue:get"} {
					for _, r := range []access.Resource{"dms:r1:a1:queue:q1", "dms:r2:a1:queue:q2", "dms:r1:a1:queue:q1/group:g1", "iam::a1:user:u"} {
						if allowed(gives, account, a, r, &at) && !allowed(holder, account, a, r, &at) {
							t.Fatalf("%s on %s in %+v was given and is not held", a, r, at)
						}
					}
				}
			}
		}
	})
	require.Positive(t, passed, "some gifts were allowed")
}

// allowed is what a decision says, with nothing but the language of policies.
func allowed(statements []iam.Statement, account string, action access.Action, resource access.Resource, at *iam.Circumstances) bool {
	allow := false
	for _, s := range statements {
		covers := false
		for _, a := range s.Action {
			for _, r := range s.Resource {
				covers = covers || iam.MatchAction(a, action) && iam.MatchResource(r, resource, account)
			}
		}
		if !covers {
			continue
		}
		truth, _ := s.Condition.Compile().Holds(at)
		if s.Effect == iam.EffectDeny && truth != iam.False {
			return false
		}
		allow = allow || s.Effect == iam.EffectAllow && truth == iam.True
	}
	return allow
}

// actorOf is the tenant's user as a caller.
func actorOf(n iamtest.Tenant) access.Actor { return n.Administrator() }

func policy(t *testing.T, k *iamtest.Kit, n iamtest.Tenant, name string, statements ...iam.Statement) {
	t.Helper()
	_, err := k.Services.Policies.Create(ctx, n.Administrator(), name, "", iam.Policy{Version: iam.PolicyVersion1, Statement: statements})
	require.NoError(t, err)
}

// TestEscalationPathsAreClosed has a user who may do everything with users, groups and policies, and nothing else. Each path would give it, or a friend, more; an administrator may
// walk it.
func TestEscalationPathsAreClosed(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		s := k.Services
		policy(t, k, n, "manager", statement(iam.EffectAllow, "iam:user:*", "*"), statement(iam.EffectAllow, "iam:group:*", "*"), statement(iam.EffectAllow, "iam:policy:*", "*"),
			statement(iam.EffectAllow, "iam:accesskey:*", "*"))
		policy(t, k, n, "no purge", statement(iam.EffectDeny, "dms:message:purge", "*"))
		policy(t, k, n, "harmless", statement(iam.EffectAllow, "iam:user:get", "*"))
		mallory, friend := k.As(t, n, "manager", "harmless", "no purge"), k.As(t, n, "no purge")
		powerful, disabled := k.As(t, n, iam.PolicyDMSAdministrator), k.As(t, n, iam.PolicyDMSAdministrator)
		k.SetEnabled(t, disabled, false)
		operator, err := s.Accounts.Bootstrap(ctx, iam.BootstrapInput{AccountName: "acme", UserName: "operator", Password: iamtest.Password, Region: iamtest.Region, Operator: true})
		require.NoError(t, err)
		admin := n.Administrator()
		admins, err := s.UserGroups.Create(ctx, admin, "admins", "")
		require.NoError(t, err)
		require.NoError(t, s.Policies.Attach(ctx, admin, iam.GroupSubject(admins.ID), iam.PolicyDMSAdministrator))
		bound, err := s.UserGroups.Create(ctx, admin, "bound", "")
		require.NoError(t, err)
		require.NoError(t, s.Policies.Attach(ctx, admin, iam.GroupSubject(bound.ID), "no purge"))
		require.NoError(t, s.UserGroups.AddMember(ctx, admin, bound.ID, mallory.User.ID))

		mine := iam.UserSubject(mallory.User.ID)
		email := "mallory@example.org"
		enabled := true
		for name, walk := range map[string]func(a access.Actor) error{
			"attach to oneself": func(a access.Actor) error { return s.Policies.Attach(ctx, a, mine, iam.PolicyDMSAdministrator) },
			"attach to a friend": func(a access.Actor) error {
				return s.Policies.Attach(ctx, a, iam.UserSubject(friend.User.ID), iam.PolicyDMSUserAccess)
			},
			"attach to a group": func(a access.Actor) error {
				return s.Policies.Attach(ctx, a, iam.GroupSubject(bound.ID), iam.PolicyTenantGuest)
			},
			"join a group": func(a access.Actor) error { return s.UserGroups.AddMember(ctx, a, admins.ID, mallory.User.ID) },
			"make a user in group": func(a access.Actor) error {
				_, err := s.Users.Create(ctx, a, iam.NewUser{Name: "x" + a.UserID[:8], GroupIDs: []string{admins.ID}})
				return err
			},
			"edit one's policy": func(a access.Actor) error {
				_, err := s.Policies.Update(ctx, a, "harmless", iam.PolicyChange{Document: iam.Policy{Version: "1.1", Statement: []iam.Statement{statement(iam.EffectAllow, "dms:*", "*")}}})
				return err
			},
			"edit a denial away": func(a access.Actor) error {
				_, err := s.Policies.Update(ctx, a, "no purge", iam.PolicyChange{Document: iam.Policy{Version: "1.1", Statement: []iam.Statement{statement(iam.EffectDeny, "dms:message:seek", "*")}}})
				return err
			},
			"detach a denial":         func(a access.Actor) error { return s.Policies.Detach(ctx, a, mine, "no purge") },
			"leave a group with one":  func(a access.Actor) error { return s.UserGroups.RemoveMember(ctx, a, bound.ID, mallory.User.ID) },
			"delete a group with one": func(a access.Actor) error { return s.UserGroups.Delete(ctx, a, bound.ID) },
			"password of another": func(a access.Actor) error {
				return s.Users.ResetPassword(ctx, a, powerful.User.ID, "a wholly new password")
			},
			"address of another": func(a access.Actor) error {
				return s.Users.Update(ctx, a, powerful.User.ID, iam.UserChange{Email: &email})
			},
			"enable another": func(a access.Actor) error {
				return s.Users.Update(ctx, a, disabled.User.ID, iam.UserChange{Enabled: &enabled})
			},
			"key of another": func(a access.Actor) error {
				_, _, err := s.AccessKeys.CreateFor(ctx, a, powerful.User.ID, "")
				return err
			},
			"enable another's key": func(a access.Actor) error {
				return s.AccessKeys.SetEnabledFor(ctx, a, powerful.User.ID, powerful.AccessKey, true)
			},
		} {
			require.Equal(t, reason.GrantTooMuch, errs.ReasonOf(walk(actorOf(mallory))), name)
			lent := admin
			lent.SessionPolicy = `{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["*"]}]}`
			require.Equal(t, reason.GrantTooMuch, errs.ReasonOf(walk(lent)), "%s with a session policy", name)
		}
		require.Equal(t, reason.GrantTooMuch, errs.ReasonOf(s.Users.ResetPassword(ctx, admin, operator.UserID, "a wholly new password")), "an administrator does not become an operator")

		// What they hold they give.
		require.NoError(t, s.Policies.Attach(ctx, actorOf(mallory), iam.UserSubject(friend.User.ID), "harmless"))
		require.NoError(t, s.Users.ResetPassword(ctx, actorOf(mallory), friend.User.ID, "a wholly new password"))
		// And an administrator may all of it.
		require.NoError(t, s.Policies.Attach(ctx, admin, mine, iam.PolicyDMSAdministrator))
		require.NoError(t, s.UserGroups.AddMember(ctx, admin, admins.ID, mallory.User.ID))
		require.NoError(t, s.Policies.Detach(ctx, admin, mine, "no purge"))
		require.NoError(t, s.UserGroups.Delete(ctx, admin, bound.ID))
		require.NoError(t, s.Users.Update(ctx, admin, powerful.User.ID, iam.UserChange{Email: &email}))
		require.NoError(t, s.Users.Update(ctx, admin, disabled.User.ID, iam.UserChange{Enabled: &enabled}))
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		s, admin := k.Services, n.Administrator()
		me := iam.UserSubject(n.User.ID)
		policy(t, k, n, "locked", statement(iam.EffectDeny, "iam:*", "*"))
		policy(t, k, n, "open", statement(iam.EffectAllow, "dms:queue:delete", "*"))
		require.NoError(t, s.Policies.Attach(ctx, admin, me, "open"))
		for name, try := range map[string]func() error{
			"detach":  func() error { return s.Policies.Detach(ctx, admin, me, iam.PolicyTenantAdministrator) },
			"disable": func() error { return s.Users.SetEnabled(ctx, admin, n.User.ID, false) },
			"deny":    func() error { return s.Policies.Attach(ctx, admin, me, "locked") },
			"a policy that comes to deny": func() error {
				_, err := s.Policies.Update(ctx, admin, "open", iam.PolicyChange{Document: iam.Policy{Version: "1.1",
					Statement: []iam.Statement{statement(iam.EffectAllow, "dms:queue:delete", "*"), statement(iam.EffectDeny, "*:*:detach", "*")}}})
				return err
			},
		} {
			err := try()
			require.Equal(t, errs.Conflict, errs.CodeOf(err), "%s: %v", name, err)
			require.Equal(t, errs.Reason("last_administrator"), errs.ReasonOf(err), name)
		}
		// By a group, and with another one it goes.
		g, err := s.UserGroups.Create(ctx, admin, "admins", "")
		require.NoError(t, err)
		policy(t, k, n, "nothing", statement(iam.EffectAllow, "dms:queue:get", "*"))
		bob := k.As(t, n, "nothing")
		require.NoError(t, s.Policies.Detach(ctx, admin, me, "open"))
		require.NoError(t, s.Policies.Attach(ctx, admin, iam.GroupSubject(g.ID), iam.PolicyTenantAdministrator))
		require.NoError(t, s.UserGroups.AddMember(ctx, admin, g.ID, bob.User.ID))
		require.NoError(t, s.Policies.Detach(ctx, admin, me, iam.PolicyTenantAdministrator))
		asBob := actorOf(bob)
		for name, try := range map[string]func() error{
			"leave the group":  func() error { return s.UserGroups.RemoveMember(ctx, asBob, g.ID, bob.User.ID) },
			"delete the group": func() error { return s.UserGroups.Delete(ctx, asBob, g.ID) },
			"detach it from the group": func() error {
				return s.Policies.Detach(ctx, asBob, iam.GroupSubject(g.ID), iam.PolicyTenantAdministrator)
			},
			"delete": func() error { return s.Users.Delete(ctx, asBob, bob.User.ID) },
		} {
			require.Equal(t, errs.Reason("last_administrator"), errs.ReasonOf(try()), name)
		}
		ok, err := k.Store.AdministratorIDs(ctx, n.Account.ID)
		require.NoError(t, err)
		require.Equal(t, []string{bob.User.ID}, ok, "what was refused was not done")
	})
}

// TestTheLastAdministratorStaysUnderConcurrentRemovals has eight administrators who all leave at once.
func TestTheLastAdministratorStaysUnderConcurrentRemovals(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		const many = 8
		n := k.SignUp(t, "acme")
		users := []iamtest.Tenant{n}
		for range many - 1 {
			users = append(users, k.As(t, n, iam.PolicyTenantAdministrator))
		}
		failed := make([]error, many)
		var wg sync.WaitGroup
		for i, u := range users {
			wg.Go(func() {
				failed[i] = k.Services.Policies.Detach(ctx, actorOf(u), iam.UserSubject(u.User.ID), iam.PolicyTenantAdministrator)
			})
		}
		wg.Wait()
		refused := 0
		for _, err := range failed {
			if err != nil {
				require.Equal(t, errs.Reason("last_administrator"), errs.ReasonOf(err), "%v", errors.Unwrap(err))
				refused++
			}
		}
		require.Equal(t, 1, refused)
		left, err := k.Store.AdministratorIDs(ctx, n.Account.ID)
		require.NoError(t, err)
		require.Len(t, left, 1)
	})
}

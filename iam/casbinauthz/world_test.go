package casbinauthz_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/directory"
)

// world is a small platform, made at random: accounts with users, user groups and a role, their policies, and queues that some of them share.
type world struct {
	rnd      *rand.Rand
	strange  bool // some conditions cannot be judged
	groups   map[string][]string
	attached map[string][]attached // by account
	queues   map[access.Resource]sharedQueue
	sessions []iam.Policy
}

type attached struct {
	subject, name string
	policy        iam.Policy
}

type sharedQueue struct {
	id     string
	policy iam.QueuePolicy
}

var (
	worldAccounts = []string{"a1", "a2", "a3"}
	worldActions  = []access.Action{
		access.QueueGet, access.QueueCreate, access.GroupCreate, access.GroupDelete, access.GroupList, access.MessageSend, access.MessageReceive,
		access.MessageBrowse, access.DeadLetterAck, access.UserGet, access.BillGet, "dms:queue:explode",
	}
	queueActionNames = []string{"DMS:GetQueue", "DMS:CreateGroup", "DMS:GetGroups", "DMS:DeleteGroup", "DMS:ProduceMessages", "DMS:ConsumeMessages", "DMS:*"}
)

func newWorld(rnd *rand.Rand) *world {
	w := &world{rnd: rnd, strange: rnd.IntN(4) == 0, groups: make(map[string][]string), attached: make(map[string][]attached), queues: make(map[access.Resource]sharedQueue)}
	for _, account := range worldAccounts {
		subjects := []string{"g:" + account + "g1", "r:" + account + "r1"}
		for _, user := range []string{account + "u1", account + "u2"} {
			subjects = append(subjects, "u:"+user)
			for _, group := range []string{account + "g1", account + "g2"} {
				if rnd.IntN(2) == 0 {
					w.groups[user] = append(w.groups[user], group)
				}
			}
		}
		subjects = append(subjects, "g:"+account+"g2")
		for i := range 2 + rnd.IntN(4) {
			at := attached{subject: pick(rnd, subjects...), name: fmt.Sprint("p", i), policy: w.policy(account)}
			if rnd.IntN(5) == 0 {
				at.name = pick(rnd, iam.PolicyTenantGuest, iam.PolicyDMSUserAccess, iam.PolicyDMSReadOnlyAccess, iam.PolicyTenantAdministrator)
				at.policy, _ = iam.BuiltinPolicy(at.name)
			}
			w.attached[account] = append(w.attached[account], at)
		}
		if rnd.IntN(8) > 0 { // or hardly any guest would be allowed anything
			other := pick(rnd, worldAccounts...)
			abroad := iam.Statement{Effect: iam.EffectAllow, Action: []string{"dms:*"}, Resource: []string{"dms:*:" + other + ":queue:*", "dms:*:" + other + ":queue:*/group:*"}}
			for _, subject := range []string{pick(rnd, subjects[:4]...), pick(rnd, subjects[3:]...)} {
				w.attached[account] = append(w.attached[account], attached{subject, "abroad", iam.Policy{Version: iam.PolicyVersion1, Statement: []iam.Statement{abroad}}})
			}
		}
		for _, queue := range []string{"q1", "q2"} {
			if rnd.IntN(5) > 0 {
				w.queues[access.QueueResource("r1", account, queue)] = sharedQueue{account + queue, w.queuePolicy()}
			}
		}
	}
	for range 2 {
		w.sessions = append(w.sessions, w.policy("*"))
	}
	return w
}

func pick[T any](rnd *rand.Rand, of ...T) T { return of[rnd.IntN(len(of))] }

func some[T any](rnd *rand.Rand, most int, one func() T) []T {
	out := make([]T, 1+rnd.IntN(most))
	for i := range out {
		out[i] = one()
	}
	return out
}

func (w *world) effect() iam.Effect {
	return pick(w.rnd, iam.EffectAllow, iam.EffectAllow, iam.EffectAllow, iam.EffectDeny)
}

func (w *world) policy(account string) iam.Policy {
	return iam.Policy{Version: iam.PolicyVersion1, Statement: some(w.rnd, 3, func() iam.Statement {
		s := iam.Statement{Effect: w.effect(), Action: some(w.rnd, 3, w.actionPattern), Resource: some(w.rnd, 3, func() string { return w.resourcePattern(account) }), Condition: w.condition()}
		if s.Effect == iam.EffectDeny { // or hardly anything would be allowed
			s.Action, s.Resource = s.Action[:1], s.Resource[:1]
		}
		return s
	})}
}

func (w *world) queuePolicy() iam.QueuePolicy {
	return iam.QueuePolicy{Version: iam.PolicyVersion1, Statement: some(w.rnd, 3, func() iam.QueueStatement {
		s := iam.QueueStatement{Effect: w.effect(), Action: some(w.rnd, 2, func() string { return pick(w.rnd, append(queueActionNames, "DMS:*", "DMS:*", "DMS:*")...) }), Condition: w.condition()}
		if account := pick(w.rnd, worldAccounts...); w.rnd.IntN(3) == 0 {
			s.Principal.User = []string{account + ":" + account + pick(w.rnd, "u1", "u2", "r1")}
		} else {
			s.Principal.Account = []string{pick(w.rnd, account, "*", "*")}
		}
		return s
	})}
}

func (w *world) actionPattern() string {
	return pick(w.rnd, "*", "dms:*", "dms:queue:*", "dms:message:*", "*:*:get", "dms:*:create", "iam:*", "dms:deadletter:*", "dms:group:*", string(pick(w.rnd, worldActions...)))
}

func (w *world) resourcePattern(account string) string {
	switch w.rnd.IntN(8) {
	case 0, 1:
		return "*"
	case 2:
		return pick(w.rnd, "iam", "billing", "*") + ":" + pick(w.rnd, "", "*") + ":" + pick(w.rnd, account, "*") + ":" + pick(w.rnd, "user", "bill", "*") + ":*"
	}
	s := strings.Join([]string{pick(w.rnd, "dms", "*"), pick(w.rnd, "r1", "*", "*"), pick(w.rnd, append(worldAccounts, account, "*")...), "queue", pick(w.rnd, "q1", "*", "*")}, ":")
	if w.rnd.IntN(2) == 0 {
		s += "/group:" + pick(w.rnd, "g1", "*")
	}
	return s
}

var worldTime = iamtest.Start

func (w *world) condition() iam.Condition {
	if w.rnd.IntN(3) > 0 {
		return nil
	}
	c := make(iam.Condition)
	for range 1 + w.rnd.IntN(2) {
		operator, key, values := "", "", []string(nil)
		switch w.rnd.IntN(8) {
		case 0:
			operator, key = pick(w.rnd, "IpAddress", "NotIpAddress"), iam.KeySourceIP
			values = some(w.rnd, 2, func() string { return pick(w.rnd, "192.0.2.0/24", "198.51.100.7", "2001:db8::/32") })
		case 1:
			operator, key = pick(w.rnd, "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"), iam.KeyCurrentTime
			values = []string{worldTime.Add(time.Duration(w.rnd.IntN(3)-1) * time.Hour).Format(time.RFC3339)}
		case 2:
			operator, key, values = "Bool", pick(w.rnd, iam.KeyMFAPresent, iam.KeySecureTransport), []string{pick(w.rnd, "true", "false")}
		case 3, 4:
			operator, key = pick(w.rnd, "StringEquals", "StringNotEquals"), pick(w.rnd, iam.KeyResourceTag+"team", iam.KeyProjectName)
			values = some(w.rnd, 2, func() string { return pick(w.rnd, "red", "blue") })
		case 5:
			operator, key, values = pick(w.rnd, "StringLike", "StringNotLike"), iam.KeyResourceTag+"team", []string{pick(w.rnd, "r*", "*d", "bl*e")}
		case 6:
			operator, key, values = "Null", iam.KeyResourceTag+"team", []string{pick(w.rnd, "true", "false")}
		case 7:
			if w.strange {
				operator, key, values = pick(w.rnd, "MoonPhase", "StringEquals", "Bool"), "g:Moon", []string{"full"}
			} else {
				operator, key, values = "Bool", iam.KeyMFAPresent, []string{"true"}
			}
		}
		if c[operator] == nil {
			c[operator] = make(map[string][]string)
		}
		c[operator][key] = values
	}
	return c
}

// publish puts the world into a directory, the policies as documents.
func (w *world) publish(t testing.TB) *facts {
	t.Helper()
	f := newFacts()
	for _, account := range worldAccounts {
		f.account(account, 1)
		for _, user := range []string{account + "u1", account + "u2"} {
			f.user(account, user, w.groups[user]...)
		}
		for _, at := range w.attached[account] {
			if _, builtin := iam.BuiltinPolicy(at.name); builtin {
				f.put(directory.KindPolicy, iam.PolicyKey(account, at.subject, at.name), iam.PolicyFact{AccountID: account, Subject: at.subject, Name: at.name})
			} else {
				f.attach(account, at.subject, at.name, at.policy.Statement...)
			}
		}
	}
	for resource, q := range w.queues {
		raw, err := json.Marshal(q.policy)
		require.NoError(t, err)
		f.put(directory.KindQueuePolicy, q.id, access.QueuePolicyFact{QueueID: q.id, AccountID: iam.OwnerOf(resource), Version: 1, Document: raw})
	}
	return f
}

// ask makes a question.
func (w *world) ask(t testing.TB) (who access.Actor, session *iam.Policy, action access.Action, o access.Object) {
	t.Helper()
	rnd := w.rnd
	account := pick(rnd, worldAccounts...)
	user := account + pick(rnd, "u1", "u2")
	who = access.Actor{AccountID: account, UserID: user, UserName: "name of " + user, ProjectName: pick(rnd, "", "red", "blue"), MFA: rnd.IntN(2) == 0, TLS: rnd.IntN(2) == 0}
	who.Address = netip.MustParseAddr(pick(rnd, "192.0.2.9", "198.51.100.7", "203.0.113.1", "2001:db8::1"))
	if w.strange && rnd.IntN(4) == 0 {
		who.Address = netip.Addr{}
	}
	switch rnd.IntN(4) {
	case 0:
		who.UserID, who.RoleID, who.ParentUserID, who.Via = account+"r1", account+"r1", user, access.ViaTemporary
	case 1:
		session = &w.sessions[rnd.IntN(len(w.sessions))]
		raw, err := json.Marshal(session)
		require.NoError(t, err)
		who.SessionPolicy, who.Via = string(raw), access.ViaTemporary
	}
	action = pick(rnd, worldActions...)
	owner := account
	if rnd.IntN(2) == 0 {
		owner = pick(rnd, worldAccounts...)
	}
	region, queue := pick(rnd, "r1", "r1", "r2"), pick(rnd, "q1", "q2")
	switch rnd.IntN(8) {
	case 0:
		o.Resource = access.AccountResource(pick(rnd, "iam", "billing"), owner, pick(rnd, "user", "bill"))
	case 1, 2, 3:
		o.Resource = access.GroupResource(region, owner, queue, pick(rnd, "g1", "g2"))
	default:
		o.Resource = access.QueueResource(region, owner, queue)
	}
	if strings.HasPrefix(string(o.Resource), "dms:") {
		if q, shared := w.queues[access.QueueResource(region, owner, queue)]; shared {
			o.QueueID, o.QueuePolicyVersion = q.id, 1
		}
		if rnd.IntN(2) == 0 {
			o.Tags = []access.Tag{{Key: "team", Value: pick(rnd, "red", "blue", "green")}}
		}
	}
	if owner != account {
		if who.Guest = rnd.IntN(4) > 0; who.Guest && rnd.IntN(2) == 0 {
			action = pick(rnd, access.QueueGet, access.MessageSend, access.MessageReceive)
		}
		o.Foreign = !who.Guest && rnd.IntN(2) == 0
	}
	return who, session, action, o
}

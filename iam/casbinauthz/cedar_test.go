package casbinauthz_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/access"
)

// cedarWorld is a world in the language of Cedar, one set of policies for each layer: a permit or forbid for each statement of each subject, which
// looks at the context alone. Cases with conditions that cannot be judged are not for it: Cedar passes over a forbid that fails, and we deny.
type cedarWorld struct {
	identity map[string]*cedar.PolicySet // by account
	sessions map[string]*cedar.PolicySet // by document
	queues   map[string]*cedar.PolicySet // by id
}

func (w *world) cedar(t testing.TB, documents []string) cedarWorld {
	t.Helper()
	parse := func(text string) *cedar.PolicySet {
		set, err := cedar.NewPolicySetFromBytes("", []byte(text))
		require.NoError(t, err, text)
		return set
	}
	c := cedarWorld{make(map[string]*cedar.PolicySet), make(map[string]*cedar.PolicySet), make(map[string]*cedar.PolicySet)}
	for _, account := range worldAccounts {
		var b strings.Builder
		for _, at := range w.attached[account] {
			for _, s := range at.policy.Statement {
				b.WriteString(cedarPolicy(s.Effect, fmt.Sprintf("context.subjects.contains(%q)", at.subject), cedarCovers(s, false), cedarCondition(s.Condition)))
			}
		}
		c.identity[account] = parse(b.String())
	}
	for i, p := range w.sessions {
		var b strings.Builder
		for _, s := range p.Statement {
			b.WriteString(cedarPolicy(s.Effect, cedarCovers(s, true), cedarCondition(s.Condition)))
		}
		c.sessions[documents[i]] = parse(b.String())
	}
	for _, q := range w.queues {
		var b strings.Builder
		for _, s := range q.policy.Statement {
			var who, what []string
			for _, a := range s.Principal.Account {
				who = append(who, fmt.Sprintf("(%q == \"*\" || context.account == %q)", a, a))
			}
			for _, u := range s.Principal.User {
				who = append(who, fmt.Sprintf("context.user == %q", u))
			}
			for _, a := range s.Action {
				what = append(what, fmt.Sprintf("context.dms == %q || %q == \"DMS:*\" && context.dms != \"\"", a, a))
			}
			b.WriteString(cedarPolicy(s.Effect, either(who), either(what), cedarCondition(s.Condition)))
		}
		c.queues[q.id] = parse(b.String())
	}
	return c
}

func cedarPolicy(e iam.Effect, when ...string) string {
	word := "forbid"
	if e == iam.EffectAllow {
		word = "permit"
	}
	return fmt.Sprintf("%s(principal, action, resource) when { %s };\n", word, strings.Join(when, " && "))
}

func either(of []string) string { return "(" + strings.Join(of, " || ") + ")" }

func cedarCovers(s iam.Statement, session bool) string {
	var actions, resources []string
	for _, a := range s.Action {
		parts := []string{"true"}
		for i, word := range strings.Split(a, ":") {
			if word != "*" {
				parts = append(parts, fmt.Sprintf("context.a%d == %q", i, word))
			}
		}
		actions = append(actions, strings.Join(parts, " && "))
	}
	for _, r := range s.Resource {
		shape, words := cedarShape(r)
		parts, byName := []string{"true"}, false
		if r != "*" {
			parts = []string{fmt.Sprintf("context.shape == %q", shape)}
			byName = words[2] != "*"
			for i, word := range words {
				if word != "*" {
					parts = append(parts, fmt.Sprintf("context.r%d == %q", i, word))
				}
			}
		}
		abroad := s.Effect == iam.EffectDeny || session || byName
		resources = append(resources, fmt.Sprintf("(if context.foreign then %v else context.r2 == context.account) && %s", abroad, strings.Join(parts, " && ")))
	}
	return either(actions) + " && " + either(resources)
}

// cedarShape takes a resource apart: its separators, and what is between them.
func cedarShape(resource string) (shape string, words []string) {
	words = strings.FieldsFunc(strings.ReplaceAll(strings.ReplaceAll(resource, ":", " :"), "/", " /"), func(r rune) bool { return r == ':' || r == '/' })
	for i := range words {
		words[i] = strings.TrimSuffix(words[i], " ")
	}
	return strings.Map(func(r rune) rune {
		if r == ':' || r == '/' {
			return r
		}
		return -1
	}, resource), words
}

func cedarCondition(c iam.Condition) string {
	all := []string{"true"}
	for operator, keys := range c {
		for key, values := range keys {
			has, text := "context has project", "context.project"
			if strings.HasPrefix(key, iam.KeyResourceTag) {
				has, text = "context.tags has team", "context.tags.team"
			}
			var one []string
			for _, v := range values {
				switch {
				case operator == "Null":
					one = append(one, fmt.Sprintf("(%s) != %s", has, v))
				case key == iam.KeySourceIP:
					one = append(one, fmt.Sprintf("context.address.isInRange(ip(%q))", v))
				case key == iam.KeyCurrentTime:
					t, _ := time.Parse(time.RFC3339, v)
					sign := map[string]string{"DateLessThan": "<", "DateLessThanEquals": "<=", "DateGreaterThan": ">", "DateGreaterThanEquals": ">="}[operator]
					one = append(one, fmt.Sprintf("context.now %s %d", sign, t.Unix()))
				case key == iam.KeyMFAPresent:
					one = append(one, "context.mfa == "+v)
				case key == iam.KeySecureTransport:
					one = append(one, "context.tls == "+v)
				case strings.HasSuffix(operator, "Like"):
					one = append(one, fmt.Sprintf("(%s && %s like %q)", has, text, v))
				case strings.HasPrefix(operator, "String"):
					one = append(one, fmt.Sprintf("(%s && %s == %q)", has, text, v))
				default:
					one = append(one, "false") // not judged: see cedarWorld
				}
			}
			if strings.Contains(operator, "Not") {
				all = append(all, "!"+either(one))
			} else {
				all = append(all, either(one))
			}
		}
	}
	return strings.Join(all, " && ")
}

// allowed is the decision of all layers.
func (c cedarWorld) allowed(w *world, who access.Actor, action access.Action, o access.Object, at time.Time) bool {
	dms, known := queueActionOf[action]
	if !known || who.Guest && o.QueuePolicyVersion == 0 {
		return false
	}
	subjects := []types.Value{types.String("u:" + who.UserID)}
	for _, g := range w.groups[who.UserID] {
		subjects = append(subjects, types.String("g:"+g))
	}
	if who.RoleID != "" {
		subjects = []types.Value{types.String("r:" + who.RoleID)}
	}
	shape, words := cedarShape(string(o.Resource))
	tags := types.RecordMap{}
	for _, t := range o.Tags {
		tags[types.String(t.Key)] = types.String(t.Value)
	}
	address, err := types.ParseIPAddr(who.Address.String())
	if err != nil {
		panic(err)
	}
	context := types.RecordMap{
		"subjects": types.NewSet(subjects...), "account": types.String(who.AccountID), "user": types.String(who.AccountID + ":" + who.UserID),
		"foreign": types.Boolean(who.Guest || o.Foreign), "dms": types.String(dms), "shape": types.String(shape), "tags": types.NewRecord(tags),
		"address": address, "now": types.Long(at.Unix()), "mfa": types.Boolean(who.MFA), "tls": types.Boolean(who.TLS),
	}
	if who.ProjectName != "" {
		context["project"] = types.String(who.ProjectName)
	}
	for i, word := range strings.Split(string(action), ":") {
		context[types.String(fmt.Sprint("a", i))] = types.String(word)
	}
	for i := range 7 {
		context[types.String(fmt.Sprint("r", i))] = types.String("")
		if i < len(words) {
			context[types.String(fmt.Sprint("r", i))] = types.String(words[i])
		}
	}
	request := cedar.Request{Context: types.NewRecord(context)}
	ask := func(set *cedar.PolicySet) (allowed, denied bool) {
		decision, why := cedar.Authorize(set, types.EntityMap{}, request)
		if len(why.Errors) > 0 {
			panic(fmt.Sprint(why.Errors))
		}
		return decision == cedar.Allow, decision != cedar.Allow && len(why.Reasons) > 0
	}
	if allowed, _ := ask(c.identity[who.AccountID]); !allowed {
		return false
	}
	if who.SessionPolicy != "" {
		if allowed, _ := ask(c.sessions[who.SessionPolicy]); !allowed {
			return false
		}
	}
	if o.QueuePolicyVersion > 0 {
		allowed, denied := ask(c.queues[o.QueueID])
		return !denied && (allowed || !who.Guest)
	}
	return true
}

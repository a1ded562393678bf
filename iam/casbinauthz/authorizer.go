// Package casbinauthz decides what an actor may do, with casbin.
//
// Each account has a small enforcer of its own, built from that account's statements alone: the cost of a decision grows with
// the number of rules, and no rule of one account can ever be looked at for another. Enforcers and decisions are kept by the
// account's policy version, which is read anew for each question: a change of policy is a new version, so nothing old is ever
// answered. casbin's own CachedEnforcer is not used: it was seen to go on allowing after a revocation.
package casbinauthz

import (
	"context"
	"fmt"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/reason"
)

// The user, the action and the resource of a request are compared with each rule; a denial outweighs all permissions.
const modelText = `
[request_definition]
r = sub, act, obj

[policy_definition]
p = sub, act, obj, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.sub == p.sub && matchAction(p.act, r.act) && matchResource(p.obj, r.obj)
`

const (
	enforcers = 4096
	decisions = 131072
	// buildAttempts is how often an enforcer is built anew because policies changed while they were read.
	buildAttempts = 5
)

// Authorizer implements access.Authorizer. Safe for concurrent use.
type Authorizer struct {
	facts     *iam.FactReader
	model     model.Model
	enforcers *lru.Cache[string, versionedEnforcer] // by account
	decisions *lru.Cache[question, bool]
	builds    singleflight.Group
}

type versionedEnforcer struct {
	version  int64
	enforcer *casbin.Enforcer // nil: the account has no statement, so nothing is allowed
}

type question struct {
	accountID string
	version   int64
	userID    string
	action    access.Action
	resource  access.Resource
}

var _ access.Authorizer = (*Authorizer)(nil)

// New returns an authorizer over the policies in dir.
func New(dir directory.Reader) (*Authorizer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("compile the policy model: %w", err)
	}
	a := &Authorizer{facts: iam.NewFactReader(dir), model: m}
	if a.enforcers, err = lru.New[string, versionedEnforcer](enforcers); err != nil {
		return nil, err
	}
	if a.decisions, err = lru.New[question, bool](decisions); err != nil {
		return nil, err
	}
	return a, nil
}

// Authorize implements access.Authorizer.
func (a *Authorizer) Authorize(ctx context.Context, actor access.Actor, action access.Action, o access.Object) error {
	if actor.Guest {
		return denial(action, o)
	}
	allowed, err := a.allowed(ctx, actor, action, o.Resource)
	if err != nil {
		return err
	}
	if !allowed {
		return denial(action, o)
	}
	return nil
}

// Named implements access.Authorizer.
func (a *Authorizer) Named(context.Context, access.Actor, access.Object) (bool, error) {
	return false, nil
}

func denial(action access.Action, o access.Object) error {
	return errs.New(errs.Forbidden, reason.PolicyDenied, "No policy of the user allows %s on %s.", action, o.Resource)
}

func (a *Authorizer) allowed(ctx context.Context, actor access.Actor, action access.Action, resource access.Resource) (bool, error) {
	account, err := a.facts.Account(ctx, actor.AccountID)
	if errs.CodeOf(err) == errs.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	q := question{account.ID, account.PolicyVersion, actor.UserID, action, resource}
	if answer, ok := a.decisions.Get(q); ok {
		return answer, nil
	}
	e, err := a.enforcer(ctx, account.ID, account.PolicyVersion)
	if err != nil {
		return false, err
	}
	answer := false
	if e.enforcer != nil {
		if answer, err = e.enforcer.Enforce(actor.UserID, string(action), string(resource)); err != nil {
			return false, fmt.Errorf("decide %s on %s: %w", action, resource, err)
		}
	}
	q.version = e.version // what was decided by; newer when policies changed meanwhile
	a.decisions.Add(q, answer)
	return answer, nil
}

// enforcer returns the account's enforcer of at least the version.
func (a *Authorizer) enforcer(ctx context.Context, accountID string, version int64) (versionedEnforcer, error) {
	if e, ok := a.enforcers.Get(accountID); ok && e.version == version {
		return e, nil
	}
	// Many requests of one account may find at once that its policies changed. The first builds, for all; its own context must not
	// end the others' wait, and the build is short.
	v, err, _ := a.builds.Do(fmt.Sprintf("%s/%d", accountID, version), func() (any, error) {
		return a.build(context.WithoutCancel(ctx), accountID)
	})
	if err != nil {
		return versionedEnforcer{}, err
	}
	return v.(versionedEnforcer), nil
}

// build reads the policies between two readings of one version: a version is never given statements of another.
func (a *Authorizer) build(ctx context.Context, accountID string) (versionedEnforcer, error) {
	for range buildAttempts {
		before, err := a.facts.Account(ctx, accountID)
		if err != nil {
			return versionedEnforcer{}, err
		}
		policies, err := a.facts.Policies(ctx, accountID)
		if err != nil {
			return versionedEnforcer{}, err
		}
		after, err := a.facts.Account(ctx, accountID)
		if err != nil {
			return versionedEnforcer{}, err
		}
		if before.PolicyVersion != after.PolicyVersion {
			continue
		}
		e, err := a.compile(accountID, policies)
		if err != nil {
			return versionedEnforcer{}, err
		}
		built := versionedEnforcer{version: after.PolicyVersion, enforcer: e}
		a.enforcers.Add(accountID, built)
		return built, nil
	}
	return versionedEnforcer{}, errs.New(errs.Unavailable, "", "The policies of the account are changing. Try again.")
}

// compile makes the enforcer of an account's policies; nil when there is no rule: casbin compares a request with an empty rule
// then, which must not be left to chance.
func (a *Authorizer) compile(accountID string, policies []iam.PolicyFact) (*casbin.Enforcer, error) {
	var rules [][]string
	seen := make(map[[4]string]bool) // casbin refuses all rules when two are alike
	for _, p := range policies {
		if p.AccountID != accountID || p.UserID == "" {
			return nil, fmt.Errorf("policy %q of account %s is filed under account %s", p.Name, p.AccountID, accountID)
		}
		for _, s := range statements(p) {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					rule := [4]string{p.UserID, action, resource, effectWord(s.Effect)}
					if !seen[rule] {
						seen[rule] = true
						rules = append(rules, rule[:])
					}
				}
			}
		}
	}
	if len(rules) == 0 {
		return nil, nil
	}
	e, err := casbin.NewEnforcer(a.model.Copy())
	if err != nil {
		return nil, fmt.Errorf("make an enforcer: %w", err)
	}
	e.EnableAutoSave(false)
	e.AddFunction("matchAction", func(args ...any) (any, error) {
		pattern, action, err := twoStrings(args)
		return err == nil && iam.MatchAction(pattern, access.Action(action)), err
	})
	// The account is the enforcer's own, whatever resource is asked about.
	e.AddFunction("matchResource", func(args ...any) (any, error) {
		pattern, resource, err := twoStrings(args)
		return err == nil && iam.MatchResource(pattern, access.Resource(resource), accountID), err
	})
	if _, err := e.AddPolicies(rules); err != nil {
		return nil, fmt.Errorf("load the policies: %w", err)
	}
	return e, nil
}

// statements returns the policy's statements. A built-in policy that this version of the program does not know, and a document
// that it cannot evaluate in full, deny all: what a newer version may have meant as a denial must not be missed.
func statements(p iam.PolicyFact) []iam.Statement {
	doc, known := iam.BuiltinPolicy(p.Name)
	if p.Document != nil {
		doc, known = *p.Document, p.Document.Validate() == nil
	}
	if !known {
		return []iam.Statement{{Effect: iam.EffectDeny, Action: []string{"*"}, Resource: []string{"*"}}}
	}
	return doc.Statement
}

func effectWord(e iam.Effect) string {
	if e == iam.EffectAllow {
		return "allow"
	}
	return "deny"
}

func twoStrings(args []any) (string, string, error) {
	if len(args) == 2 {
		a, okA := args[0].(string)
		b, okB := args[1].(string)
		if okA && okB {
			return a, b, nil
		}
	}
	return "", "", fmt.Errorf("matcher wants two strings, got %v", args)
}

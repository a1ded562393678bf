package casbinauthz

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"dms/iam"
	"dms/internal/access"
)

// Each rule is a statement of a subject. Whether it applies to the question, circumstances and all, is asked of the statement; how the answers come
// together is said here: a denial outweighs all permissions.
const modelText = `
[request_definition]
r = q

[policy_definition]
p = sub, stmt, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = isSubject(r.q, p.sub) && applies(r.q, p.stmt)
`

// everybody is the subject of layers that are of one actor, or name theirs in the statements.
const everybody = "*"

// layer is one set of statements that has a say in a decision.
type layer struct {
	rules      []rule
	statements []*iam.CompiledStatement
	// enforcer is nil when there is no rule: casbin would compare a request with an empty one then, which must not be left to chance.
	enforcer *casbin.Enforcer
}

// rule gives a subject a statement.
type rule struct {
	subject   string
	statement int
}

// add gives the subject statements that add has not seen before.
func (l *layer) add(subject string, statements ...*iam.CompiledStatement) {
	l.give(subject, len(l.statements), len(statements))
	l.statements = append(l.statements, statements...)
}

// give gives the subject statements that are there.
func (l *layer) give(subject string, first, n int) {
	for i := range n {
		l.rules = append(l.rules, rule{subject, first + i})
	}
}

// arm makes the enforcer; the layer must not change from then on.
func (l *layer) arm(m model.Model) error {
	if len(l.rules) == 0 {
		return nil
	}
	rules := make([][]string, 0, len(l.rules))
	seen := make(map[rule]bool, len(l.rules)) // casbin refuses all rules when two are alike
	for _, r := range l.rules {
		if !seen[r] {
			seen[r] = true
			rules = append(rules, []string{r.subject, strconv.Itoa(r.statement), effectWord(l.statements[r.statement].Effect)})
		}
	}
	e, err := casbin.NewEnforcer(m.Copy())
	if err != nil {
		return fmt.Errorf("make an enforcer: %w", err)
	}
	e.EnableAutoSave(false)
	e.AddFunction("isSubject", func(args ...any) (any, error) {
		q, subject, err := arguments(args)
		return err == nil && q.is(subject), err
	})
	e.AddFunction("applies", func(args ...any) (any, error) {
		q, text, err := arguments(args)
		if err != nil {
			return false, err
		}
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 || i >= len(l.statements) {
			return false, fmt.Errorf("there is no statement %q", text)
		}
		applies, _ := q.applies(l.statements[i])
		return applies, nil
	})
	if _, err := e.AddPolicies(rules); err != nil {
		return fmt.Errorf("load the policies: %w", err)
	}
	l.enforcer = e
	return nil
}

func effectWord(e iam.Effect) string {
	if e == iam.EffectAllow {
		return "allow"
	}
	return "deny"
}

func arguments(args []any) (*inquiry, string, error) {
	if len(args) == 2 {
		q, okQ := args[0].(*inquiry)
		s, okS := args[1].(string)
		if okQ && okS {
			return q, s, nil
		}
	}
	return nil, "", fmt.Errorf("matcher wants a question and a string, got %T", args)
}

// inquiry is one question on its way through the layers.
type inquiry struct {
	actor    access.Actor
	action   access.Action
	object   access.Object
	subjects []string // of the layer that is asked
	now      func() time.Time

	circumstances *iam.Circumstances // made when a condition is met first
	// readCondition: the answer depends on circumstances.
	readCondition bool
	// denied: a statement of the layer denies.
	denied bool
}

func (q *inquiry) is(subject string) bool { return slices.Contains(q.subjects, subject) }

// applies reports whether the statement speaks of the question and its condition holds; unmet is the condition that does not. One that cannot be judged
// holds for a denial, and for nothing else.
func (q *inquiry) applies(s *iam.CompiledStatement) (_ bool, unmet string) {
	if !s.Covers(q.actor, q.action, q.object) {
		return false, ""
	}
	if s.Conditions != nil {
		q.readCondition = true
		if q.circumstances == nil {
			q.circumstances = iam.CircumstancesOf(q.actor, q.object, q.now())
		}
		truth, unmet := s.Conditions.Holds(q.circumstances)
		if truth == iam.False || truth == iam.Unevaluable && s.Effect == iam.EffectAllow {
			return false, unmet
		}
	}
	if s.Effect == iam.EffectDeny {
		q.denied = true
	}
	return true, ""
}

// enforce asks the layer.
func (l *layer) enforce(q *inquiry, subjects ...string) (access.Effect, error) {
	q.subjects, q.denied = subjects, false
	if l.enforcer == nil {
		return access.ImplicitDeny, nil
	}
	allowed, err := l.enforcer.Enforce(q)
	switch {
	case err != nil:
		return access.ExplicitDeny, fmt.Errorf("decide %s on %s: %w", q.action, q.object.Resource, err)
	case allowed:
		return access.Allow, nil
	case q.denied:
		return access.ExplicitDeny, nil
	default:
		return access.ImplicitDeny, nil
	}
}

// mostUnmet bounds the statements that a decision names beside the one it is by.
const mostUnmet = 10

// explain is enforce, with the reasons; unmet grows by the statements whose condition does not hold.
func (l *layer) explain(q *inquiry, unmet *[]access.Unmet, subjects ...string) (access.Effect, *access.StatementRef) {
	q.subjects, q.denied = subjects, false
	effect := access.ImplicitDeny
	var by *access.StatementRef
	for _, r := range l.rules {
		if effect == access.ExplicitDeny {
			break
		}
		if !q.is(r.subject) {
			continue
		}
		s := l.statements[r.statement]
		ref := s.Ref
		if r.subject != everybody {
			ref.Subject = r.subject
		}
		applies, condition := q.applies(s)
		switch {
		case applies && s.Effect == iam.EffectDeny:
			effect, by = access.ExplicitDeny, &ref
		case applies && by == nil:
			effect, by = access.Allow, &ref
		case condition != "" && len(*unmet) < mostUnmet:
			*unmet = append(*unmet, access.Unmet{StatementRef: ref, Condition: condition})
		}
	}
	return effect, by
}

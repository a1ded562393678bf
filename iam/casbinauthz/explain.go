package casbinauthz

import (
	"context"
	"fmt"
	"strings"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Explain implements access.Explainer: the decision that Authorize makes, with its reasons.
func (a *Authorizer) Explain(ctx context.Context, actor access.Actor, action access.Action, o access.Object) (access.Decision, error) {
	if is, allowed := platform(actor, action); is {
		return fixed(action, o, allowed), nil
	}
	account, err := a.facts.Account(ctx, actor.AccountID)
	if errs.CodeOf(err) == errs.NotFound {
		return fixed(action, o, false), nil
	}
	if err != nil {
		return access.Decision{}, err
	}
	d, err := a.layersOf(ctx, account.PolicyVersion, actor, action, o)
	if err != nil {
		return access.Decision{}, err
	}
	if d == nil {
		return fixed(action, o, false), nil
	}
	return d.explain(), nil
}

// fixed is a decision that no statement has a part in.
func fixed(action access.Action, o access.Object, allowed bool) access.Decision {
	d := access.Decision{Effect: access.ImplicitDeny, Action: action, Resource: o.Resource}
	if allowed {
		d.Effect = access.Allow
	}
	return d
}

func (d *decision) explain() access.Decision {
	out := access.Decision{Effect: access.Allow, Action: d.q.action, Resource: d.q.object.Resource}
	for _, s := range d.stages {
		effect, by := s.layer.explain(d.q, &out.Unmet, s.subjects...)
		joined := s.then(out.Effect, effect)
		switch {
		case joined == access.ExplicitDeny && out.Effect != access.ExplicitDeny:
			out.By = by
		case joined == access.ImplicitDeny:
			out.By = nil
		case joined == access.Allow && out.By == nil && effect == access.Allow:
			out.By = by
		}
		out.Effect = joined
	}
	return out
}

// denial is the error of a refusal. Which statement it was is told to those alone who may ask the simulator, and never to guests: the statement may be
// the owner's of the queue.
func (a *Authorizer) denial(ctx context.Context, actor access.Actor, action access.Action, o access.Object, effect access.Effect) error {
	message := fmt.Sprintf("No policy of the user allows %s on %s.", action, o.Resource)
	d := &errs.Denial{Action: string(action), Resource: string(o.Resource), Effect: string(effect)}
	switch {
	case actor.Guest:
		message = fmt.Sprintf("The policies of the user and of the queue do not both allow %s on %s.", action, o.Resource)
	case a.maySee(ctx, actor):
		// Policies may have changed since: then the first answer stands without its reasons.
		if why, err := a.Explain(ctx, actor, action, o); err == nil && why.Effect == effect {
			message, d.Statement = because(message, why)
		}
	case effect == access.ExplicitDeny:
		message = fmt.Sprintf("A policy denies %s on %s.", action, o.Resource)
	}
	err := errs.New(errs.Forbidden, reason.PolicyDenied, "%s", message)
	err.Denial = d
	return err
}

func (a *Authorizer) maySee(ctx context.Context, actor access.Actor) bool {
	effect, err := a.effect(ctx, actor, access.PolicySimulate, access.AccountResource("iam", actor.AccountID, "policy").Object())
	return err == nil && effect == access.Allow
}

func because(message string, why access.Decision) (_, statement string) {
	if why.By != nil {
		statement = describe(*why.By)
		return fmt.Sprintf("%s on %s is denied by %s.", why.Action, why.Resource, statement), statement
	}
	var unmet []string
	for _, u := range why.Unmet {
		unmet = append(unmet, fmt.Sprintf("%s (%s)", describe(u.StatementRef), u.Condition))
	}
	if len(unmet) > 0 {
		message += " Statements whose condition does not hold: " + strings.Join(unmet, ", ") + "."
	}
	return message, ""
}

// describe names a statement for people.
func describe(r access.StatementRef) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Statement[%d]", r.Index)
	if r.Sid != "" {
		fmt.Fprintf(&b, " %q", r.Sid)
	}
	switch r.Layer {
	case iam.LayerSession:
		b.WriteString(" of the session policy")
	case iam.LayerQueue:
		b.WriteString(" of the queue's policy")
	default:
		fmt.Fprintf(&b, " of policy %q of %s", r.Policy, r.Subject)
	}
	return b.String()
}

package casbinauthz

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
)

// Simulate decides each action on each object as the simulation says, without anything being changed or kept. errs.NotFound: the account has no such user or role.
func (a *Authorizer) Simulate(ctx context.Context, s iam.Simulation) ([]access.Decision, error) {
	actor := access.Actor{AccountID: s.AccountID, Address: s.Address, MFA: s.MFA, TLS: s.TLS, ProjectName: s.ProjectName}
	now := a.clock.Now
	if s.At != nil {
		now = func() time.Time { return *s.At }
	}
	var own []stage
	if s.CallerAccount != "" && s.CallerAccount != s.AccountID {
		actor.AccountID, actor.Guest = s.CallerAccount, true
		actor.UserID, _ = strings.CutPrefix(s.Subject, iam.UserSubject(""))
	} else {
		l, err := a.simulatedIdentity(ctx, s)
		if err != nil {
			return nil, err
		}
		subjects, err := a.simulatedSubjects(ctx, s, &actor)
		if err != nil {
			return nil, err
		}
		own = []stage{{layer: l, subjects: subjects}}
	}
	var simulated *layer
	if s.QueuePolicy != nil {
		simulated = &layer{}
		simulated.add(everybody, iam.CompileQueuePolicy(*s.QueuePolicy)...)
	}
	out := make([]access.Decision, 0, len(s.Actions)*len(s.Objects))
	for _, action := range s.Actions {
		for _, o := range s.Objects {
			d := &decision{q: &inquiry{actor: actor, action: action, object: o, now: now}, stages: own}
			queue := simulated
			if queue == nil && hasQueuePolicy(o) {
				p, err := a.queue(ctx, o)
				if err != nil {
					return nil, err
				}
				queue = p.layer
			}
			if queue != nil {
				d.stages = append(d.stages[:len(own):len(own)], stage{layer: queue, subjects: []string{everybody}, mayDeny: !actor.Guest})
			}
			info, known := access.InfoOf(action)
			if !known || info.Level == access.Platform || len(d.stages) == 0 {
				out = append(out, fixed(action, o, false))
				continue
			}
			out = append(out, d.explain())
		}
	}
	return out, nil
}

func (a *Authorizer) simulatedIdentity(ctx context.Context, s iam.Simulation) (*layer, error) {
	p, err := a.read(ctx, s.AccountID)
	if err != nil {
		return nil, err
	}
	for name, doc := range s.Replace {
		raw, err := json.Marshal(doc)
		if err != nil {
			return nil, fmt.Errorf("encode policy %q: %w", name, err)
		}
		p.documents = append(p.documents, iam.PolicyDocumentFact{AccountID: s.AccountID, Name: name, Document: raw}) // the later one counts
	}
	l, err := p.layer(s.AccountID)
	if err != nil {
		return nil, err
	}
	for i, doc := range s.Attach {
		l.add(s.Subject, iam.CompilePolicy(iam.LayerIdentity, fmt.Sprintf("attach[%d]", i), doc)...)
	}
	return l, nil
}

// simulatedSubjects finds whose policies count, and gives the actor the names that conditions ask for.
func (a *Authorizer) simulatedSubjects(ctx context.Context, s iam.Simulation, actor *access.Actor) ([]string, error) {
	kind, id, _ := strings.Cut(s.Subject, ":")
	switch kind {
	case "u":
		subjects, err := a.userSubjects(ctx, s.AccountID, id)
		if err != nil {
			return nil, err
		}
		if len(subjects) == 0 {
			return nil, errs.New(errs.NotFound, "user_not_found", "There is no user %q.", id)
		}
		u, err := a.facts.User(ctx, id)
		if err != nil {
			return nil, err
		}
		actor.UserID, actor.UserName = u.ID, u.Name
		return subjects, nil
	case "r":
		r, err := a.facts.Role(ctx, s.AccountID, id)
		if errs.CodeOf(err) == errs.NotFound {
			return nil, errs.New(errs.NotFound, "role_not_found", "There is no role %q.", id)
		}
		if err != nil {
			return nil, err
		}
		actor.UserID, actor.UserName, actor.RoleID = r.ID, r.Name, r.ID
		return []string{iam.RoleSubject(r.ID)}, nil
	case "g":
		return []string{s.Subject}, nil
	}
	return nil, errs.New(errs.Invalid, "subject_invalid", `The subject is "u:", "g:" or "r:" and an id.`)
}

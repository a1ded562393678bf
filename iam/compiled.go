package iam

import (
	"slices"
	"time"

	"dms/internal/access"
)

// CompiledStatement is a statement that is ready to be asked about: of a policy of a subject, of a session policy, or of the policy of a queue.
type CompiledStatement struct {
	Ref        access.StatementRef // without Subject: one statement serves all that have the policy
	Effect     Effect
	Conditions *Conditions // nil: none

	actions   []string
	resources []string
	principal *QueuePrincipal // of the policy of a queue, which then has no resources
}

// CompilePolicy makes a policy's statements ready. layer is "identity" or "session".
func CompilePolicy(layer, name string, p Policy) []*CompiledStatement {
	out := make([]*CompiledStatement, len(p.Statement))
	for i, s := range p.Statement {
		out[i] = &CompiledStatement{
			Ref:    access.StatementRef{Layer: layer, Policy: name, Index: i, Sid: s.Sid},
			Effect: s.Effect, Conditions: s.Condition.Compile(), actions: s.Action, resources: s.Resource,
		}
	}
	return out
}

// CompileQueuePolicy makes the statements of a queue's policy ready.
func CompileQueuePolicy(p QueuePolicy) []*CompiledStatement {
	out := make([]*CompiledStatement, len(p.Statement))
	for i, s := range p.Statement {
		out[i] = &CompiledStatement{
			Ref:    access.StatementRef{Layer: LayerQueue, Index: i, Sid: s.Sid},
			Effect: s.Effect, Conditions: s.Condition.Compile(), actions: s.Action, principal: &s.Principal,
		}
	}
	return out
}

// DenyAll is the statement in the place of a policy that cannot be evaluated: what may have been meant as a denial must not be missed. That of a queue
// denies what such policies speak of, so that its owner can still give the queue another.
func DenyAll(layer, policy string) *CompiledStatement {
	s := &CompiledStatement{Ref: access.StatementRef{Layer: layer, Policy: policy}, Effect: EffectDeny}
	if layer == LayerQueue {
		s.actions, s.principal = []string{AllQueueActions}, &QueuePrincipal{Account: []string{"*"}}
	} else {
		s.actions, s.resources = []string{"*"}, []string{"*"}
	}
	return s
}

// The layers of a decision.
const (
	LayerIdentity = "identity" // the policies of the user, its user groups, or the role
	LayerSession  = "session"  // the policy that narrows temporary credentials
	LayerQueue    = "queue"    // the policy of the queue
)

// Covers reports whether the statement speaks of what the actor does, conditions aside.
//
// A resource of another account is covered only where the account is written out: "*" stands for the own account. A denial is not so particular:
// whoever denies everything also means what others share. Nor is a session policy, which only narrows what
// others allow.
func (s *CompiledStatement) Covers(a access.Actor, action access.Action, o access.Object) bool {
	if s.principal != nil {
		return s.coversQueueAction(action) && s.principal.includes(a.AccountID, a.UserID)
	}
	if !slices.ContainsFunc(s.actions, func(p string) bool { return MatchAction(p, action) }) {
		return false
	}
	foreign := a.Guest || o.Foreign
	return slices.ContainsFunc(s.resources, func(p string) bool {
		switch {
		case foreign && s.Effect == EffectAllow && s.Ref.Layer != LayerSession:
			return MatchForeign(p, o.Resource)
		case foreign:
			return matchAnywhere(p, o.Resource)
		default:
			return MatchResource(p, o.Resource, a.AccountID)
		}
	})
}

func (s *CompiledStatement) coversQueueAction(action access.Action) bool {
	info, ok := access.InfoOf(action)
	return ok && info.QueuePolicy != "" &&
		slices.ContainsFunc(s.actions, func(name string) bool { return name == AllQueueActions || name == info.QueuePolicy })
}

// CircumstancesOf returns what conditions may read of a request that is made at the moment.
func CircumstancesOf(a access.Actor, o access.Object, at time.Time) *Circumstances {
	return &Circumstances{At: at, Address: a.Address, MFA: a.MFA, TLS: a.TLS, UserName: a.UserName, ProjectName: a.ProjectName, Tags: o.Tags}
}

// Package casbinauthz decides what an actor may do, with casbin.
//
// A decision has layers, and what any of them denies is denied. The identity layer has the statements of the actor's policies: its own, its user
// groups', or those of the role it assumed; it must allow. The session layer has the policy that narrows temporary credentials; where there is one,
// it must allow too. The queue layer has the policy of the queue; it must allow a guest, and can only deny what the owner's users do.
//
// Each account has a small enforcer of its own, built from that account's statements alone: the cost of a decision grows with
// the number of rules, and no rule of one account can ever be looked at for another. Enforcers and decisions are kept by the
// account's policy version, which is read anew for each question: a change of policy is a new version, so nothing old is ever
// answered. A decision that read a condition is not kept. casbin's own CachedEnforcer is not used: it was seen to go on allowing after a revocation.
package casbinauthz

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/casbin/casbin/v2/model"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
)

// What is kept, at most.
const (
	accounts    = 4096
	rules       = 1 << 18
	queues      = 4096
	sessions    = 1024
	decisions   = 131072
	maxResource = 1 << 10 // bytes; a longer resource is decided anew each time
	// buildAttempts is how often policies are read anew because they changed while they were read.
	buildAttempts = 5
)

// Authorizer implements access.Authorizer and access.Explainer. Safe for concurrent use.
type Authorizer struct {
	facts      *iam.FactReader
	clock      clock.Clock
	model      model.Model
	identities *identities
	queues     *lru.Cache[string, queuePolicy] // by queue
	sessions   *lru.Cache[[sha256.Size]byte, *layer]
	decisions  *lru.Cache[question, access.Effect]
	builds     singleflight.Group
}

// question is all that an answer without conditions depends on.
type question struct {
	accountID      string
	version        int64
	userID         string
	roleID         string
	session        [sha256.Size]byte // of the session policy
	action         access.Action
	resource       access.Resource
	queueID        string // "" without a queue policy
	queueVersion   int64
	guest, foreign bool
}

var (
	_ access.Authorizer = (*Authorizer)(nil)
	_ access.Explainer  = (*Authorizer)(nil)
)

// New returns an authorizer over the policies in dir.
func New(dir directory.Reader, c clock.Clock) (*Authorizer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("compile the policy model: %w", err)
	}
	a := &Authorizer{facts: iam.NewFactReader(dir), clock: c, model: m}
	if a.identities, err = newIdentities(accounts, rules); err != nil {
		return nil, err
	}
	if a.queues, err = lru.New[string, queuePolicy](queues); err != nil {
		return nil, err
	}
	if a.sessions, err = lru.New[[sha256.Size]byte, *layer](sessions); err != nil {
		return nil, err
	}
	if a.decisions, err = lru.New[question, access.Effect](decisions); err != nil {
		return nil, err
	}
	return a, nil
}

// Authorize implements access.Authorizer.
func (a *Authorizer) Authorize(ctx context.Context, actor access.Actor, action access.Action, o access.Object) error {
	effect, err := a.effect(ctx, actor, action, o)
	if err != nil {
		return err
	}
	if effect != access.Allow {
		return a.denial(ctx, actor, action, o, effect)
	}
	return nil
}

// Named implements access.Authorizer.
func (a *Authorizer) Named(ctx context.Context, actor access.Actor, o access.Object) (bool, error) {
	if !hasQueuePolicy(o) {
		return false, nil
	}
	q, err := a.queue(ctx, o)
	if err != nil {
		return false, err
	}
	return q.policy.Names(actor), nil
}

func hasQueuePolicy(o access.Object) bool { return o.QueueID != "" && o.QueuePolicyVersion > 0 }

// platform reports whether the action is one of the operators', of which no policy speaks, and whether the actor may do it.
func platform(actor access.Actor, action access.Action) (is, allowed bool) {
	if !strings.HasPrefix(string(action), "platform:") {
		return false, false
	}
	_, known := access.InfoOf(action)
	return true, known && actor.Operator && !actor.Temporary() && !actor.Guest
}

// effect decides, from memory where it can.
func (a *Authorizer) effect(ctx context.Context, actor access.Actor, action access.Action, o access.Object) (access.Effect, error) {
	if is, allowed := platform(actor, action); is {
		if allowed {
			return access.Allow, nil
		}
		return access.ImplicitDeny, nil
	}
	account, err := a.facts.Account(ctx, actor.AccountID)
	if errs.CodeOf(err) == errs.NotFound {
		return access.ImplicitDeny, nil
	}
	if err != nil {
		return access.ImplicitDeny, err
	}
	k := question{
		accountID: account.ID, version: account.PolicyVersion, userID: actor.UserID, roleID: actor.RoleID,
		action: action, resource: o.Resource, guest: actor.Guest, foreign: o.Foreign,
	}
	if actor.SessionPolicy != "" {
		k.session = sha256.Sum256([]byte(actor.SessionPolicy))
	}
	if hasQueuePolicy(o) {
		k.queueID, k.queueVersion = o.QueueID, o.QueuePolicyVersion
	}
	if effect, ok := a.decisions.Get(k); ok {
		return effect, nil
	}
	return a.decide(ctx, k, actor, action, o)
}

// decide asks the layers and keeps the answer under k if it may be.
func (a *Authorizer) decide(ctx context.Context, k question, actor access.Actor, action access.Action, o access.Object) (access.Effect, error) {
	d, err := a.layersOf(ctx, k.version, actor, action, o)
	if err != nil || d == nil {
		return access.ImplicitDeny, err
	}
	effect := access.Allow
	for _, s := range d.stages {
		if effect == access.ExplicitDeny {
			break
		}
		e, err := s.layer.enforce(d.q, s.subjects...)
		if err != nil {
			return access.ImplicitDeny, err
		}
		effect = s.then(effect, e)
	}
	if !d.q.readCondition && !d.changing && len(o.Resource) <= maxResource {
		k.version = d.version // what was decided by; newer when policies changed meanwhile
		a.decisions.Add(k, effect)
	}
	return effect, nil
}

// stage is a layer in a decision.
type stage struct {
	layer    *layer
	subjects []string
	mayDeny  bool // and no more: it need not allow
}

// then joins the effect of the stages before with this one's.
func (s stage) then(before, own access.Effect) access.Effect {
	switch {
	case before == access.ExplicitDeny || own == access.ExplicitDeny:
		return access.ExplicitDeny
	case s.mayDeny || own == access.Allow:
		return before
	default:
		return access.ImplicitDeny
	}
}

// decision is a question with the layers that it goes through.
type decision struct {
	q        *inquiry
	stages   []stage
	version  int64 // of the identity layer
	changing bool  // the queue's policy is not of the version that the object says
}

// layersOf finds the layers; nil: there are none that could allow.
func (a *Authorizer) layersOf(ctx context.Context, version int64, actor access.Actor, action access.Action, o access.Object) (*decision, error) {
	if _, known := access.InfoOf(action); !known || actor.Guest && !hasQueuePolicy(o) {
		return nil, nil
	}
	i, err := a.identity(ctx, actor.AccountID, version)
	if err != nil {
		return nil, err
	}
	subjects, err := a.subjects(ctx, actor)
	if err != nil {
		return nil, err
	}
	d := &decision{
		q:       &inquiry{actor: actor, action: action, object: o, now: a.clock.Now},
		stages:  []stage{{layer: i.layer, subjects: subjects}},
		version: i.version,
	}
	if actor.SessionPolicy != "" {
		l, err := a.session(actor.SessionPolicy)
		if err != nil {
			return nil, err
		}
		d.stages = append(d.stages, stage{layer: l, subjects: []string{everybody}})
	}
	if hasQueuePolicy(o) {
		p, err := a.queue(ctx, o)
		if err != nil {
			return nil, err
		}
		d.changing = p.fact.Version != o.QueuePolicyVersion
		d.stages = append(d.stages, stage{layer: p.layer, subjects: []string{everybody}, mayDeny: !actor.Guest})
	}
	return d, nil
}

package casbinauthz

import (
	"context"
	"crypto/sha256"
	"fmt"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
)

// policies are what of one account's directory has a say in the identity layer, read at one version.
type policies struct {
	version   int64
	attached  []iam.PolicyFact
	documents []iam.PolicyDocumentFact
}

// read reads the policies between two readings of one version: a version is never given statements of another.
func (a *Authorizer) read(ctx context.Context, accountID string) (policies, error) {
	for range buildAttempts {
		before, err := a.facts.Account(ctx, accountID)
		if err != nil {
			return policies{}, err
		}
		p := policies{version: before.PolicyVersion}
		if p.attached, err = a.facts.Policies(ctx, accountID); err != nil {
			return policies{}, err
		}
		if p.documents, err = a.facts.PolicyDocuments(ctx, accountID); err != nil {
			return policies{}, err
		}
		after, err := a.facts.Account(ctx, accountID)
		if err != nil {
			return policies{}, err
		}
		if after.PolicyVersion == before.PolicyVersion {
			return p, nil
		}
	}
	return policies{}, errs.New(errs.Unavailable, "", "The policies of the account are changing. Try again.")
}

// layer makes the identity layer. A policy that is neither built in nor one of the account's, and a document that cannot be evaluated, deny all.
func (p policies) layer(accountID string) (*layer, error) {
	documents := make(map[string]iam.PolicyDocumentFact, len(p.documents))
	for _, d := range p.documents {
		if d.AccountID != accountID {
			return nil, fmt.Errorf("policy %q of account %s is filed under account %s", d.Name, d.AccountID, accountID)
		}
		documents[d.Name] = d
	}
	l := &layer{}
	type compiled struct{ first, n int }
	known := make(map[string]compiled)
	for _, at := range p.attached {
		if at.AccountID != accountID || at.Subject == "" || at.Subject == everybody {
			return nil, fmt.Errorf("policy %q of account %s is filed under account %s", at.Name, at.AccountID, accountID)
		}
		c, ok := known[at.Name]
		if !ok {
			statements := []*iam.CompiledStatement{iam.DenyAll(iam.LayerIdentity, at.Name)}
			if doc, builtin := iam.BuiltinPolicy(at.Name); builtin {
				statements = statementsOf(at.Name, doc, nil)
			} else if d, own := documents[at.Name]; own {
				doc, err := iam.ParseStoredPolicy(d.Document)
				statements = statementsOf(at.Name, doc, err)
			}
			c = compiled{len(l.statements), len(statements)}
			l.statements = append(l.statements, statements...)
			known[at.Name] = c
		}
		l.give(at.Subject, c.first, c.n)
	}
	return l, nil
}

func statementsOf(name string, doc iam.Policy, invalid error) []*iam.CompiledStatement {
	if invalid != nil {
		return []*iam.CompiledStatement{iam.DenyAll(iam.LayerIdentity, name)}
	}
	return iam.CompilePolicy(iam.LayerIdentity, name, doc)
}

// identity returns the account's identity layer of at least the version, and its version.
func (a *Authorizer) identity(ctx context.Context, accountID string, version int64) (identity, error) {
	if i, ok := a.identities.get(accountID); ok && i.version == version {
		return i, nil
	}
	// Many requests of one account may find at once that its policies changed. The first builds, for all; its own context must not
	// end the others' wait, and the build is short.
	v, err, _ := a.builds.Do(fmt.Sprintf("%s/%d", accountID, version), func() (any, error) {
		p, err := a.read(context.WithoutCancel(ctx), accountID)
		if err != nil {
			return nil, err
		}
		l, err := p.layer(accountID)
		if err != nil {
			return nil, err
		}
		if err := l.arm(a.model); err != nil {
			return nil, err
		}
		built := identity{version: p.version, layer: l}
		return built, a.keep(context.WithoutCancel(ctx), accountID, built)
	})
	if err != nil {
		return identity{}, err
	}
	return v.(identity), nil
}

// keep keeps the layer unless there is a later one. That a version which is earlier than the kept one is in force says that the directory was replaced
// by a former state of itself: versions may come again with other policies, so nothing that was decided holds.
func (a *Authorizer) keep(ctx context.Context, accountID string, built identity) error {
	if have, ok := a.identities.get(accountID); ok && have.version > built.version {
		account, err := a.facts.Account(ctx, accountID)
		if err != nil || account.PolicyVersion != built.version {
			return err
		}
		a.decisions.Purge()
	}
	a.identities.put(accountID, built)
	return nil
}

// subjects returns what the policies of the actor are attached to; none when the actor's user is gone. Requires: the identity layer was read before,
// so that the user groups are no older than it.
func (a *Authorizer) subjects(ctx context.Context, actor access.Actor) ([]string, error) {
	if actor.RoleID != "" {
		return []string{iam.RoleSubject(actor.RoleID)}, nil
	}
	return a.userSubjects(ctx, actor.AccountID, actor.UserID)
}

func (a *Authorizer) userSubjects(ctx context.Context, accountID, userID string) ([]string, error) {
	u, err := a.facts.User(ctx, userID)
	if errs.CodeOf(err) == errs.NotFound || err == nil && u.AccountID != accountID {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, 1+len(u.Groups))
	out = append(out, iam.UserSubject(u.ID))
	for _, g := range u.Groups {
		out = append(out, iam.GroupSubject(g))
	}
	return out, nil
}

// session returns the layer of a session policy.
func (a *Authorizer) session(document string) (*layer, error) {
	sum := sha256.Sum256([]byte(document))
	if l, ok := a.sessions.Get(sum); ok {
		return l, nil
	}
	l := &layer{}
	if p, err := iam.ParseStoredPolicy([]byte(document)); err == nil {
		l.add(everybody, iam.CompilePolicy(iam.LayerSession, "", p)...)
	} else {
		l.add(everybody, iam.DenyAll(iam.LayerSession, ""))
	}
	if err := l.arm(a.model); err != nil {
		return nil, err
	}
	a.sessions.Add(sum, l)
	return l, nil
}

// queuePolicy is the policy of a queue, ready to be asked.
type queuePolicy struct {
	fact   *access.QueuePolicyFact
	policy iam.QueuePolicy // empty when the document cannot be evaluated
	layer  *layer
}

// queue returns the policy of the object's queue. Requires: it has one.
func (a *Authorizer) queue(ctx context.Context, o access.Object) (queuePolicy, error) {
	fact, err := a.facts.QueuePolicy(ctx, o.QueueID)
	if errs.CodeOf(err) == errs.NotFound {
		return queuePolicy{}, errs.Wrap(err, errs.Unavailable, "", "The policy of the queue is changing. Try again.")
	}
	if err != nil {
		return queuePolicy{}, err
	}
	if fact.QueueID != o.QueueID || fact.AccountID == "" || fact.AccountID != iam.OwnerOf(o.Resource) {
		return queuePolicy{}, fmt.Errorf("the policy of queue %s is that of queue %s of account %s", o.QueueID, fact.QueueID, fact.AccountID)
	}
	// The reader gives the same fact as long as the directory holds the same bytes.
	if have, ok := a.queues.Get(o.QueueID); ok && have.fact == fact {
		return have, nil
	}
	q := queuePolicy{fact: fact, layer: &layer{}}
	if p, err := iam.ParseStoredQueuePolicy(fact.Document); err == nil {
		q.policy = p
		q.layer.add(everybody, iam.CompileQueuePolicy(p)...)
	} else {
		q.layer.add(everybody, iam.DenyAll(iam.LayerQueue, ""))
	}
	if err := q.layer.arm(a.model); err != nil {
		return queuePolicy{}, err
	}
	a.queues.Add(o.QueueID, q)
	return q, nil
}

package iam

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dms/internal/access"
	"dms/internal/errs"
)

// QueuePolicy is what the owner of a queue lets other accounts do with it, or forbids anybody. For the owner's own users it can only deny: what they
// may do is said by the policies they have.
type QueuePolicy struct {
	Version   string           `json:"Version"`
	Statement []QueueStatement `json:"Statement"`
}

// QueueStatement is one rule of a QueuePolicy.
type QueueStatement struct {
	Sid       string         `json:"Sid,omitempty"`
	Effect    Effect         `json:"Effect"` // EffectAllow unless given
	Principal QueuePrincipal `json:"Principal"`
	// Action has the names of the DMS wire ("DMS:ProduceMessages"), or AllQueueActions.
	Action    []string  `json:"Action"`
	Condition Condition `json:"Condition,omitempty"`
}

// QueuePrincipal is whom a QueueStatement speaks of.
type QueuePrincipal struct {
	Account []string `json:"Account,omitempty"` // ids; names until Resolve; "*" for all
	User    []string `json:"User,omitempty"`    // account id ":" user id
}

const (
	// MaxQueuePolicyBytes and MaxQueueStatements bound the policy of a queue, and with it the cost of a decision.
	MaxQueuePolicyBytes = 6144
	MaxQueueStatements  = 20
	// AllQueueActions stands for every action that the policy of a queue can give.
	AllQueueActions = "DMS:*"
)

const maxPrincipals = 50

var (
	queueActions = func() (names []string) {
		for _, i := range access.Actions {
			if i.QueuePolicy != "" && !slices.Contains(names, i.QueuePolicy) {
				names = append(names, i.QueuePolicy)
			}
		}
		return names
	}()
	accountPrincipalPattern = regexp.MustCompile(`^(\*|[A-Za-z0-9][A-Za-z0-9_-]{0,63})$`)
	userPrincipalPattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}:[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
)

// QueueActions returns the names of the actions that the policy of a queue can give.
func QueueActions() []string { return slices.Clone(queueActions) }

// GivenByQueueAction returns the actions that a name in the policy of a queue stands for.
func GivenByQueueAction(name string) []access.Action {
	var out []access.Action
	for _, i := range access.Actions {
		if i.QueuePolicy != "" && (name == AllQueueActions || name == i.QueuePolicy) {
			out = append(out, i.Action)
		}
	}
	return out
}

// ParseQueuePolicy reads the policy of a queue as a user wrote it.
func ParseQueuePolicy(document []byte) (QueuePolicy, error) {
	p, err := decodePolicy[QueuePolicy](document, MaxQueuePolicyBytes)
	if err != nil {
		return QueuePolicy{}, err
	}
	if p.Version == "" {
		p.Version = PolicyVersion1
	}
	for i := range p.Statement {
		if p.Statement[i].Effect == "" {
			p.Statement[i].Effect = EffectAllow
		}
	}
	return p, p.Validate()
}

// ParseStoredQueuePolicy is ParseStoredPolicy for the policy of a queue.
func ParseStoredQueuePolicy(document []byte) (QueuePolicy, error) {
	p, err := decodePolicy[QueuePolicy](document, len(document))
	if err != nil {
		return QueuePolicy{}, err
	}
	return p, p.validate(passConditions)
}

// Validate reports all that is wrong with the policy.
func (p QueuePolicy) Validate() error { return p.validate(Condition.problems) }

func (p QueuePolicy) validate(conditions func(c Condition, at string, report func(pointer, detail string))) error {
	err := errs.New(errs.Invalid, reasonPolicyInvalid, "The policy of the queue is not valid; see errors.")
	if p.Version != PolicyVersion1 {
		err.WithField("/Version", `must be "`+PolicyVersion1+`"`)
	}
	if n := len(p.Statement); n == 0 || n > MaxQueueStatements {
		err.WithField("/Statement", fmt.Sprintf("must have 1 to %d statements", MaxQueueStatements))
	}
	for i, s := range p.Statement {
		at := fmt.Sprintf("/Statement/%d", i)
		if !sidPattern.MatchString(s.Sid) {
			err.WithField(at+"/Sid", sidRule)
		}
		if s.Effect != EffectAllow && s.Effect != EffectDeny {
			err.WithField(at+"/Effect", `must be "Allow" or "Deny"`)
		}
		if n := len(s.Principal.Account) + len(s.Principal.User); n == 0 || n > maxPrincipals {
			err.WithField(at+"/Principal", fmt.Sprintf("must name 1 to %d accounts and users", maxPrincipals))
		}
		for j, a := range s.Principal.Account {
			if !accountPrincipalPattern.MatchString(a) {
				err.WithField(fmt.Sprintf("%s/Principal/Account/%d", at, j), `must be the id or the name of an account, or "*"`)
			}
		}
		for j, u := range s.Principal.User {
			if !userPrincipalPattern.MatchString(u) {
				err.WithField(fmt.Sprintf("%s/Principal/User/%d", at, j), `must be "account id:user id"`)
			}
		}
		if len(s.Action) == 0 {
			err.WithField(at+"/Action", "must name at least one action")
		}
		for j, a := range s.Action {
			if a != AllQueueActions && !slices.Contains(queueActions, a) {
				err.WithField(fmt.Sprintf("%s/Action/%d", at, j), "must be one of "+strings.Join(append(QueueActions(), AllQueueActions), ", "))
			}
		}
		conditions(s.Condition, at+"/Condition", func(pointer, detail string) { err.WithField(pointer, detail) })
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

// Resolve returns the policy with the ids of accounts in the place of their names. account returns the id for an id or a name, or an errs.NotFound.
func (p QueuePolicy) Resolve(account func(idOrName string) (string, error)) (QueuePolicy, error) {
	out := p
	out.Statement = slices.Clone(p.Statement)
	for i := range out.Statement {
		named := out.Statement[i].Principal.Account
		ids := make([]string, 0, len(named))
		for j, name := range named {
			id := name
			if name != "*" {
				var err error
				if id, err = account(name); errs.CodeOf(err) == errs.NotFound {
					return QueuePolicy{}, errs.New(errs.Invalid, reasonPolicyInvalid, "There is no account %q.", name).
						WithField(fmt.Sprintf("/Statement/%d/Principal/Account/%d", i, j), "does not exist")
				} else if err != nil {
					return QueuePolicy{}, err
				}
			}
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			out.Statement[i].Principal.Account = ids
		}
	}
	return out, nil
}

// Document returns the policy as it is stored: one form for what means the same.
func (p QueuePolicy) Document() []byte {
	b, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("encode the policy of a queue: %v", err)) // plain structs of strings
	}
	return b
}

// Names reports whether any statement gives the actor something: a denial of everybody does not tell everybody that there is a queue. Requires: Resolve
// was called.
func (p QueuePolicy) Names(a access.Actor) bool {
	return slices.ContainsFunc(p.Statement, func(s QueueStatement) bool {
		return s.Effect == EffectAllow && s.Principal.includes(a.AccountID, a.UserID)
	})
}

func (p QueuePrincipal) includes(accountID, userID string) bool {
	if accountID == "" {
		return false
	}
	for _, a := range p.Account {
		if a == "*" || a == accountID {
			return true
		}
	}
	for _, u := range p.User {
		if account, user, ok := strings.Cut(u, ":"); ok && account == accountID && user == userID && userID != "" {
			return true
		}
	}
	return false
}

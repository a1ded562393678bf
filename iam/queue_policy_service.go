package iam

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// QueuePolicyService judges the policies of queues, which the control plane keeps: a policy gives rights away, so nobody sets one that gives what they do
// not have.
type QueuePolicyService struct {
	store  Store
	grants grantChecker
}

// CheckQueuePolicy checks that the caller may change the policy of a queue of its account from before to after, and returns after as it is to be kept: with the ids of
// accounts, not their names. nil stands for no policy.
//
// The caller must be allowed all that after allows on the queue. The same holds for what before denied and after does not deny any more in the same words. errs.Invalid: after is no
// policy or names an account that does not exist; errs.Forbidden with reason.GrantTooMuch.
func (s *QueuePolicyService) CheckQueuePolicy(ctx context.Context, a access.Actor, queue access.Resource, before, after []byte) ([]byte, error) {
	if OwnerOf(queue) != a.AccountID {
		return nil, errs.New(errs.Forbidden, reason.GrantTooMuch, "A queue is shared by its owner's users alone.")
	}
	var next QueuePolicy
	if after != nil {
		var err error
		if next, err = ParseQueuePolicy(after); err != nil {
			return nil, err
		}
		if err := checkUserPrincipals(next); err != nil {
			return nil, err
		}
		if next, err = next.Resolve(func(idOrName string) (string, error) { return s.accountID(ctx, idOrName) }); err != nil {
			return nil, err
		}
	}
	if err := s.grants.checkGives(ctx, s.store, a, queueGives(queue, before, next)); err != nil {
		return nil, err
	}
	if after == nil {
		return nil, nil
	}
	document := next.Document()
	if len(document) > MaxQueuePolicyBytes { // ids may be longer than names
		return nil, errs.New(errs.TooLarge, reasonPolicyInvalid, "With the ids of its accounts the policy has %d bytes, more than %d.", len(document), MaxQueuePolicyBytes)
	}
	return document, nil
}

// accountID takes what has the form of an id for one; no account has such a name.
func (s *QueuePolicyService) accountID(ctx context.Context, idOrName string) (string, error) {
	look := s.store.AccountByName
	if id.IsHex(idOrName) {
		look = s.store.Account
	}
	account, err := look(ctx, idOrName)
	return account.ID, err
}

// checkUserPrincipals refuses users that are not named by two ids: no request could ever come from them.
func checkUserPrincipals(p QueuePolicy) error {
	err := errs.New(errs.Invalid, reasonPolicyInvalid, "The policy of the queue is not valid; see errors.")
	for i, s := range p.Statement {
		for j, user := range s.Principal.User {
			account, userID, _ := strings.Cut(user, ":")
			if !id.IsHex(account) || !id.IsHex(userID) {
				err.WithField(fmt.Sprintf("/Statement/%d/Principal/User/%d", i, j), "must be the id of an account, a colon and the id of a user")
			}
		}
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

// queueGives is what a change of a queue's policy gives: what is allowed then, and what is not denied any more. A policy that this version of the program cannot read may have denied
// everything.
func queueGives(queue access.Resource, before []byte, after QueuePolicy) []Statement {
	var gives []Statement
	kept := make(map[string]bool)
	for _, s := range after.Statement {
		kept[s.rule()] = true
		if s.Effect == EffectAllow {
			gives = append(gives, onQueue(queue, s.Action, s.Condition)...)
		}
	}
	if before == nil {
		return gives
	}
	old, err := ParseStoredQueuePolicy(before)
	if err != nil {
		return append(gives, onQueue(queue, []string{AllQueueActions}, nil)...)
	}
	for _, s := range old.Statement {
		if s.Effect == EffectDeny && !kept[s.rule()] {
			gives = append(gives, onQueue(queue, s.Action, nil)...)
		}
	}
	return gives
}

// rule is what the statement says, without its name.
func (s QueueStatement) rule() string {
	s.Sid = ""
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("encode a statement: %v", err)) // plain structs of strings
	}
	return string(b)
}

// onQueue returns statements that allow what the names of a queue's policy stand for, on the queue and its consumer groups.
func onQueue(queue access.Resource, names []string, condition Condition) []Statement {
	group := string(queue) + "/group:*"
	onQueues := Statement{Effect: EffectAllow, Resource: []string{string(queue)}, Condition: condition}
	onGroups := Statement{Effect: EffectAllow, Resource: []string{group}, Condition: condition}
	for _, name := range names {
		for _, action := range GivenByQueueAction(name) {
			info, _ := access.InfoOf(action)
			if strings.Contains(info.Resource, "queue") {
				onQueues.Action = append(onQueues.Action, string(action))
			}
			if strings.Contains(info.Resource, "group") {
				onGroups.Action = append(onGroups.Action, string(action))
			}
		}
	}
	return []Statement{onQueues, onGroups}
}

package iam

import (
	"context"
	"strings"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
)

// PolicyService keeps an account's policies and says who has them. A change is in force on every connected node when the call returns.
type PolicyService struct {
	store  Store
	write  writer
	clock  clock.Clock
	grants grantChecker
}

// List returns the account's own policies in the order of names.
func (s *PolicyService) List(ctx context.Context, accountID string) ([]ManagedPolicy, error) {
	return s.store.Policies(ctx, accountID)
}

// Policy returns a policy of the account's own, or an errs.NotFound.
func (s *PolicyService) Policy(ctx context.Context, accountID, name string) (ManagedPolicy, error) {
	return s.store.Policy(ctx, accountID, name)
}

// Attachments returns the policies of a subject in the order of names.
func (s *PolicyService) Attachments(ctx context.Context, accountID, subject string) ([]Attachment, error) {
	return s.store.Attachments(ctx, accountID, subject)
}

// NamesOfUser returns the names of the policies of the user and its groups, in order.
func (s *PolicyService) NamesOfUser(ctx context.Context, accountID, userID string) ([]string, error) {
	return policiesOfUser(ctx, s.store, accountID, userID)
}

func policiesOfUser(ctx context.Context, r Reads, accountID, userID string) ([]string, error) {
	subjects, err := subjectsOfUser(ctx, r, accountID, userID)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, subject := range subjects {
		attached, err := r.Attachments(ctx, accountID, subject)
		if err != nil {
			return nil, err
		}
		for _, at := range attached {
			out = append(out, at.PolicyName)
		}
	}
	return unique(out), nil
}

// subjectsOfUser returns the user and its groups.
func subjectsOfUser(ctx context.Context, r Reads, accountID, userID string) ([]string, error) {
	groups, err := r.GroupsOfUser(ctx, accountID, userID)
	if err != nil {
		return nil, err
	}
	subjects := []string{UserSubject(userID)}
	for _, g := range groups {
		subjects = append(subjects, GroupSubject(g))
	}
	return subjects, nil
}

// AttachmentsOf returns where the policy is attached, in the order of subjects.
func (s *PolicyService) AttachmentsOf(ctx context.Context, accountID, policyName string) ([]Attachment, error) {
	return s.store.AttachmentsOf(ctx, accountID, policyName)
}

// Create writes a new policy, which gives nothing until it is attached. errs.Quota: the account has MaxPolicies.
func (s *PolicyService) Create(ctx context.Context, a access.Actor, name, description string, document Policy) (ManagedPolicy, error) {
	if err := invalid(map[string]string{"/name": checkPolicyName(name), "/description": checkDescription(description)}); err != nil {
		return ManagedPolicy{}, err
	}
	if err := checkDocument(document); err != nil {
		return ManagedPolicy{}, err
	}
	now := s.clock.Now()
	p := ManagedPolicy{AccountID: a.AccountID, Name: name, Description: description, Document: document, Version: 1, CreatedAt: now, UpdatedAt: now}
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, a.AccountID); err != nil {
			return err
		}
		have, err := tx.Policies(ctx, a.AccountID)
		if err != nil {
			return err
		}
		if len(have) >= MaxPolicies {
			return errs.New(errs.Quota, "policy_limit", "An account has at most %d policies of its own.", MaxPolicies)
		}
		if err := tx.CreatePolicy(ctx, p); err != nil {
			return err
		}
		out.add(p.entry())
		e := policyEvent(access.PolicyCreate, a.AccountID, name, nil)
		e.After = document.canonical()
		out.record(e)
		return nil
	})
	if err != nil {
		return ManagedPolicy{}, err
	}
	return p, nil
}

// checkDocument is Validate, and that the document is not too large.
func checkDocument(p Policy) error {
	if n := len(p.canonical()); n > MaxPolicyBytes {
		return errs.New(errs.TooLarge, "policy_too_large", "A policy has at most %d bytes; this one has %d.", MaxPolicyBytes, n)
	}
	return p.Validate()
}

// PolicyChange is what a policy shall be. Version is the one that the caller has seen, 0 for any.
type PolicyChange struct {
	Description string
	Document    Policy
	Version     int64
}

// Update changes a policy for all that it is attached to. What it then allows anew, or denies no longer, the caller must hold. errs.Conflict: it is not at the version any more.
func (s *PolicyService) Update(ctx context.Context, a access.Actor, name string, change PolicyChange) (ManagedPolicy, error) {
	if _, builtin := BuiltinPolicy(name); builtin {
		return ManagedPolicy{}, errBuiltin(name)
	}
	if err := invalid(map[string]string{"/description": checkDescription(change.Description)}); err != nil {
		return ManagedPolicy{}, err
	}
	if err := checkDocument(change.Document); err != nil {
		return ManagedPolicy{}, err
	}
	var p ManagedPolicy
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, a.AccountID); err != nil {
			return err
		}
		var err error
		if p, err = tx.Policy(ctx, a.AccountID, name); err != nil {
			return err
		}
		if change.Version != 0 && change.Version != p.Version {
			return errs.New(errs.Conflict, "policy_changed", "The policy %q was changed meanwhile: it is at version %d.", name, p.Version)
		}
		attached, err := tx.AttachmentsOf(ctx, a.AccountID, name)
		if err != nil {
			return err
		}
		if len(attached) > 0 {
			if err := s.grants.checkGives(ctx, tx, a, edited(p.Document.Statement, change.Document.Statement)); err != nil {
				return err
			}
		}
		e := policyEvent(access.PolicyUpdate, a.AccountID, name, nil)
		e.Before, e.After = p.Document.canonical(), change.Document.canonical()
		out.record(e)
		return keepAdministrator(ctx, tx, a.AccountID, func() error {
			p.Description, p.Document, p.UpdatedAt = change.Description, change.Document, s.clock.Now()
			p.Version++
			out.add(p.entry())
			return tx.UpdatePolicy(ctx, p)
		})
	})
	if err != nil {
		return ManagedPolicy{}, err
	}
	return p, nil
}

// Delete ends a policy that is attached to nothing.
func (s *PolicyService) Delete(ctx context.Context, a access.Actor, name string) error {
	if _, builtin := BuiltinPolicy(name); builtin {
		return errBuiltin(name)
	}
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, a.AccountID); err != nil {
			return err
		}
		p, err := tx.Policy(ctx, a.AccountID, name)
		if err != nil {
			return err
		}
		attached, err := tx.AttachmentsOf(ctx, a.AccountID, name)
		if err != nil {
			return err
		}
		if len(attached) > 0 {
			return errs.New(errs.Conflict, "policy_attached", "The policy %q is attached %d times. Detach it first.", name, len(attached))
		}
		e := policyEvent(access.PolicyDelete, a.AccountID, name, nil)
		e.Before = p.Document.canonical()
		out.record(e)
		out.add(tombstone(directory.KindPolicyDocument, PolicyDocumentKey(a.AccountID, name)))
		return tx.DeletePolicy(ctx, a.AccountID, name)
	})
}

// Attach gives the subject a policy, all of which the caller must hold. One that it has already stays. errs.Quota: the subject has MaxAttachments.
func (s *PolicyService) Attach(ctx context.Context, a access.Actor, subject, name string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := tx.LockAccount(ctx, a.AccountID); err != nil {
			return err
		}
		who, err := subjectName(ctx, tx, a.AccountID, subject)
		if err != nil {
			return err
		}
		have, err := tx.Attachments(ctx, a.AccountID, subject)
		if err != nil {
			return err
		}
		for _, h := range have {
			if h.PolicyName == name {
				return nil
			}
		}
		if len(have) >= MaxAttachments {
			return errs.New(errs.Quota, "policy_limit", "At most %d policies can be attached here.", MaxAttachments)
		}
		gives, err := policyStatements(ctx, tx, a.AccountID, name)
		if err != nil {
			return err
		}
		if err := s.grants.checkGives(ctx, tx, a, gives); err != nil {
			return err
		}
		if _, err := bumpPolicyVersion(ctx, tx, out, a.AccountID); err != nil {
			return err
		}
		out.record(policyEvent(access.PolicyAttach, a.AccountID, name, map[string]string{"to": who}))
		return keepAdministrator(ctx, tx, a.AccountID, func() error {
			return attach(ctx, tx, out, Attachment{AccountID: a.AccountID, Subject: subject, PolicyName: name, CreatedAt: s.clock.Now()})
		})
	})
}

// Detach takes a policy from the subject: what only it allowed is denied when the call returns. What it denied the caller must hold.
func (s *PolicyService) Detach(ctx context.Context, a access.Actor, subject, name string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		if _, err := bumpPolicyVersion(ctx, tx, out, a.AccountID); err != nil {
			return err
		}
		who, err := subjectName(ctx, tx, a.AccountID, subject)
		if err != nil {
			return err
		}
		gone, err := policyStatements(ctx, tx, a.AccountID, name)
		if errs.CodeOf(err) == errs.NotFound {
			gone, err = denyAll, nil // what an unknown policy denied is everything
		}
		if err != nil {
			return err
		}
		if err := s.grants.checkGives(ctx, tx, a, lifted(gone)); err != nil {
			return err
		}
		out.record(policyEvent(access.PolicyDetach, a.AccountID, name, map[string]string{"from": who}))
		out.add(tombstone(directory.KindPolicy, PolicyKey(a.AccountID, subject, name)))
		return keepAdministrator(ctx, tx, a.AccountID, func() error { return tx.Detach(ctx, a.AccountID, subject, name) })
	})
}

// attach writes an attachment and its entry, below all checks.
func attach(ctx context.Context, tx Tx, out *changes, at Attachment) error {
	if err := tx.Attach(ctx, at); err != nil {
		return err
	}
	out.add(at.entry())
	return nil
}

// policyStatements returns what the policy says, or an errs.NotFound.
func policyStatements(ctx context.Context, tx Tx, accountID, name string) ([]Statement, error) {
	if p, ok := BuiltinPolicy(name); ok {
		return p.Statement, nil
	}
	p, err := tx.Policy(ctx, accountID, name)
	if err != nil {
		return nil, err
	}
	return p.Document.Statement, nil
}

// subjectName returns the name of a subject of the account for the audit trail, or an errs.NotFound. A user, or a role, is locked by it.
func subjectName(ctx context.Context, tx Tx, accountID, subject string) (string, error) {
	kind, subjectID, _ := strings.Cut(subject, ":")
	switch kind {
	case "u":
		u, err := tx.LockUser(ctx, accountID, subjectID)
		return "user " + u.Name, err
	case "g":
		g, err := tx.UserGroup(ctx, accountID, subjectID)
		return "user group " + g.Name, err
	case "r":
		r, err := tx.LockRole(ctx, accountID, subjectID)
		return "role " + r.Name, err
	}
	return "", errs.New(errs.NotFound, "", "There is no such subject.")
}

func errBuiltin(name string) error {
	return errs.New(errs.Conflict, "policy_builtin", "%q is a built-in policy and cannot be changed.", name)
}

func policyEvent(action access.Action, accountID, name string, detail map[string]string) audit.Event {
	return audit.Event{AccountID: accountID, Action: action, Resource: audit.Resource("iam", accountID, "policy", name), Detail: detail}
}

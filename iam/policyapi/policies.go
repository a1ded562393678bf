package policyapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"dms/iam"
	"dms/iam/policyapi/gen"
	"dms/internal/access"
	"dms/internal/errs"
)

// ListPolicies implements the operation.
func (s *server) ListPolicies(ctx context.Context, _ gen.ListPoliciesRequestObject) (gen.ListPoliciesResponseObject, error) {
	ctx, at := at(ctx)
	own, err := s.Services.Policies.List(ctx, at.actor.AccountID)
	if err != nil {
		return nil, err
	}
	out := gen.ListPolicies200JSONResponse{Policies: make([]gen.ManagedPolicy, 0, len(own))}
	for _, name := range iam.BuiltinPolicies() {
		v, _, err := viewBuiltin(name)
		if err != nil {
			return nil, err
		}
		out.Policies = append(out.Policies, v)
	}
	for _, p := range own {
		v, err := viewPolicy(p)
		if err != nil {
			return nil, err
		}
		out.Policies = append(out.Policies, v)
	}
	return out, nil
}

// CreatePolicy implements the operation.
func (s *server) CreatePolicy(ctx context.Context, req gen.CreatePolicyRequestObject) (gen.CreatePolicyResponseObject, error) {
	ctx, at := at(ctx)
	document, err := parse(req.Body.Document, "/document")
	if err != nil {
		return nil, err
	}
	p, err := s.Services.Policies.Create(ctx, at.actor, req.Body.Name, value(req.Body.Description), document)
	if err != nil {
		return nil, under(err, "/document")
	}
	v, err := viewPolicy(p)
	return gen.CreatePolicy201JSONResponse(v), err
}

// GetPolicy implements the operation.
func (s *server) GetPolicy(ctx context.Context, _ gen.GetPolicyRequestObject) (gen.GetPolicyResponseObject, error) {
	ctx, at := at(ctx)
	v, builtin, err := viewBuiltin(at.policy)
	if err != nil {
		return nil, err
	}
	if !builtin {
		p, err := s.Services.Policies.Policy(ctx, at.actor.AccountID, at.policy)
		if err != nil {
			return nil, err
		}
		if v, err = viewPolicy(p); err != nil {
			return nil, err
		}
	}
	attached, err := s.Services.Policies.AttachmentsOf(ctx, at.actor.AccountID, at.policy)
	if err != nil {
		return nil, err
	}
	subjects := make([]gen.PolicySubject, 0, len(attached))
	for _, a := range attached {
		kind, subjectID, _ := strings.Cut(a.Subject, ":")
		subjects = append(subjects, gen.PolicySubject{Kind: kindOfSubject[kind], Id: subjectID})
	}
	v.AttachedTo = &subjects
	return gen.GetPolicy200JSONResponse(v), nil
}

var kindOfSubject = map[string]gen.PolicySubjectKind{"u": gen.PolicySubjectKindUser, "g": gen.PolicySubjectKindUserGroup, "r": gen.PolicySubjectKindRole}

// UpdatePolicy implements the operation.
func (s *server) UpdatePolicy(ctx context.Context, req gen.UpdatePolicyRequestObject) (gen.UpdatePolicyResponseObject, error) {
	ctx, at := at(ctx)
	document, err := parse(req.Body.Document, "/document")
	if err != nil {
		return nil, err
	}
	change := iam.PolicyChange{Description: value(req.Body.Description), Document: document}
	if req.Body.Version != nil {
		change.Version = *req.Body.Version
	}
	p, err := s.Services.Policies.Update(ctx, at.actor, at.policy, change)
	if err != nil {
		return nil, err
	}
	v, err := viewPolicy(p)
	return gen.UpdatePolicy200JSONResponse(v), err
}

// DeletePolicy implements the operation.
func (s *server) DeletePolicy(ctx context.Context, _ gen.DeletePolicyRequestObject) (gen.DeletePolicyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Policies.Delete(ctx, at.actor, at.policy); err != nil {
		return nil, err
	}
	return gen.DeletePolicy204Response{}, nil
}

// ListUserPolicies implements the operation.
func (s *server) ListUserPolicies(ctx context.Context, _ gen.ListUserPoliciesRequestObject) (gen.ListUserPoliciesResponseObject, error) {
	ctx, at := at(ctx)
	v, err := s.attached(ctx, at.actor, iam.UserSubject(at.user.ID))
	return gen.ListUserPolicies200JSONResponse(v), err
}

// AttachUserPolicy implements the operation.
func (s *server) AttachUserPolicy(ctx context.Context, _ gen.AttachUserPolicyRequestObject) (gen.AttachUserPolicyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Policies.Attach(ctx, at.actor, iam.UserSubject(at.user.ID), at.policy); err != nil {
		return nil, err
	}
	return gen.AttachUserPolicy204Response{}, nil
}

// DetachUserPolicy implements the operation.
func (s *server) DetachUserPolicy(ctx context.Context, _ gen.DetachUserPolicyRequestObject) (gen.DetachUserPolicyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Policies.Detach(ctx, at.actor, iam.UserSubject(at.user.ID), at.policy); err != nil {
		return nil, err
	}
	return gen.DetachUserPolicy204Response{}, nil
}

// ListUserGroupPolicies implements the operation.
func (s *server) ListUserGroupPolicies(ctx context.Context, _ gen.ListUserGroupPoliciesRequestObject) (gen.ListUserGroupPoliciesResponseObject, error) {
	ctx, at := at(ctx)
	v, err := s.attached(ctx, at.actor, iam.GroupSubject(at.group.ID))
	return gen.ListUserGroupPolicies200JSONResponse(v), err
}

// AttachUserGroupPolicy implements the operation.
func (s *server) AttachUserGroupPolicy(ctx context.Context, _ gen.AttachUserGroupPolicyRequestObject) (gen.AttachUserGroupPolicyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Policies.Attach(ctx, at.actor, iam.GroupSubject(at.group.ID), at.policy); err != nil {
		return nil, err
	}
	return gen.AttachUserGroupPolicy204Response{}, nil
}

// DetachUserGroupPolicy implements the operation.
func (s *server) DetachUserGroupPolicy(ctx context.Context, _ gen.DetachUserGroupPolicyRequestObject) (gen.DetachUserGroupPolicyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Policies.Detach(ctx, at.actor, iam.GroupSubject(at.group.ID), at.policy); err != nil {
		return nil, err
	}
	return gen.DetachUserGroupPolicy204Response{}, nil
}

func (s *server) attached(ctx context.Context, a access.Actor, subject string) (gen.AttachedPolicies, error) {
	list, err := s.Services.Policies.Attachments(ctx, a.AccountID, subject)
	if err != nil {
		return gen.AttachedPolicies{}, err
	}
	var v gen.AttachedPolicies
	v.Policies = make([]gen.AttachedPolicy, 0, len(list))
	for _, at := range list {
		_, builtin := iam.BuiltinPolicy(at.PolicyName)
		v.Policies = append(v.Policies, gen.AttachedPolicy{AttachedAt: at.CreatedAt.UTC(), Builtin: builtin, Name: at.PolicyName})
	}
	return v, nil
}

// parse reads a document that stands in the request under pointer.
func parse(document json.RawMessage, pointer string) (iam.Policy, error) {
	p, err := iam.ParsePolicy(document)
	return p, under(err, pointer)
}

// under puts the problems of a document where the document stands.
func under(err error, pointer string) error {
	e := errs.As(err)
	if e == nil || e.Reason != "policy_invalid" && e.Reason != "policy_too_large" {
		return err
	}
	moved := *e
	moved.Fields = make([]errs.Field, 0, len(e.Fields))
	for _, f := range e.Fields {
		moved.Fields = append(moved.Fields, errs.Field{Pointer: pointer + f.Pointer, Detail: f.Detail})
	}
	return &moved
}

func viewPolicy(p iam.ManagedPolicy) (gen.ManagedPolicy, error) {
	document, err := json.Marshal(p.Document)
	if err != nil {
		return gen.ManagedPolicy{}, fmt.Errorf("encode policy %s: %w", p.Name, err)
	}
	created, updated := p.CreatedAt.UTC(), p.UpdatedAt.UTC()
	return gen.ManagedPolicy{Name: p.Name, Description: nonEmpty(p.Description), Document: document, Version: &p.Version, CreatedAt: &created, UpdatedAt: &updated}, nil
}

// viewBuiltin returns a built-in policy, if name is one.
func viewBuiltin(name string) (gen.ManagedPolicy, bool, error) {
	p, ok := iam.BuiltinPolicy(name)
	if !ok {
		return gen.ManagedPolicy{}, false, nil
	}
	document, err := json.Marshal(p)
	if err != nil {
		return gen.ManagedPolicy{}, false, fmt.Errorf("encode policy %s: %w", name, err)
	}
	return gen.ManagedPolicy{Name: name, Builtin: true, Document: document}, true, nil
}

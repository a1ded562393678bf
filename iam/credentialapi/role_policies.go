package credentialapi

import (
	"context"

	"dms/iam"
	"dms/iam/credentialapi/gen"
	"dms/internal/httpserve"
)

// ListRolePolicies lists the policies of a role.
func (s *server) ListRolePolicies(ctx context.Context, req gen.ListRolePoliciesRequestObject) (gen.ListRolePoliciesResponseObject, error) {
	c := ginContext(ctx)
	attached, err := s.Services.Policies.Attachments(c.Request.Context(), httpserve.Actor(c).AccountID, iam.RoleSubject(req.RoleId))
	if err != nil {
		return nil, err
	}
	out := gen.ListRolePolicies200JSONResponse{Policies: make([]gen.AttachedPolicy, len(attached))}
	for i, at := range attached {
		_, builtin := iam.BuiltinPolicy(at.PolicyName)
		out.Policies[i] = gen.AttachedPolicy{Name: at.PolicyName, Builtin: builtin, AttachedAt: at.CreatedAt.UTC()}
	}
	return out, nil
}

// AttachRolePolicy gives a role a policy.
func (s *server) AttachRolePolicy(ctx context.Context, req gen.AttachRolePolicyRequestObject) (gen.AttachRolePolicyResponseObject, error) {
	c := ginContext(ctx)
	if err := s.Services.Policies.Attach(c.Request.Context(), httpserve.Actor(c), iam.RoleSubject(req.RoleId), req.PolicyName); err != nil {
		return nil, err
	}
	return gen.AttachRolePolicy204Response{}, nil
}

// DetachRolePolicy takes a policy from a role.
func (s *server) DetachRolePolicy(ctx context.Context, req gen.DetachRolePolicyRequestObject) (gen.DetachRolePolicyResponseObject, error) {
	c := ginContext(ctx)
	if err := s.Services.Policies.Detach(c.Request.Context(), httpserve.Actor(c), iam.RoleSubject(req.RoleId), req.PolicyName); err != nil {
		return nil, err
	}
	return gen.DetachRolePolicy204Response{}, nil
}

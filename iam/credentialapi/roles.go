package credentialapi

import (
	"context"
	"time"

	"dms/iam"
	"dms/iam/credentialapi/gen"
	"dms/internal/httpserve"
)

// ListRoles lists the account's roles.
func (s *server) ListRoles(ctx context.Context, _ gen.ListRolesRequestObject) (gen.ListRolesResponseObject, error) {
	c := ginContext(ctx)
	roles, err := s.Services.Roles.List(c.Request.Context(), httpserve.Actor(c).AccountID)
	if err != nil {
		return nil, err
	}
	out := gen.ListRoles200JSONResponse{Roles: make([]gen.Role, len(roles))}
	for i, r := range roles {
		out.Roles[i] = roleOf(r)
	}
	return out, nil
}

// CreateRole makes a role.
func (s *server) CreateRole(ctx context.Context, req gen.CreateRoleRequestObject) (gen.CreateRoleResponseObject, error) {
	c := ginContext(ctx)
	in := iam.RoleInput{Name: req.Body.Name, Description: value(req.Body.Description), TrustedAccount: value(req.Body.TrustedAccount),
		TrustedUsers: value(req.Body.TrustedUsers), MaxLife: seconds(req.Body.MaxDurationSeconds)}
	r, err := s.Services.Roles.Create(c.Request.Context(), httpserve.Actor(c), in)
	if err != nil {
		return nil, err
	}
	return gen.CreateRole201JSONResponse(roleOf(r)), nil
}

// GetRole shows a role.
func (s *server) GetRole(ctx context.Context, _ gen.GetRoleRequestObject) (gen.GetRoleResponseObject, error) {
	return gen.GetRole200JSONResponse(roleOf(ginContext(ctx).MustGet(keyRole).(iam.Role))), nil
}

// UpdateRole changes a role.
func (s *server) UpdateRole(ctx context.Context, req gen.UpdateRoleRequestObject) (gen.UpdateRoleResponseObject, error) {
	c := ginContext(ctx)
	change := iam.RoleChange{Description: req.Body.Description, TrustedAccount: req.Body.TrustedAccount, TrustedUsers: req.Body.TrustedUsers}
	if req.Body.MaxDurationSeconds != nil {
		life := seconds(req.Body.MaxDurationSeconds)
		change.MaxLife = &life
	}
	r, err := s.Services.Roles.Update(c.Request.Context(), httpserve.Actor(c), req.RoleId, change)
	if err != nil {
		return nil, err
	}
	return gen.UpdateRole200JSONResponse(roleOf(r)), nil
}

// DeleteRole ends a role.
func (s *server) DeleteRole(ctx context.Context, req gen.DeleteRoleRequestObject) (gen.DeleteRoleResponseObject, error) {
	c := ginContext(ctx)
	if err := s.Services.Roles.Delete(c.Request.Context(), httpserve.Actor(c).AccountID, req.RoleId); err != nil {
		return nil, err
	}
	return gen.DeleteRole204Response{}, nil
}

// RevokeRole ends the assumptions of a role.
func (s *server) RevokeRole(ctx context.Context, req gen.RevokeRoleRequestObject) (gen.RevokeRoleResponseObject, error) {
	c := ginContext(ctx)
	if err := s.Services.Roles.Revoke(c.Request.Context(), httpserve.Actor(c).AccountID, req.RoleId); err != nil {
		return nil, err
	}
	return gen.RevokeRole204Response{}, nil
}

func roleOf(r iam.Role) gen.Role {
	return gen.Role{Id: r.ID, Name: r.Name, Description: r.Description, TrustedAccountId: r.TrustedAccountID, TrustedUsers: append([]string{}, r.TrustedUsers...),
		MaxDurationSeconds: int(r.MaxLife / time.Second), CreatedAt: r.CreatedAt.UTC()}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// seconds returns a duration whose bounds the document has checked.
func seconds(n *int) time.Duration { return time.Duration(value(n)) * time.Second }

package policyapi

import (
	"context"

	"dms/iam"
	"dms/iam/policyapi/gen"
)

// ListUserGroups implements the operation.
func (s *server) ListUserGroups(ctx context.Context, _ gen.ListUserGroupsRequestObject) (gen.ListUserGroupsResponseObject, error) {
	ctx, at := at(ctx)
	groups, err := s.Services.UserGroups.List(ctx, at.actor.AccountID)
	if err != nil {
		return nil, err
	}
	out := gen.ListUserGroups200JSONResponse{UserGroups: make([]gen.UserGroup, 0, len(groups))}
	for _, g := range groups {
		out.UserGroups = append(out.UserGroups, viewGroup(g))
	}
	return out, nil
}

// CreateUserGroup implements the operation.
func (s *server) CreateUserGroup(ctx context.Context, req gen.CreateUserGroupRequestObject) (gen.CreateUserGroupResponseObject, error) {
	ctx, at := at(ctx)
	g, err := s.Services.UserGroups.Create(ctx, at.actor, req.Body.Name, value(req.Body.Description))
	if err != nil {
		return nil, err
	}
	return gen.CreateUserGroup201JSONResponse(viewGroup(g)), nil
}

// GetUserGroup implements the operation.
func (s *server) GetUserGroup(ctx context.Context, _ gen.GetUserGroupRequestObject) (gen.GetUserGroupResponseObject, error) {
	ctx, at := at(ctx)
	members, err := s.Services.UserGroups.Members(ctx, at.actor.AccountID, at.group.ID)
	if err != nil {
		return nil, err
	}
	g := at.group
	out := gen.GetUserGroup200JSONResponse{Id: g.ID, Name: g.Name, Description: g.Description, CreatedAt: g.CreatedAt.UTC(), Members: make([]gen.NamedId, 0, len(members))}
	for _, u := range members {
		out.Members = append(out.Members, gen.NamedId{Id: u.ID, Name: u.Name})
	}
	return out, nil
}

// UpdateUserGroup implements the operation.
func (s *server) UpdateUserGroup(ctx context.Context, req gen.UpdateUserGroupRequestObject) (gen.UpdateUserGroupResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.UserGroups.SetDescription(ctx, at.actor, at.group.ID, req.Body.Description); err != nil {
		return nil, err
	}
	g, err := s.group(ctx, at.actor, at.group.ID)
	if err != nil {
		return nil, err
	}
	return gen.UpdateUserGroup200JSONResponse(viewGroup(g)), nil
}

// DeleteUserGroup implements the operation.
func (s *server) DeleteUserGroup(ctx context.Context, _ gen.DeleteUserGroupRequestObject) (gen.DeleteUserGroupResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.UserGroups.Delete(ctx, at.actor, at.group.ID); err != nil {
		return nil, err
	}
	return gen.DeleteUserGroup204Response{}, nil
}

// AddUserGroupMember implements the operation.
func (s *server) AddUserGroupMember(ctx context.Context, _ gen.AddUserGroupMemberRequestObject) (gen.AddUserGroupMemberResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.UserGroups.AddMember(ctx, at.actor, at.group.ID, at.user.ID); err != nil {
		return nil, err
	}
	return gen.AddUserGroupMember204Response{}, nil
}

// RemoveUserGroupMember implements the operation.
func (s *server) RemoveUserGroupMember(ctx context.Context, _ gen.RemoveUserGroupMemberRequestObject) (gen.RemoveUserGroupMemberResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.UserGroups.RemoveMember(ctx, at.actor, at.group.ID, at.user.ID); err != nil {
		return nil, err
	}
	return gen.RemoveUserGroupMember204Response{}, nil
}

func viewGroup(g iam.UserGroup) gen.UserGroup {
	return gen.UserGroup{Id: g.ID, Name: g.Name, Description: g.Description, CreatedAt: g.CreatedAt.UTC()}
}

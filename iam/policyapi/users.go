package policyapi

import (
	"context"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/policyapi/gen"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// server implements the generated interface. The contexts that it is given are gin's own.
type server struct{ Deps }

var _ gen.StrictServerInterface = (*server)(nil)

// at returns what the request is about.
func at(ctx context.Context) (context.Context, target) {
	c := ctx.(*gin.Context)
	return c.Request.Context(), c.MustGet(keyTarget).(target)
}

const defaultPageSize = 100 // as the document says

// ListUsers implements the operation. The token of a page is the id of the last user on the page before.
func (s *server) ListUsers(ctx context.Context, req gen.ListUsersRequestObject) (gen.ListUsersResponseObject, error) {
	ctx, at := at(ctx)
	size, after := defaultPageSize, ""
	if req.Params.PageSize != nil {
		size = *req.Params.PageSize
	}
	if req.Params.PageToken != nil {
		if after = *req.Params.PageToken; !id.IsHex(after) {
			return nil, errs.New(errs.Invalid, reason.ParameterInvalid, "The page token is not one that this API gave.").
				WithField("page_token", "is not the next_page_token of a page")
		}
	}
	users, err := s.Services.Users.List(ctx, at.actor.AccountID, after, size+1)
	if err != nil {
		return nil, err
	}
	out := gen.ListUsers200JSONResponse{Users: make([]gen.ManagedUser, 0, len(users))}
	if len(users) > size {
		users = users[:size]
		out.NextPageToken = &users[size-1].ID
	}
	for _, u := range users {
		v, err := s.viewUser(ctx, u)
		if err != nil {
			return nil, err
		}
		out.Users = append(out.Users, v)
	}
	return out, nil
}

// CreateUser implements the operation.
func (s *server) CreateUser(ctx context.Context, req gen.CreateUserRequestObject) (gen.CreateUserResponseObject, error) {
	ctx, at := at(ctx)
	in := iam.NewUser{Name: req.Body.Name, Email: value(req.Body.Email), Password: value(req.Body.Password)}
	if req.Body.GroupIds != nil {
		in.GroupIDs = *req.Body.GroupIds
	}
	u, err := s.Services.Users.Create(ctx, at.actor, in)
	if err != nil {
		return nil, err
	}
	v, err := s.viewUser(ctx, u)
	return gen.CreateUser201JSONResponse(v), err
}

// GetUser implements the operation.
func (s *server) GetUser(ctx context.Context, _ gen.GetUserRequestObject) (gen.GetUserResponseObject, error) {
	ctx, at := at(ctx)
	v, err := s.viewUser(ctx, at.user)
	return gen.GetUser200JSONResponse(v), err
}

// UpdateUser implements the operation.
func (s *server) UpdateUser(ctx context.Context, req gen.UpdateUserRequestObject) (gen.UpdateUserResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Users.Update(ctx, at.actor, at.user.ID, iam.UserChange{Enabled: req.Body.Enabled, Email: req.Body.Email}); err != nil {
		return nil, err
	}
	u, err := s.user(ctx, at.actor, at.user.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.viewUser(ctx, u)
	return gen.UpdateUser200JSONResponse(v), err
}

// DeleteUser implements the operation.
func (s *server) DeleteUser(ctx context.Context, _ gen.DeleteUserRequestObject) (gen.DeleteUserResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Users.Delete(ctx, at.actor, at.user.ID); err != nil {
		return nil, err
	}
	return gen.DeleteUser204Response{}, nil
}

// ResetUserPassword implements the operation.
func (s *server) ResetUserPassword(ctx context.Context, req gen.ResetUserPasswordRequestObject) (gen.ResetUserPasswordResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.Users.ResetPassword(ctx, at.actor, at.user.ID, req.Body.Password); err != nil {
		return nil, err
	}
	return gen.ResetUserPassword204Response{}, nil
}

func (s *server) viewUser(ctx context.Context, u iam.User) (gen.ManagedUser, error) {
	groups, err := s.Services.UserGroups.OfUser(ctx, u.AccountID, u.ID)
	if err != nil {
		return gen.ManagedUser{}, err
	}
	v := gen.ManagedUser{Id: u.ID, Name: u.Name, Email: nonEmpty(u.Email), Enabled: u.Enabled, CreatedAt: u.CreatedAt.UTC(), Groups: make([]gen.NamedId, 0, len(groups))}
	for _, g := range groups {
		v.Groups = append(v.Groups, gen.NamedId{Id: g.ID, Name: g.Name})
	}
	return v, nil
}

// ListUserAccessKeys implements the operation.
func (s *server) ListUserAccessKeys(ctx context.Context, _ gen.ListUserAccessKeysRequestObject) (gen.ListUserAccessKeysResponseObject, error) {
	ctx, at := at(ctx)
	keys, err := s.Services.AccessKeys.List(ctx, at.actor.AccountID, at.user.ID)
	if err != nil {
		return nil, err
	}
	out := gen.ListUserAccessKeys200JSONResponse{AccessKeys: make([]gen.UserAccessKey, 0, len(keys))}
	for _, k := range keys {
		out.AccessKeys = append(out.AccessKeys, gen.UserAccessKey{AccessKey: k.ID, Description: nonEmpty(k.Description), Enabled: k.Enabled, CreatedAt: k.CreatedAt.UTC()})
	}
	return out, nil
}

// CreateUserAccessKey implements the operation.
func (s *server) CreateUserAccessKey(ctx context.Context, req gen.CreateUserAccessKeyRequestObject) (gen.CreateUserAccessKeyResponseObject, error) {
	ctx, at := at(ctx)
	k, secret, err := s.Services.AccessKeys.CreateFor(ctx, at.actor, at.user.ID, value(req.Body.Description))
	if err != nil {
		return nil, err
	}
	return gen.CreateUserAccessKey201JSONResponse{AccessKey: k.ID, SecretKey: secret, Description: nonEmpty(k.Description), CreatedAt: k.CreatedAt.UTC()}, nil
}

// UpdateUserAccessKey implements the operation.
func (s *server) UpdateUserAccessKey(ctx context.Context, req gen.UpdateUserAccessKeyRequestObject) (gen.UpdateUserAccessKeyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.AccessKeys.SetEnabledFor(ctx, at.actor, at.user.ID, req.AccessKey, req.Body.Enabled); err != nil {
		return nil, err
	}
	return gen.UpdateUserAccessKey204Response{}, nil
}

// DeleteUserAccessKey implements the operation.
func (s *server) DeleteUserAccessKey(ctx context.Context, req gen.DeleteUserAccessKeyRequestObject) (gen.DeleteUserAccessKeyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.Services.AccessKeys.Delete(ctx, at.actor.AccountID, at.user.ID, req.AccessKey); err != nil {
		return nil, err
	}
	return gen.DeleteUserAccessKey204Response{}, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

package httpapi

import (
	"context"

	"dms/controlplane/httpapi/gen"
)

// CreateGroup implements the operation.
func (s *server) CreateGroup(ctx context.Context, req gen.CreateGroupRequestObject) (gen.CreateGroupResponseObject, error) {
	ctx, at := at(ctx)
	groups, err := s.d.Services.Queues.CreateGroups(ctx, at.actor, at.queue, []string{req.Body.Name})
	if err != nil {
		return nil, err
	}
	return gen.CreateGroup201JSONResponse{Id: groups[0].ID, Name: groups[0].Name, CreatedAt: instant(groups[0].CreatedAt)}, nil
}

// DeleteGroup implements the operation.
func (s *server) DeleteGroup(ctx context.Context, _ gen.DeleteGroupRequestObject) (gen.DeleteGroupResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.d.Services.Queues.DeleteGroup(ctx, at.actor, at.queue, at.group.ID); err != nil {
		return nil, err
	}
	return gen.DeleteGroup204Response{}, nil
}

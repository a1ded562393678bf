package httpapi

import (
	"context"

	"dms/dataplane/httpapi/gen"
)

// GetQuotas implements the operation.
func (s *server) GetQuotas(ctx context.Context, _ gen.GetQuotasRequestObject) (gen.GetQuotasResponseObject, error) {
	c, at := at(ctx)
	limit, used, err := s.node.Quota(c.Request.Context(), at.actor.ProjectID)
	if err != nil {
		return nil, err
	}
	var out gen.GetQuotas200JSONResponse
	out.Queues.Limit, out.Queues.Used = limit.Queues, used
	out.GroupsPerQueue.Limit = limit.GroupsPerQueue
	return out, nil
}

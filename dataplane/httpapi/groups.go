package httpapi

import (
	"context"

	"dms/dataplane/httpapi/gen"
)

// ListGroups implements the operation.
func (s *server) ListGroups(ctx context.Context, _ gen.ListGroupsRequestObject) (gen.ListGroupsResponseObject, error) {
	c, at := at(ctx)
	groups, err := s.node.Groups(c.Request.Context(), at.queue)
	if err != nil {
		return nil, err
	}
	out := gen.ListGroups200JSONResponse{Groups: make([]gen.Group, 0, len(groups))}
	for _, g := range groups {
		stats, err := s.node.GroupStats(c.Request.Context(), at.queue, g)
		if err != nil {
			return nil, err
		}
		out.Groups = append(out.Groups, gen.Group{Id: g.ID, Name: g.Name, CreatedAt: instant(g.CreatedAt), Counters: &gen.GroupCounters{
			Produced: stats.Produced, Consumed: stats.Consumed, Available: stats.Available, InFlight: stats.InFlight,
			DeadProduced: stats.DeadProduced, DeadAvailable: stats.DeadAvailable,
		}})
	}
	return out, nil
}

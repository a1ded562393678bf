package dmsapi

import (
	"github.com/gin-gonic/gin"

	"dms/controlplane"
)

type createGroupsRequest struct {
	Groups []struct {
		Name *string `json:"name"`
	} `json:"groups"`
}

type groupView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type createGroupsReply struct {
	Groups []groupView `json:"groups"`
}

func parseCreateGroups(c *gin.Context) (any, error) {
	var req createGroupsRequest
	if err := decode(c, &req); err != nil {
		return nil, err
	}
	names := make([]string, len(req.Groups))
	for i, g := range req.Groups {
		names[i] = textOf(g.Name)
	}
	return names, controlplane.ValidateGroupNames(names)
}

// createGroups is row 5: POST .../queues/{queue_id}/groups.
func (s *server) createGroups(c *gin.Context, at target) error {
	groups, err := s.d.Services.Queues.CreateGroups(c.Request.Context(), at.actor, at.queue, at.request.([]string))
	if err != nil {
		return err
	}
	reply := createGroupsReply{Groups: make([]groupView, len(groups))}
	for i, g := range groups {
		reply.Groups[i] = groupView{ID: g.ID, Name: g.Name}
	}
	return created(c, reply)
}

// deleteGroup is row 7: DELETE .../queues/{queue_id}/groups/{group_id}.
func (s *server) deleteGroup(c *gin.Context, at target) error {
	if err := s.d.Services.Queues.DeleteGroup(c.Request.Context(), at.actor, at.queue, at.group.ID); err != nil {
		return err
	}
	return done(c)
}

package dmsapi

import (
	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
	"dms/internal/id"
)

// target is what a request that passed the gate is about.
type target struct {
	version version
	actor   access.Actor
	queue   dataplane.Queue // of operations on a queue or a group
	group   dataplane.Group // of operations on a group
}

const keyTarget = "dms.dmsapi.target"

// targetOf returns what the gate has found; it is empty until then.
func targetOf(c *gin.Context) *target {
	if v, ok := c.Get(keyTarget); ok {
		return v.(*target)
	}
	return new(target)
}

// checkProject refuses a project id that cannot be one, and a path whose two project ids differ. The code of the first is told only to
// callers that could prove who they are.
func (s *server) checkProject(c *gin.Context) error {
	project := c.Param("project_id")
	if again, ok := c.Params.Get("project_again"); ok && again != project {
		httpserve.NotFound(c)
		return nil
	}
	if id.IsHex(project) {
		return nil
	}
	body := func() ([]byte, error) { return httpserve.Body(c) }
	if _, err := s.gate.Authenticator.Authenticate(c.Request.Context(), c.Request, "", body); err != nil {
		return err
	}
	return dmswire.CheckProjectID(project)
}

func (s *server) before(c *gin.Context, a access.Actor) error {
	return s.node.CheckService(c.Request.Context(), a.AccountID)
}

// resource looks up what the path names, in the actor's project alone, or for a guest among what is shared: what is another tenant's is not
// found, as if it did not exist. An object that comes with an error is the queue whose group was not found.
func (s *server) resource(sc scope) func(*gin.Context, access.Actor) (access.Object, error) {
	return func(c *gin.Context, a access.Actor) (access.Object, error) {
		at, err := s.find(c, a, sc)
		if err != nil && at.queue.ID != "" {
			return at.queue.Object(), err
		}
		if err != nil {
			return access.Object{}, err
		}
		c.Set(keyTarget, at)
		switch sc {
		case onQueue:
			return at.queue.Object(), nil
		case onGroup:
			return at.queue.GroupObject(at.group.Name), nil
		}
		return access.QueueResource(s.node.Region(), a.AccountID, "*").Object(), nil
	}
}

func (s *server) find(c *gin.Context, a access.Actor, sc scope) (*target, error) {
	at := &target{actor: a}
	if sc == onProject {
		return at, nil
	}
	ctx := c.Request.Context()
	queueID, groupID := c.Param("queue_id"), c.Param("group_id")
	if err := dmswire.CheckQueueID(queueID); err != nil {
		return at, err
	}
	if sc == onGroup {
		if err := dmswire.CheckGroupID(groupID); err != nil {
			return at, err
		}
	}
	var err error
	findQueue, findGroup, projectID := s.node.Queue, s.node.Group, a.ProjectID
	if a.Guest {
		findQueue, findGroup, projectID = s.node.SharedQueue, s.node.SharedGroup, c.Param("project_id")
	}
	if at.queue, err = findQueue(ctx, projectID, queueID); err != nil {
		return at, err
	}
	if sc == onGroup {
		at.group, err = findGroup(ctx, at.queue, groupID)
	}
	return at, err
}

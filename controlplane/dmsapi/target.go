package dmsapi

import (
	"github.com/gin-gonic/gin"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
	"dms/internal/id"
)

// target is what a request that passed the gate is about.
type target struct {
	actor   access.Actor
	region  string             // of a queue to be created
	queue   controlplane.Queue // of operations on a queue or a group
	group   dataplane.Group    // of operations on a group
	request any                // what the operation's parse returned
}

const keyTarget = "dms.controlplane.dmsapi.target"

func targetOf(c *gin.Context) target { return c.MustGet(keyTarget).(target) }

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
	if _, err := s.d.Gate.Authenticator.Authenticate(c.Request.Context(), c.Request, "", body); err != nil {
		return err
	}
	return dmswire.CheckProjectID(project)
}

func (s *server) before(op operation) func(*gin.Context, access.Actor) error {
	check := s.d.Services.Activations.Check
	if op.frozenToo {
		check = s.d.Services.Activations.CheckDelete
	}
	return func(c *gin.Context, a access.Actor) error { return check(c.Request.Context(), a.AccountID) }
}

// resource reads the request's form and looks up what the path names, in the actor's project alone, or for a guest among what is shared: what
// is another tenant's is not found, as if it did not exist. An object that comes with an error is the queue that was found before it.
func (s *server) resource(op operation) func(*gin.Context, access.Actor) (access.Object, error) {
	return func(c *gin.Context, a access.Actor) (access.Object, error) {
		at, err := s.find(c, a, op)
		if err != nil && at.queue.ID != "" {
			return at.queue.Object(), err
		}
		if err != nil {
			return access.Object{}, err
		}
		c.Set(keyTarget, at)
		switch op.scope {
		case onNewQueue:
			return access.QueueResource(at.region, a.AccountID, at.request.(controlplane.QueueSpec).Name).Object(), nil
		case onGroup:
			return at.queue.GroupObject(at.group.Name), nil
		}
		return at.queue.Object(), nil
	}
}

func (s *server) find(c *gin.Context, a access.Actor, op operation) (at target, err error) {
	at.actor = a
	ctx, queueID, groupID := c.Request.Context(), c.Param("queue_id"), c.Param("group_id")
	if op.scope != onNewQueue {
		if err := dmswire.CheckQueueID(queueID); err != nil {
			return at, err
		}
	}
	if op.scope == onGroup {
		if err := dmswire.CheckGroupID(groupID); err != nil {
			return at, err
		}
	}
	if a.Guest { // who may not know the queue is told nothing of the form either
		if at.queue, err = s.d.Services.Queues.SharedQueue(ctx, c.Param("project_id"), queueID); err != nil {
			return at, err
		}
	}
	if op.parse != nil {
		if at.request, err = op.parse(c); err != nil {
			return at, err
		}
	}
	if op.scope == onNewQueue {
		at.region, err = s.d.Region(ctx, a.ProjectID)
		return at, err
	}
	if !a.Guest {
		if at.queue, err = s.d.Services.Queues.Queue(ctx, a, queueID); err != nil {
			return at, err
		}
	}
	if op.scope == onGroup {
		at.group, err = s.d.Services.Queues.Group(ctx, at.queue, groupID)
	}
	return at, err
}

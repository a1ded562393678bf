package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/controlplane"
	"dms/controlplane/httpapi/gen"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
	"dms/internal/id"
)

// Deps is what the API needs.
type Deps struct {
	Services *controlplane.Services
	// Gate authenticates and authorises; its ProjectParam is set here.
	Gate httpserve.Gate
	// Region returns the region of a project.
	Region func(ctx context.Context, projectID string) (string, error)
	// BaseURL returns where the client reached this installation; it is the endpoint of a region whose endpoint nobody has said.
	BaseURL func(r *http.Request) string
}

// scope is what an operation is done to.
type scope uint8

const (
	onNothing scope = iota // public
	onService
	onNewQueue // the one that the request names
	onQueue
	onGroup
)

// operation is what the gate must know about a route; the document knows the rest.
type operation struct {
	action access.Action
	scope  scope
	// inactiveToo: the service need not be activated. frozenToo: an account that is frozen because of arrears may do it.
	inactiveToo, frozenToo bool
}

const (
	servicePath = "/api/v1/service"
	queuesPath  = "/api/v1/projects/:project_id/queues"
	queuePath   = queuesPath + "/:queue_id"
)

// operations is the table of the routes, keyed by method and path. A test compares it with the document.
var operations = map[string]operation{
	"GET " + servicePath:                        {action: access.ServiceGet, scope: onService, inactiveToo: true},
	"PUT " + servicePath + "/activation":        {action: access.ServiceActivate, scope: onService, inactiveToo: true},
	"GET /api/v1/regions":                       {action: access.Public},
	"POST " + queuesPath:                        {action: access.QueueCreate, scope: onNewQueue},
	"DELETE " + queuePath:                       {action: access.QueueDelete, scope: onQueue, frozenToo: true},
	"POST " + queuePath + "/groups":             {action: access.GroupCreate, scope: onQueue},
	"GET " + queuePath + "/policy":              {action: access.QueuePolicyGet, scope: onQueue},
	"PUT " + queuePath + "/policy":              {action: access.QueuePolicySet, scope: onQueue},
	"DELETE " + queuePath + "/policy":           {action: access.QueuePolicyDelete, scope: onQueue},
	"DELETE " + queuePath + "/groups/:group_id": {action: access.GroupDelete, scope: onGroup},
}

// server implements the generated interface.
type server struct{ d Deps }

var _ gen.StrictServerInterface = (*server)(nil)

// Register adds the operations, the documents and the viewer to r. Errors are written in the default dialect, problem+json. It panics when
// an embedded document is broken, which a test would have seen.
func Register(r gin.IRouter, d Deps) {
	d.Gate.ProjectParam = "project_id"
	s := &server{d: d}
	table := make(map[string]httpserve.Route, len(operations))
	for key, op := range operations {
		table[key] = httpserve.Route{Action: op.action, Resource: s.resource(op.scope), Before: s.before(op), Shareable: op.action.Shareable()}
	}
	strict := gen.NewStrictHandlerWithOptions(s, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	gen.RegisterHandlersWithOptions(r.Group("", d.Gate.RequireByPath(table), httpserve.Validate(httpserve.MustDocument(gen.GetSpec))),
		strict, gen.GinServerOptions{ErrorHandler: httpserve.FailUnroutable})
	registerDocs(r)
}

// target is what a request that passed the gate is about.
type target struct {
	actor  access.Actor
	region string             // of a queue to be created
	queue  controlplane.Queue // of operations on a queue or a group
	group  dataplane.Group    // of operations on a group
}

const keyTarget = "dms.controlplane.httpapi.target"

// at returns what the request is about. The generated server passes gin's context as the context of the request.
func at(ctx context.Context) (context.Context, target) {
	c := ctx.(*gin.Context)
	return c.Request.Context(), c.MustGet(keyTarget).(target)
}

func (s *server) before(op operation) func(*gin.Context, access.Actor) error {
	check := s.d.Services.Activations.Check
	switch {
	case op.inactiveToo:
		return nil
	case op.frozenToo:
		check = s.d.Services.Activations.CheckDelete
	}
	return func(c *gin.Context, a access.Actor) error { return check(c.Request.Context(), a.AccountID) }
}

// resource looks up what the path names, in the actor's project alone, or for a guest among what is shared: what is another tenant's is not
// found, as if it did not exist. So is what cannot be an id. An object that comes with an error is the queue whose group was not found.
func (s *server) resource(sc scope) func(*gin.Context, access.Actor) (access.Object, error) {
	if sc == onNothing {
		return nil
	}
	return func(c *gin.Context, a access.Actor) (access.Object, error) {
		at := target{actor: a}
		defer func() { c.Set(keyTarget, at) }()
		ctx, queueID, groupID := c.Request.Context(), c.Param("queue_id"), c.Param("group_id")
		var err error
		switch sc {
		case onService:
			return access.AccountResource("dms", a.AccountID, "service").Object(), nil
		case onNewQueue:
			if at.region, err = s.d.Region(ctx, a.ProjectID); err != nil {
				return access.Object{}, err
			}
			return access.QueueResource(at.region, a.AccountID, newQueueName(c)).Object(), nil
		}
		if !id.IsQueue(queueID) {
			return access.Object{}, dmswire.QueueNotFound()
		}
		if a.Guest {
			at.queue, err = s.d.Services.Queues.SharedQueue(ctx, c.Param("project_id"), queueID)
		} else {
			at.queue, err = s.d.Services.Queues.Queue(ctx, a, queueID)
		}
		if err != nil {
			return access.Object{}, err
		}
		if sc == onQueue {
			return at.queue.Object(), nil
		}
		if !id.IsGroup(groupID) {
			return at.queue.Object(), dmswire.GroupNotFound()
		}
		if at.group, err = s.d.Services.Queues.Group(ctx, at.queue, groupID); err != nil {
			return at.queue.Object(), err
		}
		return at.queue.GroupObject(at.group.Name), nil
	}
}

// newQueueName returns the name in the body for the question of access. A body that names none is refused after it, with everything that
// is wrong with it; until then it is asked about as any queue.
func newQueueName(c *gin.Context) string {
	body, err := httpserve.Body(c)
	if err != nil {
		return "*"
	}
	var req struct{ Name string }
	if json.Unmarshal(body, &req) != nil || !controlplane.ValidQueueName(req.Name) {
		return "*"
	}
	return req.Name
}

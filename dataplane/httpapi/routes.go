package httpapi

import (
	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/dataplane/httpapi/gen"
	"dms/dataplane/node"
	"dms/internal/access"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
	"dms/internal/id"
)

// scope is what an operation is done to.
type scope uint8

const (
	onProject scope = iota // every queue of the project
	onQueue
	onGroup
)

// operation is what the gate must know about a route; the document knows the rest.
type operation struct {
	action access.Action
	scope  scope
	// throttled operations count against the queue's limit of requests.
	throttled bool
}

const (
	projectPath  = "/api/v1/projects/:project_id"
	queuesPath   = projectPath + "/queues"
	queuePath    = queuesPath + "/:queue_id"
	preparedPath = queuePath + "/prepared/:prepared_id"
	groupPath    = queuePath + "/groups/:group_id"
)

// operations is the table of the routes, keyed by method and path. A test compares it with the document.
var operations = map[string]operation{
	"GET " + projectPath + "/quotas":              {access.QuotaGet, onProject, false},
	"GET " + queuesPath:                           {access.QueueList, onProject, false},
	"GET " + queuePath:                            {access.QueueGet, onQueue, false},
	"GET " + queuePath + "/groups":                {access.GroupList, onQueue, false},
	"GET " + queuePath + "/statistics":            {access.StatisticsGet, onQueue, false},
	"GET " + queuePath + "/messages":              {access.MessageBrowse, onQueue, true},
	"POST " + queuePath + "/messages":             {access.MessageSend, onQueue, true},
	"POST " + queuePath + "/purge":                {access.MessagePurge, onQueue, true},
	"GET " + queuePath + "/prepared":              {access.MessageBrowse, onQueue, true}, // also those of other senders, so no guest's business
	"POST " + queuePath + "/prepared":             {access.MessagePrepare, onQueue, true},
	"POST " + preparedPath + "/commit":            {access.MessageCommit, onQueue, true},
	"POST " + preparedPath + "/rollback":          {access.MessageRollback, onQueue, true},
	"GET " + groupPath + "/statistics":            {access.StatisticsGet, onGroup, false},
	"POST " + groupPath + "/receive":              {access.MessageReceive, onGroup, true},
	"POST " + groupPath + "/settle":               {access.MessageAck, onGroup, true},
	"POST " + groupPath + "/extend":               {access.MessageAck, onGroup, true},
	"POST " + groupPath + "/seek":                 {access.GroupSeek, onGroup, true},
	"GET " + groupPath + "/dead-letters":          {access.DeadLetterBrowse, onGroup, true},
	"POST " + groupPath + "/dead-letters/receive": {access.DeadLetterReceive, onGroup, true},
	"POST " + groupPath + "/dead-letters/settle":  {access.DeadLetterAck, onGroup, true},
	"POST " + groupPath + "/dead-letters/extend":  {access.DeadLetterAck, onGroup, true},
	"POST " + groupPath + "/dead-letters/purge":   {access.DeadLetterPurge, onGroup, true},
	"GET " + groupPath + "/redrive":               {access.StatisticsGet, onGroup, false},
	"POST " + groupPath + "/redrive":              {access.DeadLetterRedrive, onGroup, true},
	"DELETE " + groupPath + "/redrive":            {access.DeadLetterRedrive, onGroup, true},
}

// server implements the generated interface.
type server struct {
	node   *node.Node
	limits dataplane.Limits
}

var _ gen.StrictServerInterface = (*server)(nil)

// Register adds the operations to r. gate authenticates and authorises; its ProjectParam is set here. Errors are written in the
// default dialect, problem+json. It panics when the embedded document is broken, which a test would have seen.
func Register(r gin.IRouter, n *node.Node, gate httpserve.Gate) {
	gate.ProjectParam = "project_id"
	s := &server{node: n, limits: dataplane.DMSLimits}
	table := make(map[string]httpserve.Route, len(operations))
	for key, op := range operations {
		table[key] = httpserve.Route{Action: op.action, Resource: s.resource(op.scope), Before: s.before, Shareable: op.action.Shareable()}
	}
	strict := gen.NewStrictHandlerWithOptions(s, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	gen.RegisterHandlersWithOptions(r.Group("", gate.RequireByPath(table), httpserve.Handle(s.admit), httpserve.Validate(httpserve.MustDocument(gen.GetSpec))),
		strict, gen.GinServerOptions{ErrorHandler: httpserve.FailUnroutable})
}

// target is what a request that passed the gate is about.
type target struct {
	actor access.Actor
	queue dataplane.Queue // of operations on a queue or a group
	group dataplane.Group // of operations on a group
}

const keyTarget = "dms.httpapi.target"

func targetOf(c *gin.Context) *target { return c.MustGet(keyTarget).(*target) }

func (s *server) before(c *gin.Context, a access.Actor) error {
	return s.node.CheckService(c.Request.Context(), a.AccountID)
}

// admit applies the queue's limit of requests, before the body is read.
func (s *server) admit(c *gin.Context) error {
	if !operations[c.Request.Method+" "+c.FullPath()].throttled {
		return nil
	}
	return s.node.Admit(targetOf(c).queue)
}

// resource looks up what the path names, in the actor's project alone, or for a guest among what is shared: what is another tenant's is not
// found, as if it did not exist. So is what cannot be an id. An object that comes with an error is the queue whose group was not found.
func (s *server) resource(sc scope) func(*gin.Context, access.Actor) (access.Object, error) {
	return func(c *gin.Context, a access.Actor) (access.Object, error) {
		at := &target{actor: a}
		defer func() { c.Set(keyTarget, at) }()
		if sc == onProject {
			return access.QueueResource(s.node.Region(), a.AccountID, "*").Object(), nil
		}
		ctx, queueID, groupID := c.Request.Context(), c.Param("queue_id"), c.Param("group_id")
		if !id.IsQueue(queueID) {
			return access.Object{}, dmswire.QueueNotFound()
		}
		var err error
		findQueue, findGroup, projectID := s.node.Queue, s.node.Group, a.ProjectID
		if a.Guest {
			findQueue, findGroup, projectID = s.node.SharedQueue, s.node.SharedGroup, c.Param("project_id")
		}
		if at.queue, err = findQueue(ctx, projectID, queueID); err != nil {
			return access.Object{}, err
		}
		if sc == onQueue {
			return at.queue.Object(), nil
		}
		if !id.IsGroup(groupID) {
			return at.queue.Object(), dmswire.GroupNotFound()
		}
		if at.group, err = findGroup(ctx, at.queue, groupID); err != nil {
			return at.queue.Object(), err
		}
		return at.queue.GroupObject(at.group.Name), nil
	}
}

package dmsapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/controlplane"
	"dms/internal/access"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
)

// Dialect writes errors as clients of this wire read them.
var Dialect = httpserve.DialectFunc(dmswire.WriteError)

const contentType = "application/json; charset=utf-8"

// Deps is what the wire needs.
type Deps struct {
	Services *controlplane.Services
	// Gate authenticates and authorises; its ProjectParam is set here.
	Gate httpserve.Gate
	// Region returns the region of a project.
	Region func(ctx context.Context, projectID string) (string, error)
}

// scope is what an operation is done to.
type scope uint8

const (
	onNewQueue scope = iota // the one that the request names
	onQueue
	onGroup
)

// operation is one row of the table of the wire.
type operation struct {
	method string
	path   string // below /{version}/{project_id}
	action access.Action
	scope  scope
	// frozenToo: an account that is frozen because of arrears may do it.
	frozenToo bool
	// parse reads the request's form; nil: it has none. What it returns is target.request.
	parse  func(c *gin.Context) (any, error)
	handle func(s *server, c *gin.Context, at target) error
}

const (
	queuesPath = "/queues"
	queuePath  = queuesPath + "/:queue_id"
	tagsPath   = "/queue/:queue_id/tags"
)

var (
	batchTagsPath = tagsPath + "/action"

	createTags = operation{http.MethodPost, batchTagsPath, access.TagCreate, onQueue, false, parseBatchTags, (*server).batchTags}
	deleteTags = operation{http.MethodPost, batchTagsPath, access.TagDelete, onQueue, false, parseBatchTags, (*server).batchTags}

	// operations are the rows that the control plane answers. The batch of tags is two of them under one path: its body says which.
	operations = []operation{
		{http.MethodPost, queuesPath, access.QueueCreate, onNewQueue, false, parseCreateQueue, (*server).createQueue},
		{http.MethodDelete, queuePath, access.QueueDelete, onQueue, true, nil, (*server).deleteQueue},
		{http.MethodPost, queuePath + "/groups", access.GroupCreate, onQueue, false, parseCreateGroups, (*server).createGroups},
		{http.MethodDelete, queuePath + "/groups/:group_id", access.GroupDelete, onGroup, false, nil, (*server).deleteGroup},
		createTags,
		{http.MethodPost, tagsPath, access.TagCreate, onQueue, false, parseCreateTag, (*server).createTag},
		{http.MethodDelete, tagsPath + "/:tag_key", access.TagDelete, onQueue, false, parseDeleteTag, (*server).deleteTag},
	}
)

type server struct{ d Deps }

// Register adds the control plane's operations to r, for v1.0 and v2, each also with the project id twice in the path, as some clients
// send it. What r does with other paths and methods of the wire is the caller's; Unknown answers them.
func Register(r gin.IRouter, d Deps) {
	d.Gate.ProjectParam = "project_id"
	s := &server{d: d}
	for _, prefix := range prefixes {
		for _, op := range operations {
			r.Handle(op.method, prefix+op.path, s.chain(op)...)
		}
	}
}

func (s *server) chain(op operation) []gin.HandlerFunc {
	require := s.require(op)
	if op.path == batchTagsPath {
		require = s.requireBatchTags()
	}
	return []gin.HandlerFunc{
		httpserve.Speak(Dialect),
		httpserve.Handle(s.checkProject),
		require,
		httpserve.Handle(func(c *gin.Context) error { return op.handle(s, c, targetOf(c)) }),
	}
}

func (s *server) require(op operation) gin.HandlerFunc {
	return s.d.Gate.Require(httpserve.Route{Action: op.action, Resource: s.resource(op), Before: s.before(op), Shareable: op.action.Shareable()})
}

// requireBatchTags asks about the action that the body names. One that names none is found out after the caller is known.
func (s *server) requireBatchTags() gin.HandlerFunc {
	create, remove := s.require(createTags), s.require(deleteTags)
	return func(c *gin.Context) {
		if batchDeletes(c) {
			remove(c)
			return
		}
		create(c)
	}
}

// created answers 201 with v.
func created(c *gin.Context, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_ = httpserve.Reply(c, http.StatusCreated, contentType, b) // the client has gone; there is nobody to tell
	return nil
}

// done answers 204.
func done(c *gin.Context) error {
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

package dmsapi

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/dataplane/node"
	"dms/internal/access"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
)

// Dialect writes errors as clients of this wire read them.
var Dialect = httpserve.DialectFunc(dmswire.WriteError)

const contentType = "application/json; charset=utf-8"

// scope is what an operation is done to.
type scope uint8

const (
	onProject scope = iota // every queue of the project
	onQueue
	onGroup
)

// operation is one row of the table of the wire.
type operation struct {
	method string
	path   string // below /{version}/{project_id}
	action access.Action
	scope  scope
	// throttled operations count against the queue's limit of requests.
	throttled bool
	handle    func(s *server, c *gin.Context, at *target) error
}

const (
	queuePath = "/queues/:queue_id"
	groupPath = queuePath + "/groups/:group_id"
	tagPath   = "/queue/:queue_id"
)

// operations are the rows that a node answers. Both forms of the quotas path are served under both versions, and the group list
// also under the name by which a widely used client asks for it.
var operations = []operation{
	{http.MethodGet, "/queues", access.QueueList, onProject, false, (*server).listQueues},
	{http.MethodGet, queuePath, access.QueueGet, onQueue, false, (*server).showQueue},
	{http.MethodGet, queuePath + "/groups", access.GroupList, onQueue, false, (*server).listGroups},
	{http.MethodGet, queuePath + "/resourcePathGroups", access.GroupList, onQueue, false, (*server).listGroups},
	{http.MethodPost, queuePath + "/messages", access.MessageSend, onQueue, true, (*server).sendMessages},
	{http.MethodGet, groupPath + "/messages", access.MessageReceive, onGroup, true, (*server).consumeMessages},
	{http.MethodPost, groupPath + "/ack", access.MessageAck, onGroup, true, (*server).ackMessages},
	{http.MethodGet, groupPath + "/deadletters", access.DeadLetterReceive, onGroup, true, (*server).consumeDeadLetters},
	{http.MethodPost, groupPath + "/deadletters/ack", access.DeadLetterAck, onGroup, true, (*server).ackDeadLetters},
	{http.MethodGet, "/quotas", access.QuotaGet, onProject, false, (*server).showQuotas},
	{http.MethodGet, "/quotas/dms", access.QuotaGet, onProject, false, (*server).showQuotas},
	{http.MethodGet, tagPath + "/tags", access.TagList, onQueue, false, (*server).showQueueTags},
	{http.MethodGet, "/queue/tags", access.TagList, onProject, false, (*server).showProjectTags},
	{http.MethodPost, "/queue/resource_instances/action", access.TagList, onProject, false, (*server).searchByTag},
}

// version is the first segment of a path.
type version string

const (
	v1 version = "v1.0"
	v2 version = "v2"
)

// prefixes are the two forms of a path behind its version: some clients send the project id twice.
var prefixes = []string{"/:project_id", "/:project_id/:project_again"}

type server struct {
	node   *node.Node
	gate   httpserve.Gate
	limits dataplane.Limits
}

// Register adds the node's operations to r, for v1.0 and v2, each also with the project id twice in the path, as some clients send
// it. gate authenticates and authorises; its ProjectParam is set here. What r does with other paths and methods is the caller's:
// the control plane has the rest of the wire.
func Register(r gin.IRouter, n *node.Node, gate httpserve.Gate) {
	gate.ProjectParam = "project_id"
	s := &server{node: n, gate: gate, limits: dataplane.DMSLimits}
	for _, v := range []version{v1, v2} {
		for _, prefix := range prefixes {
			for _, op := range operations {
				r.Handle(op.method, "/"+string(v)+prefix+op.path, s.chain(v, op)...)
			}
		}
	}
}

// chain is the way of a request: who calls, may they, is the queue's limit kept, and only then the body.
func (s *server) chain(v version, op operation) []gin.HandlerFunc {
	return []gin.HandlerFunc{
		httpserve.Speak(Dialect),
		httpserve.Handle(s.checkProject),
		s.gate.Require(httpserve.Route{Action: op.action, Resource: s.resource(op.scope), Before: s.before, Shareable: op.action.Shareable()}),
		httpserve.Handle(func(c *gin.Context) error {
			if !op.throttled {
				return nil
			}
			return s.node.Admit(targetOf(c).queue)
		}),
		httpserve.Handle(func(c *gin.Context) error {
			at := targetOf(c)
			at.version = v
			return op.handle(s, c, at)
		}),
	}
}

// IsPath reports whether a path belongs to this wire, on whichever plane.
func IsPath(path string) bool {
	for _, v := range []version{v1, v2} {
		if p := "/" + string(v) + "/"; len(path) > len(p) && path[:len(p)] == p {
			return true
		}
	}
	return false
}

// NotFound answers for a path of this wire that neither plane has.
func NotFound(c *gin.Context) {
	httpserve.Speak(Dialect)(c)
	httpserve.NotFound(c)
}

// MethodNotAllowed answers for a path of this wire with a method that neither plane has.
func MethodNotAllowed(c *gin.Context) {
	httpserve.Speak(Dialect)(c)
	httpserve.MethodNotAllowed(c)
}

// reply answers with JSON text. A client that has gone is nobody's error.
func reply(c *gin.Context, status int, body []byte) {
	_ = httpserve.Reply(c, status, contentType, body)
}

// replyJSON answers with v, which always has a JSON form.
func replyJSON(c *gin.Context, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("marshal: " + err.Error())
	}
	reply(c, status, b)
}

package dmsapi

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"dms/internal/httpserve"
)

var prefixes = []string{
	"/v1.0/:project_id", "/v1.0/:project_id/:project_again",
	"/v2/:project_id", "/v2/:project_id/:project_again",
}

// wirePaths are all paths of the wire with the methods that they take, on whichever plane: a wrong method must be told from a wrong
// path also for what a node answers.
var wirePaths = []struct{ path, allow string }{
	{"/queues", "GET, POST"},
	{"/queues/:queue_id", "GET, DELETE"},
	{"/queues/:queue_id/groups", "GET, POST"},
	{"/queues/:queue_id/resourcePathGroups", "GET"},
	{"/queues/:queue_id/groups/:group_id", "DELETE"},
	{"/queues/:queue_id/messages", "POST"},
	{"/queues/:queue_id/groups/:group_id/messages", "GET"},
	{"/queues/:queue_id/groups/:group_id/ack", "POST"},
	{"/queues/:queue_id/groups/:group_id/deadletters", "GET"},
	{"/queues/:queue_id/groups/:group_id/deadletters/ack", "POST"},
	{"/quotas", "GET"},
	{"/quotas/dms", "GET"},
	{"/queue/tags", "GET"},
	{"/queue/resource_instances/action", "POST"},
	{"/queue/:queue_id/tags", "GET, POST"},
	{"/queue/:queue_id/tags/action", "POST"},
	{"/queue/:queue_id/tags/:tag_key", "DELETE"},
}

// IsPath reports whether a path belongs to this wire, on whichever plane.
func IsPath(path string) bool {
	return strings.HasPrefix(path, "/v1.0/") || strings.HasPrefix(path, "/v2/")
}

// Unknown answers for a path of this wire that no route took: 405 with the methods that it takes when it is one of the wire's paths,
// else 404, in the wire's dialect.
func Unknown(c *gin.Context) {
	httpserve.Speak(Dialect)(c)
	if allow := allowed(c.Request.URL.Path); allow != "" && !slices.Contains(strings.Split(allow, ", "), c.Request.Method) {
		c.Header("Allow", allow)
		httpserve.MethodNotAllowed(c)
		return
	}
	httpserve.NotFound(c)
}

// allowed returns the methods that a path of the wire takes, "" for any other path.
func allowed(path string) string {
	for _, prefix := range prefixes {
		for _, w := range wirePaths {
			if matches(prefix+w.path, path) {
				return w.allow
			}
		}
	}
	return ""
}

// matches reports whether a path fits a pattern of gin's.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if got[i] != want[i] && (!strings.HasPrefix(want[i], ":") || got[i] == "") {
			return false
		}
	}
	return true
}

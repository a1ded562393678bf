// Package auditapi serves the part of /api/v1 that reads audit trails.
package auditapi

import (
	"github.com/gin-gonic/gin"

	"dms/controlplane/auditapi/gen"
	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/httpserve"
)

// Deps are what the routes work with.
type Deps struct {
	Trails audit.Reader
	Gate   httpserve.Gate
}

// routes is the table of the routes, keyed by method and gin's path. A test compares it with the document.
var routes = map[string]access.Action{
	"GET /api/v1/audit":        access.AuditSearch,
	"GET /api/v1/audit/counts": access.AuditSearch,
	"GET /api/v1/audit/export": access.AuditExport,
	"GET /api/v1/audit/verify": access.AuditSearch,
}

// Table returns the actions of the routes, keyed by method and gin's path.
func Table() map[string]access.Action { return routes }

// Register adds the routes to r. Errors are problem+json. It panics when the embedded document is broken, which a test would
// have seen.
func Register(r gin.IRouter, d Deps) {
	table := make(map[string]httpserve.Route, len(routes))
	for key, action := range routes {
		table[key] = httpserve.Route{Action: action, Resource: records}
	}
	s := &server{trails: d.Trails, reading: make(chan struct{}, wholeTrails)}
	strict := gen.NewStrictHandlerWithOptions(s, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	group := r.Group("", httpserve.Speak(httpserve.Problem), d.Gate.RequireByPath(table), httpserve.Validate(httpserve.MustDocument(gen.GetSpec)))
	gen.RegisterHandlersWithOptions(group, strict, gen.GinServerOptions{
		ErrorHandler: httpserve.FailUnroutable,
	})
}

// records names what the routes are about: the trail of the caller's account. There is no way to name another one's.
func records(_ *gin.Context, a access.Actor) (access.Object, error) {
	return access.AccountResource("audit", a.AccountID, "record").Object(), nil
}

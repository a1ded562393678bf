// Package credentialapi serves the part of /api/v1 that is about roles, temporary credentials and the public keys of tokens.
package credentialapi

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/credentialapi/gen"
	"dms/internal/access"
	"dms/internal/httpserve"
)

// Deps are what the routes work with.
type Deps struct {
	Services *iam.Services
	Gate     httpserve.Gate
}

// routes is the table of the routes, keyed by method and gin's path. A test compares it with the document. Temporary credentials of oneself need no policy; whether a role may be
// assumed is asked by the handler, which knows whose the role is.
var routes = map[string]access.Action{
	"GET /.well-known/jwks.json":         access.Public,
	"GET /api/v1/roles":                  access.RoleList,
	"POST /api/v1/roles":                 access.RoleCreate,
	"GET /api/v1/roles/:role_id":         access.RoleGet,
	"PATCH /api/v1/roles/:role_id":       access.RoleUpdate,
	"DELETE /api/v1/roles/:role_id":      access.RoleDelete,
	"POST /api/v1/roles/:role_id/revoke": access.RoleRevoke,
	"POST /api/v1/temporary-credentials": access.Self,

	"GET /api/v1/roles/:role_id/policies":                 access.PolicyList,
	"PUT /api/v1/roles/:role_id/policies/:policy_name":    access.PolicyAttach,
	"DELETE /api/v1/roles/:role_id/policies/:policy_name": access.PolicyDetach,
}

// personal are the routes that lent credentials may not use.
var personal = map[string]bool{"POST /api/v1/temporary-credentials": true}

// Table returns the action of each route, keyed by method and gin's path.
func Table() map[string]access.Action { return routes }

// server answers the routes.
type server struct{ Deps }

var _ gen.StrictServerInterface = (*server)(nil)

// Register adds the routes to r. Errors are problem+json. It panics when the embedded document is broken, which a test would have seen.
func Register(r gin.IRouter, d Deps) {
	s := &server{d}
	table := make(map[string]httpserve.Route, len(routes))
	for key, action := range routes {
		table[key] = httpserve.Route{Action: action, Resource: s.resource, Personal: personal[key]}
	}
	strict := gen.NewStrictHandlerWithOptions(s, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	group := r.Group("", httpserve.Speak(httpserve.Problem), d.Gate.RequireByPath(table), noStore, httpserve.Validate(httpserve.MustDocument(gen.GetSpec)))
	gen.RegisterHandlersWithOptions(group, strict, gen.GinServerOptions{
		ErrorHandler: httpserve.FailUnroutable,
	})
}

const keyRole = "dms.role"

// resource names what the path is about: a policy that a role has or gets, the role, or all roles of the account. The role must be the account's, and is kept for the handler.
func (s *server) resource(c *gin.Context, a access.Actor) (access.Object, error) {
	id := c.Param("role_id")
	if id == "" {
		return access.AccountResource("iam", a.AccountID, "role").Object(), nil
	}
	r, err := s.Services.Roles.Role(c.Request.Context(), a.AccountID, id)
	if err != nil {
		return access.Object{}, err
	}
	c.Set(keyRole, r)
	switch name := c.Param("policy_name"); {
	case name != "":
		return access.NamedResource("iam", a.AccountID, "policy", name).Object(), nil
	case strings.HasSuffix(c.FullPath(), "/policies"):
		return access.AccountResource("iam", a.AccountID, "policy").Object(), nil
	}
	return iam.RoleResource(r).Object(), nil
}

func noStore(c *gin.Context) { c.Header("Cache-Control", "no-store") }

func ginContext(ctx context.Context) *gin.Context { return ctx.(*gin.Context) }

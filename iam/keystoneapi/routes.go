// Package keystoneapi speaks as much of the Keystone v3 wire as clients of DMS need: tokens, projects, domains, the catalog.
package keystoneapi

import (
	"net"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/httpauth"
	"dms/iam/throttle"
	"dms/internal/access"
	"dms/internal/httpserve"
)

// Deps are what the routes work with.
type Deps struct {
	Services      *iam.Services
	Authenticator *httpauth.Authenticator
	Authorizer    access.Authorizer
	// Guard slows guessers down; nil on loopback. The console shares it.
	Guard *throttle.Guard
	// PublicURL returns the base URL at which the sender of a request reaches us, without a slash at its end.
	PublicURL func(r *http.Request) string
	// RegionURL returns the base URL of a region's DMS endpoint, without a slash at its end; nil takes PublicURL for all regions.
	RegionURL func(r *http.Request, region string) string
	// Address returns the address that a request comes from; nil takes the connection's. A control plane behind nodes needs its own.
	Address func(r *http.Request) string
}

// server answers the routes.
type server struct{ Deps }

// route is one line of the table.
type route struct {
	method, path string
	action       access.Action
	handle       func(s *server, c *gin.Context) error
	personal     bool // httpserve.Route.Personal
}

// routes is the table. Reading one's own identity needs no policy; the catalog and the lists under /v3/auth are that. What tokens and roles of others need is asked by the
// handlers, which know whose they are.
var routes = []route{
	{method: http.MethodGet, path: "/v3", action: access.Public, handle: (*server).version},
	{method: http.MethodGet, path: "/v3/", action: access.Public, handle: (*server).version},
	{method: http.MethodPost, path: "/v3/auth/tokens", action: access.Public, handle: (*server).issueToken},
	{method: http.MethodGet, path: "/v3/auth/tokens", action: access.Self, handle: (*server).showToken},
	{method: http.MethodHead, path: "/v3/auth/tokens", action: access.Self, handle: (*server).showToken},
	{method: http.MethodDelete, path: "/v3/auth/tokens", action: access.Self, handle: (*server).revokeToken},
	{method: http.MethodGet, path: "/v3/auth/projects", action: access.Self, handle: (*server).listProjects},
	{method: http.MethodGet, path: "/v3/auth/domains", action: access.Self, handle: (*server).listDomains},
	{method: http.MethodGet, path: "/v3/auth/catalog", action: access.Self, handle: (*server).showCatalog},
	{method: http.MethodGet, path: "/v3/projects", action: access.ProjectList, handle: (*server).listProjects},
	{method: http.MethodPost, path: "/v3.0/OS-CREDENTIAL/securitytokens", action: access.Self, handle: (*server).createTemporary, personal: true},
}

// Register adds the routes to r. Errors have Keystone's shape; unknown paths under /v3 are the caller's, with Dialect.
func Register(r gin.IRouter, d Deps) {
	s := &server{d}
	gate := httpserve.Gate{Authenticator: d.Authenticator, Authorizer: d.Authorizer}
	for _, rt := range routes {
		r.Handle(rt.method, rt.path, httpserve.Speak(Dialect), gate.Require(httpserve.Route{Action: rt.action, Resource: projectsOf, Personal: rt.personal}),
			httpserve.Handle(func(c *gin.Context) error {
				c.Header("Cache-Control", "no-store")
				c.Header("Vary", "X-Auth-Token")
				return rt.handle(s, c)
			}))
	}
}

func projectsOf(_ *gin.Context, a access.Actor) (access.Object, error) {
	return access.AccountResource("iam", a.AccountID, "project").Object(), nil
}

func (s *server) address(r *http.Request) string {
	if s.Address != nil {
		return s.Address(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (s *server) regionURL(r *http.Request, region string) string {
	if s.RegionURL != nil {
		return s.RegionURL(r, region)
	}
	return s.PublicURL(r)
}

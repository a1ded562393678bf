package httpserve

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/reason"
)

// Route says what a route does, as data: a test can then see one that is missing.
type Route struct {
	Action access.Action
	// Resource names what the action is done to. It may look it up, and keep what it found in c for the handler. nil for
	// Public and Self routes.
	Resource func(c *gin.Context, a access.Actor) (access.Resource, error)
	// Before runs between authentication and the look-up of the resource, for what holds for a whole surface (the service is
	// activated, the account not frozen); may be nil.
	Before func(c *gin.Context, a access.Actor) error
}

// Gate stands before every route: who calls, and may they?
type Gate struct {
	Authenticator access.Authenticator
	Authorizer    access.Authorizer
	// ProjectParam is the path parameter that holds the project id, "" when there is none.
	ProjectParam string
}

// crossOrigin refuses writes that another site's page sends with the console's cookie.
var crossOrigin = http.NewCrossOriginProtection()

// Require lets only those requests pass whose actor may do r.Action to r.Resource.
func (g Gate) Require(r Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		if r.Action == access.Public {
			return
		}
		if err := g.check(c, r); err != nil {
			Fail(c, err)
		}
	}
}

// RequireByPath is Require for a router whose routes are registered by generated code: the table is keyed by method, a space,
// and gin's path. A route that is missing in the table is refused.
func (g Gate) RequireByPath(table map[string]Route) gin.HandlerFunc {
	handlers := make(map[string]gin.HandlerFunc, len(table))
	for k, r := range table {
		handlers[k] = g.Require(r)
	}
	return func(c *gin.Context) {
		h, ok := handlers[c.Request.Method+" "+c.FullPath()]
		if !ok {
			Fail(c, errs.New(errs.Internal, "", "route %s %s has no action", c.Request.Method, c.FullPath()))
			return
		}
		h(c)
	}
}

func (g Gate) check(c *gin.Context, r Route) error {
	project := ""
	if g.ProjectParam != "" {
		project = c.Param(g.ProjectParam)
	}
	body := func() ([]byte, error) { return Body(c) }
	a, err := g.Authenticator.Authenticate(c.Request.Context(), c.Request, project, body)
	if err != nil {
		return err
	}
	if a.Via == access.ViaSession {
		if err := crossOrigin.Check(c.Request); err != nil {
			return errs.Wrap(err, errs.Forbidden, reason.PolicyDenied, "The request comes from another site's page.")
		}
	}
	c.Set(keyActor, a)
	if r.Action == access.Self {
		return nil
	}
	if r.Before != nil {
		if err := r.Before(c, a); err != nil {
			return err
		}
	}
	res, err := r.Resource(c, a)
	if err != nil {
		return err
	}
	c.Set(keyRecheck, func() error {
		a, err := g.Authenticator.Authenticate(c.Request.Context(), c.Request, project, body)
		if err != nil {
			return err
		}
		if r.Before != nil {
			if err := r.Before(c, a); err != nil {
				return err
			}
		}
		return g.Authorizer.Authorize(c.Request.Context(), a, r.Action, res)
	})
	return g.Authorizer.Authorize(c.Request.Context(), a, r.Action, res)
}

// Recheck returns a function that asks again whether the request may go on, with the facts of that moment: a long poll calls it
// when rights have changed, so that a revocation ends it.
func Recheck(c *gin.Context) func() error { return c.MustGet(keyRecheck).(func() error) }

// Actor returns who calls. It panics on a Public route, which has none: a programmer's error.
func Actor(c *gin.Context) access.Actor { return c.MustGet(keyActor).(access.Actor) }

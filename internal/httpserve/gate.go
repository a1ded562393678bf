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
	Resource func(c *gin.Context, a access.Actor) (access.Object, error)
	// Before runs between authentication and the look-up of the resource, for what holds for a whole surface (the service is
	// activated, the account not frozen); may be nil.
	Before func(c *gin.Context, a access.Actor) error
	// Shareable routes are open to guests whom the queue's policy names. Their Resource answers for the project in the path; with an error
	// it may return the queue all the same, when what the error speaks of is inside it.
	Shareable bool
	// Personal routes change the caller's own credentials: lent ones (access.Actor.Temporary) are refused.
	Personal bool
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
	if r.Shareable && errs.ReasonOf(err) == reason.ProjectMismatch {
		return g.checkGuest(c, r, project, err)
	}
	if err != nil {
		return err
	}
	by(c, a)
	if r.Personal && a.Temporary() {
		return errs.New(errs.Forbidden, reason.PersonalOnly, "Temporary and impersonated credentials cannot change the user's own.")
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
		res, err := r.Resource(c, a) // what a decision reads of it may have changed
		if err != nil {
			return err
		}
		return g.Authorizer.Authorize(c.Request.Context(), a, r.Action, res)
	})
	return g.Authorizer.Authorize(c.Request.Context(), a, r.Action, res)
}

// checkGuest asks for a caller of another account. Unless the queue's policy names the caller, the answer is mismatch, as for a project that does not exist:
// a stranger learns nothing.
func (g Gate) checkGuest(c *gin.Context, r Route, project string, mismatch error) error {
	c.Set(keyRecheck, func() error { return g.guest(c, r, project, mismatch) })
	return g.guest(c, r, project, mismatch)
}

func (g Gate) guest(c *gin.Context, r Route, project string, mismatch error) error {
	ctx := c.Request.Context()
	a, err := g.Authenticator.AuthenticateGuest(ctx, c.Request, project, func() ([]byte, error) { return Body(c) })
	if err != nil {
		return hide(err, mismatch)
	}
	if a.Via == access.ViaSession {
		if err := crossOrigin.Check(c.Request); err != nil {
			return errs.Wrap(err, errs.Forbidden, reason.PolicyDenied, "The request comes from another site's page.")
		}
	}
	o, missing := r.Resource(c, a)
	if missing != nil && o.QueueID == "" {
		return hide(missing, mismatch)
	}
	named, err := g.Authorizer.Named(ctx, a, o)
	if err != nil || !named {
		return hide(err, mismatch)
	}
	if missing != nil { // who is named may know what the queue has not
		return missing
	}
	by(c, a)
	ctx = c.Request.Context()
	c.Set(keyActor, a)
	if r.Before != nil {
		if err := r.Before(c, a); err != nil {
			return err
		}
	}
	return g.Authorizer.Authorize(ctx, a, r.Action, o)
}

// hide returns mismatch instead of err, which would tell a stranger what there is. That nothing can be answered now may be known.
func hide(err, mismatch error) error {
	if errs.CodeOf(err) == errs.Unavailable {
		return err
	}
	return mismatch
}

// Recheck returns a function that asks again whether the request may go on, with the facts of that moment: a long poll calls it
// when rights have changed, so that a revocation ends it.
func Recheck(c *gin.Context) func() error { return c.MustGet(keyRecheck).(func() error) }

// Actor returns who calls. It panics on a Public route, which has none: a programmer's error.
func Actor(c *gin.Context) access.Actor { return c.MustGet(keyActor).(access.Actor) }

// Package httpapi serves the part of /api/v1 that is about identity: sign-up, the console's sessions, access keys.
package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/httpapi/gen"
	"dms/iam/httpauth"
	"dms/iam/throttle"
	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// Deps are what the routes work with.
type Deps struct {
	Services      *iam.Services
	Authenticator *httpauth.Authenticator
	Authorizer    access.Authorizer
	// Guard slows guessers down; nil on loopback. The Keystone wire shares it.
	Guard *throttle.Guard
	// SecureCookies says that browsers reach us over https: cookies get Secure and the __Host- prefix.
	SecureCookies bool
	// Address returns the address that a request comes from; nil takes the connection's. A control plane behind nodes needs its own.
	Address func(r *http.Request) string
	// BaseURL returns how the console is reached, for the links in mails.
	BaseURL func(r *http.Request) string
}

// routes is the table of the routes, keyed by method and gin's path. A test compares it with the document.
var routes = map[string]access.Action{
	"POST /api/v1/sign-up":                   access.Public,
	"POST /api/v1/sessions":                  access.Public,
	"POST /api/v1/sessions/second-factor":    access.Public,
	"POST /api/v1/sessions/refresh":          access.Public,
	"POST /api/v1/email-verifications":       access.Public,
	"POST /api/v1/password-resets":           access.Public,
	"PUT /api/v1/password-resets":            access.Public,
	"DELETE /api/v1/sessions/current":        access.Self,
	"GET /api/v1/me":                         access.Self,
	"GET /api/v1/sessions":                   access.Self,
	"DELETE /api/v1/sessions":                access.Self,
	"DELETE /api/v1/sessions/:session_id":    access.Self,
	"PUT /api/v1/me/password":                access.Self,
	"POST /api/v1/me/email-verification":     access.Self,
	"GET /api/v1/me/totp":                    access.Self,
	"POST /api/v1/me/totp":                   access.Self,
	"DELETE /api/v1/me/totp":                 access.Self,
	"POST /api/v1/me/totp/confirm":           access.Self,
	"POST /api/v1/me/recovery-codes":         access.Self,
	"GET /api/v1/access-keys":                access.AccessKeyList,
	"POST /api/v1/access-keys":               access.AccessKeyCreate,
	"DELETE /api/v1/access-keys/:access_key": access.AccessKeyDelete,
}

// open are the routes of the caller's own identity that lent credentials may use: who am I, and sign out. All others of access.Self change, or tell
// about, the user's own credentials.
var open = map[string]bool{"GET /api/v1/me": true, "DELETE /api/v1/sessions/current": true}

// crossOrigin refuses writes that another site's page sends. The gate does so for requests with a session; the routes that make
// or renew one need it as well, or another site could sign its visitor in as somebody else.
var crossOrigin = http.NewCrossOriginProtection()

// Register adds the routes to r. Errors are problem+json. It panics when the embedded document is broken, which a test would
// have seen.
func Register(r gin.IRouter, d Deps) {
	gate := httpserve.Gate{Authenticator: d.Authenticator, Authorizer: d.Authorizer}
	table := make(map[string]httpserve.Route, len(routes))
	for key, action := range routes {
		lasting := action == access.AccessKeyCreate // an access key would outlive lent credentials
		table[key] = httpserve.Route{Action: action, Resource: accessKeys, Personal: lasting || action == access.Self && !open[key]}
	}
	strict := gen.NewStrictHandlerWithOptions(&server{Deps: d}, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	group := r.Group("", httpserve.Speak(httpserve.Problem), gate.RequireByPath(table), httpserve.Handle(sameSite), httpserve.Validate(httpserve.MustDocument(gen.GetSpec)))
	gen.RegisterHandlersWithOptions(group, strict, gen.GinServerOptions{
		ErrorHandler: httpserve.FailUnroutable,
	})
}

// accessKeys names what the access-key routes are about: the keys of the caller's account, among which a caller reaches only
// their own.
func accessKeys(_ *gin.Context, a access.Actor) (access.Object, error) {
	return access.AccountResource("iam", a.AccountID, "accesskey").Object(), nil
}

func sameSite(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	if routes[c.Request.Method+" "+c.FullPath()] != access.Public {
		return nil
	}
	if err := crossOrigin.Check(c.Request); err != nil {
		return errs.Wrap(err, errs.Forbidden, reason.PolicyDenied, "The request comes from another site's page.")
	}
	return nil
}

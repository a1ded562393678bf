// Package httpapi serves the part of /api/v1 that is about money: prices, and the caller's bill.
package httpapi

import (
	"github.com/gin-gonic/gin"

	"dms/billing"
	"dms/billing/httpapi/gen"
	"dms/internal/access"
	"dms/internal/httpserve"
)

// Deps are what the routes work with.
type Deps struct {
	Reports       *billing.ReportService
	Authenticator access.Authenticator
	Authorizer    access.Authorizer
}

// routes is the table of the routes, keyed by method and gin's path. A test compares it with the document.
var routes = map[string]access.Action{
	"GET /api/v1/prices": access.Public,
	"GET /api/v1/bill":   access.BillGet,
}

// Register adds the routes to r. Errors are problem+json. It panics when the embedded document is broken, which a test would
// have seen.
func Register(r gin.IRouter, d Deps) {
	gate := httpserve.Gate{Authenticator: d.Authenticator, Authorizer: d.Authorizer}
	table := make(map[string]httpserve.Route, len(routes))
	for key, action := range routes {
		table[key] = httpserve.Route{Action: action, Resource: bill}
	}
	strict := gen.NewStrictHandlerWithOptions(&server{reports: d.Reports}, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	group := r.Group("", httpserve.Speak(httpserve.Problem), gate.RequireByPath(table), httpserve.Validate(httpserve.MustDocument(gen.GetSpec)))
	gen.RegisterHandlersWithOptions(group, strict, gen.GinServerOptions{
		ErrorHandler: httpserve.FailUnroutable,
	})
}

// bill names what the bill's route is about: the bill of the caller's account. There is no way to name another one's.
func bill(_ *gin.Context, a access.Actor) (access.Object, error) {
	return access.AccountResource("billing", a.AccountID, "bill").Object(), nil
}

// Package httpapi serves the part of /api/v1 that is about money: prices, and the caller's bill.
package httpapi

import (
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"dms/billing"
	"dms/billing/httpapi/gen"
	"dms/internal/access"
	"dms/internal/errs"
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
		RequestErrorHandlerFunc:  func(c *gin.Context, err error) { httpserve.Fail(c, unreadable(err)) },
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: func(*gin.Context, error) {}, // the client has gone; there is nobody to tell
	})
	group := r.Group("", httpserve.Speak(httpserve.Problem), gate.RequireByPath(table), httpserve.Validate(document()))
	gen.RegisterHandlersWithOptions(group, strict, gen.GinServerOptions{
		ErrorHandler: func(c *gin.Context, err error, _ int) { httpserve.Fail(c, unreadable(err)) },
	})
}

func document() *openapi3.T {
	doc, err := gen.GetSpec()
	if err != nil {
		panic("the embedded /api/v1 document: " + err.Error())
	}
	return doc
}

// bill names what the bill's route is about: the bill of the caller's account. There is no way to name another one's.
func bill(_ *gin.Context, a access.Actor) (access.Object, error) {
	return access.AccountResource("billing", a.AccountID, "bill").Object(), nil
}

// unreadable answers for what the generated code cannot read; the validation before it has nearly always said it better.
func unreadable(err error) error {
	return errs.Wrap(err, errs.Invalid, "invalid_request", "The request is not valid.")
}

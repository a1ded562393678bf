// Package operatorapi serves the part of /api/v1 that runs the platform: accounts, their suspension, quotas, and who did what. It is for operators alone, with
// credentials of their own: lent and impersonated ones are refused.
package operatorapi

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"dms/controlplane"
	"dms/controlplane/operatorapi/gen"
	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// Account is an account as operators see it.
type Account struct {
	ID              string
	Name            string
	FirstUserID     string
	CreatedAt       time.Time
	SuspendedAt     time.Time // zero: it is not
	SuspendedReason string
}

// Project is a project of an account.
type Project struct{ ID, Name, Region string }

// Accounts are the accounts of the platform; iam has them.
type Accounts interface {
	// List returns up to limit accounts whose name has the part search, with ids after the given one, in the order of ids.
	List(ctx context.Context, search, after string, limit int) ([]Account, error)
	// Get returns an account with its projects, or an errs.NotFound.
	Get(ctx context.Context, accountID string) (Account, []Project, error)
	// OfProject returns the id of the account that the project is of, or an errs.NotFound.
	OfProject(ctx context.Context, projectID string) (string, error)
	Suspend(ctx context.Context, accountID, because string) error
	Resume(ctx context.Context, accountID, because string) error
	// Impersonate starts a session of the user ("": the account's first) for the operator, and returns its cookies.
	Impersonate(ctx context.Context, operator access.Actor, accountID, userID, because string) (Impersonation, error)
}

// Impersonation is a session in which an operator acts as a user.
type Impersonation struct {
	UserID    string
	ExpiresAt time.Time
	Cookies   []*http.Cookie
}

// Rotation is what a rotation of signing keys did, by their ids.
type Rotation struct {
	Current, Next string
	Deleted       []string
}

// Deps are what the routes work with.
type Deps struct {
	Accounts Accounts
	Quotas   *controlplane.QuotaService
	// RotateKeys makes the next key sign tokens.
	RotateKeys func(ctx context.Context) (Rotation, error)
	Trails     audit.Reader
	// Gate authenticates and authorises. It has no ProjectParam: an operator acts in no project.
	Gate httpserve.Gate
}

// routes is the table of the routes, keyed by method and gin's path. A test compares it with the document.
var routes = map[string]access.Action{
	"GET /api/v1/operator/audit":                               access.PlatformAuditSearch,
	"GET /api/v1/operator/accounts":                            access.PlatformAccountList,
	"GET /api/v1/operator/accounts/:account_id":                access.PlatformAccountGet,
	"POST /api/v1/operator/accounts/:account_id/suspend":       access.PlatformAccountSuspend,
	"POST /api/v1/operator/accounts/:account_id/resume":        access.PlatformAccountResume,
	"POST /api/v1/operator/signing-keys/rotate":                access.PlatformKeyRotate,
	"POST /api/v1/operator/accounts/:account_id/impersonation": access.PlatformAccountImpersonate,
	"GET /api/v1/operator/projects/:project/quotas":            access.PlatformQuotaGet,
	"PUT /api/v1/operator/projects/:project/quotas":            access.PlatformQuotaSet,
}

// Table returns the actions of the routes, keyed by method and gin's path.
func Table() map[string]access.Action { return routes }

// Register adds the routes to r. Errors are problem+json. It panics when the embedded document is broken, which a test would
// have seen.
func Register(r gin.IRouter, d Deps) {
	d.Gate.ProjectParam = ""
	table := make(map[string]httpserve.Route, len(routes))
	for key, action := range routes {
		table[key] = httpserve.Route{Action: action, Before: operator(action), Resource: platform}
	}
	strict := gen.NewStrictHandlerWithOptions(&server{d: d}, nil, gen.StrictGinServerOptions{
		RequestErrorHandlerFunc:  httpserve.FailUnreadable,
		HandlerErrorFunc:         httpserve.Fail,
		ResponseErrorHandlerFunc: httpserve.IgnoreUnwritten,
	})
	group := r.Group("", httpserve.Speak(httpserve.Problem), d.Gate.RequireByPath(table), httpserve.Validate(httpserve.MustDocument(gen.GetSpec)))
	gen.RegisterHandlersWithOptions(group, strict, gen.GinServerOptions{
		ErrorHandler: httpserve.FailUnroutable,
	})
}

// operator refuses whoever is none, before anything is looked up. The authorizer says the same: this surface does not stand on one check.
func operator(action access.Action) func(*gin.Context, access.Actor) error {
	return func(_ *gin.Context, a access.Actor) error {
		if !a.Operator || a.Temporary() {
			return errs.New(errs.Forbidden, reason.PolicyDenied, "Only operators of the platform may do %s.", action)
		}
		return nil
	}
}

func platform(*gin.Context, access.Actor) (access.Object, error) {
	return audit.PlatformResource("*", "*").Object(), nil
}

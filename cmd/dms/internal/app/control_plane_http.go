package app

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	billingapi "dms/billing/httpapi"
	"dms/controlplane/auditapi"
	controlplanedms "dms/controlplane/dmsapi"
	controlplaneapi "dms/controlplane/httpapi"
	"dms/controlplane/operatorapi"
	"dms/iam"
	"dms/iam/casbinauthz"
	"dms/iam/credentialapi"
	"dms/iam/httpapi"
	"dms/iam/httpauth"
	"dms/iam/keystoneapi"
	"dms/iam/policyapi"
	"dms/iam/throttle"
	"dms/iam/token"
	"dms/internal/audit"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/web"
)

// routes adds all that the control plane answers to e: the managing operations of the DMS dialects, Keystone, /api/v1, the
// documents and, for all other paths, the console. base returns the address that links are built with.
func (cp *controlPlane) routes(e *gin.Engine, base func(*http.Request) string) error {
	e.Use(httpserve.Audited)
	authenticator := httpauth.New(cp.directory, cp.key, token.Codec{}, cp.clock)
	authorizer, err := casbinauthz.New(cp.directory, cp.clock)
	if err != nil {
		return err
	}
	counted := audit.Counting{Authorizer: authorizer, Counter: cp.counts}
	gate := httpserve.Gate{Authenticator: authenticator, Authorizer: counted}
	facts := iam.NewFactReader(cp.directory)
	regionOf := func(ctx context.Context, projectID string) (string, error) {
		p, err := facts.Project(ctx, projectID)
		if err != nil {
			return "", err
		}
		return p.Region, nil
	}
	// Tenants come by the control plane's own address, or through nodes by the one for nodes.
	var guard *throttle.Guard
	if !isLoopback(cp.cfg.Listen) || !isLoopback(cp.cfg.NodeListen) {
		guard = throttle.NewGuard(cp.clock)
	}

	keystoneapi.Register(e, keystoneapi.Deps{
		Services: cp.iam, Authenticator: authenticator, Authorizer: counted, Guard: guard, PublicURL: base,
		RegionURL: cp.regionURL(base),
	})
	httpapi.Register(e, httpapi.Deps{
		Services: cp.iam, Authenticator: authenticator, Authorizer: counted, Guard: guard, SecureCookies: cp.cfg.secureCookies(), BaseURL: base,
	})
	policyapi.Register(e, policyapi.Deps{Services: cp.iam, Gate: gate, Simulator: authorizer})
	credentialapi.Register(e, credentialapi.Deps{Services: cp.iam, Gate: gate})
	controlplanedms.Register(e, controlplanedms.Deps{Services: cp.services, Gate: gate, Region: regionOf})
	controlplaneapi.Register(e, controlplaneapi.Deps{
		Services: cp.services, Gate: gate, Region: regionOf, BaseURL: base,
	})
	auditapi.Register(e, auditapi.Deps{Trails: cp.trails, Gate: gate})
	operatorapi.Register(e, operatorapi.Deps{
		Accounts: operatorAccounts{services: cp.iam, facts: facts, secure: cp.cfg.secureCookies()}, Quotas: cp.services.Quotas, RotateKeys: cp.rotateKeys, Trails: cp.trails, Gate: gate,
	})
	billingapi.Register(e, billingapi.Deps{Reports: cp.reports, Authenticator: authenticator, Authorizer: counted})

	console := passOn(web.Handler())
	e.NoRoute(func(c *gin.Context) {
		path := c.Request.URL.Path
		switch {
		case isDMSPath(path):
			controlplanedms.Unknown(c)
		case isKeystonePath(path), under(path, "/api"), under(path, "/.well-known"):
			httpserve.NotFound(c)
		default:
			console(c)
		}
	})
	e.NoMethod(func(c *gin.Context) {
		if isDMSPath(c.Request.URL.Path) {
			controlplanedms.Unknown(c) // the node answers other methods of the path: it knows all that are allowed
			return
		}
		httpserve.MethodNotAllowed(c)
	})
	return checkRoutes(e.Routes())
}

// regionURL returns where a region's DMS endpoint is: what the operator has said, else where the request came to.
func (cp *controlPlane) regionURL(base func(*http.Request) string) func(r *http.Request, region string) string {
	return func(r *http.Request, region string) string {
		regions, err := cp.services.Regions.List(r.Context())
		if err != nil {
			return base(r)
		}
		for _, known := range regions {
			if known.Name == region && known.Endpoint != "" {
				return known.Endpoint
			}
		}
		return base(r)
	}
}

// ready reports whether the database answers.
func (cp *controlPlane) ready(ctx context.Context) error {
	if _, err := cp.directory.Position(ctx); err != nil {
		return errs.Wrap(err, errs.Unavailable, "", "The database does not answer.")
	}
	return nil
}

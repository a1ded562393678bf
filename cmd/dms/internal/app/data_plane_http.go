package app

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/dataplane/dmsapi"
	"dms/dataplane/httpapi"
	"dms/iam/casbinauthz"
	"dms/iam/httpauth"
	"dms/iam/token"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/httpserve"
	"dms/internal/seal"
)

// routes adds what the node answers to e; all else goes to the control plane. key opens the secrets of the region, counts are of what is decided here.
func (dp *dataPlane) routes(e *gin.Engine, key *seal.Key, counts *audit.Counter, controlPlane http.Handler) error {
	facts := dp.node.Directory()
	authorizer, err := casbinauthz.New(facts, clock.System{})
	if err != nil {
		return err
	}
	gate := httpserve.Gate{Authenticator: httpauth.New(facts, key, token.Codec{}, clock.System{}), Authorizer: audit.Counting{Authorizer: authorizer, Counter: counts}}
	dmsapi.Register(e, dp.node, gate)
	httpapi.Register(e, dp.node, gate)
	e.NoRoute(passOn(controlPlane))
	e.NoMethod(passOn(controlPlane)) // such as POST .../queues: the node lists, the control plane creates
	return checkRoutes(e.Routes())
}

package app

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/dataplane/dmsapi"
	"dms/dataplane/httpapi"
	"dms/iam/casbinauthz"
	"dms/iam/httpauth"
	"dms/iam/token"
	"dms/internal/clock"
	"dms/internal/httpserve"
	"dms/internal/seal"
)

// routes adds what the node answers to e; all else goes to the control plane. key opens the secrets of the region.
func (dp *dataPlane) routes(e *gin.Engine, key *seal.Key, controlPlane http.Handler) error {
	facts := dp.node.Directory()
	authorizer, err := casbinauthz.New(facts, clock.System{})
	if err != nil {
		return err
	}
	gate := httpserve.Gate{Authenticator: httpauth.New(facts, key, token.Codec{}, clock.System{}), Authorizer: authorizer}
	dmsapi.Register(e, dp.node, gate)
	httpapi.Register(e, dp.node, gate)
	e.NoRoute(passOn(controlPlane))
	e.NoMethod(passOn(controlPlane)) // such as POST .../queues: the node lists, the control plane creates
	return nil
}

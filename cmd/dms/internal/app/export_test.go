package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	nodedms "dms/dataplane/dmsapi"
	"dms/dataplane/engine/pebbleengine"
	nodeapi "dms/dataplane/httpapi"
	"dms/internal/httpserve"
)

// OpenControlSocket opens the control socket of e as a node does; stop closes it.
func OpenControlSocket(cfg Config, e *pebbleengine.Engine) (stop func(), err error) {
	s, err := openControlSocket(cfg, e, slog.New(slog.DiscardHandler))
	return s.close, err
}

// CheckRoutes is what a process asks at its start.
var CheckRoutes = checkRoutes

// Routes returns the routes of both planes, on an empty database.
func Routes(ctx context.Context, cfg Config) (control, tenants gin.RoutesInfo, err error) {
	log := slog.New(slog.DiscardHandler)
	cp, err := openControlPlane(ctx, cfg.resolve(), log)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()
	e := newEngine(log)
	if err := cp.routes(e, func(*http.Request) string { return "" }); err != nil {
		return nil, nil, err
	}
	front := newEngine(log)
	nodedms.Register(front, nil, httpserve.Gate{})
	nodeapi.Register(front, nil, httpserve.Gate{})
	return e.Routes(), front.Routes(), checkRoutes(front.Routes())
}

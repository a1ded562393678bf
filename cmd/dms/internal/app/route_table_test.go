package app_test

import (
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"dms/cmd/dms/internal/app"
	"dms/internal/access"
)

// TestEveryRouteHasAnAction looks at the routes that both planes really have.
func TestEveryRouteHasAnAction(t *testing.T) {
	gin.SetMode(gin.TestMode)
	cfg := app.Default()
	cfg.DataDir = t.TempDir()
	control, node, err := app.Routes(t.Context(), cfg)
	require.NoError(t, err, "what a process says at its start")
	have := make(map[string]bool)
	for _, r := range append(control, node...) {
		have[r.Method+" "+r.Path] = true
	}
	for _, e := range app.RouteTable() {
		require.True(t, have[e.Method+" "+e.Path], "%s %s of %s is in the table, and no process has it", e.Method, e.Path, e.Wire)
	}
	require.ErrorContains(t, app.CheckRoutes(gin.RoutesInfo{{Method: "POST", Path: "/api/v1/surprise"}}), "route POST /api/v1/surprise has no action")
}

// TestEveryActionHasARoute is the other way round: a policy that names an action which nothing asks for would say nothing.
func TestEveryActionHasARoute(t *testing.T) {
	asked := map[access.Action]bool{
		access.TagDelete: true, // also by the batch of tags
	}
	for _, e := range app.RouteTable() {
		asked[e.Action] = true
	}
	for _, i := range access.Actions {
		require.True(t, asked[i.Action] || askedByHandlers[i.Action], "no route asks for %s", i.Action)
	}
}

// askedByHandlers are the actions that no route has: the handler knows whose the thing is and asks then, or only the audit trail names it.
var askedByHandlers = map[access.Action]bool{access.RoleAssume: true, access.TokenRevoke: true, access.SessionEnd: true}

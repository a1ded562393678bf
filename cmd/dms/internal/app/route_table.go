package app

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	billingapi "dms/billing/httpapi"
	"dms/controlplane/auditapi"
	controlplanedms "dms/controlplane/dmsapi"
	controlplaneapi "dms/controlplane/httpapi"
	"dms/controlplane/operatorapi"
	nodedms "dms/dataplane/dmsapi"
	nodeapi "dms/dataplane/httpapi"
	"dms/iam/credentialapi"
	"dms/iam/httpapi"
	"dms/iam/keystoneapi"
	"dms/iam/policyapi"
	"dms/internal/access"
)

// RouteEntry is a route with the action that it asks for.
type RouteEntry struct {
	Wire   string
	Method string
	Path   string // gin's
	Action access.Action
}

// RouteTable returns all routes of both planes that have an action, in the order of paths and methods.
func RouteTable() []RouteEntry {
	var out []RouteEntry
	for wire, table := range map[string]map[string]access.Action{
		"iam": httpapi.Table(), "policies": policyapi.Table(), "credentials": credentialapi.Table(), "keystone": keystoneapi.Table(),
		"controlplane": controlplaneapi.Table(), "controlplane dms": controlplanedms.Table(), "audit": auditapi.Table(), "operator": operatorapi.Table(), "billing": billingapi.Table(),
		"node": nodeapi.Table(), "node dms": nodedms.Table(),
	} {
		for key, action := range table {
			method, path, _ := strings.Cut(key, " ")
			out = append(out, RouteEntry{Wire: wire, Method: method, Path: path, Action: action})
		}
	}
	slices.SortFunc(out, func(a, b RouteEntry) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Method, b.Method)
	})
	return out
}

// openRoutes are those that answer without asking who calls: machinery of operators, and documents.
var openRoutes = map[string]bool{
	"GET /healthz": true, "GET /readyz": true, "GET /metrics": true,
	"GET /api/v1/openapi.json": true, "GET /docs": true, "GET /docs/problems": true, "GET /docs/dms/openapi.json": true,
	"GET /docs/assets/viewer.js": true, "GET /docs/assets/viewer.css": true,
}

// checkRoutes returns an error that names each route of an engine that has no action: a process with one does not start.
func checkRoutes(routes gin.RoutesInfo) error {
	known := maps.Clone(openRoutes)
	for _, e := range RouteTable() {
		known[e.Method+" "+e.Path] = true
	}
	var all []error
	for _, r := range routes {
		if !known[r.Method+" "+r.Path] {
			all = append(all, fmt.Errorf("route %s %s has no action", r.Method, r.Path))
		}
	}
	return errors.Join(all...)
}

package httpapi

import (
	"maps"

	"dms/internal/access"
)

// Table returns the action of each route, keyed by method and gin's path.
func Table() map[string]access.Action { return maps.Clone(routes) }

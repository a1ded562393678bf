package httpapi

import "dms/internal/access"

// Actions returns the action of each route, keyed by method and path.
func Actions() map[string]access.Action {
	out := map[string]access.Action{}
	for key, op := range operations {
		out[key] = op.action
	}
	return out
}

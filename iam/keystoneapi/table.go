package keystoneapi

import "dms/internal/access"

// Table returns the action of each route, keyed by method and gin's path.
func Table() map[string]access.Action {
	table := make(map[string]access.Action, len(routes))
	for _, r := range routes {
		table[r.method+" "+r.path] = r.action
	}
	return table
}

package httpapi

import "dms/internal/access"

// Table returns the action of each route, keyed by method and gin's path.
func Table() map[string]access.Action {
	table := make(map[string]access.Action, len(operations))
	for key, op := range operations {
		table[key] = op.action
	}
	return table
}

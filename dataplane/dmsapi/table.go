package dmsapi

import "dms/internal/access"

// Table returns the action of each route, keyed by method and gin's path.
func Table() map[string]access.Action {
	table := make(map[string]access.Action)
	for _, v := range []version{v1, v2} {
		for _, prefix := range prefixes {
			for _, op := range operations {
				table[op.method+" /"+string(v)+prefix+op.path] = op.action
			}
		}
	}
	return table
}

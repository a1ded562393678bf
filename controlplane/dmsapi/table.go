package dmsapi

import "dms/internal/access"

// Table returns the action of each route, keyed by method and gin's path. The batch of tags is about one of two actions, as its body says; the one that creates stands for both.
func Table() map[string]access.Action {
	table := make(map[string]access.Action)
	for _, prefix := range prefixes {
		for _, op := range operations {
			table[op.method+" "+prefix+op.path] = op.action
		}
	}
	return table
}

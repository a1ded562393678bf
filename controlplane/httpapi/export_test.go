package httpapi

import (
	"dms/internal/access"
)

// Meanings is the list of problem codes.
var Meanings = meanings

// OwnDocument is the part of the document that this package serves.
var OwnDocument = ownDocument

// Actions is the route table.
func Actions() map[string]access.Action {
	out := make(map[string]access.Action, len(operations))
	for k, op := range operations {
		out[k] = op.action
	}
	return out
}

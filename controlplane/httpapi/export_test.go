package httpapi

import (
	"github.com/getkin/kin-openapi/openapi3"

	"dms/controlplane/httpapi/gen"
	"dms/internal/httpserve"
)

// Meanings is the list of problem codes.
var Meanings = meanings

// OwnDocument is the part of the document that this package serves.
func OwnDocument() *openapi3.T { return httpserve.MustDocument(gen.GetSpec) }

package credentialapi

import (
	"github.com/getkin/kin-openapi/openapi3"

	"dms/iam/credentialapi/gen"
	"dms/internal/httpserve"
)

// Document returns the embedded part of the document.
func Document() *openapi3.T { return httpserve.MustDocument(gen.GetSpec) }

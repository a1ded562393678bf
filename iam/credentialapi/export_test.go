package credentialapi

import "github.com/getkin/kin-openapi/openapi3"

// Document returns the embedded part of the document.
func Document() *openapi3.T { return document() }

// Package gen is the part of /api/v1 that is tagged "audit", generated from the document.
package gen

//go:generate go tool oapi-codegen -config config.yaml ../../../controlplane/httpapi/openapi.yaml

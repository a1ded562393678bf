// Package gen is generated from the /api/v1 document: the server interface and the types of the tag dataplane.
package gen

//go:generate go tool oapi-codegen -config config.yaml ../../../controlplane/httpapi/openapi.yaml

// Package gen is generated from the /api/v1 document: the server interface and the types of the tag controlplane.
package gen

//go:generate go tool oapi-codegen -config config.yaml ../openapi.yaml

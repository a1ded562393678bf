// Package httpapi is the control plane's part of the product's own API, the tag controlplane of /api/v1, and what documents both APIs: the
// two OpenAPI documents, the viewer at /docs and the list of problem codes.
//
// openapi.yaml is the one document of /api/v1; each module generates its own tag's server from it. dms.yaml documents the DMS dialects.
package httpapi

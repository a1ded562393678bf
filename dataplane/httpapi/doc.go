// Package httpapi is the node's part of the product's own API: the tag dataplane of /api/v1. Types and routing are generated from the
// document (package gen); this package fills in the operations. Reads and empty receives are free here.
package httpapi

// Package iamsdk drives a running server with the IAM client of the current official Go SDK, unmodified: a token for a password,
// projects, domains and the catalog. The end-to-end suite runs it by name; it is a module of its own because the two SDK
// versions share one path.
package iamsdk

// Package dmsapi is the DMS wire of a node, dialects v1.0 and v2: sending, consuming and acknowledging messages, and showing queues,
// consumer groups, quotas and tags. What changes queues, groups and tags is served by the control plane.
//
// Each operation has its file; routes.go is the table of all of them. Both dialects are one implementation: they differ in the
// spelling of two fields, of which both are understood under both versions, and in the width of v2's counters.
//
// A message's body and attributes pass through as the bytes that the sender wrote: the request is scanned, not decoded.
package dmsapi

// Package dmsapi is the DMS wire of the control plane, dialects v1.0 and v2: what creates and deletes queues, consumer groups and tags
// (dms-api section 2, rows 1, 4, 5, 7, 14, 17 and 18). What shows them, and all that is done with messages, is served by the nodes.
//
// A request is checked in this order: who calls, is the service activated, is the form right, does what the path names exist, may the
// caller do it, and last the rules that need the present state (names, quotas).
package dmsapi

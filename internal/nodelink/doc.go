// Package nodelink carries the two arrows between the planes over HTTP: the directory down to a node, usage up to the control plane.
// It adds nothing to what directory.Source and usage.Sink promise.
//
// The wire, JSON in both directions, on a listener of its own:
//
//	POST /nodelink/v1/directory   {"since": directory.Position, "wait_ms": 20000}  ->  directory.Changes
//	POST /nodelink/v1/usage       usage.Batch                                      ->  {"stored": 7}
//
// Each request has Authorization: Bearer, and says in Dms-Node-Id and Dms-Node-Region who asks. An error is
// {"code": errs.Code, "reason": errs.Reason, "message": "..."}.
//
// Both processes have the node token from a file. It never crosses the wire, nor does a key: the bearer and each region's sealing key are
// derived from it (HKDF) for different purposes, so none of them tells another. Secrets in directory entries are sealed under the
// region's key before they come here. A node asks for changes all the time, so its requests are its heartbeat too.
package nodelink

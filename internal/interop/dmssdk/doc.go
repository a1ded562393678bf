// Package dmssdk drives a running server with the official Go SDK, the last version that has the queue service, unmodified: all 16
// operations of its package services/dms/v2, in stories with asserted results and errors. It knows the server by its address and an
// access key alone. The end-to-end suite runs it by name; it is a module of its own because the two SDK versions share one path.
package dmssdk

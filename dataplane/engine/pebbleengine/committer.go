package pebbleengine

import "dms/dataplane/engine/seglog"

// Committer is the one seam through which state changes: it makes groups of records durable, or fails. After an error nothing is
// known about the group and the store must not be used again. Called by one goroutine at a time. seglog.Log is the local one; another may give the
// same bytes to other nodes before it returns.
type Committer interface {
	// Start begins a group of about that many bytes.
	Start(size int64) error
	// Append adds a record to the group and returns where it begins, which is decided then and there.
	Append(parts ...[]byte) seglog.Position
	// Commit returns once the group, and everything committed before it, would survive power loss.
	Commit() error
	// End is where the next group will begin.
	End() seglog.Position
}

var _ Committer = (*seglog.Log)(nil)

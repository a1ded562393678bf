package pebbleengine

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"dms/dataplane/fence"
)

// Committer is the one seam through which state changes: it makes a batch visible, and durable if asked, or fails. After an error nothing
// is known about the batch and the store must not be used again. Called by one goroutine at a time, in order.
type Committer interface {
	// Commit applies b. With sync it returns once b, and everything committed before it, would survive power loss.
	Commit(b *pebble.Batch, sync bool) error
}

// localCommitter commits to the write-ahead log of the local database.
type localCommitter struct {
	db    *pebble.DB
	fence *fence.FS
}

func (c localCommitter) Commit(b *pebble.Batch, sync bool) (err error) {
	if err := c.fence.Err(); err != nil {
		return err
	}
	defer func() {
		// Pebble panics when its log refuses a record. The fence makes that unreachable as far as is known; should it happen,
		// it is a failed write like any other.
		if r := recover(); r != nil {
			err = fmt.Errorf("commit: %v", r)
			c.fence.Trip(err)
		}
	}()
	opt := pebble.NoSync
	if sync {
		opt = pebble.Sync
	}
	if err := c.db.Apply(b, opt); err != nil {
		c.fence.Trip(err)
		return err
	}
	return c.fence.Err()
}

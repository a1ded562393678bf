// Package usage is the arrow from the nodes up to the control plane: counted calls, in numbered batches that may be repeated
// but never count twice.
package usage

import (
	"context"
	"time"

	"dms/internal/access"
)

// Hour is a clock hour: the number of whole hours since 1970-01-01T00:00Z. It covers [h, h+1).
type Hour int64

// HourOf returns the hour that contains t.
func HourOf(t time.Time) Hour {
	s := t.Unix()
	h := s / 3600
	if s%3600 < 0 {
		h--
	}
	return Hour(h)
}

// Start returns the first instant of the hour, in UTC.
func (h Hour) Start() time.Time { return time.Unix(int64(h)*3600, 0).UTC() }

// Key says whose call it was, to what, and when. QueueID is "" for calls that name no queue. It is a tuple and is never joined
// into one string: ids that contain a separator must not collide.
type Key struct {
	AccountID string        `json:"account_id"`
	ProjectID string        `json:"project_id"`
	UserID    string        `json:"user_id"`
	QueueID   string        `json:"queue_id,omitempty"`
	Action    access.Action `json:"action"`
	Hour      Hour          `json:"hour"`
}

// Count is a number of successful calls under one key.
type Count struct {
	Key
	Calls int64 `json:"calls"`
}

// Batch carries the counts of a contiguous run of a source's sequence numbers, First to Last inclusive, both at least 1.
type Batch struct {
	Source string  `json:"source"` // names a shard of a node, or the control plane; stable over restarts
	First  uint64  `json:"first"`
	Last   uint64  `json:"last"`
	Counts []Count `json:"counts"`
}

// Sink takes batches.
type Sink interface {
	// Deliver stores the batch unless it is stored already, and returns the highest sequence number of the source that is stored.
	// A repeated batch is a success without effect. A batch that overlaps the stored ones in part is refused as errs.Invalid:
	// batches are cut once and never cut anew.
	Deliver(ctx context.Context, b Batch) (uint64, error)
}

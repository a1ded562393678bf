// Package lifecycle is the log of what happened to queues that matters for their cost. The control plane writes it in the
// transaction that changes the queue; queue-hours are a pure function of it.
package lifecycle

import (
	"context"
	"time"
)

// Kind is what happened.
type Kind string

const (
	Created Kind = "created"
	Frozen  Kind = "frozen"
	Thawed  Kind = "thawed"
	Deleted Kind = "deleted"
)

// Event is one thing that happened to one queue. A queue exists in [Created, Deleted).
type Event struct {
	Sequence  int64 // total order of the log
	At        time.Time
	Kind      Kind
	QueueID   string
	AccountID string
	ProjectID string
	UserID    string // who created the queue, on every event of it: queue-hours carry it
	Region    string
}

// Log reads the events.
type Log interface {
	// Events returns, in order of Sequence, all events before `to` of those queues of the account that existed at some instant
	// of [from, to): also the events before from, which say in what state the queue entered it.
	Events(ctx context.Context, accountID string, from, to time.Time) ([]Event, error)
	// AcrossAccountsExisting returns the ids of the accounts that had a queue at some instant of [from, to), ordered.
	AcrossAccountsExisting(ctx context.Context, from, to time.Time) ([]string, error)
}

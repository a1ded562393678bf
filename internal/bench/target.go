package bench

import (
	"context"
	"time"
)

// Target is what a load is put on. It has queues 0..n-1 and groups 0..m-1 of each, made by whoever made the Target.
type Target interface {
	// Producer and Consumer return workers that one goroutine uses. A consumer belongs to one group, and receives from any queue.
	Producer() (Producer, error)
	Consumer(group int) (Consumer, error)
}

// Message is one message to send: a JSON text, and its ordering key, "" for none.
type Message struct {
	Body []byte
	Key  string
}

// Producer sends.
type Producer interface {
	// Send returns when the batch is stored. It keeps nothing of the batch.
	Send(ctx context.Context, queue int, batch []Message) error
	Close() error
}

// Consumer receives and acknowledges.
type Consumer interface {
	// Receive appends to stamps what StampOf reads in each message that was given, at most max, and waits at most wait for the first.
	Receive(ctx context.Context, queue, max int, wait time.Duration, stamps []int64) ([]int64, error)
	// Ack acknowledges everything that the last Receive gave, and returns when that is stored.
	Ack(ctx context.Context, queue int) error
	Close() error
}

// KindError is an error that names its kind, for the table of errors: "HTTP 429", "connection".
type KindError interface {
	error
	Kind() string
}

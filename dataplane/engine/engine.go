// Package engine is the contract of message storage: what a node may ask, and what is guaranteed when the answer returns.
// enginetest proves it for any implementation.
//
// Guarantees
//
//   - Stored: once Send has returned without error, its messages survive kill -9 and power loss (KAFKA_HT: a crash may lose the
//     last 50 ms). A Send that fails has stored nothing; only if the process dies before it has recovered from the failed write, what
//     was written in part may be found when the log is replayed.
//   - At least once: every consumer group is given every message of the queue, until it has acknowledged it, it has become a
//     dead letter of the group, or its retention has ended. A new group begins at the oldest message that is kept.
//   - Done is done: once Ack has returned, the accepted messages are never given to that group again, through any crash.
//   - Hidden while leased: a delivered message is not given to the same group again before its ack wait has passed, it is
//     failed, or it is released. A lease is not synced: a crash may end it early, never lose the message.
//   - Order: in a FIFO queue a group is given messages in the order of their sends, and nothing later while an earlier one is
//     unsettled, through redelivery, dead-lettering and restart. One Receive may return consecutive messages; then the queue waits until
//     all of them are settled. A delayed message takes its place when it becomes available.
//   - Dead letters: a message whose consumption by a group failed MaxConsumeCount times is moved to the dead letters of that
//     group, kept 72 hours, and is available through the dead-letter calls of that group alone.
//   - Integrity: a flipped byte in stored data is never delivered. A FIFO queue stops at a damaged message (errs.Internal), since order
//     cannot be kept without it; other queues go on without it, and it stays counted as available until it expires.
//   - A failed sync is the end: after a failed write or sync every call answers errs.Unavailable; the engine closes, reopens and
//     replays; it never retries the sync.
//
// The engine knows no names, tenants' rights or prices: the caller has checked those. Queue facts come with every call.
package engine

import (
	"context"
	"time"

	"dms/dataplane"
	"dms/internal/usage"
)

// Queue is what the engine must know about a queue, taken from the directory's fact by the caller.
type Queue struct {
	ID              string // UUID
	Mode            dataplane.Mode
	Retention       time.Duration
	MaxConsumeCount int // 0: never a dead letter
}

// QueueOf returns the engine's view of the directory's fact.
func QueueOf(q dataplane.Queue) Queue {
	return Queue{ID: q.ID, Mode: q.Mode, Retention: q.Retention(), MaxConsumeCount: q.MaxConsumeCount}
}

// NewMessage is a message to be stored. The engine keeps Body and Attributes as they are and never looks into them.
type NewMessage struct {
	Body       []byte   // JSON text
	Attributes []byte   // JSON object text, nil when there are none
	Labels     []string // at most dataplane.DMSLimits.MaxLabels
	Delay      time.Duration
}

// Kind tells the two streams of a group apart.
type Kind uint8

const (
	Live Kind = iota // the queue's messages
	Dead             // the group's dead letters
)

// LabelMatch says how labels of a message are compared with those of a receive.
type LabelMatch uint8

const (
	MatchAny LabelMatch = iota // or
	MatchAll                   // and
)

// ReceiveOptions bounds a receive.
type ReceiveOptions struct {
	MaxMessages int           // at least 1
	MaxBytes    int           // of bodies and attributes together; the first message is given even if it is larger
	Wait        time.Duration // how long to wait for the first message; 0: not at all
	AckWait     time.Duration // how long the messages stay hidden from the group
	// Labels and Match filter Live receives. A group is bound to the rule of its first receive with labels: another set, another
	// Match or none at all is then refused with reason.LabelRule. The order of labels does not matter.
	Labels []string
	Match  LabelMatch
}

// Delivery is one message given to one group, once.
type Delivery struct {
	MessageID    string // UUID, also returned by Send
	Body         []byte
	Attributes   []byte
	Labels       []string
	Handler      string // opaque, authenticated; bound to queue, group, kind and this delivery
	ReceiveCount int    // 1 for the first delivery to the group
	SentAt       time.Time
}

// Settlement is the outcome of one delivery.
type Settlement struct {
	Handler string
	// Failed records a failed consumption: the message may be redelivered at once, or becomes a dead letter.
	Failed bool
}

// QueueStats counts a queue.
type QueueStats struct {
	Messages int64 // kept now: not expired, not deleted; delayed ones included
	Bytes    int64 // of their bodies and attributes
}

// GroupStats counts a group. Consumed includes messages that became dead letters, as on the original service.
type GroupStats struct {
	Produced      int64 // messages of the queue that are kept now
	Consumed      int64 // settled by the group since it exists: acknowledged, or moved to its dead letters
	Available     int64 // kept, available and not consumed; those under a lease included, those passed over for their labels not
	InFlight      int64 // under a lease
	DeadProduced  int64 // dead letters since the group exists
	DeadAvailable int64 // dead letters kept and not consumed
}

// Metered is the call to count when an operation succeeds: the count rides in the same commit as the change, so neither exists
// without the other. A nil Metered counts nothing.
type Metered *usage.Key

// Engine stores the messages of many queues. Every method is safe for concurrent use. Times come from the engine's clock.
// Errors carry these codes: errs.Invalid for requests that break a rule (with a reason of package reason), errs.Unavailable while the
// engine cannot write (stopped, disk full, reopening), errs.NotFound with reason.QueueNotFound or reason.GroupNotFound from a call that a
// DropQueue or DropGroup overtook.
type Engine interface {
	// Send stores all messages or none, and returns their ids in order.
	Send(ctx context.Context, q Queue, msgs []NewMessage, m Metered) ([]string, error)

	// Receive gives the group the next messages. It returns at once with what is there, else waits for the first message, opt.Wait at
	// most, without holding a thread of work; then it returns none. It returns early, with none and no error, when ctx ends or the
	// engine is asked to stop (StopPolls). It is not metered here: an empty receive is free, and the caller knows whether
	// the answer reached its client.
	Receive(ctx context.Context, q Queue, groupID string, kind Kind, opt ReceiveOptions) ([]Delivery, error)

	// Release makes deliveries visible again at once, as if they had never been given: the client was gone before the reply.
	// Receive counts are not raised by a released delivery. Unknown or superseded handlers are passed over.
	Release(ctx context.Context, q Queue, groupID string, kind Kind, handlers []string) error

	// Settle acknowledges or fails deliveries in order. It stops at the first handler that is not good and accepts none after it.
	// If the first one is bad nothing changes and the error says why (reason.HandlerUnknown, reason.HandlerInstance,
	// reason.HandlerMismatch); else it returns how many were accepted, and their outcome is durable. A genuine, unexpired handler
	// whose lease a crash lost is good unless the message was acknowledged or delivered again.
	Settle(ctx context.Context, q Queue, groupID string, kind Kind, s []Settlement, m Metered) (accepted int, err error)

	// QueueStats and GroupStats are O(1) and never wait for the disk's sync. Unknown queues and dropped groups count zero; a group
	// that the engine has not heard of yet counts as new: everything kept is available.
	QueueStats(ctx context.Context, q Queue) (QueueStats, error)
	GroupStats(ctx context.Context, q Queue, groupID string) (GroupStats, error)

	// DropQueue and DropGroup erase what is stored, end open polls, and may be repeated. The id is never used again.
	DropQueue(ctx context.Context, queueID string) error
	DropGroup(ctx context.Context, queueID, groupID string) error

	// Count adds calls that change nothing in the engine (receives, reads). They are kept in memory and become durable with the next
	// commit, within a second: what a crash can lose is that second, in the customer's favour.
	Count(k usage.Key, calls int64)

	// Usage returns the durable counts after sequence number `after`, of at most max sequence numbers, as one batch of the engine's
	// Source; ok is false when there is nothing after it. The answer for the same range is the same after any restart. A range never begins
	// before what is forgotten: an asker who has lost where it was is not given what is safe elsewhere.
	Usage(ctx context.Context, after uint64, max int) (b usage.Batch, ok bool, err error)

	// ForgetUsage erases the counts up to and including sequence number upTo, which are safe elsewhere.
	ForgetUsage(ctx context.Context, upTo uint64) error

	// StopPolls ends every waiting Receive, and makes later ones return at once with what is there: the first step of a
	// graceful stop.
	StopPolls()

	// Ready returns nil while the engine takes writes.
	Ready() error

	// Close flushes what Count has kept, and releases the disk. Calls after it answer errs.Unavailable.
	Close() error
}

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
//   - Order: in a FIFO queue a group is given the messages of one ordering key in the order of their sends, and nothing later of that key
//     while an earlier one is unsettled, through redelivery, dead-lettering and restart; different keys go on beside each other. Messages without
//     a key share one, so a queue whose senders give none is strictly ordered as a whole. One Receive may return consecutive messages of a key;
//     then the key waits until all of them are settled. A delayed or prepared message takes its place when it becomes available.
//   - Dead letters: a message whose consumption by a group failed MaxConsumeCount times is moved to the dead letters of that
//     group, kept 72 hours, and is available through the dead-letter calls of that group alone. A lease that ends counts as a failure at that
//     instant, whenever it is noticed: a message that expired later and was seen by nobody in between is a dead letter all the same.
//     Redrive gives it back to that group, and to no other: with its id, its place in time (Position, SentAt) and its history, its failures counted anew. It is kept for the queue's
//     retention from then on, and given before what was not redriven, in the order of positions.
//   - Once: a message with a deduplication id that the queue took within the deduplication window is not stored again; the send is
//     answered with the id of the first, also after a restart. What is counted is the time of the first send: the window is [first, first + window).
//   - Prepared: messages that are prepared are stored as safely as sent ones and given to nobody before they are committed. Commit and
//     rollback are final, happen once, and may be repeated; what nobody decides in time goes to the outcome chosen when it was prepared.
//   - Room: a message leaves the disk when its retention has ended. One that every group of a NORMAL or FIFO queue has settled may go
//     before, when the disk is wanted for others (ReclaimAbove of the implementation); it is no longer there for groups that come later.
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
	// OrderingKey orders the messages of a FIFO queue; "" is a key like any other. Refused in other modes.
	OrderingKey string
	// DedupID, when not "", stores the message only if the queue took none with this id within the deduplication window.
	DedupID string
}

// Sent is the answer to one message of a send.
type Sent struct {
	ID        string // UUID of the stored message
	Duplicate bool   // it was stored by an earlier send, or earlier in this one, with the same DedupID
}

// Outcome is what becomes of prepared messages.
type Outcome uint8

const (
	Rollback Outcome = iota // they are erased
	Commit                  // they are sent, at the time of the decision
)

// PrepareOptions says what happens to prepared messages that nobody decides.
type PrepareOptions struct {
	Timeout time.Duration // after which Default happens; positive
	Default Outcome
}

// Prepared is a set of messages that waits for its decision.
type Prepared struct {
	ID         string // UUID
	Messages   int
	Bytes      int64
	PreparedAt time.Time
	DecideBy   time.Time
	Default    Outcome
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
	ReceiveCount int    // 1 for the first delivery to the group; counted anew for a dead letter, and for a redriven message
	OrderingKey  string
	Position     uint64 // place in the queue's log, or in the dead letters: later messages have greater ones
	SentAt       time.Time
	// FirstReceivedAt is when the group was first given the message, before it became a dead letter or was redriven, too. A crash may forget deliveries that were never settled, failed or extended.
	FirstReceivedAt time.Time
	Death           *Death // of a dead letter, and of one that was redriven; else nil
}

// Death says why a message became a dead letter of a group.
type Death struct {
	Failures     int       // failed consumptions before it
	FirstFailure time.Time // of those
	LastFailure  time.Time // when it became a dead letter; of a timeout, when the ack wait passed, whenever that was noticed
	Reason       DeathReason
	Redriven     int // how often it was given back before it became a dead letter (again)
}

// DeathReason is how the last consumption failed.
type DeathReason uint8

const (
	Refused  DeathReason = iota // the consumer reported a failure
	TimedOut                    // the ack wait passed
)

// Settlement is the outcome of one delivery.
type Settlement struct {
	Handler string
	// Failed records a failed consumption: the message may be redelivered after Delay, or becomes a dead letter.
	Failed bool
	Delay  time.Duration // of a failure; 0: at once. A FIFO key gives nothing while one of its messages is delayed so
}

// Extension lengthens a lease: from now on, the message stays hidden for AckWait. The handler stays the same.
type Extension struct {
	Handler string
	AckWait time.Duration // positive
}

// SeekTo is where Seek moves a group to. Exactly one field says so, or it is errs.Invalid.
type SeekTo struct {
	Earliest bool
	Latest   bool
	Time     time.Time // the first message that became available at or after it
	Position uint64    // that message, or the first behind it; beyond the end: Latest
}

// BrowseOptions bounds a browse. From is the first position looked at; when it is 0 and Time is not zero, messages that became
// available before Time are left out; when MessageID is not "", only that message is looked for, from there on.
type BrowseOptions struct {
	From        uint64
	Time        time.Time
	MessageID   string
	MaxMessages int // at least 1
	MaxBytes    int // as in ReceiveOptions
}

// Browsed is a message that somebody looked at.
type Browsed struct {
	MessageID   string
	Body        []byte
	Attributes  []byte
	Labels      []string
	OrderingKey string
	Position    uint64
	SentAt      time.Time
	AvailableAt time.Time
	ExpiresAt   time.Time
	Death       *Death // as in Delivery
}

// RedriveOptions says which dead letters go back to the group. With IDs, those; else the oldest first, Max at most, 0: all that
// are there now. Those under a lease are passed over. PerSecond, when not 0, bounds the rate: then the work goes on after the call, through restarts.
type RedriveOptions struct {
	IDs       []string // message ids; not together with Max and PerSecond
	Max       int64
	PerSecond int // of messages
}

// RedriveStatus tells of the latest redrive of a group that has a rate.
type RedriveStatus struct {
	Running   bool
	Moved     int64 // by this redrive so far
	Remaining int64 // at most so many more
	PerSecond int
	StartedAt time.Time // zero: there was none
}

// QueueStats counts a queue.
type QueueStats struct {
	Messages int64         // kept now: not expired, not deleted; delayed ones included, prepared ones not
	Bytes    int64         // of their bodies and attributes
	Delayed  int64         // of Messages, those that are not available yet
	Prepared int64         // messages that wait for their decision
	Produced int64         // taken in since the queue exists, prepared ones from their commit on
	Oldest   time.Duration // since the oldest message that is kept became available; 0: there is none
}

// GroupStats counts a group. Consumed includes messages that became dead letters, as on the original service.
type GroupStats struct {
	Produced      int64 // messages of the queue that are kept now
	Consumed      int64 // settled by the group since it exists: acknowledged, or moved to its dead letters; a redriven message counts again
	Skipped       int64 // given up without a delivery being acknowledged since the group exists: expired, purged, passed over for labels or by Seek; each after it became available
	Available     int64 // kept, available and not consumed; those under a lease, those failed with a delay and those redriven included, those passed over for their labels not
	InFlight      int64 // under a lease
	Postponed     int64 // failed with a delay that has not passed
	DeadProduced  int64 // dead letters since the group exists
	DeadAvailable int64 // dead letters kept and not consumed
	Redriven      int64 // dead letters given back to the group since it exists
	// OldestUnsettled is the age, since it became available, of the oldest message that the group has not settled; 0: there is none.
	OldestUnsettled time.Duration
}

// Metered is the call to count when an operation succeeds: the count rides in the same commit as the change, so neither exists
// without the other. A nil Metered counts nothing.
type Metered *usage.Key

// Engine stores the messages of many queues. Every method is safe for concurrent use. Times come from the engine's clock.
// The bytes of bodies and attributes that it returns may be shared with its cache: they must not be changed.
// Errors carry these codes: errs.Invalid for requests that break a rule (with a reason of package reason), errs.Unavailable while the
// engine cannot write (stopped, disk full, reopening), errs.NotFound with reason.QueueNotFound or reason.GroupNotFound from a call that a
// DropQueue or DropGroup overtook.
type Engine interface {
	// Send stores all messages or none, and answers for each, in order. Duplicates (DedupID) are not stored, and are no failure.
	// The engine reads msgs until it returns and keeps nothing of them.
	Send(ctx context.Context, q Queue, msgs []NewMessage, m Metered) ([]Sent, error)

	// Prepare stores all messages or none, to be decided later. Delays begin with the decision. DedupID is refused with errs.Invalid.
	// Decide commits or rolls back. Repeating the decision changes nothing and is answered as the first was; the other decision is errs.Conflict with
	// reason.PreparedDecided, an unknown id errs.NotFound with reason.PreparedNotFound; both are remembered for 24 hours. ListPrepared
	// returns those not decided, in the order of their ids, from behind `after` ("": from the first).
	Prepare(ctx context.Context, q Queue, msgs []NewMessage, opt PrepareOptions, m Metered) (Prepared, error)
	Decide(ctx context.Context, q Queue, preparedID string, o Outcome, m Metered) ([]Sent, error)
	ListPrepared(ctx context.Context, q Queue, after string, limit int) ([]Prepared, error)

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

	// Extend lengthens leases. Each is judged by itself: the returned slice holds nil or why not, as Settle would say it.
	// It is not synced: a crash may end the lease early.
	Extend(ctx context.Context, q Queue, groupID string, kind Kind, e []Extension, m Metered) ([]error, error)

	// Seek moves the group's place in the queue's live messages: everything from there on counts as never delivered, everything before as
	// settled (Skipped, where it was not). Leases end, and their handlers are no good any more. Dead letters stay. Of the redriven messages
	// none stays as such: those that the queue still keeps from there on are given as all others are.
	Seek(ctx context.Context, q Queue, groupID string, to SeekTo, m Metered) error

	// Browse looks at messages without changing anything: of the queue (groupID "", kind Live), or the dead letters of a group. It returns
	// them in order and the position to go on from, 0 at the end.
	Browse(ctx context.Context, q Queue, groupID string, kind Kind, opt BrowseOptions) (msgs []Browsed, next uint64, err error)

	// Purge erases the messages of the queue, delayed ones included, prepared ones not, for all groups; or with kind Dead, the dead letters of
	// the group. Their leases end. It returns how many there were: QueueStats.Messages, or GroupStats.DeadAvailable. Redriven messages go, too. What is sent while it runs may stay or go.
	Purge(ctx context.Context, q Queue, groupID string, kind Kind, m Metered) (int64, error)

	// Redrive gives dead letters back to their group. It returns how many it has moved; with a rate it moves the first at once (PerSecond
	// at most) and the rest later, and while one with a rate is running another one is errs.Conflict with reason.RedriveRunning. StopRedrive ends it.
	Redrive(ctx context.Context, q Queue, groupID string, opt RedriveOptions, m Metered) (moved int64, err error)
	RedriveStatus(ctx context.Context, q Queue, groupID string) (RedriveStatus, error)
	StopRedrive(ctx context.Context, q Queue, groupID string) error

	// AddGroup makes the group known before its first receive: from now on it is one of those that must have settled a message before the
	// message may leave the disk early. It may be repeated, and of a dropped group it is errs.NotFound. A group that was not added exists from its
	// first call on that is not one of GroupStats, Browse, RedriveStatus and StopRedrive.
	AddGroup(ctx context.Context, queueID, groupID string) error

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

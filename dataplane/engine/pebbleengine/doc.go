// Package pebbleengine is the engine on Pebble: every change of state is one Pebble batch, and everything in memory can be
// rebuilt from Pebble, lazily, per queue, on first use.
//
// # Layers
//
//	Engine       the supervisor: hands calls to the present store; closes and reopens it after a failed write
//	store        one life of the open database, from open to close or failure, with everything in memory that belongs to it
//	registry     the queues in memory, least recently used out first
//	queue        a message log, its delayed messages, and its consumer groups
//	group        a consumer group: two streams (live messages, dead letters) and the log of its dead letters
//	stream       what a group has settled, has under a lease, and may give next
//	commitQueue  changes of many requests on their way into shared batches and shared syncs
//	Committer    makes one batch durable, or fails
//
// # The shape of the data
//
// A queue's messages have sequence numbers without gaps, in the order of availability, and their expiries never decrease. So the messages
// kept are [oldest, next), counting is a subtraction, each message carries the bytes before it, and the end of what has
// expired is found by a binary search. Delayed messages lie in a key space of their own, ordered by time, and get a sequence number when they
// become available. Messages are kept until their retention ends, whoever has read them: a group that is created later still
// wants them.
//
// A stream knows a floor (everything below is settled), the settled spans above it, and an entry for each message that was
// delivered and not settled. Everything above the floor in neither of those is undelivered. A receive writes one delivery record for
// all its messages; acknowledging in order moves the floor and deletes that record. Failures write one record per message.
//
// # Waiting
//
// There is no goroutine or timer per queue, message or poll. A poll is its caller's goroutine on a channel. One scheduler holds all
// instants at which somebody must be woken, on one timer of the clock. The agenda, a key space ordered by time, says which queue needs work
// when (promote delayed messages, trim expired ones), and is worked off in a callback of the clock.
//
// # Locks
//
// In this order; none is held while waiting for a commit or for a message:
//
//	store.gate (read side: a call that uses the database) > registry.mu > group.mu > queue.mu > commitQueue.mu
//	queue.wait.mu, scheduler.mu, agenda.mu, meter.mu: leaves
//
// A change is put on the commit queue while the lock of the state that it changes is held, so changes commit in the order in
// which they were decided. The commit goroutine takes none of the first four locks.
package pebbleengine

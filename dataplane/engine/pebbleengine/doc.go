// Package pebbleengine is the engine on a log of its own (seglog), with Pebble as the index: every change of state is one record of the log, and
// what follows from it for the index is one part of a Pebble batch. Everything in memory can be rebuilt from the two, lazily, per queue, on
// first use. docs/adr/0004 says why, with measurements.
//
// # Layers
//
//	Engine       the supervisor: hands calls to the present store; closes and reopens it after a failed write
//	store        one life of the open log and index, from open to close or failure, with everything in memory that belongs to it
//	registry     the queues in memory, least recently used out first
//	queue        a message log, its delayed messages, and its consumer groups
//	group        a consumer group: three streams (live messages, dead letters, redriven messages) and the logs of the latter two
//	stream       what a group has settled, has under a lease or postponed, and may give next
//	ordering     which ordering keys of a FIFO queue are free, and what waits behind the others, in memory alone
//	batch        what one change writes: records of the index, runs of messages, ranges that are given up
//	commitQueue  changes of many requests on their way into shared groups and shared syncs
//	Committer    makes a group of records durable, or fails; LocalLog is that of this machine, Options.NewCommitter makes another
//	index        applies synced groups to Pebble, and knows how many bytes of each segment are wanted
//	space        gives segments back, and makes Pebble flush at the end of each
//	janitor      keeps the log short: gives up what all groups have settled, moves what is wanted out of mostly unwanted segments
//
// # Log and index
//
// Messages lie once, in the log. Those that were sent together are a run: under the key of the first, the index has where the run lies and what is needed
// to count and to expire it. The index is applied after the sync, with the position in the log in the same batch; Pebble has no log of its
// own, and what it has not flushed is read from ours when it is opened. So the index never knows more than the log does.
//
// A change that nobody waits for (a lease, an extension) goes with the next group, or after Options.SyncDelay: an acknowledgement shares its
// sync with the receives before it. After a failed write or sync the log is cut where the last group ended that was answered.
//
// The newest runs of each queue stay in memory as they were written (tail), within Options.TailBytes: a receive that keeps up reads neither index nor
// disk, and the bodies that it returns are those very bytes.
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
// all its messages; acknowledging in order moves the floor and deletes that record. Failures write one record per message. Extending a lease
// moves the message to a delivery of its own, with the number of the first in its handler.
//
// # Order
//
// The scan of a FIFO queue reads each message once. One whose ordering key has others before it gets an entry and waits in the ordering; when
// its key is free it is given from there, without a scan. Nothing of the ordering is stored: after a restart the scan begins at the floor
// again, and the keys of what is under a lease or postponed are read first. While the queue never saw an ordering key, the scan stops behind a
// message that has to be waited for: nothing behind it can be free. Redriven messages are read before others, since they go first.
//
// # Dead letters and back
//
// A message that failed too often is copied into the log of the group's dead letters, with why and when. Redriving copies it on into the log of the
// group's redriven messages, under the lock of the group and in one change with its end as a dead letter. It never goes back into the queue's log:
// other groups have settled it, and its place there may be gone. A dead letter is found by the id of its message through a key of the index that the
// index makes and erases by itself.
//
// # Deduplication and prepared messages
//
// A deduplication id is stored by hash, with the message and in its change; those on their way to the disk are known in memory, and a duplicate of
// one is answered behind it. Prepared messages lie under keys of their own; committing copies them into the log in one change with the
// record of the decision. What is over (windows, undecided messages, decisions) is found by the agenda in the order of time.
//
// # Waiting
//
// There is no goroutine or timer per queue, message or poll. A poll is its caller's goroutine on a channel. One scheduler holds all
// instants at which somebody must be woken, on one timer of the clock. The agenda, a key space ordered by time, says which queue needs work
// when (promote delayed messages, trim expired ones, decide prepared ones, redrive some more), and is worked off in a callback of the clock.
//
// # Locks
//
// In this order; none is held while waiting for a commit or for a message:
//
//	store.gate (read side: a call that uses the database) > registry.mu > group.mu > queue.mu > commitQueue.mu
//	queue.wait.mu, queue.dedup.mu, tail.mu, scheduler.mu, agenda.mu, meter.mu: leaves
//
// A change is put on the commit queue while the lock of the state that it changes is held, so changes commit in the order in
// which they were decided. The two goroutines of the commit queue take none of the first four locks.
package pebbleengine

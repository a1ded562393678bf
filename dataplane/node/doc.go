// Package node is a data-plane node: it answers for messages from an engine, with the facts of its copy of the directory, and
// tells the control plane what it has counted.
//
// Owns: following the directory, the look-ups of the wires, long polls and what ends them, per-queue limits, who is counted for
// what, delivery of usage.
// Does not own: who may do what (the wires ask before they call), how messages are stored (engine), what a call costs (billing).
//
// Invariants:
//
//   - A revision is confirmed (asked past) only after every reader sees it, the engine has erased what it deleted or owes that on
//     the disk, and no open poll can hand out a message without having been checked against it.
//   - A count leaves the engine only once it is in the outbox, and the outbox only once the control plane has stored it.
//   - A delivery either reaches its client or is released; an acknowledgement that has begun is not given up.
//   - Without news from the control plane for MaxDirectoryAge, everything answers errs.Unavailable.
//
// # Goroutines
//
// Run has three: one follows the directory, one counts and delivers each second, one tells the engine of consumer groups. A long poll is its caller's goroutine.
//
// # Locks
//
// polls.mu, catchUp.mu, limits.mu, announcements.mu and Node.life.mu are leaves: none is held while another is taken, across I/O or a callback.
package node

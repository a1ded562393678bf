// Package nodestore is what a node keeps on its own disk besides messages: its copy of the directory, the usage that the
// control plane has not taken yet, and who the node is. It is a Pebble of its own, outside the engine's commit seam, because
// nothing of it moves with a shard.
//
// Owns: the node's id, the copy and how far it has come, erasures that the engine still owes, the outbox of usage.
// Does not own: what an entry means (the module that owns its kind decides), when anything is fetched or delivered (node).
//
// Invariants:
//
//   - The copy and its position change in one synced batch: a revision that was confirmed is never forgotten, so a
//     revocation is not undone by a power cut while the control plane is away.
//   - Readers see whole revisions. A copy that starts anew is filled beside the old one, and readers change over once it is complete.
//   - A deleted queue or group is on the list of erasures from the batch that hides it until the engine has erased it.
//   - After a failed write the store takes no more until it is opened again (package fence).
//   - A usage batch that is in the outbox never changes, and its sequence numbers are never cut again.
//
// # Keys
//
//	'm' name                                  what the store knows about itself, JSON
//	'd' generation:u32 kind 0x00 key          an entry of the copy: revision:u64 value
//	'x' kind 0x00 key                         an erasure that the engine owes, no value
//	'u' len(source):uvarint source last:u64   a usage batch, JSON
//	'c' source                                the last sequence number of the source that was cut, u64
//
// Numbers are big-endian, so that the order of keys is the order of numbers.
//
// # Locks
//
//	Store.writing > cache.mu
//	outbox.mu and contact.mu are leaves
//
// Store.writing is held across I/O, so that changes of the copy come one at a time; readers do not take it.
package nodestore

// Package dataplane is the language of messages: queues and consumer groups as a node sees them, messages, deliveries, limits.
//
// Owns: what a message may be, what the queue modes promise, the facts about queues that nodes need.
// Does not own: who may do what (iam decides), which queues exist (controlplane decides), what it costs (billing decides).
// Invariants: a queue's name and mode never change; a consumer group belongs to one queue; a message belongs to one queue.
package dataplane

// Package memengine is the engine in memory: simple and obviously right, one lock, slices and maps, no wish for speed. Random sequences of
// operations on another engine are compared with it, and tests use it where nothing needs to outlive the process.
//
// Time flows exactly: before a call looks at a queue, everything that fell due since the last call happens, one instant after
// the other, as if somebody had watched the clock. At one instant messages become available first, then those whose retention has
// ended go, then leases end, then a running redrive takes its step.
package memengine

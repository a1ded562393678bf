// Package benchsuite measures the product against its ceilings and prints one table: what we do, what a bare log or a bare server does on the
// same machine in the same run, and the ratio. Each row runs ours and the ceiling in turns, and takes the medians: machines have moods.
//
// The engine is driven in this process. Over HTTP a `dms serve` of this same binary runs in a process of its own, as it does in production, and so
// does the bare server that is its ceiling; the load generator is this process, on the same cores.
package benchsuite

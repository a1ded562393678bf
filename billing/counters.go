package billing

import "sync/atomic"

// Counters is what an operator wants to know about metering. Safe for concurrent use; the zero value is ready.
type Counters struct {
	Batches           atomic.Int64 // delivered and stored
	DuplicateBatches  atomic.Int64 // delivered again
	SequenceGaps      atomic.Int64 // batches that left a gap before them
	LateCalls         atomic.Int64 // calls of an hour that was closed already, booked in the first open one
	MisdatedCalls     atomic.Int64 // calls dated in the future or in a distant past, booked in the hour of their arrival
	ClosedHours       atomic.Int64
	DuplicateClosings atomic.Int64 // closed records that were there already
}

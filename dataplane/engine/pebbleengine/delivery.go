package pebbleengine

import (
	"encoding/binary"
	"fmt"
)

// entry is a message that a group knows of and has not settled: it was delivered, or waits behind others of its ordering key.
type entry struct {
	seq         uint64
	order       uint64    // of two entries of a group, the smaller goes first
	received    uint32    // deliveries, without released ones
	failed      uint32    // failed consumptions
	ended       uint64    // the latest delivery that is over: its handler, and those before, are no good
	first       int64     // when it was first given; 0: not known
	firstFailed int64     // when its first consumption failed; 0: none has
	notBefore   int64     // it is not given again before; 0: at once
	lease       *delivery // nil: the message may be given again
	key         *orderKey // of a FIFO queue, once the scan has read it
	postponed   int       // place in the heap of postponed ones, from 1; 0: it is not in it
	recorded    bool      // an attempt record is stored
	queued      bool      // in the stream's heap of what may be given again
	known       bool      // of a redriven message: order is known
	gone        bool      // settled or given up
}

// An attempt record keeps what is known of a message between deliveries:
//
//	format(1)=1 received(uvarint) failed(uvarint) ended(8) first given(8) first failure(8) not before(8)
const attemptFormat = 1

func (e *entry) encode() []byte {
	b := append(make([]byte, 0, 48), attemptFormat)
	b = binary.AppendUvarint(b, uint64(e.received))
	b = binary.AppendUvarint(b, uint64(e.failed))
	b = appendUint64(b, e.ended)
	b = appendUint64(b, uint64(e.first))
	b = appendUint64(b, uint64(e.firstFailed))
	return appendUint64(b, uint64(e.notBefore))
}

// decodeAttempt reads a record into e.
func (e *entry) decodeAttempt(v []byte) error {
	d := decoder{b: v}
	d.version(attemptFormat)
	e.received, e.failed, e.ended = uint32(d.uvarint()), uint32(d.uvarint()), d.uint64()
	e.first, e.firstFailed, e.notBefore = d.int64(), d.int64(), d.int64()
	e.recorded = true
	if d.err != nil {
		return fmt.Errorf("attempt record: %w", d.err)
	}
	return nil
}

// delivery is what one receive gave, or what one call extended of it: its messages share a deadline.
type delivery struct {
	no       uint64 // of the record
	of       uint64 // the number in the handlers: that of the receive
	given    int64  // when its messages were first given, unless an attempt record says otherwise
	deadline int64
	entries  []*entry // those whose lease is still this delivery are under the lease
	open     int      // how many those are
	index    int      // in the heap of leases
}

// A delivery record keeps the leases of one receive, or of one extension. It is not synced: a crash may end leases early.
//
//	format(1)=1 deadline(8) given(8) handlers' number(8) n(uvarint) { seq, as the difference to the one before (varint) received(uvarint) failed(uvarint) }...
const deliveryFormat = 1

func (d *delivery) encode() []byte {
	b := make([]byte, 0, 32+4*len(d.entries))
	b = appendUint64(append(b, deliveryFormat), uint64(d.deadline))
	b = appendUint64(b, uint64(d.given))
	b = appendUint64(b, d.of)
	b = binary.AppendUvarint(b, uint64(len(d.entries)))
	var prev uint64
	for _, e := range d.entries {
		b = binary.AppendVarint(b, int64(e.seq-prev))
		b = binary.AppendUvarint(b, uint64(e.received))
		b = binary.AppendUvarint(b, uint64(e.failed))
		prev = e.seq
	}
	return b
}

// decodeDelivery returns the delivery with entries as they were then.
func decodeDelivery(no uint64, v []byte) (*delivery, error) {
	d := decoder{b: v}
	d.version(deliveryFormat)
	out := &delivery{no: no, deadline: d.int64(), given: d.int64(), of: d.uint64()}
	var seq uint64
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		seq += uint64(d.varint())
		out.entries = append(out.entries, &entry{seq: seq, received: uint32(d.uvarint()), failed: uint32(d.uvarint())})
	}
	if d.err != nil {
		return nil, fmt.Errorf("delivery record: %w", d.err)
	}
	return out, nil
}

// before reports whether d ends before o; at the same instant, what was given earlier does.
func (d *delivery) before(o *delivery) bool {
	switch {
	case d.deadline != o.deadline:
		return d.deadline < o.deadline
	case d.of != o.of:
		return d.of < o.of
	}
	return d.no < o.no
}

// leaseHeap orders deliveries by deadline.
type leaseHeap []*delivery

func (h leaseHeap) Len() int { return len(h) }
func (h leaseHeap) Less(i, j int) bool {
	return h[i].before(h[j])
}
func (h leaseHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *leaseHeap) Push(x any) {
	d := x.(*delivery)
	d.index = len(*h)
	*h = append(*h, d)
}
func (h *leaseHeap) Pop() any {
	old := *h
	d := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	d.index = -1
	return d
}

// readyHeap orders entries as they are to be given.
type readyHeap []*entry

func (h readyHeap) Len() int           { return len(h) }
func (h readyHeap) Less(i, j int) bool { return h[i].order < h[j].order }
func (h readyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *readyHeap) Push(x any)        { *h = append(*h, x.(*entry)) }
func (h *readyHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return e
}

// postponedHeap orders entries by when they may be given again.
type postponedHeap []*entry

func (h postponedHeap) Len() int { return len(h) }
func (h postponedHeap) Less(i, j int) bool {
	return h[i].notBefore < h[j].notBefore || h[i].notBefore == h[j].notBefore && h[i].order < h[j].order
}
func (h postponedHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].postponed, h[j].postponed = i+1, j+1
}
func (h *postponedHeap) Push(x any) {
	e := x.(*entry)
	*h = append(*h, e)
	e.postponed = len(*h)
}
func (h *postponedHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	e.postponed = 0
	return e
}

package pebbleengine

import (
	"encoding/binary"
	"fmt"
)

// entry is a message that was delivered to a group and is not settled.
type entry struct {
	seq      uint64
	received uint32    // deliveries, without released ones
	failed   uint32    // failed consumptions
	ended    uint64    // the latest delivery that is over: its handler, and those before, are no good
	lease    *delivery // nil: the message may be given again
	recorded bool      // an attempt record is stored
	queued   bool      // in the stream's heap of what may be given again
}

// An attempt record keeps what is known of a message between deliveries:
//
//	format(1)=1 received(uvarint) failed(uvarint) ended(8)
const attemptFormat = 1

func (e *entry) encode() []byte {
	b := binary.AppendUvarint([]byte{attemptFormat}, uint64(e.received))
	b = binary.AppendUvarint(b, uint64(e.failed))
	return appendUint64(b, e.ended)
}

func decodeAttempt(seq uint64, v []byte) (*entry, error) {
	d := decoder{b: v}
	d.version(attemptFormat)
	e := &entry{seq: seq, received: uint32(d.uvarint()), failed: uint32(d.uvarint()), ended: d.uint64(), recorded: true}
	if d.err != nil {
		return nil, fmt.Errorf("attempt record: %w", d.err)
	}
	return e, nil
}

// delivery is what one receive gave: its messages share a deadline.
type delivery struct {
	no       uint64
	deadline int64
	entries  []*entry // those whose lease is still this delivery are under the lease
	open     int      // how many those are
	index    int      // in the heap of leases
}

// A delivery record keeps the leases of one receive. It is not synced: a crash may end leases early.
//
//	format(1)=1 deadline(8) n(uvarint) { seq, as the difference to the one before (varint) received(uvarint) failed(uvarint) }...
const deliveryFormat = 1

func (d *delivery) encode() []byte {
	b := make([]byte, 0, 16+4*len(d.entries))
	b = appendUint64(append(b, deliveryFormat), uint64(d.deadline))
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
	out := &delivery{no: no, deadline: d.int64()}
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

// leaseHeap orders deliveries by deadline.
type leaseHeap []*delivery

func (h leaseHeap) Len() int { return len(h) }
func (h leaseHeap) Less(i, j int) bool {
	return h[i].deadline < h[j].deadline || h[i].deadline == h[j].deadline && h[i].no < h[j].no
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

// readyHeap orders entries by sequence number.
type readyHeap []*entry

func (h readyHeap) Len() int           { return len(h) }
func (h readyHeap) Less(i, j int) bool { return h[i].seq < h[j].seq }
func (h readyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *readyHeap) Push(x any)        { *h = append(*h, x.(*entry)) }
func (h *readyHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return e
}

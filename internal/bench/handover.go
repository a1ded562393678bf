package bench

import (
	"context"
	"sync"
)

// parcel says that a queue holds so many messages that nobody has received yet.
type parcel struct{ queue, messages int }

// handover tells consumers which queues have messages: with more queues than consumers, asking each in turn would measure the asking.
type handover struct {
	mu     sync.Mutex // guards: list, from, closed
	some   *sync.Cond
	list   []parcel // from index from
	from   int
	closed bool
}

func newHandover(ctx context.Context) *handover {
	h := &handover{}
	h.some = sync.NewCond(&h.mu)
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.closed = true
		h.some.Broadcast()
	})
	return h
}

func (h *handover) put(p parcel) {
	h.mu.Lock()
	if h.from > 4096 && h.from > len(h.list)/2 {
		h.list = append(h.list[:0], h.list[h.from:]...)
		h.from = 0
	}
	h.list = append(h.list, p)
	h.mu.Unlock()
	h.some.Signal()
}

// take waits for a parcel; false: the load has ended.
func (h *handover) take() (parcel, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.from == len(h.list) && !h.closed {
		h.some.Wait()
	}
	if h.closed {
		return parcel{}, false
	}
	p := h.list[h.from]
	h.from++
	return p, true
}

// backlog makes producers wait while too many messages are not acknowledged.
type backlog struct {
	mu     sync.Mutex // guards: n, closed
	room   *sync.Cond
	n, max int64
	closed bool
}

func newBacklog(ctx context.Context, limit int64) *backlog {
	b := &backlog{max: limit}
	b.room = sync.NewCond(&b.mu)
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.closed = true
		b.room.Broadcast()
	})
	return b
}

// add waits until there is room; false: the load has ended.
func (b *backlog) add(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.n >= b.max && !b.closed {
		b.room.Wait()
	}
	b.n += int64(n)
	return !b.closed
}

func (b *backlog) done(n int) {
	b.mu.Lock()
	b.n -= int64(n)
	b.mu.Unlock()
	b.room.Signal()
}

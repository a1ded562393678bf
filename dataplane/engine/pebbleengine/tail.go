package pebbleengine

import (
	"slices"
	"sync"
)

// tail is the end of a message log in memory: its newest runs, without gaps, as long as the cache has room for their bytes. Consumers
// that keep up read here and ask neither the index nor the disk.
type tail struct {
	mu   sync.Mutex // guards: runs
	runs []*run     // by number; the last one is the end of the log
}

// add appends a run, which may still grow.
func (t *tail) add(r *run) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs = append(t.runs, r)
}

// drop forgets a run, the first of those that are left in the order of their coming, and what is before it.
func (t *tail) drop(r *run) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.payload.Store(nil)
	n := 0
	for n < len(t.runs) && t.runs[n].first <= r.first {
		t.runs[n] = nil
		n++
	}
	t.runs = t.runs[n:]
	if len(t.runs) == 0 {
		t.runs = nil
	}
}

// clear forgets everything.
func (t *tail) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.runs {
		r.payload.Store(nil)
	}
	t.runs = nil
}

// from returns up to limit runs from the one that holds seq on; none if that one is not here.
func (t *tail) from(seq uint64, limit int, buf []*run) []*run {
	if t == nil {
		return buf
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.runs) == 0 || t.runs[0].first > seq {
		return buf
	}
	i, found := slices.BinarySearchFunc(t.runs, seq, func(r *run, seq uint64) int {
		switch {
		case r.first < seq:
			return -1
		case r.first > seq:
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	return append(buf, t.runs[i:min(i+limit, len(t.runs))]...)
}

// runCache bounds the bytes of all tails together: the oldest runs go first. It belongs to the commit goroutine.
type runCache struct {
	limit int64
	bytes int64
	order []cached // in the order of their commits, from head on
	head  int
}

type cached struct {
	tail  *tail
	run   *run
	bytes int64
}

// runOverhead is what a run in memory costs beside its bytes.
const runOverhead = 192

func (c *runCache) add(t *tail, r *run, bytes int64) {
	bytes += runOverhead
	c.order = append(c.order, cached{t, r, bytes})
	c.bytes += bytes
	for c.bytes > c.limit && c.head < len(c.order) {
		old := c.order[c.head]
		c.order[c.head] = cached{}
		c.head++
		old.tail.drop(old.run)
		c.bytes -= old.bytes
	}
	if c.head > 1024 && c.head > len(c.order)/2 {
		n := copy(c.order, c.order[c.head:])
		clear(c.order[n:])
		c.order, c.head = c.order[:n], 0
	}
}

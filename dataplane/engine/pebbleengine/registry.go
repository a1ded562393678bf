package pebbleengine

import (
	"container/list"
	"sync"
)

// registry holds the queues that are in memory. A queue that nobody uses stays until there are too many, least recently used
// out first; its state is read from the database again at its next use.
type registry struct {
	limit   int
	leaving func(*queue) // called when a queue leaves memory; takes none of the four locks

	mu     sync.Mutex // guards: queues, idle, and refs and place of the queues
	queues map[uid]*queue
	idle   *list.List // of *queue without users, the longest idle in front
}

func newRegistry(limit int, leaving func(*queue)) *registry {
	return &registry{limit: limit, leaving: leaving, queues: make(map[uid]*queue), idle: list.New()}
}

// acquire returns the queue, which stays in memory until release.
func (r *registry) acquire(id uid) *queue {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.queues[id]
	if q == nil {
		q = newQueue(id)
		r.queues[id] = q
	}
	if q.place != nil {
		r.idle.Remove(q.place)
		q.place = nil
	}
	q.refs++
	return q
}

func (r *registry) release(q *queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.refs--; q.refs > 0 {
		return
	}
	q.place = r.idle.PushBack(q)
	for e := r.idle.Front(); e != nil && len(r.queues) > r.limit; {
		old, next := e.Value.(*queue), e.Next()
		// Changes under way are not in the database yet: what is read now would be old.
		if old.inflight.Load() == 0 {
			r.idle.Remove(e)
			old.place = nil
			delete(r.queues, old.id)
			r.leaving(old)
		}
		e = next
	}
}

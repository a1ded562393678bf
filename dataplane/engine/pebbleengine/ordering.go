package pebbleengine

import "container/heap"

// ordering keeps the messages of one ordering key in order for a consumer group of a FIFO queue. Only messages that the group knows of are
// in it: those under a lease, those that failed, and those that the scan found behind others of their key. Each has been read once when
// it came in; giving the next message costs the same however many wait. Guarded by group.mu; memory alone, rebuilt by the scan.
type ordering struct {
	keys  map[string]*orderKey
	ready keyHeap
}

// orderKey is one ordering key that a group knows messages of.
type orderKey struct {
	name    string
	leased  int       // messages under a lease: the others wait
	later   int       // messages that failed with a delay: the others wait
	taken   int       // messages that the receive at work is about to lease
	waiting readyHeap // the others, and those of later; may hold entries that are no longer so
	index   int       // in the heap of keys that have something to give, from 1; 0: not in it
}

func newOrdering() *ordering { return &ordering{keys: make(map[string]*orderKey)} }

// get returns the key with that name.
func (o *ordering) get(name string) *orderKey {
	k := o.keys[name]
	if k == nil {
		k = &orderKey{name: name}
		o.keys[name] = k
	}
	return k
}

// head returns the first waiting message, nil when there is none.
func (k *orderKey) head() *entry {
	for len(k.waiting) > 0 {
		e := k.waiting[0]
		if !e.gone && e.lease == nil && e.key == k {
			return e
		}
		heap.Pop(&k.waiting).(*entry).queued = false
	}
	return nil
}

// blocked reports whether a message behind all that are known of the key has to wait.
func (k *orderKey) blocked() bool { return k.leased > 0 || k.later > 0 || k.head() != nil }

// attach says that e is a message of k.
func (o *ordering) attach(e *entry, k *orderKey) {
	e.key = k
	if e.lease != nil {
		k.leased++
	}
	if e.postponed > 0 {
		k.later++
	}
	if e.lease == nil {
		o.wait(e)
	} else {
		o.update(k)
	}
}

// wait puts e among those that wait.
func (o *ordering) wait(e *entry) {
	if !e.queued {
		e.queued = true
		heap.Push(&e.key.waiting, e)
	}
	o.update(e.key)
}

// take takes the first message of k for the receive at work.
func (o *ordering) take(k *orderKey) *entry {
	e := heap.Pop(&k.waiting).(*entry)
	e.queued = false
	k.taken++
	o.update(k)
	return e
}

// next returns the key whose first message is the first of all that may be given, nil when there is none.
func (o *ordering) next() *orderKey {
	if len(o.ready) == 0 {
		return nil
	}
	return o.ready[0]
}

// update brings the heap of keys up to date after something about k changed, and forgets a key without messages.
func (o *ordering) update(k *orderKey) {
	first := k.head()
	switch can := k.leased == 0 && k.later == 0 && first != nil; {
	case can && k.index == 0:
		heap.Push(&o.ready, k)
	case can:
		heap.Fix(&o.ready, k.index-1)
	case k.index > 0:
		heap.Remove(&o.ready, k.index-1)
	}
	if first == nil && k.leased == 0 && k.later == 0 && k.taken == 0 {
		delete(o.keys, k.name)
	} else {
		o.keys[k.name] = k // a message that was the only one may be on its way from one place to the other
	}
}

// keyHeap orders keys by their first message; all of them have one.
type keyHeap []*orderKey

func (h keyHeap) Len() int           { return len(h) }
func (h keyHeap) Less(i, j int) bool { return h[i].waiting[0].order < h[j].waiting[0].order }
func (h keyHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}
func (h *keyHeap) Push(x any) {
	k := x.(*orderKey)
	*h = append(*h, k)
	k.index = len(*h)
}
func (h *keyHeap) Pop() any {
	old := *h
	k := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	k.index = 0
	return k
}

package pebbleengine

import (
	"container/heap"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// Group record:
//
//	format(1)=1 live floor(8) consumed(8) dead floor(8) dead-letter log(7*8) agenda: trim at(8) label rule
const groupFormat = 1

// group is a consumer group in memory, part of its queue.
type group struct {
	id    uid
	queue uid
	alarm *alarm // when a lease ends and polls wait

	mu       sync.Mutex // guards: the rest
	loaded   bool
	dropped  bool
	rule     labelRule
	consumed int64
	live     stream
	dead     stream
	letters  messageLog // the dead letters
	trimAt   int64      // the agenda entry for trimming dead letters; 0: none
	alarmed  bool       // the alarm was set
	burying  *ticket    // the latest change that added dead letters
	stale    [][]byte   // keys found at loading that say nothing any more
}

func (g *group) stream(dead bool) *stream {
	if dead {
		return &g.dead
	}
	return &g.live
}

func (g *group) deadKey(seq uint64) []byte {
	return groupNumberKey(g.queue, g.id, groupDeadLetter, seq)
}

// openGroup returns the group of an open queue, which may be new.
func (q *queue) openGroup(id uid) *group {
	q.mu.Lock()
	defer q.mu.Unlock()
	g := q.groups[id]
	if g == nil {
		g = &group{id: id, queue: q.id}
		g.live.init(false)
		g.dead.init(true)
		g.letters.init(q.id, true, g.deadKey)
		g.alarm = newAlarm(func() {
			q.wait.ring(&g.live, 1)
			q.wait.ring(&g.dead, 1)
		})
		q.groups[id] = g
	}
	return g
}

// lockGroup returns with g.mu held and the group loaded.
func (s *store) lockGroup(q *queue, g *group) error {
	g.mu.Lock()
	err := s.loadGroup(q, g)
	if err != nil {
		g.mu.Unlock()
	}
	return err
}

// loadGroup reads the group at its first use. Requires: g.mu held.
func (s *store) loadGroup(q *queue, g *group) error {
	switch {
	case q.dropped.Load():
		return errQueueNotFound()
	case g.dropped:
		return errGroupNotFound()
	case g.loaded:
		return nil
	}
	grave, err := getBytes(s.db, graveKey(q.id, &g.id))
	if err != nil {
		return errInternal(err)
	}
	if grave != nil {
		g.dropped = true
		return errGroupNotFound()
	}
	v, err := getBytes(s.db, groupKey(q.id, g.id, groupRecord))
	if err == nil && v != nil {
		err = g.decode(v)
	}
	if err == nil {
		err = g.live.load(s.db, g, groupBaseLive)
	}
	if err == nil {
		err = g.dead.load(s.db, g, groupBaseDead)
	}
	if err != nil {
		return errInternal(err)
	}
	g.loaded = true
	return nil
}

func (g *group) decode(v []byte) error {
	d := decoder{b: v}
	d.version(groupFormat)
	g.live.floor, g.consumed, g.dead.floor = d.uint64(), d.int64(), d.uint64()
	g.letters.decode(&d)
	g.trimAt = d.int64()
	g.rule.decode(&d)
	if d.err != nil {
		return fmt.Errorf("record of group %s: %w", g.id, d.err)
	}
	return nil
}

func (g *group) encode() []byte {
	b := append(make([]byte, 0, 128), groupFormat)
	b = appendUint64(b, g.live.floor)
	b = appendUint64(b, uint64(g.consumed))
	b = appendUint64(b, g.dead.floor)
	b = g.letters.appendTo(b)
	b = appendUint64(b, uint64(g.trimAt))
	return g.rule.appendTo(b)
}

// load reads the spans, attempts and deliveries of the stream, in this order, which is that of the keys.
func (st *stream) load(db *pebble.DB, g *group, base byte) error {
	it, err := db.NewIter(&pebble.IterOptions{
		LowerBound: groupKey(g.queue, g.id, base+groupSpan), UpperBound: groupKey(g.queue, g.id, base+groupDelivery+1),
	})
	if err != nil {
		return err
	}
	defer func() { _ = it.Close() }()
	st.cursor = st.floor
	sub := len(groupPrefix(g.queue, g.id))
	for ok := it.First(); ok; ok = it.Next() {
		key, n := it.Key(), keyNumber(it.Key())
		v, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		switch key[sub] - base {
		case groupSpan:
			d := decoder{b: v}
			end := d.uint64()
			if d.err != nil || end <= n {
				return fmt.Errorf("settled span: %w", errDamaged)
			}
			if n < st.floor {
				g.stale = append(g.stale, append([]byte(nil), key...))
				continue
			}
			st.spans = append(st.spans, span{n, end})
			st.above += end - n
		case groupAttempt:
			e, err := decodeAttempt(n, v)
			if err != nil {
				return err
			}
			if st.settled(n) {
				g.stale = append(g.stale, append([]byte(nil), key...))
				continue
			}
			st.addPending(e)
		case groupDelivery:
			d, err := decodeDelivery(n, v)
			if err != nil {
				return err
			}
			if !st.adopt(g, base, d) {
				g.stale = append(g.stale, append([]byte(nil), key...))
			}
		}
	}
	for _, e := range st.pending {
		if e.lease == nil {
			st.offer(e)
		}
	}
	return it.Error()
}

// adopt takes over the leases of a stored delivery that still hold, and reports whether there are any.
func (st *stream) adopt(g *group, base byte, d *delivery) bool {
	for i, old := range d.entries {
		if st.settled(old.seq) {
			continue
		}
		e := st.pending[old.seq]
		if e == nil {
			e = &entry{seq: old.seq}
			st.addPending(e)
		}
		if e.ended >= d.no || e.lease != nil && e.lease.no > d.no {
			continue
		}
		if e.lease != nil { // an older delivery that ended without a trace
			st.leased--
			if e.lease.open--; e.lease.open == 0 {
				heap.Remove(&st.leases, e.lease.index)
				g.stale = append(g.stale, groupNumberKey(g.queue, g.id, base+groupDelivery, e.lease.no))
			}
		}
		e.received, e.failed, e.lease = old.received, old.failed, d
		d.entries[i] = e
		d.open++
	}
	if d.open == 0 {
		return false
	}
	st.leased += d.open
	heap.Push(&st.leases, d)
	return true
}

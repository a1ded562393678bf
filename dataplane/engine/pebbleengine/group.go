package pebbleengine

import (
	"container/heap"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"dms/dataplane/engine"
)

// Group record:
//
//	format(1)=1 flags(1) live floor(8) consumed(8) skipped(8) dead floor(8) dead-letter log(7*8) agenda: trim at(8) label rule
//	with flag 1: deliveries ended by Seek or Purge(8) queue's purges that the group has followed(8)
//	with flag 2: redriven floor(8) redriven log(7*8) redriven ever(8)
//	failures that make a dead letter, plus one(uvarint): by the latest call; 0 or nothing: no call has said it
const (
	groupFormat       = 1
	groupHasVoid      = 1
	groupHasRedriven  = 2
	groupFlagsUnknown = ^byte(groupHasVoid | groupHasRedriven)
)

// group is a consumer group in memory, part of its queue.
type group struct {
	id    uid
	queue uid
	alarm *alarm // when a lease or a delay ends and polls wait

	mu       sync.Mutex // guards: the rest
	loaded   bool
	dropped  bool
	exists   bool // the group was added, or a call has made it
	rule     labelRule
	consumed int64
	skipped  int64
	void     uint64 // no delivery up to this one is good any more, except of dead letters: Seek or Purge ended it
	purges   uint64 // of the queue that the group has followed
	// maxFailed is how many failures make a dead letter, by the latest call; 0: none do. It is stored with the group, since a lease may end while
	// nobody calls, and what becomes of the message is decided then.
	maxFailed int
	live      stream
	dead      stream
	letters   messageLog // the dead letters
	redriven  stream
	returned  messageLog // the redriven messages
	redrives  int64      // how many there ever were
	trimAt    int64      // the agenda entry for trimming dead letters; 0: none
	redrive   redriveState
	head      headMark // of the oldest unsettled message of the queue

	redrivenHead struct { // of the oldest unsettled redriven message
		state     redrivenState
		available int64
	}

	added   bool     // it is known to be on the disk
	alarmed bool     // the alarm was set
	burying *ticket  // the latest change that added dead letters or redriven messages
	stale   [][]byte // keys found at loading that say nothing any more
}

// stream returns the stream that polls of that kind wait for.
func (g *group) stream(dead bool) *stream {
	if dead {
		return &g.dead
	}
	return &g.live
}

// streamOf returns the stream that a handler is of, nil when there is no such stream.
func (g *group) streamOf(which streamKind) *stream {
	switch which {
	case liveStream:
		return &g.live
	case deadStream:
		return &g.dead
	case redrivenStream:
		return &g.redriven
	}
	return nil
}

// streams returns all three.
func (g *group) streams() [3]*stream { return [3]*stream{&g.live, &g.dead, &g.redriven} }

func (g *group) deadKey(seq uint64) []byte {
	return groupNumberKey(g.queue, g.id, groupDeadLetter, seq)
}

func (g *group) redrivenKey(seq uint64) []byte {
	return groupNumberKey(g.queue, g.id, groupRedriven, seq)
}

// openGroup returns the group of an open queue, which may be new.
func (q *queue) openGroup(id uid) *group {
	q.mu.Lock()
	defer q.mu.Unlock()
	g := q.groups[id]
	if g == nil {
		g = &group{id: id, queue: q.id, maxFailed: maxFailedUnknown}
		g.live.init(liveStream, &q.log)
		g.dead.init(deadStream, &g.letters)
		g.redriven.init(redrivenStream, &g.returned)
		g.letters.init(q.id, true, g.deadKey)
		g.returned.init(q.id, true, g.redrivenKey)
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
		g.exists, g.added = true, true
		err = g.decode(v)
	}
	for _, st := range g.streams() {
		if err == nil && g.exists && (st.which != redrivenStream || g.redrives > 0) {
			err = st.load(s.db, g)
		}
	}
	if err == nil && g.exists {
		v, err = getBytes(s.db, groupKey(q.id, g.id, groupRedrive))
	}
	if err == nil && v != nil && g.exists {
		err = g.redrive.decode(v)
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
	flags := d.byte()
	g.live.floor, g.consumed, g.skipped, g.dead.floor = d.uint64(), d.int64(), d.int64(), d.uint64()
	g.letters.decode(&d)
	g.trimAt = d.int64()
	g.rule.decode(&d)
	if flags&groupHasVoid != 0 {
		g.void, g.purges = d.uint64(), d.uint64()
	}
	if flags&groupHasRedriven != 0 {
		g.redriven.floor = d.uint64()
		g.returned.decode(&d)
		g.redrives = d.int64()
	}
	if len(d.b) > 0 { // records of the first programs end here
		g.maxFailed = int(d.uvarint()) - 1
	}
	if d.err != nil || flags&groupFlagsUnknown != 0 {
		return fmt.Errorf("record of group %s: %w", g.id, errDamaged)
	}
	return nil
}

func (g *group) encode() []byte {
	flags := byte(0)
	if g.void != 0 || g.purges != 0 {
		flags |= groupHasVoid
	}
	if g.redrives != 0 {
		flags |= groupHasRedriven
	}
	b := append(make([]byte, 0, 128), groupFormat, flags)
	b = appendUint64(b, g.live.floor)
	b = appendUint64(b, uint64(g.consumed))
	b = appendUint64(b, uint64(g.skipped))
	b = appendUint64(b, g.dead.floor)
	b = g.letters.appendTo(b)
	b = appendUint64(b, uint64(g.trimAt))
	b = g.rule.appendTo(b)
	if flags&groupHasVoid != 0 {
		b = appendUint64(appendUint64(b, g.void), g.purges)
	}
	if flags&groupHasRedriven != 0 {
		b = g.returned.appendTo(appendUint64(b, g.redriven.floor))
		b = appendUint64(b, uint64(g.redrives))
	}
	return binary.AppendUvarint(b, uint64(g.maxFailed+1))
}

const maxFailedUnknown = -1

// maxFailedOf returns how many failures make a dead letter of the queue; 0: none do.
func maxFailedOf(eq *engine.Queue) int {
	if eq.Mode.Kafka() { // those have no dead letters
		return 0
	}
	return max(0, eq.MaxConsumeCount)
}

// load reads the spans, attempts and deliveries of the stream, in this order, which is that of the keys.
func (st *stream) load(db *pebble.DB, g *group) error {
	base := st.base()
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
			if st.settled(n) {
				g.stale = append(g.stale, append([]byte(nil), key...))
				continue
			}
			if err := st.newEntry(n).decodeAttempt(v); err != nil {
				return err
			}
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
		switch {
		case e.lease != nil:
		case e.notBefore != 0: // perhaps over by now
			st.postpone(e)
		default:
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
			e = st.newEntry(old.seq)
		}
		if e.ended >= d.of || e.lease != nil && e.lease.no > d.no {
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
		if e.first == 0 {
			e.first = d.given
		}
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

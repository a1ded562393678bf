package pebbleengine

import (
	"container/list"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"dms/internal/errs"
	"dms/internal/reason"
)

// Queue record:
//
//	format(1)=1 log(7*8) delayed: count(8) bytes(8) next number(8) first due(8); agenda: promote at(8) trim at(8) forget deduplication ids at(8)
//	flags(1) purges(uvarint) delayed messages purged(uvarint) prepared messages(uvarint)
const (
	queueFormat = 1
	queueKeyed  = 1
	queueKafka  = 2
)

// queue is a queue in memory.
type queue struct {
	id       uid
	refs     int           // guarded by registry.mu
	place    *list.Element // guarded by registry.mu: among the idle
	inflight atomic.Int64  // changes on the commit queue
	dropped  atomic.Bool
	// claims counts what may want messages that all groups have settled: groups that came to exist, and groups that were moved back. Whoever judges
	// by all groups looks with mu held whether it has changed; whoever claims counts first, and looks then with mu held what is kept.
	claims atomic.Uint64
	wait   waitingList

	mu     sync.Mutex // guards: the rest
	loaded bool
	log    messageLog
	groups map[uid]*group

	delayed   delayedState
	promoteAt int64 // the agenda entry for promoting; 0: none
	trimAt    int64 // the agenda entry for trimming; 0: none

	kafka         bool   // of a log mode: messages stay until their retention has ended
	keyed         bool   // a message with an ordering key was ever taken in
	purges        uint64 // how often the queue was purged
	purgedDelayed uint64 // messages that were purged before they had a place in the log
	prepared      uint64 // messages that wait for their decision
	deciding      map[uid]*ticket
	dedup         dedupState
	head          headMark
}

func newQueue(id uid) *queue {
	q := &queue{id: id, groups: make(map[uid]*group)}
	q.log.init(id, false, q.messageKey)
	q.wait.init()
	return q
}

// claim keeps the janitor from giving up what it has judged to be settled by all groups, and returns the oldest message that is kept.
func (q *queue) claim() (oldest uint64) {
	q.claims.Add(1)
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.log.oldest
}

func (q *queue) messageKey(seq uint64) []byte { return messageKey(q.id, seq) }

// openQueue returns the queue, loaded; the caller releases it. A dropped queue is errs.NotFound.
func (s *store) openQueue(id uid) (*queue, error) {
	q := s.registry.acquire(id)
	if err := s.loadQueue(q); err != nil {
		s.registry.release(q)
		return nil, err
	}
	return q, nil
}

func (s *store) loadQueue(q *queue) error {
	if q.dropped.Load() {
		return errQueueNotFound()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.loaded {
		return nil
	}
	grave, err := getBytes(s.db, graveKey(q.id, nil))
	if err != nil {
		return errInternal(err)
	}
	if grave != nil {
		q.dropped.Store(true)
		return errQueueNotFound()
	}
	v, err := getBytes(s.db, queueKey(q.id, subQueueRecord))
	if err != nil {
		return errInternal(err)
	}
	if v != nil {
		if err := q.decode(v); err != nil {
			return errInternal(err)
		}
	}
	q.loaded = true
	return nil
}

func (q *queue) decode(v []byte) error {
	d := decoder{b: v}
	d.version(queueFormat)
	q.log.decode(&d)
	q.delayed.count, q.delayed.bytes, q.delayed.next, q.delayed.due = d.uint64(), d.uint64(), d.uint64(), d.int64()
	q.promoteAt, q.trimAt, q.dedup.forgetAt = d.int64(), d.int64(), d.int64()
	flags := d.byte()
	q.keyed, q.kafka = flags&queueKeyed != 0, flags&queueKafka != 0
	q.purges, q.purgedDelayed, q.prepared = d.uvarint(), d.uvarint(), d.uvarint()
	if d.err != nil {
		return fmt.Errorf("record of queue %s: %w", q.id, d.err)
	}
	return nil
}

func (q *queue) encode() []byte {
	b := q.log.appendTo(append(make([]byte, 0, 144), queueFormat))
	for _, v := range []uint64{
		q.delayed.count, q.delayed.bytes, q.delayed.next, uint64(q.delayed.due), uint64(q.promoteAt), uint64(q.trimAt), uint64(q.dedup.forgetAt),
	} {
		b = appendUint64(b, v)
	}
	flags := byte(0)
	if q.keyed {
		flags |= queueKeyed
	}
	if q.kafka {
		flags |= queueKafka
	}
	b = append(b, flags)
	for _, v := range []uint64{q.purges, q.purgedDelayed, q.prepared} {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

// record completes a batch that changed the queue: agenda entries, then the record. It returns the earliest new entry of the
// agenda, 0 when there is none. Requires: q.mu held.
func (q *queue) record(s *store, b *batch) (notice int64) {
	if due := q.delayed.due; due != q.promoteAt {
		if q.promoteAt != 0 {
			b.delete(agendaKey(q.promoteAt, q.id, taskPromote, nil))
		}
		if due != 0 {
			b.set(agendaKey(due, q.id, taskPromote, nil), nil)
			notice = due
		}
		q.promoteAt = due
	}
	if q.trimAt == 0 && q.log.next > q.log.trimmed {
		// Not before the next interval: trimming message by message would litter the database with range deletes.
		q.trimAt = max(q.log.headExpiry, s.now()+int64(s.opt.TrimInterval))
		b.set(agendaKey(q.trimAt, q.id, taskTrim, nil), nil)
		if notice == 0 || q.trimAt < notice {
			notice = q.trimAt
		}
	}
	if q.dedup.forgetAt == 0 && q.dedup.taken {
		q.dedup.forgetAt = s.now() + int64(s.opt.DedupWindow) + int64(s.opt.TrimInterval)
		b.set(agendaKey(q.dedup.forgetAt, q.id, taskForgetDedup, nil), nil)
		notice = earlier(notice, q.dedup.forgetAt)
	}
	q.dedup.taken = false
	b.set(queueKey(q.id, subQueueRecord), q.encode())
	return notice
}

// submit puts a change of the queue on the commit queue. Requires: the lock of the changed state held.
func (s *store) submit(q *queue, c *change) {
	q.inflight.Add(1)
	applied := c.applied
	c.applied = func() {
		if applied != nil {
			applied()
		}
		q.inflight.Add(-1)
	}
	s.commits.enqueue(c)
}

func errQueueNotFound() error {
	return errs.New(errs.NotFound, reason.QueueNotFound, "the queue does not exist")
}

func errGroupNotFound() error {
	return errs.New(errs.NotFound, reason.GroupNotFound, "the consumer group does not exist")
}

func errInternal(cause error) error {
	return errs.Wrap(cause, errs.Internal, "", "stored data could not be read")
}

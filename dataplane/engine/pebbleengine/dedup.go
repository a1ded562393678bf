package pebbleengine

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// dedupHash stands for a deduplication id, so that all have the same length.
type dedupHash [16]byte

func hashDedup(id string) (h dedupHash) {
	sum := sha256.Sum256([]byte(id))
	copy(h[:], sum[:])
	return h
}

// dedupRecord is the first message that was sent with a deduplication id, and when it was taken.
type dedupRecord struct {
	id uid
	at int64
}

// dedupState is what a queue knows about deduplication ids. A record lies under its hash, and its key again by time, so that what is over is
// erased without a search. Whether a record still counts is decided by its time, never by its being there.
type dedupState struct {
	forgetAt int64 // the agenda entry for erasing records; 0: none. Guarded by queue.mu
	taken    bool  // the change at work stores records. Guarded by queue.mu

	mu       sync.Mutex // guards: underway
	underway map[dedupHash]*dedupRecord
}

func dedupKey(queue uid, h dedupHash) []byte { return append(queueKey(queue, subDedup), h[:]...) }

func dedupTimeKey(queue uid, at int64, h dedupHash) []byte {
	return append(appendUint64(queueKey(queue, subDedupTime), uint64(at)), h[:]...)
}

// firstWith returns the message that was sent with this id within the window, nil if there is none; underway says that it is not
// durable yet. Requires: q.mu held.
func (s *store) firstWith(q *queue, h dedupHash, now int64) (first *dedupRecord, underway bool, err error) {
	r := q.dedup.find(h)
	underway = r != nil
	if r == nil {
		if r, err = s.readDedup(q, h); r == nil || err != nil {
			return nil, false, err
		}
	}
	if now-r.at >= int64(s.opt.DedupWindow) {
		return nil, false, nil
	}
	return r, underway, nil
}

func (s *store) readDedup(q *queue, h dedupHash) (*dedupRecord, error) {
	v, err := getBytes(s.db, dedupKey(q.id, h))
	if v == nil || err != nil {
		return nil, err
	}
	d := decoder{b: v}
	r := &dedupRecord{id: d.uid(), at: d.int64()}
	if d.err != nil {
		return nil, fmt.Errorf("deduplication record: %w", d.err)
	}
	return r, nil
}

// takeDedup stores that the message was sent with the id. Requires: q.mu held.
func (q *queue) takeDedup(b *batch, h dedupHash, m *message) *dedupRecord {
	r := &dedupRecord{id: m.id, at: m.sent}
	b.set(dedupKey(q.id, h), appendUint64(append([]byte(nil), m.id[:]...), uint64(m.sent)))
	b.set(dedupTimeKey(q.id, m.sent, h), nil)
	q.dedup.taken = true
	q.dedup.mu.Lock()
	defer q.dedup.mu.Unlock()
	if q.dedup.underway == nil {
		q.dedup.underway = make(map[dedupHash]*dedupRecord)
	}
	q.dedup.underway[h] = r
	return r
}

// find returns the record that is on its way to the disk.
func (d *dedupState) find(h dedupHash) *dedupRecord {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.underway[h]
}

// any reports whether records are on their way.
func (d *dedupState) any() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.underway) > 0
}

// stored says that the records are durable.
func (d *dedupState) stored(list map[dedupHash]*dedupRecord) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for h, r := range list {
		if d.underway[h] == r {
			delete(d.underway, h)
		}
	}
}

// workForgetDedup erases the records whose window is over.
func (s *store) workForgetDedup(e agendaEntry) error {
	q, err := s.openQueue(e.queue)
	if isDropped(err) {
		return s.strike(e)
	}
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	for {
		q.mu.Lock()
		if q.dropped.Load() || q.dedup.forgetAt != e.at {
			q.mu.Unlock()
			return s.strike(e)
		}
		b := s.newBatch()
		over, more, err := s.forgetDedup(q, b)
		if err != nil {
			q.mu.Unlock()
			return errInternal(err)
		}
		var notice int64
		if !over {
			b.delete(e.key)
			q.dedup.forgetAt = 0
			q.dedup.taken = more // then record puts it on the agenda again
			notice = q.record(s, b)
		}
		c := &change{batch: b, applied: func() { s.agenda.note(notice) }, done: make(chan error, 1)}
		s.submit(q, c)
		q.mu.Unlock()
		if err := s.answerOf(c); err != nil || !over {
			return err
		}
	}
}

// maxForgotten bounds how many records one change erases, with the queue held.
const maxForgotten = 256

// forgetDedup erases up to maxForgotten records. over: there are more whose window is over; more: there are some at all. Requires: q.mu held.
func (s *store) forgetDedup(q *queue, b *batch) (over, more bool, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: queueKey(q.id, subDedupTime), UpperBound: queueKey(q.id, subDedupTime+1)})
	if err != nil {
		return false, false, err
	}
	defer func() { _ = it.Close() }()
	end := s.now() - int64(s.opt.DedupWindow)
	more = q.dedup.any()
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		key := it.Key()
		at := int64(keyNumber(key[:len(key)-len(dedupHash{})]))
		if at > end {
			more = true
			break
		}
		if n++; n > maxForgotten {
			return true, true, nil
		}
		var h dedupHash
		copy(h[:], key[len(key)-len(h):])
		b.delete(append([]byte(nil), key...))
		if q.dedup.find(h) != nil {
			continue // a new one on its way must not be erased with the old one
		}
		r, err := s.readDedup(q, h)
		if err != nil {
			return false, false, err
		}
		if r != nil && r.at == at {
			b.delete(dedupKey(q.id, h))
		}
	}
	return false, more, it.Error()
}

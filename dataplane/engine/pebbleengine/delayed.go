package pebbleengine

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// delayedState is what a queue knows about its delayed messages. They lie ordered by due time and get a place in the log when they are due.
type delayedState struct {
	count uint64
	bytes uint64
	next  uint64 // number of the next one; tells messages that are due at the same instant apart, in the order of their sends
	due   int64  // when the first is due; 0: there are none

	// last is the latest change of the delayed messages. Promotion looks into the database, so it waits for that.
	last *ticket
}

// ticket is a change that others wait for.
type ticket struct {
	done chan struct{}
}

func newTicket() *ticket { return &ticket{done: make(chan struct{})} }

func (t *ticket) pending() bool {
	if t == nil {
		return false
	}
	select {
	case <-t.done:
		return false
	default:
		return true
	}
}

// waitFor waits until the change of the ticket is applied.
func (s *store) waitFor(t *ticket) error {
	select {
	case <-t.done:
		return nil
	case <-s.failed:
		return errUnavailable(s.fence.Err())
	}
}

// A promotion moves at most this many messages, of about this many bytes, in one batch.
const (
	maxPromoted      = 256
	maxPromotedBytes = 1 << 20
)

// delay stores m until it is due. Requires: q.mu held.
func (q *queue) delay(b *batch, m *message) {
	b.put(delayedKey(q.id, m.available, q.delayed.next), q.id, m)
	if q.delayed.due == 0 || m.available < q.delayed.due {
		q.delayed.due = m.available
	}
	q.delayed.next++
	q.delayed.count++
	q.delayed.bytes += m.size()
}

// lockPromoted returns with q.mu held and nothing due that is not in the log. With settled, it also waits until the
// promoted messages can be read.
func (s *store) lockPromoted(q *queue, settled bool) error {
	for {
		q.mu.Lock()
		if q.dropped.Load() {
			q.mu.Unlock()
			return errQueueNotFound()
		}
		due := q.delayed.due != 0 && q.delayed.due <= s.now()
		last := q.delayed.last
		if last.pending() && (due || settled && q.log.visible.Load() < q.log.next) {
			q.mu.Unlock()
			if err := s.waitFor(last); err != nil {
				return err
			}
			continue
		}
		if !due {
			return nil
		}
		if err := s.promote(q); err != nil {
			q.mu.Unlock()
			return errInternal(err)
		}
		q.mu.Unlock()
	}
}

// promote gives the first due messages their place in the log. Requires: q.mu held, no change of delayed messages under way.
func (s *store) promote(q *queue) error {
	now := s.now()
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: queueKey(q.id, subDelayed), UpperBound: queueKey(q.id, subDelayed+1)})
	if err != nil {
		return err
	}
	defer func() { _ = it.Close() }()

	type item struct {
		key []byte
		m   message
	}
	var items []item
	var size uint64
	due := int64(0)
	for ok := it.First(); ok; ok = it.Next() {
		at, _ := splitDelayedKey(it.Key())
		if at > now || len(items) == maxPromoted || size > maxPromotedBytes {
			due = at
			break
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		key := append([]byte(nil), it.Key()...)
		r, err := decodeRun(key, v)
		if err != nil {
			return err
		}
		m, err := s.readAlone(key, r, q.id)
		if errors.Is(err, errDamaged) {
			// It takes its place all the same, and stays as unreadable there as it is here: the queue goes on, nothing is hidden.
			s.log.Error("a delayed message is damaged", "queue", q.id.String(), "error", err)
			err = nil
		}
		if err != nil {
			return err
		}
		items = append(items, item{key: key, m: m})
		size += r.size
	}
	if err := it.Error(); err != nil {
		return err
	}
	b := s.newBatch()
	for i := range items {
		b.freeKey(items[i].key)
		q.log.append(b, &items[i].m)
	}
	q.delayed.count -= uint64(len(items))
	q.delayed.bytes -= size
	q.delayed.due = due
	t := newTicket()
	q.delayed.last = t
	next, n := q.log.next, len(items)
	notice := q.record(s, b)
	s.submit(q, &change{batch: b, applied: func() {
		q.log.visible.Store(next)
		close(t.done)
		q.wait.ringLive(n)
		s.agenda.note(notice)
	}})
	return nil
}

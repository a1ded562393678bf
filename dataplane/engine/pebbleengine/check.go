package pebbleengine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// CheckReport is what a check found: what it counted, and everything that differs from what is recorded.
type CheckReport struct {
	Queues   int64     `json:"queues"`
	Groups   int64     `json:"groups"`
	Messages int64     `json:"messages"` // of all kinds: waiting, delayed, prepared, dead, redriven; a message that is kept for two purposes counts twice
	Bytes    int64     `json:"bytes"`    // of the log that messages take
	Segments int64     `json:"segments"`
	Problems []Problem `json:"problems"`
}

// Problem is something that differs.
type Problem struct {
	Queue string `json:"queue,omitempty"` // "": it is of no queue
	Group string `json:"group,omitempty"`
	What  string `json:"what"`
}

func (p Problem) String() string {
	switch {
	case p.Group != "":
		return fmt.Sprintf("queue %s, group %s: %s", p.Queue, p.Group, p.What)
	case p.Queue != "":
		return fmt.Sprintf("queue %s: %s", p.Queue, p.What)
	}
	return p.What
}

// Check recounts everything that is stored, reads every message, and reports what differs. The engine goes on meanwhile: what is checked
// is how it was when the check began. An error says that the check could not be finished.
func (e *Engine) Check(ctx context.Context) (CheckReport, error) {
	s, err := e.current()
	if err != nil {
		return CheckReport{}, err
	}
	r, err := s.check(ctx)
	return r, s.explain(err)
}

func (s *store) check(ctx context.Context) (CheckReport, error) {
	if err := s.enter(); err != nil {
		return CheckReport{}, err
	}
	defer s.exit()
	defer s.space.pin()() // what the snapshot points to must stay
	c := &checker{ctx: ctx, s: s, snap: s.db.NewSnapshot(), wanted: make(map[uint64]int64)}
	defer func() { _ = c.snap.Close() }()
	if err := c.run(); err != nil {
		return CheckReport{}, err
	}
	return c.report, nil
}

// checker is one check.
type checker struct {
	ctx    context.Context
	s      *store
	snap   pebble.Reader
	report CheckReport
	wanted map[uint64]int64 // counted
	queue  uid
	group  *uid
}

func (c *checker) problem(format string, args ...any) {
	p := Problem{What: fmt.Sprintf(format, args...)}
	if c.queue != (uid{}) {
		p.Queue = c.queue.String()
	}
	if c.group != nil {
		p.Group = "g-" + c.group.String()
	}
	c.report.Problems = append(c.report.Problems, p)
}

// same reports a difference.
func (c *checker) same(what string, recorded, counted uint64) {
	if recorded != counted {
		c.problem("%s: %d are recorded, %d were counted", what, recorded, counted)
	}
}

// each calls visit for every key in the range, in order.
func (c *checker) each(from, to []byte, visit func(key, value []byte) error) error {
	it, err := c.snap.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return err
	}
	defer func() { _ = it.Close() }()
	for ok := it.First(); ok; ok = it.Next() {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if err := visit(it.Key(), v); err != nil {
			return err
		}
	}
	return it.Error()
}

func (c *checker) get(key []byte) ([]byte, error) {
	v, closer, err := c.snap.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return append([]byte{}, v...), closer.Close()
}

func (c *checker) run() error {
	queues, err := c.queues()
	if err != nil {
		return err
	}
	for _, id := range queues {
		c.queue, c.group = id, nil
		if err := c.checkQueue(); err != nil {
			return err
		}
	}
	c.queue, c.group = uid{}, nil
	if err := c.checkSegments(); err != nil {
		return err
	}
	return c.checkUsage()
}

// queues returns every queue of which something is stored.
func (c *checker) queues() ([]uid, error) {
	it, err := c.snap.NewIter(&pebble.IterOptions{LowerBound: []byte{tableQueue}, UpperBound: []byte{tableQueue + 1}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = it.Close() }()
	var list []uid
	for ok := it.First(); ok; {
		id := keyQueue(it.Key())
		list = append(list, id)
		ok = it.SeekGE(after(queuePrefix(id)))
	}
	return list, it.Error()
}

func (c *checker) checkQueue() error {
	c.report.Queues++
	grave, err := c.get(graveKey(c.queue, nil))
	if err != nil {
		return err
	}
	if grave != nil {
		c.problem("it was dropped, and something of it is still stored")
	}
	q := newQueue(c.queue)
	record, err := c.get(queueKey(c.queue, subQueueRecord))
	if err != nil {
		return err
	}
	if record != nil {
		if err := q.decode(record); err != nil {
			c.problem("its record cannot be read: %v", err)
			return nil
		}
	}
	if err := c.checkLog(&q.log, subMessage); err != nil {
		return err
	}
	if err := c.checkDelayed(q); err != nil {
		return err
	}
	if err := c.checkPrepared(q); err != nil {
		return err
	}
	if err := c.checkDedup(); err != nil {
		return err
	}
	return c.checkGroups(q)
}

// checkLog checks the messages of a queue: without gaps, and every byte counted.
func (c *checker) checkLog(l *messageLog, sub byte) error {
	at, total := uint64(0), uint64(0)
	expiry, oldest := int64(0), false
	err := c.each(queueKey(c.queue, sub), queueKey(c.queue, sub+1), func(key, v []byte) error {
		r, err := c.checkRun(key, v)
		if r == nil || err != nil {
			return err
		}
		switch {
		case at != 0 && r.first != at:
			c.problem("messages %d to %d are missing", at, r.first-1)
		case at != 0 && r.before != total:
			c.problem("message %d: %d bytes came before it by its own account, %d by that of the one before", r.first, r.before, total)
		case at == 0 && r.first > max(l.trimmed, l.oldest):
			c.problem("messages %d to %d are missing", max(l.trimmed, l.oldest), r.first-1)
		}
		if r.expiry < expiry {
			c.problem("message %d expires before the one before it", r.first)
		}
		if r.first == l.oldest {
			oldest = true
			c.same("bytes before the oldest message", l.dropped, r.before)
		}
		at, total, expiry = r.end(), r.before+r.size, r.expiry
		return nil
	})
	if err != nil {
		return err
	}
	if at == 0 {
		at, total = l.next, l.total
		if l.oldest < l.next {
			c.problem("messages %d to %d are missing", l.oldest, l.next-1)
		}
	} else if l.oldest < l.next && !oldest {
		c.problem("message %d, the oldest one, is not the first of those that were stored together", l.oldest)
	}
	c.same("messages ever taken in", l.next, at)
	c.same("bytes ever taken in", l.total, total)
	return nil
}

// checkRun reads a run and every message in it. It returns nil when the pointer cannot be read.
func (c *checker) checkRun(key, v []byte) (*run, error) {
	r, err := decodeRun(key, v)
	if err != nil {
		c.problem("a pointer to messages cannot be read: %v", err)
		return nil, nil
	}
	c.wanted[r.at.Segment] += int64(r.length)
	c.report.Messages += int64(r.count)
	c.report.Bytes += int64(r.length)
	seed := messageSeed(c.queue)
	b, err := c.s.load(r, seed)
	if err != nil {
		c.problem("messages from number %d on cannot be read: %v", r.first, err)
		return r, nil
	}
	var size uint64
	for i := range uint64(r.count) {
		var one []byte
		if one, b, err = nextMessage(b); err != nil {
			c.problem("messages from number %d on are damaged, %s", r.first+i, r.at)
			return r, nil
		}
		m, err := decodeMessage(one, seed)
		if err != nil {
			c.problem("message %d is damaged, %s", r.first+i, r.at)
			return r, nil
		}
		size += m.size()
	}
	c.same(fmt.Sprintf("bytes of the messages from number %d on", r.first), r.size, size)
	return r, nil
}

func (c *checker) checkDelayed(q *queue) error {
	var count, bytes uint64
	var first int64
	err := c.each(queueKey(c.queue, subDelayed), queueKey(c.queue, subDelayed+1), func(key, v []byte) error {
		r, err := c.checkRun(key, v)
		if r == nil || err != nil {
			return err
		}
		if due, _ := splitDelayedKey(key); count == 0 {
			first = due
		}
		count++
		bytes += r.size
		return nil
	})
	c.same("delayed messages", q.delayed.count, count)
	c.same("bytes of delayed messages", q.delayed.bytes, bytes)
	if count > 0 && (q.delayed.due == 0 || q.delayed.due > first) {
		c.problem("the first delayed message is due earlier than is recorded")
	}
	return err
}

func (c *checker) checkPrepared(q *queue) error {
	var messages uint64
	err := c.each(queueKey(c.queue, subPrepared), queueKey(c.queue, subPrepared+1), func(key, v []byte) error {
		id := uid(key[len(key)-16:])
		p, err := decodePrepared(id, v)
		if err != nil {
			c.problem("%v", err)
			return nil
		}
		messages += uint64(len(p.messages))
		var count, bytes uint64
		prefix := preparedKey(c.queue, subPreparedMsg, id)
		err = c.each(prefix, after(prefix), func(key, v []byte) error {
			r, err := c.checkRun(key, v)
			if r == nil || err != nil {
				return err
			}
			count++
			bytes += r.size
			return nil
		})
		c.same(fmt.Sprintf("prepared messages of %s", id), uint64(len(p.messages)), count)
		c.same(fmt.Sprintf("bytes of the prepared messages of %s", id), p.bytes, bytes)
		return err
	})
	c.same("prepared messages", q.prepared, messages)
	if err != nil {
		return err
	}
	return c.each(queueKey(c.queue, subPreparedMsg), queueKey(c.queue, subPreparedMsg+1), func(key, _ []byte) error {
		id := uid(key[len(key)-24 : len(key)-8])
		v, err := c.get(preparedKey(c.queue, subPrepared, id))
		if err == nil && v == nil {
			c.problem("a prepared message of %s is stored, which is decided or does not exist", id)
		}
		return err
	})
}

func (c *checker) checkDedup() error {
	var records, times uint64
	err := c.each(queueKey(c.queue, subDedup), queueKey(c.queue, subDedup+1), func(key, v []byte) error {
		records++
		d := decoder{b: v}
		d.uid()
		var h dedupHash
		copy(h[:], key[len(key)-len(h):])
		at, err := c.get(dedupTimeKey(c.queue, d.int64(), h))
		if err == nil && (d.err != nil || at == nil) {
			c.problem("a deduplication id has no time and would be kept for ever")
		}
		return err
	})
	if err != nil {
		return err
	}
	err = c.each(queueKey(c.queue, subDedupTime), queueKey(c.queue, subDedupTime+1), func([]byte, []byte) error {
		times++
		return nil
	})
	if times < records {
		c.same("times of deduplication ids", records, times)
	}
	return err
}

// checkSegments compares the wanted bytes of each segment.
func (c *checker) checkSegments() error {
	recorded := make(map[uint64]int64)
	err := c.each([]byte{tableSegment}, []byte{tableSegment + 1}, func(key, v []byte) error {
		d := decoder{b: v}
		recorded[keyNumber(key)] = d.int64()
		return nil
	})
	if err != nil {
		return err
	}
	c.report.Segments = int64(len(c.s.segments.Segments()))
	numbers := make(map[uint64]bool)
	for n := range recorded {
		numbers[n] = true
	}
	for n := range c.wanted {
		numbers[n] = true
	}
	var differ []uint64
	for n := range numbers {
		if recorded[n] != c.wanted[n] {
			differ = append(differ, n)
		}
	}
	slices.SortFunc(differ, cmp.Compare[uint64])
	for _, n := range differ {
		c.same(fmt.Sprintf("wanted bytes of segment %d", n), uint64(recorded[n]), uint64(c.wanted[n]))
	}
	return nil
}

func (c *checker) checkUsage() error {
	var next uint64
	if v, err := c.get(metaKey(metaForgotten)); err != nil {
		return err
	} else if len(v) == 8 {
		next = keyNumber(v)
	}
	return c.each([]byte{tableUsage}, []byte{tableUsage + 1}, func(key, v []byte) error {
		if n := keyNumber(key); n != next+1 {
			c.problem("usage records %d to %d are missing", next+1, n-1)
		}
		next = keyNumber(key)
		if _, err := decodeUsage(nil, v); err != nil {
			c.problem("usage record %d cannot be read: %v", next, err)
		}
		return nil
	})
}

package pebbleengine

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"sync"

	"dms/dataplane/engine/seglog"
)

// janitor keeps the log small, in one goroutine, when the applying goroutine has found that it is large: messages that every group has
// settled go when the log is longer than Options.ReclaimAbove, the oldest first, and what is still wanted is moved out of segments that
// are mostly unwanted. Both are changes like any other. Nothing is searched for: a segment knows which queues have messages in it.
type janitor struct {
	s    *store
	wake chan struct{} // holds one signal
	stop chan struct{}
	done sync.WaitGroup
}

func newJanitor(s *store) *janitor {
	return &janitor{s: s, wake: make(chan struct{}, 1), stop: make(chan struct{})}
}

func (j *janitor) begin() {
	j.done.Add(1)
	go func() {
		defer j.done.Done()
		for {
			select {
			case <-j.wake:
			case <-j.stop:
				return
			}
			if err := j.work(); err != nil && !j.s.hasFailed() {
				// It costs room, nothing else, and is tried again at the end of the next segment.
				j.s.log.Error("room in the log could not be given back", "error", err)
			}
		}
	}()
}

func (j *janitor) signal() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

func (j *janitor) close() {
	close(j.stop)
	j.done.Wait()
}

func (j *janitor) stopped() bool {
	select {
	case <-j.stop:
		return true
	default:
		return j.s.hasFailed()
	}
}

func (j *janitor) work() error {
	if err := j.reclaim(); err != nil {
		return err
	}
	return j.compact()
}

// logUsage is what the applying goroutine last said of the log.
type logUsage struct {
	ended  []segmentUsage // segments that have ended and need not be read when opening, in order
	total  int64          // bytes of all segments
	wanted int64          // of those, bytes of messages
}

// wasteful reports whether more than half of the log is unwanted. A few segments more are no waste: each restart ends one early.
func (u *logUsage) wasteful(segmentBytes int64) bool {
	return u.total-u.wanted > max(u.wanted, toleratedSegments*segmentBytes)
}

type segmentUsage struct {
	number uint64
	size   int64
	wanted int64
}

// reclaim gives up what all groups have settled in the oldest segments, until the log is short enough or all of it was looked at.
func (j *janitor) reclaim() error {
	s := j.s
	u := s.space.usage.Load()
	if u == nil {
		return nil
	}
	over := u.total - s.opt.ReclaimAbove
	if over <= 0 {
		return nil
	}
	asked := make(map[uid]bool)
	for _, seg := range u.ended {
		if over <= 0 || j.stopped() {
			return nil
		}
		if seg.wanted > 0 {
			queues, err := j.queuesOf(seg.number)
			if err != nil {
				return err
			}
			for _, id := range queues {
				if asked[id] || j.stopped() {
					continue
				}
				asked[id] = true
				if err := s.reclaimQueue(id); err != nil && !isDropped(err) {
					return err
				}
			}
		}
		over -= seg.size
	}
	return nil
}

// queuesOf returns the queues that have messages in the segment.
func (j *janitor) queuesOf(segment uint64) ([]uid, error) {
	seen := make(map[uid]bool)
	var queues []uid
	err := j.s.segments.Groups(segment, func(g seglog.Group) error {
		for _, r := range g.Records {
			b, err := decodeBatch(j.s.db, r.At, r.Bytes)
			if err != nil {
				return err
			}
			_ = b.ops.Close()
			for _, p := range b.puts {
				if id := keyQueue(p.key); !seen[id] {
					seen[id] = true
					queues = append(queues, id)
				}
			}
		}
		return nil
	})
	return queues, unlessRetired(err)
}

// unlessRetired passes over that a segment is not there any more: nobody wanted it by the time its turn came.
func unlessRetired(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// reclaimQueue gives up the messages of the queue that all groups have settled.
func (s *store) reclaimQueue(id uid) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.exit()
	q, err := s.openQueue(id)
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	q.mu.Lock()
	kafka := q.kafka
	q.mu.Unlock()
	if kafka { // a log that is kept, whoever has read it
		return nil
	}
	v, ok, err := s.judge(q)
	if err != nil || !ok {
		return err
	}
	return s.reclaimSettled(q, v)
}

// verdict is up to where all groups had settled a queue's messages when it was judged.
type verdict struct {
	floor  uint64
	seen   uint64 // before it, the groups have seen everything that fell due in messages that have expired
	claims uint64 // of the queue by then
}

// judge returns up to where every group has settled; ok is false when there is no group.
func (s *store) judge(q *queue) (v verdict, ok bool, err error) {
	if v.seen, err = s.settleExpired(q); err != nil {
		return v, false, err
	}
	v.claims = q.claims.Load() // first: who claims something while the groups are asked may have been missed
	v.floor, ok, err = s.settledByAll(q)
	return v, ok, err
}

// reclaimSettled gives up what was judged to be settled by all, unless somebody has claimed it since.
func (s *store) reclaimSettled(q *queue, v verdict) error {
	for more := true; more; {
		q.mu.Lock()
		if q.dropped.Load() || q.claims.Load() != v.claims { // the next time
			q.mu.Unlock()
			return nil
		}
		moved, err := s.giveUp(&q.log, v.floor)
		if err != nil {
			q.mu.Unlock()
			return errInternal(err)
		}
		if moved {
			v.seen = max(v.seen, q.log.oldest)
		}
		b := s.newBatch()
		before := q.log.trimmed
		more = q.log.trimTo(b, v.seen)
		if !moved && q.log.trimmed == before {
			q.mu.Unlock()
			return nil
		}
		notice := q.record(s, b)
		c := &change{batch: b, applied: func() { s.agenda.note(notice) }, done: make(chan error, 1)}
		s.submit(q, c)
		q.mu.Unlock()
		if err := s.answerOf(c); err != nil {
			return err
		}
	}
	return nil
}

// compactBytes is how much one change moves.
const compactBytes = 1 << 20

// compact moves messages to the end of the log while more than half of it is unwanted: out of the segments with the least to move.
func (j *janitor) compact() error {
	last := j.s.space.usage.Load()
	if last == nil {
		return nil
	}
	u := logUsage{ended: slices.Clone(last.ended), total: last.total, wanted: last.wanted}
	slices.SortFunc(u.ended, func(a, b segmentUsage) int { return cmp.Compare(a.wanted, b.wanted) })
	for _, seg := range u.ended {
		if j.stopped() || seg.wanted > seg.size/2 || !u.wasteful(j.s.opt.SegmentBytes) {
			return nil
		}
		if seg.wanted == 0 {
			continue
		}
		if err := j.empty(seg.number); err != nil {
			return err
		}
		u.total += seg.wanted - seg.size
	}
	return nil
}

// toleratedSegments is how many segments full of unwanted bytes are no reason to move anything.
const toleratedSegments = 4

// empty moves what is wanted in the segment to the end of the log.
func (j *janitor) empty(segment uint64) error {
	s := j.s
	var moves []put
	bytes := 0
	flush := func() error {
		if len(moves) == 0 {
			return nil
		}
		b := s.newBatch()
		b.puts, moves, bytes = moves, nil, 0
		if err := s.enter(); err != nil {
			return err
		}
		defer s.exit()
		return s.commitAndWait(&change{batch: b, alone: true})
	}
	err := s.segments.Groups(segment, func(g seglog.Group) error {
		for _, r := range g.Records {
			b, err := decodeBatch(s.db, r.At, r.Bytes)
			if err != nil {
				return err
			}
			_ = b.ops.Close()
			for i := range b.puts {
				p := b.puts[i]
				wanted, err := j.wanted(&p)
				if err != nil {
					return err
				}
				if !wanted {
					continue
				}
				at := p.run.at
				p.key, p.moved = append([]byte(nil), p.key...), &at
				p.bytes = append([]byte(nil), p.bytes...)
				moves = append(moves, p)
				if bytes += len(p.bytes); bytes >= compactBytes {
					if err := flush(); err != nil {
						return err
					}
				}
			}
		}
		if j.stopped() {
			return errClosed
		}
		return nil
	})
	return errors.Join(unlessRetired(err), flush())
}

// wanted reports whether the index points to the run in this place. It is asked again when the move is applied.
func (j *janitor) wanted(p *put) (bool, error) {
	if err := j.s.enter(); err != nil {
		return false, err
	}
	defer j.s.exit()
	v, err := getBytes(j.s.db, p.key)
	if err != nil || v == nil {
		return false, err
	}
	at, _, err := decodePointer(v)
	return at == p.run.at, err
}

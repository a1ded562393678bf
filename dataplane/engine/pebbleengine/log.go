package pebbleengine

import (
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// messageLog is messages with sequence numbers without gaps, whose expiries never decrease: the messages of a
// queue, or the dead letters of a group. Kept are [oldest, next). The fields are guarded by the lock of the owner unless they say otherwise.
type messageLog struct {
	queue uid // these three never change
	key   func(seq uint64) []byte
	// single logs store each message as a run of its own, so that each can be erased alone.
	single bool

	next       uint64 // the next sequence number; the first is 1
	oldest     uint64 // the first message that has not expired: the first of a run
	trimmed    uint64 // everything below is erased from the index
	total      uint64 // bytes that the log ever took in
	dropped    uint64 // bytes before oldest
	headExpiry int64  // when oldest expires, or earlier (then it is looked up); 0: the log is empty
	lastExpiry int64  // of the newest message

	// visible is the first sequence number that may not be read yet: its commit is under way. It trails next.
	visible atomic.Uint64

	tail *tail               // has a lock of its own; nil in single logs
	cold atomic.Pointer[run] // the run that was read from the disk last, with its bytes
}

func (l *messageLog) init(queue uid, single bool, key func(seq uint64) []byte) {
	l.queue, l.single, l.key = queue, single, key
	if !single {
		l.tail = &tail{} // apart, so that the cache does not hold the queue
	}
	l.next, l.oldest, l.trimmed = 1, 1, 1
	l.visible.Store(1)
}

func (l *messageLog) count() int64 { return int64(l.next - l.oldest) }
func (l *messageLog) bytes() int64 { return int64(l.total - l.dropped) }

func (l *messageLog) appendTo(b []byte) []byte {
	for _, v := range []uint64{l.next, l.oldest, l.trimmed, l.total, l.dropped, uint64(l.headExpiry), uint64(l.lastExpiry)} {
		b = appendUint64(b, v)
	}
	return b
}

func (l *messageLog) decode(d *decoder) {
	l.next, l.oldest, l.trimmed, l.total, l.dropped = d.uint64(), d.uint64(), d.uint64(), d.uint64(), d.uint64()
	l.headExpiry, l.lastExpiry = d.int64(), d.int64()
	l.visible.Store(l.next)
}

// append gives m the next sequence number and puts it into the batch.
func (l *messageLog) append(b *batch, m *message) {
	m.expiry = max(m.expiry, l.lastExpiry)
	if !b.extend(l, m) {
		r := &run{first: l.next, sent: m.sent, available: m.available, expiry: m.expiry, before: l.total, tag: m.id.tag()}
		b.begin(l.key(l.next), r, l, m)
	}
	if l.next == l.oldest {
		l.headExpiry = m.expiry
	}
	l.lastExpiry = m.expiry
	l.total += m.size()
	l.next++
}

// expire moves oldest past everything that has expired by now, by binary search, and reports whether it moved.
func (l *messageLog) expire(db *pebble.DB, now int64) (bool, error) {
	if l.headExpiry == 0 || l.headExpiry > now {
		return false, nil
	}
	visible := l.visible.Load()
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: l.key(l.oldest), UpperBound: l.key(visible)})
	if err != nil {
		return false, err
	}
	defer func() { _ = it.Close() }()
	lo, hi := l.oldest, visible // below lo all have expired; from hi on none has
	var last *run               // the one before lo
	var first int64             // the expiry that hi was judged by
	for lo < hi {
		mid := lo + (hi-lo)/2
		if !it.SeekLT(l.key(mid+1)) && !it.First() { // nothing is stored there any more
			lo = hi
			break
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return false, err
		}
		r, err := decodeRun(it.Key(), v)
		if err != nil {
			return false, err
		}
		if r.expiry <= now {
			lo, last = max(lo, r.end()), r
			if r.end() <= mid { // single messages of it were erased
				lo = mid + 1
			}
		} else {
			hi, first = min(mid, max(lo, r.first)), r.expiry
		}
	}
	if err := it.Error(); err != nil {
		return false, err
	}
	moved := lo > l.oldest
	if moved {
		l.oldest = min(lo, visible)
		if last != nil {
			l.dropped = last.before + last.size
		}
	}
	switch {
	case l.oldest == l.next:
		l.headExpiry, l.dropped = 0, l.total
	case last != nil:
		l.headExpiry = max(l.headExpiry, last.expiry, first)
	default:
		l.headExpiry = max(l.headExpiry, first)
	}
	return moved, nil
}

// giveUp moves oldest to floor, or to the beginning of the run that holds it, and reports whether it moved.
func (s *store) giveUp(l *messageLog, floor uint64) (bool, error) {
	floor = min(floor, l.visible.Load())
	if floor <= l.oldest {
		return false, nil
	}
	if floor == l.next {
		l.drop()
		return true, nil
	}
	it := s.iterate(l, floor, l.visible.Load())
	defer it.close()
	if !it.first() {
		return false, it.err() // what is behind is on its way: the next time
	}
	r := it.run
	if r.first <= l.oldest || r.first > floor {
		return false, nil
	}
	l.oldest, l.dropped = r.first, r.before
	l.headExpiry = max(l.headExpiry, r.expiry)
	return true, nil
}

// passOver moves oldest to floor: what is below was erased one by one.
func (l *messageLog) passOver(floor uint64) {
	if l.oldest >= floor {
		return
	}
	if l.oldest = floor; l.oldest == l.next {
		l.headExpiry, l.dropped = 0, l.total
	}
}

// drop gives up everything.
func (l *messageLog) drop() {
	l.oldest, l.dropped, l.headExpiry = l.next, l.total, 0
}

// maxTrim bounds how many messages one change erases: somebody may be waiting behind it.
const maxTrim = 1 << 16

// trim erases from the index what is no longer kept, and reports whether something is left to be erased.
func (l *messageLog) trim(b *batch) (more bool) { return l.trimTo(b, l.oldest) }

// trimTo does so up to the place `end`, where a run begins.
func (l *messageLog) trimTo(b *batch, end uint64) (more bool) {
	// What is on its way to the log cannot be erased yet.
	end = min(end, l.oldest, l.visible.Load())
	if l.trimmed >= end {
		return false
	}
	if end-l.trimmed > maxTrim {
		// Runs are erased as wholes: one that begins below the end and reaches beyond it is not kept either.
		end, more = l.trimmed+maxTrim, true
	}
	b.free(l.key(l.trimmed), l.key(end))
	l.trimmed = end
	return more
}

// maxCold bounds the bytes that all logs together keep of what they read from the disk.
const maxCold = 32 << 20

// keepCold keeps the bytes of a run that was read from the disk: the next receive wants what is left of it.
func (l *messageLog) keepCold(s *store, r *run, b []byte) {
	if s.cold.Load()+int64(len(b)) > maxCold {
		return
	}
	r.payload.Store(&b)
	s.cold.Add(int64(len(b)))
	if old := l.cold.Swap(r); old != nil {
		s.cold.Add(-int64(old.length))
	}
}

// leave is called when the log leaves memory.
func (l *messageLog) leave(s *store) {
	if l.tail != nil {
		l.tail.clear()
	}
	l.forgetCold(s)
}

func (l *messageLog) forgetCold(s *store) {
	if old := l.cold.Swap(nil); old != nil {
		s.cold.Add(-int64(old.length))
	}
}

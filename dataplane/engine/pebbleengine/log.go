package pebbleengine

import (
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// messageLog is a run of messages with sequence numbers without gaps, whose expiries never decrease: the messages of a
// queue, or the dead letters of a group. Kept are [oldest, next). The fields but visible are guarded by the lock of the owner.
type messageLog struct {
	next       uint64 // the next sequence number; the first is 1
	oldest     uint64 // the first message that has not expired
	trimmed    uint64 // everything below is erased from the disk
	total      uint64 // bytes that the log ever took in
	dropped    uint64 // bytes before oldest
	headExpiry int64  // when oldest expires, or earlier (then it is looked up); 0: the log is empty
	lastExpiry int64  // of the newest message

	// visible is the first sequence number that may not be read yet: its commit is under way. It trails next.
	visible atomic.Uint64
}

func (l *messageLog) init() {
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

// append gives m the next sequence number, which key makes a key of, and puts it into the batch.
func (l *messageLog) append(b *batch, key func(seq uint64) []byte, m *message) {
	m.expiry = max(m.expiry, l.lastExpiry)
	m.before = l.total
	b.put(key(l.next), m)
	if l.next == l.oldest {
		l.headExpiry = m.expiry
	}
	l.lastExpiry = m.expiry
	l.total += m.size()
	l.next++
}

// appendDamaged gives a place to bytes that are no whole message, and keeps them as they are.
func (l *messageLog) appendDamaged(b *batch, key func(seq uint64) []byte, m *message) {
	b.set(key(l.next), m.body)
	if l.next == l.oldest {
		l.headExpiry = max(m.expiry, l.lastExpiry)
	}
	l.next++
}

// expire moves oldest past everything that has expired by now, by binary search, and reports whether it moved. A message that is missing or
// damaged goes when a later one has expired.
func (l *messageLog) expire(db *pebble.DB, key func(seq uint64) []byte, now int64) (bool, error) {
	if l.headExpiry == 0 || l.headExpiry > now {
		return false, nil
	}
	visible := l.visible.Load()
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: key(l.oldest), UpperBound: key(visible)})
	if err != nil {
		return false, err
	}
	defer func() { _ = it.Close() }()
	lo, hi := l.oldest, visible // below lo all have expired; from hi on none has, or it cannot be read
	var last mark               // of lo-1
	var first int64             // the expiry that hi was judged by
	for lo < hi {
		mid := lo + (hi-lo)/2
		seq, m, ok := firstReadable(it, key(mid), hi)
		if ok && m.expiry <= now {
			lo, last = seq+1, m
		} else {
			hi = mid
			if ok {
				first = m.expiry
			}
		}
	}
	if err := it.Error(); err != nil {
		return false, err
	}
	moved := lo > l.oldest
	if moved {
		l.oldest, l.dropped = lo, last.end
	}
	if l.oldest == l.next {
		l.headExpiry = 0
	} else {
		l.headExpiry = max(l.headExpiry, last.expiry, first)
	}
	return moved, nil
}

// mark is what the search reads of a message.
type mark struct {
	expiry int64
	end    uint64 // bytes of the log up to and with the message
}

// firstReadable returns the first message at or behind key and before sequence number end that is whole.
func firstReadable(it *pebble.Iterator, key []byte, end uint64) (uint64, mark, bool) {
	for ok := it.SeekGE(key); ok; ok = it.Next() {
		seq := keyNumber(it.Key())
		if seq >= end {
			break
		}
		if v, err := it.ValueAndErr(); err == nil {
			if m, err := decodeMessage(it.Key(), v); err == nil {
				return seq, mark{expiry: m.expiry, end: m.before + m.size()}, true
			}
		}
	}
	return 0, mark{}, false
}

// passOver moves oldest to floor: what is below was erased one by one.
func (l *messageLog) passOver(floor uint64) {
	if l.oldest >= floor {
		return
	}
	if l.oldest = floor; l.oldest == l.next {
		l.headExpiry = 0
	}
}

// drop gives up everything.
func (l *messageLog) drop() {
	l.oldest, l.dropped, l.headExpiry = l.next, l.total, 0
}

// trim erases from the disk what has expired, and reports whether there was anything.
func (l *messageLog) trim(b *batch, key func(seq uint64) []byte) bool {
	if l.trimmed >= l.oldest {
		return false
	}
	b.deleteRange(key(l.trimmed), key(l.oldest))
	l.trimmed = l.oldest
	return true
}

package pebbleengine

import (
	"encoding/binary"

	"github.com/google/uuid"

	"dms/internal/errs"
	"dms/internal/reason"
)

// Keys. Numbers are big endian, so that keys sort as numbers do.
//
//	m name                          facts about the store: format, source, epoch, handler key, usage forgotten
//	a time(8) queue(16) task(1) [group(16)]   agenda: who needs work when
//	s number(8)                     segment of the log: how many of its bytes are wanted(8); none when nobody wants any
//	u seq(8)                        usage record
//	x queue(16) [group(16)]         grave: the queue or group was dropped; a late call must not bring it back
//	q queue(16) 1                   queue record
//	q queue(16) 2 seq(8)            message
//	q queue(16) 3 due(8) n(8)       delayed message
//	q queue(16) 4 group(16) 0x01            group record
//	q queue(16) 4 group(16) 0x11 start(8)   settled span of the live stream: value is its end (8)
//	q queue(16) 4 group(16) 0x12 seq(8)     attempt of the live stream
//	q queue(16) 4 group(16) 0x13 no(8)      delivery of the live stream
//	q queue(16) 4 group(16) 0x21, 0x22, 0x23  the same of the dead-letter stream
//	q queue(16) 4 group(16) 0x02            state of the group's latest redrive with a rate
//	q queue(16) 4 group(16) 0x30 seq(8)     dead letter
//	q queue(16) 4 group(16) 0x31 tag(8) seq(8)  the same by the tag of its message's id
//	q queue(16) 4 group(16) 0x41, 0x42, 0x43  spans, attempts, deliveries of the stream of redriven messages
//	q queue(16) 4 group(16) 0x50 seq(8)     redriven message
//	q queue(16) 5 hash(16)          deduplication: value is the id of the message (16) and when it was taken (8)
//	q queue(16) 6 time(8) hash(16)  the same by time
//	q queue(16) 7 prepared(16)      record of prepared messages
//	q queue(16) 8 prepared(16) n(8) prepared message
//	q queue(16) 9 prepared(16)      record of prepared messages that were decided
const (
	tableMeta    = 'm'
	tableAgenda  = 'a'
	tableSegment = 's'
	tableUsage   = 'u'
	tableGrave   = 'x'
	tableQueue   = 'q'

	subQueueRecord = 1
	subMessage     = 2
	subDelayed     = 3
	subGroup       = 4
	subDedup       = 5
	subDedupTime   = 6
	subPrepared    = 7
	subPreparedMsg = 8
	subDecided     = 9

	groupRecord       = 0x01
	groupRedrive      = 0x02
	groupSpan         = 0x01 // added to the stream's base
	groupAttempt      = 0x02
	groupDelivery     = 0x03
	groupBaseLive     = 0x10
	groupBaseDead     = 0x20
	groupDeadLetter   = 0x30
	groupLetterTag    = 0x31
	groupBaseRedriven = 0x40
	groupRedriven     = 0x50
)

// uid is a queue's or a group's UUID.
type uid [16]byte

func (u uid) String() string { return uuid.UUID(u).String() }

func parseQueueID(s string) (uid, error) {
	if len(s) == 36 {
		if u, err := uuid.Parse(s); err == nil {
			return uid(u), nil
		}
	}
	return uid{}, errs.New(errs.Invalid, reason.QueueIDInvalid, "%q is not a queue id", s)
}

func parseGroupID(s string) (uid, error) {
	if len(s) == 38 && s[:2] == "g-" {
		if u, err := uuid.Parse(s[2:]); err == nil {
			return uid(u), nil
		}
	}
	return uid{}, errs.New(errs.Invalid, reason.GroupIDInvalid, "%q is not a consumer group id", s)
}

func appendUint64(b []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(b, v) }

func metaKey(name string) []byte { return append([]byte{tableMeta}, name...) }

func segmentKey(number uint64) []byte { return appendUint64([]byte{tableSegment}, number) }

// holdsRun reports whether a run lies under the key: messages, delayed and prepared ones, dead letters, redriven ones.
func holdsRun(k []byte) bool {
	if len(k) < 26 || k[0] != tableQueue {
		return false
	}
	switch k[17] {
	case subMessage, subDelayed, subPreparedMsg:
		return true
	case subGroup:
		return len(k) > 34 && (k[34] == groupDeadLetter || k[34] == groupRedriven)
	}
	return false
}

// keyQueue returns the queue of a key of tableQueue.
func keyQueue(k []byte) (id uid) {
	copy(id[:], k[1:])
	return id
}

func usageKey(seq uint64) []byte { return appendUint64([]byte{tableUsage}, seq) }

func graveKey(queue uid, group *uid) []byte {
	k := append([]byte{tableGrave}, queue[:]...)
	if group != nil {
		k = append(k, group[:]...)
	}
	return k
}

func queuePrefix(queue uid) []byte {
	k := make([]byte, 0, 48)
	k = append(k, tableQueue)
	return append(k, queue[:]...)
}

func queueKey(queue uid, sub byte) []byte { return append(queuePrefix(queue), sub) }

func messageKey(queue uid, seq uint64) []byte {
	return appendUint64(queueKey(queue, subMessage), seq)
}

func delayedKey(queue uid, due int64, n uint64) []byte {
	return appendUint64(appendUint64(queueKey(queue, subDelayed), uint64(due)), n)
}

func splitDelayedKey(k []byte) (due int64, n uint64) {
	return int64(binary.BigEndian.Uint64(k[len(k)-16:])), binary.BigEndian.Uint64(k[len(k)-8:])
}

func groupPrefix(queue, group uid) []byte {
	return append(queueKey(queue, subGroup), group[:]...)
}

func groupKey(queue, group uid, sub byte) []byte { return append(groupPrefix(queue, group), sub) }

func groupNumberKey(queue, group uid, sub byte, n uint64) []byte {
	return appendUint64(groupKey(queue, group, sub), n)
}

// base is where the records of the stream begin.
func (st *stream) base() byte {
	switch st.which {
	case deadStream:
		return groupBaseDead
	case redrivenStream:
		return groupBaseRedriven
	}
	return groupBaseLive
}

// keyNumber returns the number that ends a key.
func keyNumber(k []byte) uint64 { return binary.BigEndian.Uint64(k[len(k)-8:]) }

// after returns the first key behind all keys that start with prefix.
func after(prefix []byte) []byte {
	k := append([]byte(nil), prefix...)
	for i := len(k) - 1; i >= 0; i-- {
		if k[i]++; k[i] != 0 {
			return k[:i+1]
		}
	}
	return nil
}

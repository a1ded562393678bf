package pebbleengine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"

	"dms/dataplane/engine/seglog"
)

// run is messages with consecutive numbers that were stored together and have their times in common. Their bytes lie one behind
// the other in the log; under the key of the first, the index says where, and what is needed to count and to expire them.
type run struct {
	first     uint64
	count     uint32
	sent      int64
	available int64
	expiry    int64
	before    uint64 // bytes of bodies and attributes that the message log took in before
	size      uint64 // of theirs
	tag       uint64 // of the first one's id: proves that what lies at the position is this run

	at     seglog.Position
	length uint32 // of the bytes there

	// payload are the bytes, while they are in memory: from the send on, as long as the cache has room.
	payload atomic.Pointer[[]byte]
}

func (r *run) end() uint64 { return r.first + uint64(r.count) }

// A run in the index:
//
//	format(1)=1 segment(8) offset(8) length(4) facts
//
// and its facts, which are in the log, too:
//
//	count(4) sent(8) available(8) expiry(8) before(8) size(8) tag(8)
const (
	runFormat   = 1
	runFactsLen = 4 + 6*8
	runLen      = 1 + 8 + 8 + 4 + runFactsLen
)

func (r *run) appendFacts(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, r.count)
	b = appendUint64(b, uint64(r.sent))
	b = appendUint64(b, uint64(r.available))
	b = appendUint64(b, uint64(r.expiry))
	b = appendUint64(b, r.before)
	b = appendUint64(b, r.size)
	return appendUint64(b, r.tag)
}

func (r *run) decodeFacts(d *decoder) {
	r.count = d.uint32()
	r.sent, r.available, r.expiry = d.int64(), d.int64(), d.int64()
	r.before, r.size, r.tag = d.uint64(), d.uint64(), d.uint64()
	if r.count == 0 {
		d.fail()
	}
}

// appendPointer writes the run as the index has it.
func (r *run) appendPointer(b []byte) []byte {
	b = appendUint64(append(b, runFormat), r.at.Segment)
	b = appendUint64(b, uint64(r.at.Offset))
	b = binary.BigEndian.AppendUint32(b, r.length)
	return r.appendFacts(b)
}

// decodeRun reads a run of the index.
func decodeRun(key, v []byte) (*run, error) {
	d := decoder{b: v}
	d.version(runFormat)
	r := &run{first: keyNumber(key), at: seglog.Position{Segment: d.uint64(), Offset: d.int64()}, length: d.uint32()}
	r.decodeFacts(&d)
	if d.err != nil {
		return nil, fmt.Errorf("run %x: %w", key, d.err)
	}
	return r, nil
}

// decodePointer reads only where a run of the index lies.
func decodePointer(v []byte) (at seglog.Position, length uint32, err error) {
	d := decoder{b: v}
	d.version(runFormat)
	at, length = seglog.Position{Segment: d.uint64(), Offset: d.int64()}, d.uint32()
	return at, length, d.err
}

// runAt reads the run under that key of the index; nil: there is none.
func (s *store) runAt(key []byte) (*run, error) {
	v, err := getBytes(s.db, key)
	if err != nil || v == nil {
		return nil, err
	}
	return decodeRun(key, v)
}

// errGone says that a message was given up after its pointer was read.
var errGone = fmt.Errorf("the message was given up meanwhile: %w", errDamaged)

// fresh returns the bytes of the run under the key, and the run as it is now: since its pointer was read the run may have been moved, and the
// segment where it lay given up.
func (s *store) fresh(key []byte, r *run, seed uint32) (*run, []byte, error) {
	for {
		b, err := s.load(r, seed)
		if !errors.Is(err, errDamaged) {
			return r, b, err
		}
		now, rerr := s.runAt(key)
		switch {
		case rerr != nil:
			return r, nil, rerr
		case now == nil:
			return r, nil, errGone
		case now.at == r.at:
			return r, nil, err
		}
		r = now
	}
}

// load returns the bytes of the run, from memory or from the log.
func (s *store) load(r *run, seed uint32) ([]byte, error) {
	if p := r.payload.Load(); p != nil {
		return *p, nil
	}
	b := make([]byte, r.length)
	if err := s.segments.Read(r.at, b); err != nil {
		if errors.Is(err, seglog.ErrDamaged) {
			err = fmt.Errorf("%w: %w", errDamaged, err)
		}
		return nil, err
	}
	// A whole message that is another one: the pointer or the segment is wrong, and nothing here may be given to anybody.
	if one, _, err := nextMessage(b); err == nil && binary.BigEndian.Uint64(b[9:]) != r.tag {
		if _, err := decodeMessage(one, seed); err == nil {
			return nil, fmt.Errorf("%d bytes at %s are not what was written there: %w", r.length, r.at, errDamaged)
		}
	}
	return b, nil
}

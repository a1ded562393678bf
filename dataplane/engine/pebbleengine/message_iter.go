package pebbleengine

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// messageIter reads a message log forward. A message that it returns stays good after the next step and after close.
type messageIter struct {
	s        *store
	log      *messageLog
	from, to uint64
	seed     uint32

	ahead []*run // of the tail, behind the present one
	buf   [16]*run
	it    *pebble.Iterator // opened when the tail does not know

	run    *run
	bytes  []byte // of the run, from `number` on; nil: not loaded
	number uint64 // the message at the front of bytes
	at     uint64 // where the iterator is
	broken error  // why the index cannot be read
}

// iterate returns an iterator in front of the messages [from, to) of the log.
func (s *store) iterate(l *messageLog, from, to uint64) *messageIter {
	return &messageIter{s: s, log: l, from: from, to: to, seed: messageSeed(l.queue)}
}

func (i *messageIter) first() bool { return i.seek(i.from) }
func (i *messageIter) next() bool  { return i.seek(i.at + 1) }

// seek moves to the message seq, or the first that is there behind it.
func (i *messageIter) seek(seq uint64) bool {
	seq = max(seq, i.from)
	if seq >= i.to || i.broken != nil {
		return false
	}
	if r := i.run; r == nil || seq < r.first || seq >= r.end() {
		if !i.find(seq) || i.run.first >= i.to {
			return false
		}
		i.bytes = nil
		seq = max(seq, i.run.first)
	}
	i.at = seq
	return true
}

// find makes the run that holds seq, or the first behind it, the present one.
func (i *messageIter) find(seq uint64) bool {
	if len(i.ahead) > 0 && i.ahead[0].first <= seq && seq < i.ahead[0].end() {
		i.run, i.ahead = i.ahead[0], i.ahead[1:]
		return true
	}
	if got := i.log.tail.from(seq, len(i.buf), i.buf[:0]); len(got) > 0 && seq < got[0].end() {
		i.run, i.ahead = got[0], got[1:]
		return true
	}
	if c := i.log.cold.Load(); c != nil && c.first <= seq && seq < c.end() {
		i.run = c
		return true
	}
	r, err := i.findInIndex(seq)
	if err != nil || r == nil {
		i.broken = err
		return false
	}
	i.run = r
	return true
}

func (i *messageIter) findInIndex(seq uint64) (*run, error) {
	if i.it == nil {
		it, err := i.s.db.NewIter(&pebble.IterOptions{LowerBound: i.log.key(0), UpperBound: i.log.key(i.to)})
		if err != nil {
			return nil, err
		}
		i.it = it
	}
	// The run that holds seq begins at or before it.
	if i.it.SeekLT(i.log.key(seq + 1)) {
		r, err := i.atIndex()
		if err != nil || seq < r.end() {
			return r, err
		}
		if !i.it.Next() {
			return nil, i.it.Error()
		}
		return i.atIndex()
	}
	if err := i.it.Error(); err != nil {
		return nil, err
	}
	if !i.it.SeekGE(i.log.key(seq)) {
		return nil, i.it.Error()
	}
	return i.atIndex()
}

func (i *messageIter) atIndex() (*run, error) {
	v, err := i.it.ValueAndErr()
	if err != nil {
		return nil, err
	}
	return decodeRun(i.it.Key(), v)
}

// seq is the sequence number of the message that the iterator is at.
func (i *messageIter) seq() uint64 { return i.at }

// message reads the message that the iterator is at. errDamaged is about this message alone.
func (i *messageIter) message() (message, error) {
	r := i.run
	if i.bytes == nil || i.at < i.number {
		var b []byte
		var err error
		if r, b, err = i.s.fresh(i.log.key(r.first), r, i.seed); err != nil {
			return message{}, err
		}
		i.run = r
		if r.payload.Load() == nil {
			i.log.keepCold(i.s, r, b)
		}
		i.bytes, i.number = b, r.first
	}
	var one []byte
	for {
		var err error
		if one, i.bytes, err = nextMessage(i.bytes); err != nil {
			i.bytes = nil
			return message{}, err
		}
		if i.number++; i.number > i.at {
			break
		}
	}
	m, err := decodeMessage(one, i.seed)
	m.sent, m.available, m.expiry = r.sent, r.available, r.expiry
	return m, err
}

// available returns since when the message that the iterator is at is available, also if it is damaged.
func (i *messageIter) available() int64 { return i.run.available }

// err says why the iteration ended too early.
func (i *messageIter) err() error {
	if i.broken == nil && i.it != nil {
		return i.it.Error()
	}
	return i.broken
}

func (i *messageIter) close() {
	if i.it != nil {
		_ = i.it.Close()
	}
}

// readAlone reads the message that a run of one message is. With errDamaged it returns what can be stored again in its place.
func (s *store) readAlone(key []byte, r *run, queue uid) (message, error) {
	seed := messageSeed(queue)
	r, b, err := s.fresh(key, r, seed)
	if err != nil && !errors.Is(err, errDamaged) {
		return message{}, err
	}
	var m message
	if err == nil {
		m, err = decodeMessage(b, seed)
	}
	if err != nil {
		m = message{encoded: make([]byte, messageFixed), damaged: true}
	}
	m.sent, m.available, m.expiry = r.sent, r.available, r.expiry
	return m, err
}

// read returns the message with that number; a missing one is errDamaged.
func (s *store) read(l *messageLog, seq uint64) (message, error) {
	it := s.iterate(l, seq, seq+1)
	defer it.close()
	if !it.first() {
		if err := it.err(); err != nil {
			return message{}, err
		}
		return message{}, errors.Join(errDamaged, errors.New("the message is missing"))
	}
	return it.message()
}

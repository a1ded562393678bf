package pebbleengine

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// messageIter reads a log forward. A message that it returns stays good after the next step and after close.
type messageIter struct {
	it  *pebble.Iterator
	key func(seq uint64) []byte
	ok  bool
}

// iterate returns an iterator in front of the messages [from, to) of the log with these keys.
func (s *store) iterate(key func(seq uint64) []byte, from, to uint64) (*messageIter, error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: key(from), UpperBound: key(to)})
	if err != nil {
		return nil, err
	}
	return &messageIter{it: it, key: key}, nil
}

func (i *messageIter) first() bool { i.ok = i.it.First(); return i.ok }
func (i *messageIter) next() bool  { i.ok = i.it.Next(); return i.ok }

// seek moves to the message seq, or the first that is there behind it.
func (i *messageIter) seek(seq uint64) bool { i.ok = i.it.SeekGE(i.key(seq)); return i.ok }

// seq is the sequence number of the message that the iterator is at.
func (i *messageIter) seq() uint64 { return keyNumber(i.it.Key()) }

// message reads the message that the iterator is at.
func (i *messageIter) message() (message, error) {
	v, err := i.it.ValueAndErr()
	if err != nil {
		return message{}, err
	}
	return decodeMessage(i.it.Key(), bytes.Clone(v))
}

// err says why the iteration ended too early.
func (i *messageIter) err() error { return i.it.Error() }
func (i *messageIter) close()     { _ = i.it.Close() }

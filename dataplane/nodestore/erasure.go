package nodestore

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"dms/internal/directory"
)

// Erasure is a queue or consumer group that was deleted and whose messages the engine has yet to erase.
type Erasure struct {
	QueueID string
	GroupID string // "": the whole queue
	key     []byte
}

// Erasures returns those that are owed, max at most, groups before queues.
func (s *Store) Erasures(max int) (out []Erasure, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{spaceErasure}, UpperBound: []byte{spaceErasure + 1}})
	if err != nil {
		return nil, fmt.Errorf("read erasures: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok && len(out) < max; ok = it.Next() {
		key := append([]byte(nil), it.Key()...)
		kind, rest, _ := bytes.Cut(key[1:], []byte{0})
		parent, own, _ := strings.Cut(string(rest), "/")
		e := Erasure{key: key, QueueID: own} // a queue's key is project id "/" queue id
		if directory.Kind(kind) == directory.KindGroup {
			e.QueueID, e.GroupID = parent, own // a group's is queue id "/" group id
		}
		out = append(out, e)
	}
	return out, it.Error()
}

// Erased takes e off the list.
func (s *Store) Erased(e Erasure) error {
	b := s.db.NewBatch()
	if err := b.Delete(e.key, nil); err != nil {
		return errors.Join(err, b.Close())
	}
	return s.commit(b)
}

package pebbleengine

import (
	"bytes"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"
)

// Dead letters are found by the ids of their messages through keys of their own: the tag of the id, then the number of the dead letter; the value is
// empty. They follow from the runs of the dead letters, so the log knows nothing of them: the index makes them with the run and erases them with it.
// Several dead letters may have one tag: those of a message that died again after its group was moved back, and by chance others.

// isLetter reports whether a dead letter lies under the key.
func isLetter(k []byte) bool {
	return len(k) == 43 && k[0] == tableQueue && k[17] == subGroup && k[34] == groupDeadLetter
}

// letterTagKey returns the key by which the dead letter under that key is found.
func letterTagKey(letter []byte, tag uint64) []byte {
	k := append(make([]byte, 0, 51), letter[:34]...)
	k = appendUint64(append(k, groupLetterTag), tag)
	return append(k, letter[35:]...)
}

// tagLetters writes the tags of all dead letters anew. An earlier program wrote none, and left in place those of the letters that it erased.
func (x *index) tagLetters() error {
	it, err := x.reader.NewIter(&pebble.IterOptions{LowerBound: []byte{tableQueue}, UpperBound: []byte{tableQueue + 1}})
	if err != nil {
		return err
	}
	defer func() { _ = it.Close() }()
	var group []byte // the prefix of the group whose tags were erased last
	for ok := it.First(); ok; {
		k := it.Key()
		queue := keyQueue(k)
		if k[17] != subGroup {
			next := after(queuePrefix(queue))
			if k[17] < subGroup {
				next = queueKey(queue, subGroup)
			}
			ok = it.SeekGE(next)
			continue
		}
		prefix := k[:34]
		if sub := k[34]; sub < groupDeadLetter {
			ok = it.SeekGE(append(slices.Clone(prefix), groupDeadLetter))
			continue
		} else if sub > groupLetterTag {
			ok = it.SeekGE(after(prefix))
			continue
		}
		if !bytes.Equal(group, prefix) {
			group = slices.Clone(prefix)
			if err := x.shared.DeleteRange(append(slices.Clone(group), groupLetterTag), append(slices.Clone(group), groupLetterTag+1), nil); err != nil {
				return err
			}
		}
		if !isLetter(k) {
			ok = it.SeekGE(append(slices.Clone(prefix), groupLetterTag+1))
			continue
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		r, err := decodeRun(k, v)
		if err != nil {
			return err
		}
		if err := x.shared.Set(letterTagKey(k, r.tag), nil, nil); err != nil {
			return err
		}
		if x.shared.Len() >= maxGroupBytes {
			if err := x.flushShared(); err != nil {
				return err
			}
		}
		ok = it.Next()
	}
	if err := it.Error(); err != nil {
		return err
	}
	return x.flushShared()
}

// lettersWith returns the places of the group's dead letters of the messages with these ids.
func (r *receiver) lettersWith(ids []string) ([]uint64, error) {
	s, g := r.s, r.g
	g.mu.Lock()
	from, to := g.dead.floor, g.letters.visible.Load()
	g.mu.Unlock()
	found := []uint64{}
	for _, text := range ids {
		id, err := uuid.Parse(text)
		if err != nil || id.String() != text { // no message has such an id
			continue
		}
		tagged, err := s.lettersTagged(g, uid(id).tag())
		if err != nil {
			return nil, errInternal(err)
		}
		for _, seq := range tagged {
			if seq < from || seq >= to {
				continue
			}
			m, err := s.read(&g.letters, seq)
			switch {
			case errors.Is(err, errDamaged): // or settled, and gone
			case err != nil:
				return nil, errInternal(err)
			case m.id == uid(id):
				found = append(found, seq)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// lettersTagged returns the places of the dead letters whose messages' ids have the tag.
func (s *store) lettersTagged(g *group, tag uint64) ([]uint64, error) {
	prefix := groupNumberKey(g.queue, g.id, groupLetterTag, tag)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: after(prefix)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = it.Close() }()
	var found []uint64
	for ok := it.First(); ok; ok = it.Next() {
		found = append(found, keyNumber(it.Key()))
	}
	return found, it.Error()
}

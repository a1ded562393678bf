package pebbleengine

import (
	"github.com/cockroachdb/pebble/v2"
)

// addGroup makes the group known.
func (s *store) addGroup(queueID, groupID string) error {
	q, g, err := s.openForSettling(queueID, groupID)
	if err != nil {
		return err
	}
	defer s.exit()
	defer s.registry.release(q)
	if err := s.lockGroup(q, g); err != nil {
		return err
	}
	if g.added {
		g.mu.Unlock()
		return nil
	}
	gc, _, err := s.beginGroup(q, g, nil)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	gc.exist()
	gc.touch() // also when a receive made it, which was not synced
	c := gc.submit(true, nil)
	g.mu.Unlock()
	if err := s.answerOf(c); err != nil {
		return err
	}
	g.mu.Lock()
	g.added = true
	g.mu.Unlock()
	return nil
}

// knownGroups returns the groups of the queue that exist, on the disk or in memory. Those whose record is not read yet are not loaded.
func (s *store) knownGroups(q *queue) ([]*group, error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: queueKey(q.id, subGroup), UpperBound: queueKey(q.id, subGroup+1)})
	if err != nil {
		return nil, err
	}
	var stored []uid
	for ok := it.First(); ok; {
		var id uid
		copy(id[:], it.Key()[len(queuePrefix(q.id))+1:])
		stored = append(stored, id)
		ok = it.SeekGE(after(groupPrefix(q.id, id)))
	}
	if err := it.Error(); err != nil {
		_ = it.Close()
		return nil, err
	}
	if err := it.Close(); err != nil {
		return nil, err
	}
	for _, id := range stored {
		q.openGroup(id)
	}
	q.mu.Lock()
	groups := make([]*group, 0, len(q.groups))
	for _, g := range q.groups {
		groups = append(groups, g)
	}
	q.mu.Unlock()
	known := groups[:0]
	for _, g := range groups {
		if err := s.lockGroup(q, g); err != nil {
			if isDropped(err) {
				continue
			}
			return nil, err
		}
		if g.exists {
			known = append(known, g)
		}
		g.mu.Unlock()
	}
	return known, nil
}

// settledByAll returns up to where every group that exists has settled the queue's messages: all before floor are settled by all. ok is false
// when there is no group: then nobody has settled anything. Redriven messages do not count, they lie elsewhere.
// Requires: neither q.mu nor the lock of a group held.
func (s *store) settledByAll(q *queue) (floor uint64, ok bool, err error) {
	groups, err := s.knownGroups(q)
	if err != nil {
		return 0, false, err
	}
	for _, g := range groups {
		g.mu.Lock()
		if !g.dropped && (!ok || g.live.floor < floor) {
			floor, ok = g.live.floor, true
		}
		g.mu.Unlock()
	}
	return floor, ok, nil
}

package pebbleengine

import (
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
)

// Loaded returns how many queues are in memory.
func (e *Engine) Loaded() int {
	r := e.store.Load().registry
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queues)
}

// Alarms returns how many instants the scheduler holds.
func (e *Engine) Alarms() int {
	s := e.store.Load().sched
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.alarms)
}

// Damage flips a bit in the stored value of the message with that place in the queue's log, behind Pebble's own checksums.
func (e *Engine) Damage(t testing.TB, queueID string, seq uint64, delayed bool) {
	t.Helper()
	id, err := parseQueueID(queueID)
	require.NoError(t, err)
	db := e.store.Load().db
	key := messageKey(id, seq)
	if delayed {
		it, err := db.NewIter(&pebble.IterOptions{LowerBound: queueKey(id, subDelayed), UpperBound: queueKey(id, subDelayed+1)})
		require.NoError(t, err)
		require.True(t, it.First())
		key = append([]byte(nil), it.Key()...)
		require.NoError(t, it.Close())
	}
	v, err := getBytes(db, key)
	require.NoError(t, err)
	v[len(v)-1] ^= 4
	require.NoError(t, db.Set(key, v, pebble.Sync))
}

// Count returns the number of keys in the database, without those that every store has.
func (e *Engine) Keys(t testing.TB) int {
	t.Helper()
	it, err := e.store.Load().db.NewIter(nil)
	require.NoError(t, err)
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		if it.Key()[0] != tableMeta {
			n++
		}
	}
	require.NoError(t, it.Close())
	return n
}

// SetFormat writes the version of the store's format.
func (e *Engine) SetFormat(t testing.TB, version uint64) {
	t.Helper()
	require.NoError(t, e.store.Load().db.Set(metaKey(metaFormat), appendUint64(nil, version), pebble.Sync))
}

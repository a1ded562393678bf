package pebbleengine

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"
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

// Damage flips a bit of the message with that place in the queue's log, in the file where it lies, and takes it out of memory.
func (e *Engine) Damage(t testing.TB, queueID string, seq uint64, delayed bool) {
	t.Helper()
	id, err := parseQueueID(queueID)
	require.NoError(t, err)
	s := e.store.Load()
	from, to := messageKey(id, 0), messageKey(id, seq+1)
	if delayed {
		from, to = queueKey(id, subDelayed), queueKey(id, subDelayed+1)
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	require.NoError(t, err)
	require.True(t, it.Last())
	v, err := it.ValueAndErr()
	require.NoError(t, err)
	r, err := decodeRun(it.Key(), v)
	require.NoError(t, err)
	require.NoError(t, it.Close())
	b := make([]byte, r.length)
	require.NoError(t, s.segments.Read(r.at, b))
	rest, offset := b, r.at.Offset
	for n := r.first; ; n++ {
		var one []byte
		one, rest, err = nextMessage(rest)
		require.NoError(t, err)
		offset += int64(len(one))
		if n == seq || delayed {
			e.FlipBit(t, r.at.Segment, offset-1)
			break
		}
	}
	q := s.registry.acquire(id)
	defer s.registry.release(q)
	q.log.tail.clear()
	q.log.forgetCold(s)
}

// DamagePrepared flips a bit of the first message of the prepared ones.
func (e *Engine) DamagePrepared(t testing.TB, queueID, preparedID string) {
	t.Helper()
	id, err := parseQueueID(queueID)
	require.NoError(t, err)
	r, err := e.store.Load().runAt(preparedMessageKey(id, uid(uuid.MustParse(preparedID)))(0))
	require.NoError(t, err)
	e.FlipBit(t, r.at.Segment, r.at.Offset+int64(r.length)-1)
}

// FlipBit flips a bit in a segment of the log.
func (e *Engine) FlipBit(t testing.TB, segment uint64, offset int64) {
	t.Helper()
	name := e.opt.FS.PathJoin(e.opt.Dir, logDir, fmt.Sprintf("%012d.log", segment))
	f, err := e.opt.FS.OpenReadWrite(name, vfs.WriteCategoryUnspecified)
	require.NoError(t, err)
	b := make([]byte, 1)
	_, err = f.ReadAt(b, offset)
	require.NoError(t, err)
	b[0] ^= 4
	_, err = f.WriteAt(b, offset)
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
}

// Count returns the number of keys in the database, without those that every store has.
func (e *Engine) Keys(t testing.TB) int {
	t.Helper()
	it, err := e.store.Load().db.NewIter(nil)
	require.NoError(t, err)
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		if it.Key()[0] != tableMeta && it.Key()[0] != tableSegment {
			n++
		}
	}
	require.NoError(t, it.Close())
	return n
}

// SetFormat writes the version of the store's format.
func (e *Engine) SetFormat(t testing.TB, version uint64) {
	t.Helper()
	s := e.store.Load()
	b := s.newBatch()
	b.set(metaKey(metaFormat), appendUint64(nil, version))
	require.NoError(t, s.commitAndWait(&change{batch: b}))
}

// Segments returns how many segments the log has.
func (e *Engine) Segments() int { return len(e.store.Load().segments.Segments()) }

// Waiting returns how many messages of a FIFO group wait behind others of their key, and the first that the scan has not seen.
func (e *Engine) Waiting(t testing.TB, queueID, groupID string) (waiting int, cursor uint64) {
	t.Helper()
	s := e.store.Load()
	q, g, err := s.openForSettling(queueID, groupID)
	require.NoError(t, err)
	defer s.exit()
	defer s.registry.release(q)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range g.live.order.keys {
		waiting += len(k.waiting)
	}
	return waiting, g.live.cursor
}

// SettledByAll returns up to where all groups have settled.
func (e *Engine) SettledByAll(t testing.TB, queueID string) (uint64, bool) {
	t.Helper()
	s := e.store.Load()
	id, err := parseQueueID(queueID)
	require.NoError(t, err)
	require.NoError(t, s.enter())
	defer s.exit()
	q, err := s.openQueue(id)
	require.NoError(t, err)
	defer s.registry.release(q)
	floor, ok, err := s.settledByAll(q)
	require.NoError(t, err)
	return floor, ok
}

func (e *Engine) alter(t testing.TB, edit func(s *store, b *batch)) {
	t.Helper()
	s := e.store.Load()
	b := s.newBatch()
	edit(s, b)
	require.NoError(t, s.commitAndWait(&change{batch: b}))
}

// EraseMessage takes the run that begins at that place out of the index.
func (e *Engine) EraseMessage(t testing.TB, queueID string, seq uint64) {
	t.Helper()
	id, err := parseQueueID(queueID)
	require.NoError(t, err)
	e.alter(t, func(_ *store, b *batch) { b.freeKey(messageKey(id, seq)) })
}

// EraseDeadLetter takes a dead letter out of the index.
func (e *Engine) EraseDeadLetter(t testing.TB, queueID, groupID string, seq uint64) {
	t.Helper()
	id, err := parseQueueID(queueID)
	require.NoError(t, err)
	gid, err := parseGroupID(groupID)
	require.NoError(t, err)
	e.alter(t, func(_ *store, b *batch) { b.freeKey(groupNumberKey(id, gid, groupDeadLetter, seq)) })
}

// CountDelayed adds to the number of delayed messages that is recorded.
func (e *Engine) CountDelayed(t testing.TB, queueID string, more uint64) {
	t.Helper()
	id, err := parseQueueID(queueID)
	require.NoError(t, err)
	e.alter(t, func(s *store, b *batch) {
		v, err := getBytes(s.db, queueKey(id, subQueueRecord))
		require.NoError(t, err)
		q := newQueue(id)
		require.NoError(t, q.decode(v))
		q.delayed.count += more
		b.set(queueKey(id, subQueueRecord), q.encode())
	})
}

// CountSegment adds to the wanted bytes of the first segment.
func (e *Engine) CountSegment(t testing.TB, more int64) {
	t.Helper()
	e.alter(t, func(s *store, b *batch) {
		n := s.segments.Segments()[0]
		v, err := getBytes(s.db, segmentKey(n))
		require.NoError(t, err)
		d := decoder{b: v}
		b.set(segmentKey(n), appendUint64(nil, uint64(d.int64()+more)))
	})
}

// Cold returns how many bytes are kept of what was read from the disk.
func (e *Engine) Cold() int64 { return e.store.Load().cold.Load() }

// ForgetTags makes the index of an engine that is closed one of an earlier program: the tags of dead letters are not there, or are wrong ones.
func ForgetTags(t testing.TB, opt Options, stale bool) {
	t.Helper()
	db, err := pebble.Open(opt.Dir, &pebble.Options{
		FS: opt.FS, DisableWAL: true, FormatMajorVersion: pebble.FormatNewest, Logger: pebbleLogger{log: slog.New(slog.DiscardHandler)},
	})
	require.NoError(t, err)
	applied, err := getBytes(db, metaKey(metaApplied))
	require.NoError(t, err)
	require.NoError(t, db.Set(metaKey(metaApplied), applied[:16], pebble.NoSync))
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte{tableQueue}, UpperBound: []byte{tableQueue + 1}})
	require.NoError(t, err)
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		if k := it.Key(); k[17] == subGroup && k[34] == groupLetterTag {
			require.NoError(t, db.Delete(k, pebble.NoSync))
			if stale {
				require.NoError(t, db.Set(append(append([]byte{}, k[:35]...), make([]byte, 16)...), nil, pebble.NoSync))
			}
			n++
		}
	}
	require.NotZero(t, n)
	require.NoError(t, it.Close())
	require.NoError(t, db.Flush())
	require.NoError(t, db.Close())
}

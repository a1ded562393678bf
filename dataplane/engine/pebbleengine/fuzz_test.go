package pebbleengine

import (
	"log/slog"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine/seglog"
)

// FuzzHandler opens what anybody may send: only what was sealed opens, and it opens to what was sealed.
func FuzzHandler(f *testing.F) {
	s := newSealer([]byte("secret"))
	f.Add(s.seal(handler{stream: deadStream, queue: uid{1}, group: uid{2}, seq: 3, message: 4, delivery: 5, deadline: 6, received: 7}))
	f.Add("")
	f.Add("AQ==")
	f.Fuzz(func(t *testing.T, text string) {
		if h, ok := s.open(text); ok {
			require.Equal(t, text, s.seal(h))
		}
	})
}

// FuzzKeys takes the parts out of keys of the agenda and of prepared and delayed messages.
func FuzzKeys(f *testing.F) {
	f.Add(int64(1), []byte("0123456789abcdef"), byte(taskRedrive), []byte("fedcba9876543210"))
	f.Fuzz(func(t *testing.T, at int64, queue []byte, kind byte, group []byte) {
		if at < 0 || len(queue) < 16 {
			return
		}
		q := uid(queue[:16])
		var g *uid
		if len(group) >= 16 {
			u := uid(group[:16])
			g = &u
		}
		key := agendaKey(at, q, task(kind), g)
		e := decodeAgenda(key)
		require.Equal(t, agendaEntry{key: key, at: at, queue: q, task: task(kind), group: g}, e)
		due, n := splitDelayedKey(delayedKey(q, at, uint64(kind)))
		require.Equal(t, []int64{at, int64(kind)}, []int64{due, int64(n)})
		if prefix := queuePrefix(q); after(prefix) != nil {
			require.Less(t, string(agendaKey(at, q, task(kind), g)), string(after([]byte{tableAgenda})))
			require.Less(t, string(prefix), string(after(prefix)))
		}
	})
}

// FuzzRecords decodes damaged records: an error, or what was stored, and never a panic.
func FuzzRecords(f *testing.F) {
	e := entry{seq: 1, received: 2, failed: 3, ended: 4, first: 5, firstFailed: 6, notBefore: 7}
	d := delivery{no: 1, of: 2, given: 3, deadline: 4, entries: []*entry{&e}}
	p := prepared{id: uid{1}, messages: []uid{{2}, {3}}, preparedAt: 4, decideBy: 5}
	g, q, r := group{void: 1, redrives: 2}, newQueue(uid{1}), redriveState{running: true, perSecond: 1}
	m := message{id: uid{9}, labels: []string{"label"}, attrs: []byte("{}"), body: []byte("body"), orderingKey: "k", death: &death{failures: 3}}
	for _, record := range [][]byte{e.encode(), d.encode(), p.encode(), g.encode(), q.encode(), r.encode(), m.appendTo(nil, 0)} {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, v []byte) {
		if e := new(entry); e.decodeAttempt(v) == nil {
			require.NoError(t, new(entry).decodeAttempt(e.encode()))
		}
		if d, err := decodeDelivery(1, v); err == nil {
			_, err = decodeDelivery(1, d.encode())
			require.NoError(t, err)
		}
		if p, err := decodePrepared(uid{1}, v); err == nil {
			_, err = decodePrepared(uid{1}, p.encode())
			require.NoError(t, err)
		}
		_ = new(group).decode(v)
		_ = newQueue(uid{1}).decode(v)
		_ = new(redriveState).decode(v)
		if len(v) > 8 {
			_, _ = readMessage(v)
		}
		if one, rest, err := nextMessage(v); err == nil {
			require.Equal(t, v, append(one[:len(one):len(one)], rest...))
			_, _ = decodeMessage(one, 0)
		}
		_, _ = decodeRun(messageKey(uid{1}, 1), v)
		_, _ = decodeUsage(nil, v)
	})
}

// FuzzBatch decodes damaged records of the log.
func FuzzBatch(f *testing.F) {
	db, err := pebble.Open("", &pebble.Options{FS: vfs.NewMem(), Logger: pebbleLogger{log: slog.New(slog.DiscardHandler), fatal: func(err error) { f.Error(err) }}})
	require.NoError(f, err)
	f.Cleanup(func() { _ = db.Close() })
	ops := db.NewBatch()
	require.NoError(f, ops.Set([]byte("key"), []byte("value"), nil))
	f.Add(append(append([]byte{batchFormat, byte(ops.Len())}, ops.Repr()...), 0, 0))
	f.Add([]byte{batchFormat, 0, 1, 1, 'a', 1, 'b', 0})
	f.Fuzz(func(t *testing.T, record []byte) {
		if b, err := decodeBatch(db, seglog.Position{Segment: 1}, record); err == nil {
			_ = b.ops.Close()
		}
	})
}

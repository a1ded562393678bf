package pebbleengine

import "github.com/cockroachdb/pebble/v2"

// batch is what one change writes.
type batch struct {
	ops *pebble.Batch
}

func (s *store) newBatch() *batch { return &batch{ops: s.db.NewBatch()} }

func (b *batch) set(key, value []byte)       { _ = b.ops.Set(key, value, nil) }
func (b *batch) delete(key []byte)           { _ = b.ops.Delete(key, nil) }
func (b *batch) deleteRange(from, to []byte) { _ = b.ops.DeleteRange(from, to, nil) }

// put stores the message under the key.
func (b *batch) put(key []byte, m *message) {
	op := b.ops.SetDeferred(len(key), m.encodedLen())
	copy(op.Key, key)
	m.encode(key, op.Value)
	_ = op.Finish()
}

package pebbleengine

import (
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"dms/dataplane/engine/seglog"
)

// batch is what one change writes: records of the index as they are, runs of messages, and keys of runs that are given up.
// It is one record of the log:
//
//	format(1)=1
//	records of the index, a Pebble batch: length(uvarint) bytes
//	given up: n(uvarint) { from to (strings) }...
//	runs: n(uvarint) { key(string) moved(1) [segment(8) offset(8) it lay at before] facts length(4) bytes }...
//
// What follows from it for the index is worked out by apply, in the same way when it is committed and when the log is read again.
type batch struct {
	ops   *pebble.Batch
	frees []keyRange
	puts  []put
	room  int // expected bytes of messages
}

const batchFormat = 1

type keyRange struct{ from, to []byte }

// put is a run on its way into the log.
type put struct {
	key     []byte
	run     *run
	log     *messageLog // nil: it is of no log
	bytes   []byte
	moved   *seglog.Position // where it lay before; nil: it is new
	damaged bool             // nothing may be added
}

func (s *store) newBatch() *batch { return &batch{ops: s.db.NewBatch()} }

func (b *batch) set(key, value []byte)       { _ = b.ops.Set(key, value, nil) }
func (b *batch) delete(key []byte)           { _ = b.ops.Delete(key, nil) }
func (b *batch) deleteRange(from, to []byte) { _ = b.ops.DeleteRange(from, to, nil) }

// free erases the runs in that range of keys. They must have been committed before the batch is put on the commit queue.
func (b *batch) free(from, to []byte) { b.frees = append(b.frees, keyRange{from, to}) }

// freeKey erases the run under the key.
func (b *batch) freeKey(key []byte) {
	b.free(key, append(append(make([]byte, 0, len(key)+1), key...), 0))
}

// put stores the message as a run of its own.
func (b *batch) put(key []byte, queue uid, m *message) {
	b.begin(key, &run{sent: m.sent, available: m.available, expiry: m.expiry, tag: m.id.tag()}, &messageLog{queue: queue, single: true}, m)
}

// begin begins a run with m.
func (b *batch) begin(key []byte, r *run, l *messageLog, m *message) {
	b.puts = append(b.puts, put{key: key, run: r, log: l, damaged: m.damaged})
	if !l.single {
		l.tail.add(r)
	}
	b.add(m)
}

// extend adds m to the run that was begun last, if that is the end of the same log and has the same times.
func (b *batch) extend(l *messageLog, m *message) bool {
	if l.single || len(b.puts) == 0 {
		return false
	}
	p := &b.puts[len(b.puts)-1]
	if r := p.run; p.log != l || m.damaged || p.damaged || r.sent != m.sent || r.available != m.available || r.expiry != m.expiry {
		return false
	}
	b.add(m)
	return true
}

func (b *batch) add(m *message) {
	p := &b.puts[len(b.puts)-1]
	p.run.count++
	p.run.size += m.size()
	switch {
	case m.encoded == nil:
		if p.bytes == nil {
			p.bytes = make([]byte, 0, max(m.encodedLen(), b.room))
		}
		p.bytes = m.appendTo(p.bytes, messageSeed(p.log.queue))
	case p.bytes == nil:
		p.bytes = m.encoded
	case follows(p.bytes, m.encoded):
		p.bytes = p.bytes[:len(p.bytes)+len(m.encoded)]
	default:
		p.bytes = append(p.bytes[:len(p.bytes):len(p.bytes)], m.encoded...)
	}
	p.run.length = uint32(len(p.bytes))
}

// follows reports whether next lies right behind b in one buffer.
func follows(b, next []byte) bool {
	return cap(b)-len(b) >= len(next) && len(next) > 0 && &b[:len(b)+1][len(b)] == &next[0]
}

// size is about how many bytes the batch is in the log.
func (b *batch) size() int64 {
	n := int64(b.ops.Len()) + 64
	for _, p := range b.puts {
		n += int64(len(p.bytes)+len(p.key)) + runLen + 16
	}
	for _, f := range b.frees {
		n += int64(len(f.from) + len(f.to) + 8)
	}
	return n
}

// writeTo appends the batch to the group of the log, and tells the runs where they lie.
func (b *batch) writeTo(c Committer) {
	ops := b.ops.Repr()
	head := make([]byte, 0, 64+len(b.puts)*128)
	head = binary.AppendUvarint(append(head, batchFormat), uint64(len(ops)))
	parts := make([][]byte, 0, 3+2*len(b.puts))
	parts = append(parts, head, ops)
	var tail []byte
	tail = binary.AppendUvarint(tail, uint64(len(b.frees)))
	for _, f := range b.frees {
		tail = appendBytes(appendBytes(tail, f.from), f.to)
	}
	tail = binary.AppendUvarint(tail, uint64(len(b.puts)))
	offset := int64(len(head) + len(ops))
	for i := range b.puts {
		p := &b.puts[i]
		tail = appendBytes(tail, p.key)
		if p.moved == nil {
			tail = append(tail, 0)
		} else {
			tail = appendUint64(append(tail, 1), p.moved.Segment)
			tail = appendUint64(tail, uint64(p.moved.Offset))
		}
		tail = p.run.appendFacts(tail)
		tail = binary.BigEndian.AppendUint32(tail, p.run.length)
		offset += int64(len(tail))
		p.run.at.Offset = offset // from the beginning of the record
		offset += int64(len(p.bytes))
		parts = append(parts, tail, p.bytes)
		tail = nil
	}
	at := c.Append(append(parts, tail)...)
	for i := range b.puts {
		r := b.puts[i].run
		r.at = seglog.Position{Segment: at.Segment, Offset: at.Offset + r.at.Offset}
	}
}

func appendBytes(b, v []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(v))), v...) }

// setOps reads the records of the index. Pebble panics where they end too early.
func setOps(ops *pebble.Batch, v []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = errDamaged
		}
	}()
	return ops.SetRepr(v)
}

// decodeBatch reads a record of the log that begins at the given place. Its slices lie in the record.
func decodeBatch(db *pebble.DB, at seglog.Position, record []byte) (*batch, error) {
	d := decoder{b: record}
	d.version(batchFormat)
	b := &batch{ops: db.NewBatch()}
	if err := setOps(b.ops, d.bytes(d.uvarint())); err != nil {
		return nil, fmt.Errorf("record at %s: %w", at, err)
	}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		b.free(d.bytes(d.uvarint()), d.bytes(d.uvarint()))
	}
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		p := put{key: d.bytes(d.uvarint()), run: &run{}}
		if d.byte() == 1 {
			p.moved = &seglog.Position{Segment: d.uint64(), Offset: d.int64()}
		}
		p.run.decodeFacts(&d)
		p.run.length = d.uint32()
		p.run.at = seglog.Position{Segment: at.Segment, Offset: at.Offset + int64(len(record)-len(d.b))}
		p.bytes = d.bytes(uint64(p.run.length))
		b.puts = append(b.puts, p)
	}
	if d.err != nil {
		return nil, fmt.Errorf("record at %s: %w", at, d.err)
	}
	return b, nil
}

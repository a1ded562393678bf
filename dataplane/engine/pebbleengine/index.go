package pebbleengine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"dms/dataplane/engine/seglog"
)

// index applies what is in the log to Pebble, in order, and knows how many bytes of each segment are still wanted. Pebble has no log of its own:
// what it has not flushed yet is read again from ours, from the position that is stored in the same batches. Since a group is
// applied after its sync, the index never knows more than the log.
//
// It belongs to the commit goroutine; before that starts, to the goroutine that opens the store.
type index struct {
	db      *pebble.DB
	reader  pebble.Reader             // of what was applied
	write   func(*pebble.Batch) error // applies at once
	applied seglog.Position           // everything before is in Pebble
	wanted  map[uint64]int64
	dirty   map[uint64]bool // segments whose number of wanted bytes is to be written
	freed   freedRuns       // by the present group
	shared  *pebble.Batch   // keeps its buffer from group to group
	emptied bool            // nobody wants a segment any more
}

// newIndex opens the index that is in db, or in a view of it: reader shows what write has applied.
func newIndex(db *pebble.DB, reader pebble.Reader, write func(*pebble.Batch) error) (*index, error) {
	x := &index{
		db: db, reader: reader, write: write,
		wanted: make(map[uint64]int64), dirty: make(map[uint64]bool), shared: db.NewBatch(pebble.WithMaxRetainedSizeBytes(maxGroupBytes)),
	}
	v, err := getBytes(x.reader, metaKey(metaApplied))
	if err != nil {
		return nil, err
	}
	tagged := false
	if v != nil {
		d := decoder{b: v}
		x.applied = seglog.Position{Segment: d.uint64(), Offset: d.int64()}
		if d.err != nil {
			return nil, fmt.Errorf("position of the index: %w", d.err)
		}
		tagged = len(d.b) > 0
	}
	if !tagged {
		if err := x.tagLetters(); err != nil {
			return nil, fmt.Errorf("find dead letters by id: %w", err)
		}
	}
	it, err := x.reader.NewIter(&pebble.IterOptions{LowerBound: []byte{tableSegment}, UpperBound: []byte{tableSegment + 1}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = it.Close() }()
	for ok := it.First(); ok; ok = it.Next() {
		v, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		if len(v) != 8 {
			return nil, fmt.Errorf("wanted bytes of a segment: %w", errDamaged)
		}
		x.wanted[keyNumber(it.Key())] = int64(binary.BigEndian.Uint64(v))
	}
	return x, it.Error()
}

// add works out what b changes. Ranges that are given up are looked up in what was applied before: nothing of the present group lies in them.
func (x *index) add(b *batch) error {
	if err := x.shared.Apply(b.ops, nil); err != nil {
		return err
	}
	for _, f := range b.frees {
		if err := x.free(f); err != nil {
			return err
		}
	}
	for i := range b.puts {
		p := &b.puts[i]
		if p.moved != nil {
			old, err := getBytes(x.reader, p.key)
			if err != nil {
				return err
			}
			if old == nil {
				continue // given up meanwhile
			}
			at, n, err := decodePointer(old)
			if err != nil {
				return err
			}
			if at != *p.moved {
				continue
			}
			x.want(at.Segment, -int64(n))
		} else if isLetter(p.key) {
			if err := x.shared.Set(letterTagKey(p.key, p.run.tag), nil, nil); err != nil {
				return err
			}
		}
		op := x.shared.SetDeferred(len(p.key), runLen)
		copy(op.Key, p.key)
		p.run.appendPointer(op.Value[:0])
		if err := op.Finish(); err != nil {
			return err
		}
		x.want(p.run.at.Segment, int64(p.run.length))
	}
	return nil
}

func (x *index) want(segment uint64, bytes int64) {
	x.wanted[segment] += bytes
	x.dirty[segment] = true
}

// free erases the runs in the range. Keys of other kinds in it are erased with them.
func (x *index) free(f keyRange) error {
	it, err := x.reader.NewIter(&pebble.IterOptions{LowerBound: f.from, UpperBound: f.to})
	if err != nil {
		return err
	}
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		n++
		if !holdsRun(it.Key()) || x.freed.has(it.Key()) {
			continue
		}
		v, err := it.ValueAndErr()
		if err == nil {
			err = x.freeRun(it.Key(), v)
		}
		if err != nil {
			_ = it.Close()
			return err
		}
	}
	if err := it.Close(); err != nil || n == 0 {
		return err
	}
	x.freed.add(f)
	if n == 1 && f.single() {
		return x.shared.Delete(f.from, nil)
	}
	return x.shared.DeleteRange(f.from, f.to, nil)
}

// single reports whether the range is that of one key.
func (f keyRange) single() bool {
	return len(f.to) == len(f.from)+1 && bytes.HasPrefix(f.to, f.from) && f.to[len(f.from)] == 0
}

// freedRuns are those that a group has given up so far. They are still in what was applied before, and are not to be counted out again: a message may
// be settled, and all that is before it erased, in one change or in two that share the group.
type freedRuns struct {
	keys   map[string]struct{}
	ranges []keyRange
}

func (r *freedRuns) add(f keyRange) {
	if !f.single() {
		r.ranges = append(r.ranges, f)
		return
	}
	if r.keys == nil {
		r.keys = make(map[string]struct{})
	}
	r.keys[string(f.from)] = struct{}{}
}

func (r *freedRuns) has(key []byte) bool {
	if _, ok := r.keys[string(key)]; ok {
		return true
	}
	return slices.ContainsFunc(r.ranges, func(f keyRange) bool { return bytes.Compare(f.from, key) <= 0 && bytes.Compare(key, f.to) < 0 })
}

func (r *freedRuns) clear() {
	clear(r.keys)
	r.ranges = nil
}

// freeRun counts out the run under the key.
func (x *index) freeRun(key, v []byte) error {
	if isLetter(key) {
		r, err := decodeRun(key, v)
		if err != nil {
			return err
		}
		x.want(r.at.Segment, -int64(r.length))
		return x.shared.Delete(letterTagKey(key, r.tag), nil)
	}
	at, length, err := decodePointer(v)
	if err == nil {
		x.want(at.Segment, -int64(length))
	}
	return err
}

// commit makes what was added visible; end is where the log is then.
func (x *index) commit(end seglog.Position) error {
	for n := range x.dirty {
		if x.wanted[n] != 0 {
			_ = x.shared.Set(segmentKey(n), appendUint64(nil, uint64(x.wanted[n])), nil)
		} else {
			_ = x.shared.Delete(segmentKey(n), nil)
			delete(x.wanted, n)
			x.emptied = true
		}
	}
	clear(x.dirty)
	x.freed.clear()
	_ = x.shared.Set(metaKey(metaApplied), append(appendUint64(appendUint64(nil, end.Segment), uint64(end.Offset)), lettersAreTagged), nil)
	if err := x.flushShared(); err != nil {
		return err
	}
	x.applied = end
	return nil
}

// lettersAreTagged stands behind the position: an earlier program, which knows nothing of the tags of dead letters, does not write it.
const lettersAreTagged = 1

func (x *index) flushShared() error {
	if err := x.write(x.shared); err != nil {
		return err
	}
	x.shared.Reset()
	return nil
}

// replay applies a group that the log has and Pebble has not: as a whole, as it was applied when it was committed.
func (x *index) replay(g seglog.Group) error {
	for _, r := range g.Records {
		b, err := decodeBatch(x.db, r.At, r.Bytes)
		if err != nil {
			return err
		}
		if err := x.add(b); err != nil {
			return err
		}
		_ = b.ops.Close()
	}
	return x.commit(g.End)
}

// check compares what is wanted with what is there.
func (x *index) check(log *seglog.Log) error {
	there := log.Segments()
	for n, bytes := range x.wanted {
		if bytes < 0 {
			return fmt.Errorf("segment %d: %d bytes are wanted: %w", n, bytes, errDamaged)
		}
		if _, ok := slices.BinarySearch(there, n); !ok {
			return fmt.Errorf("segment %d is missing, %d bytes of messages lie in it: %w", n, bytes, errDamaged)
		}
	}
	return nil
}

// unwanted returns which of the segments nobody wants anything of.
func (x *index) unwanted(segments []uint64) []uint64 {
	return slices.DeleteFunc(segments, func(n uint64) bool { return x.wanted[n] != 0 })
}

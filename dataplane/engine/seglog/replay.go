package seglog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// replay hands the groups from opt.From on to visit, and returns where the log ends.
func (l *Log) replay(visit func(Group) error) (Position, error) {
	from := l.opt.From
	numbers := l.Segments()
	numbers = slices.DeleteFunc(numbers, func(n uint64) bool { return n < from.Segment || l.opt.Cut != nil && n > l.opt.Cut.Segment })
	if from.Segment != 0 && (len(numbers) == 0 || numbers[0] != from.Segment) {
		return Position{}, fmt.Errorf("segment %d is missing: %w", from.Segment, ErrDamaged)
	}
	for i := 1; i < len(numbers); i++ {
		if numbers[i] != numbers[i-1]+1 {
			return Position{}, fmt.Errorf("segment %d is missing: %w", numbers[i-1]+1, ErrDamaged)
		}
	}
	end := from
	for i, n := range numbers {
		b, err := l.load(n)
		if err != nil {
			return Position{}, fmt.Errorf("read segment %d: %w", n, err)
		}
		if _, ok := parseHeader(b, n); !ok {
			// The last one may have been made and not have got as far as its header. Then nothing was ever written behind it.
			if i == len(numbers)-1 && !holdsGroup(b, n, 0) {
				break
			}
			return Position{}, fmt.Errorf("header of segment %d: %w", n, ErrDamaged)
		}
		limit, known, err := l.endOf(n, numbers[i+1:])
		if err != nil {
			return Position{}, err
		}
		start := int64(headerLen)
		if n == from.Segment {
			start = max(start, from.Offset)
		}
		stop, err := l.replaySegment(b, n, start, limit, known, visit)
		if err != nil {
			return Position{}, err
		}
		end = Position{n, stop}
	}
	return end, nil
}

// endOf returns where segment n ends, if that is known: from the header of the next one, or from the cut.
func (l *Log) endOf(n uint64, behind []uint64) (end int64, known bool, err error) {
	if c := l.opt.Cut; c != nil && c.Segment == n {
		return c.Offset, true, nil
	}
	if len(behind) == 0 {
		return 0, false, nil
	}
	b, err := l.loadHeader(behind[0])
	if err != nil {
		return 0, false, fmt.Errorf("read segment %d: %w", behind[0], err)
	}
	if end, ok := parseHeader(b, behind[0]); ok {
		return end, true, nil
	}
	return 0, false, nil // the next round says whether that is damage
}

func (l *Log) replaySegment(b []byte, n uint64, offset, limit int64, known bool, visit func(Group) error) (int64, error) {
	for !known || offset < limit {
		records, count, ok := parseGroup(b, n, offset)
		if !ok {
			if known || holdsGroup(b, n, offset+1) {
				return 0, fmt.Errorf("group at %s: %w", Position{n, offset}, ErrDamaged)
			}
			return offset, nil // never written, or torn
		}
		g, err := splitGroup(records, count, Position{n, offset})
		if err != nil {
			return 0, err
		}
		if err := visit(g); err != nil {
			return 0, err
		}
		offset += groupHeaderLen + int64(len(records))
	}
	return offset, nil
}

// holdsGroup reports whether a whole group of segment n begins in b at or behind offset.
func holdsGroup(b []byte, n uint64, offset int64) bool {
	magic := binary.BigEndian.AppendUint32(nil, groupMagic)
	for {
		if offset >= int64(len(b)) {
			return false
		}
		i := bytes.Index(b[offset:], magic)
		if i < 0 {
			return false
		}
		offset += int64(i)
		if _, _, ok := parseGroup(b, n, offset); ok {
			return true
		}
		offset++
	}
}

// load reads a whole segment.
func (l *Log) load(n uint64) ([]byte, error) { return l.readFile(n, -1) }

func (l *Log) loadHeader(n uint64) ([]byte, error) { return l.readFile(n, headerLen) }

func (l *Log) readFile(n uint64, limit int64) (b []byte, err error) {
	f, err := l.opt.FS.Open(l.opt.FS.PathJoin(l.opt.Dir, segmentName(n)), vfs.SequentialReadsOption)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if limit >= 0 {
		size = min(size, limit)
	}
	b = make([]byte, size)
	got, err := f.ReadAt(b, 0)
	if errors.Is(err, io.EOF) && int64(got) == size {
		err = nil
	}
	return b, err
}

// Groups hands the groups of a segment that has ended to visit, in order. Where a log was cut, the segment ends there, as long as the next one is kept.
func (l *Log) Groups(segment uint64, visit func(Group) error) error {
	b, err := l.load(segment)
	if err != nil {
		return fmt.Errorf("read segment %d: %w", segment, err)
	}
	limit := l.Size(segment)
	if l.Size(segment+1) > 0 {
		end, known, err := l.endOf(segment, []uint64{segment + 1})
		switch {
		case errors.Is(err, os.ErrNotExist): // given up meanwhile
		case err != nil:
			return err
		case known:
			limit = min(limit, end)
		}
	}
	b = b[:min(int64(len(b)), limit)]
	for offset := int64(headerLen); offset < int64(len(b)); {
		records, count, ok := parseGroup(b, segment, offset)
		if !ok {
			if holdsGroup(b, segment, offset+1) {
				return fmt.Errorf("group at %s: %w", Position{segment, offset}, ErrDamaged)
			}
			return nil
		}
		g, err := splitGroup(records, count, Position{segment, offset})
		if err != nil {
			return err
		}
		if err := visit(g); err != nil {
			return err
		}
		offset += groupHeaderLen + int64(len(records))
	}
	return nil
}

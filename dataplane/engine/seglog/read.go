package seglog

import (
	"errors"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// maxReaders bounds the files that are open for reading.
const maxReaders = 256

// Read fills b with the bytes at the position, which were committed. The caller checks what it gets: the log does not know
// what lies where.
func (l *Log) Read(at Position, b []byte) error {
	l.mu.RLock()
	f := l.readers[at.Segment]
	if f == nil {
		l.mu.RUnlock()
		if err := l.openReader(at.Segment); err != nil {
			return err
		}
		l.mu.RLock()
		if f = l.readers[at.Segment]; f == nil {
			l.mu.RUnlock()
			return l.Read(at, b) // closed again for others
		}
	}
	defer l.mu.RUnlock()
	n, err := f.ReadAt(b, at.Offset)
	if errors.Is(err, io.EOF) {
		err = nil
		if n < len(b) {
			err = fmt.Errorf("%s is behind the end: %w", at, ErrDamaged)
		}
	}
	if err != nil {
		return fmt.Errorf("read %d bytes at %s: %w", len(b), at, err)
	}
	return nil
}

func (l *Log) openReader(segment uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readers == nil {
		return fmt.Errorf("read segment %d: the log is closed", segment)
	}
	if _, ok := l.sizes[segment]; !ok {
		return fmt.Errorf("segment %d is not there: %w", segment, ErrDamaged)
	}
	if l.readers[segment] != nil {
		return nil
	}
	if len(l.readers) >= maxReaders {
		for n, f := range l.readers { // any
			_ = f.Close()
			delete(l.readers, n)
			break
		}
	}
	f, err := l.opt.FS.Open(l.opt.FS.PathJoin(l.opt.Dir, segmentName(segment)), vfs.RandomReadsOption)
	if err != nil {
		return fmt.Errorf("read segment %d: %w", segment, err)
	}
	l.readers[segment] = f
	return nil
}

// Retire gives up a segment that has ended and that nobody wants to read again. Its file is kept as a spare unless keep is false: then
// somebody else may hold a link to it.
func (l *Log) Retire(segment uint64, keep bool) error {
	l.mu.Lock()
	if f := l.readers[segment]; f != nil {
		_ = f.Close()
		delete(l.readers, segment)
	}
	delete(l.sizes, segment)
	keep = keep && len(l.spare) < l.opt.MaxSpare
	l.mu.Unlock()
	name := l.opt.FS.PathJoin(l.opt.Dir, segmentName(segment))
	if !keep {
		return l.opt.FS.Remove(name)
	}
	spare := spareName(segment)
	if err := l.opt.FS.Rename(name, l.opt.FS.PathJoin(l.opt.Dir, spare)); err != nil {
		return fmt.Errorf("retire segment %d: %w", segment, err)
	}
	l.mu.Lock()
	l.spare = append(l.spare, spare)
	l.mu.Unlock()
	return nil
}

// discard removes a segment that holds nothing that counts. It must go before the log goes on: its number will be used again.
func (l *Log) discard(segment uint64) error {
	delete(l.sizes, segment)
	if err := l.opt.FS.Remove(l.opt.FS.PathJoin(l.opt.Dir, segmentName(segment))); err != nil {
		return fmt.Errorf("remove segment %d: %w", segment, err)
	}
	return nil
}

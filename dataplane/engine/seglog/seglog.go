// Package seglog is an append-only log in segments: the one place where what the engine was told is written, and the one
// place where message bodies lie.
//
// # Writing
//
// Records are appended in groups. A group is one write and one sync, and the next group is not written before the sync of
// the one before has returned. So a whole group behind a broken one is proof that the broken one was once on the disk: at the end of the
// log, a torn write is told apart from damage.
//
// # Segments
//
// A segment is a file. Its header names it and says where the segment before it ends. A group lies in one segment, and carries the
// number of its segment and its place: what is left in a file that was used before is never taken for part of the log.
// Opening begins a new segment, so no segment is written to by two lives of the log. A retired segment is kept as a spare for the next one:
// overwriting blocks that a file has already is about twice as fast as making it longer, since the sync has no metadata to write. For the same
// reason spares are filled with zeros ahead of their use.
//
// # Failure
//
// After a failed write or sync nothing is known about the end of the log, and the Log must not be used again. Open may then be
// told where the log ended before (Options.Cut): what lies behind is never read again.
package seglog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Position is a place in the log. The zero Position is before every log.
type Position struct {
	Segment uint64
	Offset  int64 // in the segment's file
}

// Less reports whether p is before o.
func (p Position) Less(o Position) bool {
	return p.Segment < o.Segment || p.Segment == o.Segment && p.Offset < o.Offset
}

func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Segment, p.Offset) }

// Options says where a log is and how it is cut into files.
type Options struct {
	FS           vfs.FS
	Dir          string // exists
	SegmentBytes int64  // a segment that has reached it is followed by another; one group may go beyond
	MaxSpare     int    // retired segments that are kept to be written again
	// Prepare is how many spare segments are made ready when the log is opened, and half as many ahead of their use later, by a goroutine that
	// writes to Disk; Room, when not nil, says whether the disk has that many bytes left for it.
	Prepare int
	Disk    vfs.FS // nil: FS
	Room    func(bytes int64) bool
	// From is where to begin reading: everything before it is known elsewhere. The zero Position reads everything.
	From Position
	// Cut, when not nil, is the end of the log: what follows was never answered and is given up.
	Cut *Position
	// ReadOnly opens a log that nothing is appended to: no file is made, written or removed.
	ReadOnly bool
}

// Group is what was committed at once.
type Group struct {
	Records []Record
	End     Position
}

// Record is a record and where its first byte is.
type Record struct {
	At    Position
	Bytes []byte
}

// ErrDamaged is wrapped by errors about stored bytes that are not what was written.
var ErrDamaged = errors.New("the log is damaged")

// Log is an open log. Start, Append, Commit and End are for one goroutine at a time; the rest is safe for concurrent use.
type Log struct {
	opt Options
	dir vfs.File // for syncing

	file   vfs.File // of the current segment
	number uint64
	offset int64  // end of the current segment
	buf    []byte // the group that is being built
	count  uint32 // its records

	preparer *preparer // nil: spares are not made ahead

	mu      sync.RWMutex // guards: the rest. Held for reading while a file is read
	readers map[uint64]vfs.File
	sizes   map[uint64]int64 // of the segments; of the current one when it was begun
	spare   []string
	closed  bool

	prepared uint64 // the highest number in the name of a spare that was made
}

// Open reads the log from opt.From on, which is the end of a group, hands every group to visit in order, and begins a new segment. A group is only good
// during the call of visit, whose errors end the opening.
func Open(opt Options, visit func(Group) error) (*Log, error) {
	l := &Log{opt: opt, readers: make(map[uint64]vfs.File), sizes: make(map[uint64]int64)}
	names, err := opt.FS.List(opt.Dir)
	if err != nil {
		return nil, fmt.Errorf("list the log: %w", err)
	}
	for _, name := range names {
		if n, ok := segmentNumber(name); ok {
			info, err := opt.FS.Stat(opt.FS.PathJoin(opt.Dir, name))
			if err != nil {
				return nil, fmt.Errorf("list the log: %w", err)
			}
			l.sizes[n] = info.Size()
		} else if isSpare(name) {
			l.spare = append(l.spare, name)
			l.prepared = max(l.prepared, preparedNumber(name))
		}
	}
	end, err := l.replay(visit)
	if err != nil {
		return nil, err
	}
	if opt.ReadOnly {
		maps.DeleteFunc(l.sizes, func(n uint64, _ int64) bool { return n > end.Segment })
		return l, nil
	}
	if l.dir, err = opt.FS.OpenDir(opt.Dir); err != nil {
		return nil, fmt.Errorf("open the log's directory: %w", err)
	}
	// Segments behind the end hold nothing that counts.
	for n := range l.sizes {
		if n > end.Segment {
			err = errors.Join(err, l.discard(n))
		}
	}
	for keep := max(opt.MaxSpare, opt.Prepare); err == nil && len(l.spare) > keep; l.spare = l.spare[:len(l.spare)-1] {
		err = opt.FS.Remove(opt.FS.PathJoin(opt.Dir, l.spare[len(l.spare)-1]))
	}
	if err == nil {
		err = l.begin(end)
	}
	if err != nil {
		return nil, errors.Join(err, l.dir.Close())
	}
	if opt.Prepare > 0 {
		if l.opt.Disk == nil {
			l.opt.Disk = opt.FS
		}
		l.preparer = &preparer{wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
		go l.prepare(l.preparer)
	}
	return l, nil
}

// begin makes the segment behind end the current one. It is durable, as an empty one, when begin returns.
func (l *Log) begin(end Position) error {
	number := end.Segment + 1
	name := l.opt.FS.PathJoin(l.opt.Dir, segmentName(number))
	file, err := l.newFile(name)
	if err != nil {
		return fmt.Errorf("begin segment %d: %w", number, err)
	}
	if _, err := file.Write(segmentHeader(number, end.Offset)); err != nil {
		return errors.Join(fmt.Errorf("begin segment %d: %w", number, err), file.Close())
	}
	if err := errors.Join(file.Sync(), l.dir.Sync()); err != nil {
		return errors.Join(fmt.Errorf("begin segment %d: %w", number, err), file.Close())
	}
	l.file, l.number, l.offset = file, number, headerLen
	l.mu.Lock()
	l.sizes[number] = headerLen
	l.mu.Unlock()
	return nil
}

// newFile returns a file to be written from its beginning: a spare one, or a new one with its room set aside.
func (l *Log) newFile(name string) (vfs.File, error) {
	l.mu.Lock()
	var spare string
	if n := len(l.spare); n > 0 {
		spare, l.spare = l.spare[n-1], l.spare[:n-1]
	}
	l.mu.Unlock()
	if p := l.preparer; p != nil {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
	if spare != "" {
		return l.opt.FS.ReuseForWrite(l.opt.FS.PathJoin(l.opt.Dir, spare), name, writeCategory)
	}
	file, err := l.opt.FS.Create(name, writeCategory)
	if err == nil {
		_ = file.Preallocate(0, l.opt.SegmentBytes) // a file system that cannot is only slower
	}
	return file, err
}

// Start begins a group of about size bytes: the current segment is ended if it would become too large. Requires: no group begun.
func (l *Log) Start(size int64) error {
	l.buf = append(l.buf[:0], make([]byte, groupHeaderLen)...)
	l.count = 0
	if l.offset == headerLen || l.offset+groupHeaderLen+size <= l.opt.SegmentBytes {
		return nil
	}
	end := Position{l.number, l.offset}
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("end segment %d: %w", l.number, err)
	}
	l.mu.Lock()
	l.sizes[l.number] = l.offset
	l.mu.Unlock()
	return l.begin(end)
}

// Append adds a record made of parts to the group and returns where its first byte will be.
func (l *Log) Append(parts ...[]byte) Position {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	l.buf = appendUint32(l.buf, uint32(n))
	at := Position{l.number, l.offset + int64(len(l.buf))}
	for _, p := range parts {
		l.buf = append(l.buf, p...)
	}
	l.count++
	return at
}

// Commit writes the group and returns once it would survive power loss, and everything before it.
func (l *Log) Commit() error {
	sealGroup(l.buf, l.number, l.offset, l.count)
	if _, err := l.file.Write(l.buf); err != nil {
		return fmt.Errorf("write to segment %d: %w", l.number, err)
	}
	if err := l.file.SyncData(); err != nil {
		return fmt.Errorf("sync segment %d: %w", l.number, err)
	}
	l.offset += int64(len(l.buf))
	if cap(l.buf) > maxRetainedBuffer {
		l.buf = nil
	}
	return nil
}

// End is where the next group will be.
func (l *Log) End() Position { return Position{l.number, l.offset} }

// Segments returns the numbers of the segments, in order; the last is the current one.
func (l *Log) Segments() []uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := make([]uint64, 0, len(l.sizes))
	for n := range l.sizes {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Size returns the bytes of a segment that has ended, 0 of one that is not there.
func (l *Log) Size(segment uint64) int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.sizes[segment]
}

// Close closes the files. It syncs nothing, and may be repeated.
func (l *Log) Close() error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	if l.preparer != nil {
		close(l.preparer.stop)
		<-l.preparer.done
	}
	var err error
	if !l.opt.ReadOnly {
		err = errors.Join(l.file.Close(), l.dir.Close())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.readers {
		err = errors.Join(err, f.Close())
	}
	l.readers = nil
	return err
}

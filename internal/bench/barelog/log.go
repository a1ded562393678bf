// Package barelog is the ceiling that the engine is measured against: the least that a durable queue on one disk must do, and nothing else.
// It appends framed messages to preallocated segments, shares one fdatasync between all who wait, reads them back with one pread, and
// acknowledges by appending a small record. It has one queue, one group, no leases, no index, no recovery.
//
//	frame: length of the payload (4 bytes, little endian), CRC-32C of the payload (4), payload
//	payload: a message, or an acknowledgement: segment (4), offset (8), messages (4)
//
// One goroutine commits: it takes all that wait, writes them with one pwrite, syncs, and answers; meanwhile the next ones gather. Segments whose
// messages are all acknowledged are used again, so that a sync writes data only.
package barelog

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"sync"

	"dms/internal/bench"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const frameHeader = 8

// Options says how a log is kept.
type Options struct {
	Dir      string // an empty directory
	Segments int    // made beforehand
	// Overwrite uses the oldest segment again although nobody has read it: for loads that only send.
	Overwrite bool
}

// ref is where a batch lies.
type ref struct {
	seg      *segment
	at       int64
	bytes    int
	messages int
}

// request waits for its commit.
type request struct {
	data     []byte
	messages int   // 0: an acknowledgement
	acks     []ref // what an acknowledgement is of
	err      error
	done     chan struct{} // receives once the request is durable
}

// Log is an open log. Safe for concurrent use.
type Log struct {
	opt Options

	commits sync.Mutex // guards: waiting, closed
	more    *sync.Cond
	waiting []*request
	closed  bool
	ended   chan struct{} // closed when the committer has

	mu    sync.Mutex // guards: ready, from, free, order, err
	some  *sync.Cond
	ready []ref // from index from: not given to a consumer
	from  int
	free  []*segment
	order []*segment // in use, oldest first; the last is appended to
	made  int
	err   error // why there is no more

	buf []byte // of the committer
}

// Open makes a log in an empty directory.
func Open(opt Options) (*Log, error) {
	l := &Log{opt: opt, ended: make(chan struct{})}
	l.more, l.some = sync.NewCond(&l.commits), sync.NewCond(&l.mu)
	for range max(opt.Segments, 1) {
		s, err := makeSegment(opt.Dir, l.made)
		if err != nil {
			return nil, err
		}
		l.made++
		l.free = append(l.free, s)
	}
	go l.commit()
	return l, nil
}

// appendFrame frames a payload.
func appendFrame(b, payload []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(payload, castagnoli))
	return append(b, payload...)
}

var errClosed = errors.New("the log is closed")

// submit hands a request to the committer and waits for it.
func (l *Log) submit(r *request) error {
	l.commits.Lock()
	if l.closed {
		l.commits.Unlock()
		return errClosed
	}
	l.waiting = append(l.waiting, r)
	first := len(l.waiting) == 1
	l.commits.Unlock()
	if first {
		l.more.Signal()
	}
	<-r.done
	return r.err
}

// commit writes and syncs what waits until the log is closed.
func (l *Log) commit() {
	defer close(l.ended)
	var taken []*request
	for {
		l.commits.Lock()
		for len(l.waiting) == 0 && !l.closed {
			l.more.Wait()
		}
		if len(l.waiting) == 0 {
			l.commits.Unlock()
			return
		}
		taken, l.waiting = l.waiting, taken[:0]
		l.commits.Unlock()

		err := l.write(taken)
		for _, r := range taken {
			r.err = err
			r.done <- struct{}{}
		}
	}
}

// write makes requests durable, and then gives their messages to consumers.
func (l *Log) write(requests []*request) error {
	var refs []ref
	for i := 0; i < len(requests); {
		seg, err := l.segment(len(requests[i].data))
		if err != nil {
			return err
		}
		start := seg.used
		l.buf = l.buf[:0]
		for ; i < len(requests) && seg.used+int64(len(requests[i].data)) <= SegmentBytes; i++ {
			r := requests[i]
			if r.messages > 0 {
				refs = append(refs, ref{seg, seg.used, len(r.data), r.messages})
			}
			l.buf = append(l.buf, r.data...)
			seg.used += int64(len(r.data))
		}
		if _, err := seg.f.WriteAt(l.buf, start); err != nil {
			return err
		}
		if err := bench.SyncData(seg.f); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range refs {
		r.seg.unread++
	}
	for _, r := range requests {
		for _, a := range r.acks {
			a.seg.unread--
		}
	}
	l.recycle()
	if l.opt.Overwrite {
		return nil
	}
	if l.from > 4096 && l.from > len(l.ready)/2 {
		l.ready = append(l.ready[:0], l.ready[l.from:]...)
		l.from = 0
	}
	l.ready = append(l.ready, refs...)
	switch len(refs) {
	case 0:
	case 1:
		l.some.Signal()
	default:
		l.some.Broadcast()
	}
	return nil
}

// recycle frees the oldest segments that nobody needs. Requires: l.mu held.
func (l *Log) recycle() {
	for len(l.order) > 0 && l.order[0].sealed && (l.order[0].unread == 0 || l.opt.Overwrite) {
		l.free = append(l.free, l.order[0])
		l.order = l.order[1:]
	}
}

// segment returns one with room for n bytes. Only the committer calls it.
func (l *Log) segment(n int) (*segment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := len(l.order); k > 0 {
		if s := l.order[k-1]; s.used+int64(n) <= SegmentBytes {
			return s, nil
		}
		l.order[k-1].sealed = true
		l.recycle()
	}
	if len(l.free) == 0 {
		s, err := makeSegment(l.opt.Dir, l.made)
		if err != nil {
			return nil, err
		}
		l.made++
		l.free = append(l.free, s)
	}
	s := l.free[0]
	l.free = l.free[1:]
	s.used, s.unread, s.sealed = 0, 0, false
	l.order = append(l.order, s)
	return s, nil
}

// Close ends the committer and closes the files.
func (l *Log) Close() error {
	l.commits.Lock()
	l.closed = true
	l.commits.Unlock()
	l.more.Signal()
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = errClosed
	l.some.Broadcast()
	var errs []error
	for _, s := range append(l.order, l.free...) {
		errs = append(errs, s.f.Close())
	}
	l.order, l.free = nil, nil
	return errors.Join(errs...)
}

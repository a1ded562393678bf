package pebbleengine

import (
	"sync/atomic"

	"dms/dataplane/engine/seglog"
)

// space gives segments back. A segment may go when nobody wants a byte of it and Pebble has flushed what it was told behind it, so that
// opening will not read it again. space asks for that flush at the end of each segment, which also bounds what opening has to read.
// It belongs to the applying goroutine.
type space struct {
	s       *store
	usage   atomic.Pointer[logUsage] // for the janitor
	flushed seglog.Position          // what Pebble knows from its own files
	asked   seglog.Position          // what it will know when flushing is over
	over    <-chan struct{}          // closed then; nil: no flush was asked for

	pins   atomic.Int32 // while it is not 0, no segment goes
	missed atomic.Bool  // one would have gone
}

// pin keeps all segments where they are until the function that it returns is called.
func (sp *space) pin() (unpin func()) {
	sp.pins.Add(1)
	return func() {
		if sp.pins.Add(-1) == 0 && sp.missed.Load() {
			sp.s.commits.nudge()
		}
	}
}

// tend is called after each group.
func (sp *space) tend() {
	s := sp.s
	emptied := s.index.emptied || sp.pins.Load() == 0 && sp.missed.Swap(false)
	s.index.emptied = false
	if sp.over != nil {
		select {
		case <-sp.over:
			sp.over = nil
			if s.fence.Err() != nil { // what was flushed may be a lie
				return
			}
			sp.flushed, emptied = sp.asked, true
		default:
		}
	}
	if emptied {
		sp.retire()
		sp.report()
	}
	if applied := s.index.applied; sp.over == nil && applied.Segment > sp.asked.Segment {
		sp.flush(applied)
	}
}

// flush asks Pebble to write down what it knows.
func (sp *space) flush(applied seglog.Position) {
	s := sp.s
	over, err := s.db.AsyncFlush()
	if err != nil {
		s.fence.Trip(err)
		return
	}
	sp.asked, sp.over = applied, over
	go func() {
		select {
		case <-over:
			s.commits.nudge()
		case <-s.failed:
		}
	}()
}

// retire gives up the segments that nobody wants.
func (sp *space) retire() {
	s := sp.s
	if sp.pins.Load() != 0 {
		sp.missed.Store(true)
		return
	}
	segments := s.segments.Segments()
	for len(segments) > 0 && segments[len(segments)-1] >= sp.flushed.Segment {
		segments = segments[:len(segments)-1]
	}
	for _, n := range s.index.unwanted(segments) {
		if err := s.segments.Retire(n, true); err != nil {
			// It costs room, nothing else, and is tried again.
			s.log.Error("a segment of the log could not be given up", "segment", n, "error", err)
		}
	}
}

// report tells the janitor how long the log is, and wakes it when that may be too long.
func (sp *space) report() {
	s := sp.s
	u := &logUsage{}
	for _, n := range s.segments.Segments() {
		// A segment takes its whole room on the disk, however little of it was written.
		seg := segmentUsage{number: n, size: max(s.segments.Size(n), s.opt.SegmentBytes), wanted: s.index.wanted[n]}
		if n < sp.flushed.Segment {
			u.ended = append(u.ended, seg)
		}
		u.total += seg.size
		u.wanted += seg.wanted
	}
	sp.usage.Store(u)
	if u.total > s.opt.ReclaimAbove || u.wasteful(s.opt.SegmentBytes) {
		s.janitor.signal()
	}
}

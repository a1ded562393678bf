package pebbleengine

import (
	"dms/dataplane/engine/seglog"
)

// space gives segments back. A segment may go when nobody wants a byte of it and Pebble has flushed what it was told behind it, so that
// opening will not read it again. space asks for that flush at the end of each segment, which also bounds what opening has to read.
// It belongs to the commit goroutine.
type space struct {
	s       *store
	flushed seglog.Position // what Pebble knows from its own files
	asked   seglog.Position // what it will know when flushing is over
	over    <-chan struct{} // closed then; nil: no flush was asked for
}

// tend is called after each group.
func (sp *space) tend() {
	s := sp.s
	if sp.over != nil {
		select {
		case <-sp.over:
			sp.over = nil
			if s.fence.Err() != nil { // what was flushed may be a lie
				return
			}
			sp.flushed = sp.asked
			sp.retire()
		default:
		}
	}
	if applied := s.index.applied; sp.over == nil && applied.Segment > sp.asked.Segment {
		over, err := s.db.AsyncFlush()
		if err != nil {
			s.fence.Trip(err)
			return
		}
		sp.asked, sp.over = applied, over
	}
}

// retire gives up the segments that nobody wants.
func (sp *space) retire() {
	s := sp.s
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

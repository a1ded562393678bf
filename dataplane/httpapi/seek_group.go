package httpapi

import (
	"context"
	"math"
	"time"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
)

// SeekGroup implements the operation. That exactly one field is there is the document's rule.
func (s *server) SeekGroup(ctx context.Context, req gen.SeekGroupRequestObject) (gen.SeekGroupResponseObject, error) {
	c, at := at(ctx)
	var to engine.SeekTo
	switch b := req.Body; {
	case b.To != nil:
		to.Earliest, to.Latest = *b.To == gen.Earliest, *b.To == gen.Latest
	case b.Time != nil:
		to.Time = bounded(*b.Time)
	case b.Position != nil:
		to.Position = uint64(*b.Position)
	}
	return gen.SeekGroup204Response{}, s.node.Seek(c.Request.Context(), at.actor, at.queue, at.group, to)
}

// bounded returns t, but no earlier than 1970 and no later than 2262, which no message is either: beyond them an engine that keeps
// nanoseconds would read something else, and the zero time would be none.
func bounded(t time.Time) time.Time {
	first, last := time.Unix(0, 0), time.Unix(0, math.MaxInt64)
	switch {
	case t.Before(first):
		t = first
	case t.After(last):
		t = last
	}
	return t.UTC()
}

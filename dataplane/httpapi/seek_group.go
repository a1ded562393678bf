package httpapi

import (
	"context"
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
		to.Time = sinceEpoch(*b.Time)
	case b.Position != nil:
		to.Position = uint64(*b.Position)
	}
	return gen.SeekGroup204Response{}, s.node.Seek(c.Request.Context(), at.actor, at.queue, at.group, to)
}

// sinceEpoch returns t, but no earlier than 1970: nothing is older, and to the engine the zero time is none.
func sinceEpoch(t time.Time) time.Time {
	if epoch := time.UnixMicro(0); t.Before(epoch) {
		return epoch.UTC()
	}
	return t.UTC()
}

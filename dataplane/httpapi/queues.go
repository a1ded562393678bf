package httpapi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"dms/dataplane"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
)

// at returns what the request is about. The generated server passes gin's context as the context of the request.
func at(ctx context.Context) (*gin.Context, *target) {
	c := ctx.(*gin.Context)
	return c, targetOf(c)
}

// ListQueues implements the operation. Pages go by name, because names never change.
func (s *server) ListQueues(ctx context.Context, req gen.ListQueuesRequestObject) (gen.ListQueuesResponseObject, error) {
	c, at := at(ctx)
	page, err := pageOf(req.Params.PageSize, req.Params.PageToken)
	if err != nil {
		return nil, err
	}
	queues, err := s.node.Queues(c.Request.Context(), at.actor.ProjectID)
	if err != nil {
		return nil, err
	}
	queues = slices.DeleteFunc(slices.Clone(queues), func(q dataplane.Queue) bool { return q.Name <= page.after })
	slices.SortFunc(queues, func(a, b dataplane.Queue) int { return strings.Compare(a.Name, b.Name) })
	out := gen.ListQueues200JSONResponse{Queues: []gen.Queue{}}
	if len(queues) > page.size {
		queues = queues[:page.size]
		out.NextPageToken = tokenAfter(queues[page.size-1].Name)
	}
	for _, q := range queues {
		v, err := s.viewQueue(c.Request.Context(), q)
		if err != nil {
			return nil, err
		}
		out.Queues = append(out.Queues, v)
	}
	return out, nil
}

// GetQueue implements the operation.
func (s *server) GetQueue(ctx context.Context, _ gen.GetQueueRequestObject) (gen.GetQueueResponseObject, error) {
	c, at := at(ctx)
	v, err := s.viewQueue(c.Request.Context(), at.queue)
	if err != nil {
		return nil, err
	}
	return gen.GetQueue200JSONResponse(v), nil
}

func (s *server) viewQueue(ctx context.Context, q dataplane.Queue) (gen.Queue, error) {
	queueID, err := uuid.Parse(q.ID)
	if err != nil {
		return gen.Queue{}, errs.Wrap(err, errs.Internal, "", "the directory's queue %q", q.ID)
	}
	groups, err := s.node.Groups(ctx, q)
	if err != nil {
		return gen.Queue{}, err
	}
	stats, err := s.node.QueueStats(ctx, q)
	if err != nil {
		return gen.Queue{}, err
	}
	v := gen.Queue{
		Id: queueID, Name: q.Name, Mode: gen.QueueMode(q.Mode), CreatedAt: instant(q.CreatedAt),
		RetentionHours: int(q.Retention().Hours()),
		Counters:       &gen.QueueCounters{Messages: stats.Messages, Bytes: stats.Bytes, Groups: len(groups)},
	}
	if q.Description != "" {
		v.Description = &q.Description
	}
	if q.MaxConsumeCount > 0 {
		v.MaxConsumeCount = &q.MaxConsumeCount
	}
	v.Tags = list(v.Tags, len(q.Tags))
	for i, t := range q.Tags {
		v.Tags[i].Key, v.Tags[i].Value = t.Key, t.Value
	}
	return v, nil
}

// list makes a list of n elements like s, whose type the generated code has no name for. An empty one is [], never null.
func list[S ~[]E, E any](_ S, n int) S { return make(S, n) }

// instant turns microseconds since 1970 into the time that the wire shows, in UTC.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

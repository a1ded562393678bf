package httpapi

import (
	"context"

	"github.com/google/uuid"

	"dms/controlplane"
	"dms/controlplane/httpapi/gen"
	"dms/dataplane"
	"dms/internal/errs"
)

// CreateQueue implements the operation.
func (s *server) CreateQueue(ctx context.Context, req gen.CreateQueueRequestObject) (gen.CreateQueueResponseObject, error) {
	ctx, at := at(ctx)
	q, _, err := s.d.Services.Queues.Create(ctx, at.actor, at.region, specOf(*req.Body))
	if err != nil {
		return nil, err
	}
	v, err := viewQueue(q)
	if err != nil {
		return nil, err
	}
	return gen.CreateQueue201JSONResponse(v), nil
}

// specOf reads a request: here a max_consume_count alone says that there are dead letters.
func specOf(req gen.CreateQueueRequest) controlplane.QueueSpec {
	spec := controlplane.QueueSpec{Name: req.Name, MaxConsumeCount: req.MaxConsumeCount, RetentionHours: req.RetentionHours}
	if req.Mode != nil {
		spec.Mode = dataplane.Mode(*req.Mode)
	}
	if req.Description != nil {
		spec.Description = *req.Description
	}
	if req.MaxConsumeCount != nil {
		spec.Redrive = controlplane.RedriveEnable
	}
	if req.Groups != nil {
		spec.Groups = *req.Groups
	}
	return spec
}

// DeleteQueue implements the operation.
func (s *server) DeleteQueue(ctx context.Context, _ gen.DeleteQueueRequestObject) (gen.DeleteQueueResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.d.Services.Queues.Delete(ctx, at.actor, at.queue.ID); err != nil {
		return nil, err
	}
	return gen.DeleteQueue204Response{}, nil
}

func viewQueue(q controlplane.Queue) (gen.Queue, error) {
	queueID, err := uuid.Parse(q.ID)
	if err != nil {
		return gen.Queue{}, errs.Wrap(err, errs.Internal, "", "the database's queue %q", q.ID)
	}
	v := gen.Queue{
		Id: queueID, Name: q.Name, Mode: gen.QueueMode(q.Mode), CreatedAt: instant(q.CreatedAt),
		RetentionHours: int(q.Retention().Hours()),
	}
	if q.Description != "" {
		v.Description = &q.Description
	}
	if q.MaxConsumeCount > 0 {
		v.MaxConsumeCount = &q.MaxConsumeCount
	}
	v.Tags = make([]struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}, len(q.Tags)) // an array also when it is empty
	for i, t := range q.Tags {
		v.Tags[i].Key, v.Tags[i].Value = t.Key, t.Value
	}
	return v, nil
}

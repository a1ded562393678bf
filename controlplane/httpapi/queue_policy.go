package httpapi

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"dms/controlplane"
	"dms/controlplane/httpapi/gen"
	"dms/internal/errs"
	"dms/internal/httpserve"
)

// GetQueuePolicy implements the operation.
func (s *server) GetQueuePolicy(ctx context.Context, _ gen.GetQueuePolicyRequestObject) (gen.GetQueuePolicyResponseObject, error) {
	ctx, at := at(ctx)
	p, err := s.d.Services.Queues.Policy(ctx, at.queue)
	if err != nil {
		return nil, err
	}
	v, err := viewQueuePolicy(p)
	return gen.GetQueuePolicy200JSONResponse(v), err
}

// SetQueuePolicy implements the operation. The document is taken as it was sent: the language of policies is not this package's.
func (s *server) SetQueuePolicy(ctx context.Context, _ gen.SetQueuePolicyRequestObject) (gen.SetQueuePolicyResponseObject, error) {
	document, err := httpserve.Body(ctx.(*gin.Context))
	if err != nil {
		return nil, err
	}
	ctx, at := at(ctx)
	p, err := s.d.Services.Queues.SetPolicy(ctx, at.actor, at.queue, document)
	if err != nil {
		return nil, err
	}
	v, err := viewQueuePolicy(p)
	return gen.SetQueuePolicy200JSONResponse(v), err
}

// DeleteQueuePolicy implements the operation.
func (s *server) DeleteQueuePolicy(ctx context.Context, _ gen.DeleteQueuePolicyRequestObject) (gen.DeleteQueuePolicyResponseObject, error) {
	ctx, at := at(ctx)
	if err := s.d.Services.Queues.DeletePolicy(ctx, at.actor, at.queue); err != nil {
		return nil, err
	}
	return gen.DeleteQueuePolicy204Response{}, nil
}

func viewQueuePolicy(p controlplane.QueuePolicy) (gen.QueuePolicy, error) {
	v := gen.QueuePolicy{Version: p.Version, UpdatedAt: instant(p.UpdatedAt), UpdatedBy: p.UpdatedBy}
	if err := json.Unmarshal(p.Document, &v.Document); err != nil {
		return gen.QueuePolicy{}, errs.Wrap(err, errs.Internal, "", "the database's policy of queue %s", p.QueueID)
	}
	return v, nil
}

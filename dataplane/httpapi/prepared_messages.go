package httpapi

import (
	"context"
	"time"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

const defaultPrepareTimeout = time.Hour

// PrepareMessages implements the operation.
func (s *server) PrepareMessages(ctx context.Context, req gen.PrepareMessagesRequestObject) (gen.PrepareMessagesResponseObject, error) {
	c, at := at(ctx)
	offered := make([]gen.NewMessage, len(req.Body.Messages))
	for i, m := range req.Body.Messages {
		offered[i] = gen.NewMessage{Body: m.Body, Attributes: m.Attributes, Labels: m.Labels, DelayMs: m.DelayMs, OrderingKey: m.OrderingKey}
	}
	msgs, err := s.newMessages(at.queue.Mode, offered)
	if err != nil {
		return nil, err
	}
	opt := engine.PrepareOptions{Timeout: defaultPrepareTimeout}
	if req.Body.TimeoutSeconds != nil {
		opt.Timeout = time.Duration(*req.Body.TimeoutSeconds) * time.Second
	}
	if req.Body.OnTimeout != nil && *req.Body.OnTimeout == gen.PrepareRequestOnTimeoutCommit {
		opt.Default = engine.Commit
	}
	p, err := s.node.Prepare(c.Request.Context(), at.actor, at.queue, msgs, opt)
	if err != nil {
		return nil, err
	}
	v, err := viewPrepared(p)
	return gen.PrepareMessages201JSONResponse(v), err
}

// ListPrepared implements the operation. Pages go by id.
func (s *server) ListPrepared(ctx context.Context, req gen.ListPreparedRequestObject) (gen.ListPreparedResponseObject, error) {
	c, at := at(ctx)
	page, err := pageOf(req.Params.PageSize, req.Params.PageToken)
	if err != nil {
		return nil, err
	}
	if page.after != "" && !id.IsQueue(page.after) { // both are UUIDs
		return nil, invalidPageToken()
	}
	all, err := s.node.ListPrepared(c.Request.Context(), at.queue, page.after, page.size+1)
	if err != nil {
		return nil, err
	}
	out := gen.ListPrepared200JSONResponse{Prepared: []gen.Prepared{}}
	if len(all) > page.size {
		all = all[:page.size]
		out.NextPageToken = tokenAfter(all[page.size-1].ID)
	}
	for _, p := range all {
		v, err := viewPrepared(p)
		if err != nil {
			return nil, err
		}
		out.Prepared = append(out.Prepared, v)
	}
	return out, nil
}

// CommitPrepared implements the operation.
func (s *server) CommitPrepared(ctx context.Context, req gen.CommitPreparedRequestObject) (gen.CommitPreparedResponseObject, error) {
	sent, err := s.decide(ctx, req.PreparedId, engine.Commit)
	if err != nil {
		return nil, err
	}
	var out gen.CommitPrepared200JSONResponse
	out.Messages = list(out.Messages, len(sent))
	for i := range sent {
		if out.Messages[i].Id, err = parseID(sent[i].ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RollbackPrepared implements the operation.
func (s *server) RollbackPrepared(ctx context.Context, req gen.RollbackPreparedRequestObject) (gen.RollbackPreparedResponseObject, error) {
	_, err := s.decide(ctx, req.PreparedId, engine.Rollback)
	return gen.RollbackPrepared204Response{}, err
}

func (s *server) decide(ctx context.Context, preparedID string, o engine.Outcome) ([]engine.Sent, error) {
	c, at := at(ctx)
	if !id.IsQueue(preparedID) { // what cannot be an id is as good as an unknown one
		return nil, errs.New(errs.NotFound, reason.PreparedNotFound, "There are no such prepared messages.")
	}
	return s.node.Decide(c.Request.Context(), at.actor, at.queue, preparedID, o)
}

func viewPrepared(p engine.Prepared) (gen.Prepared, error) {
	preparedID, err := parseID(p.ID)
	if err != nil {
		return gen.Prepared{}, err
	}
	v := gen.Prepared{
		Id: preparedID, Messages: p.Messages, Bytes: p.Bytes,
		PreparedAt: p.PreparedAt.UTC(), DecideBy: p.DecideBy.UTC(), OnTimeout: gen.PreparedOnTimeoutRollback,
	}
	if p.Default == engine.Commit {
		v.OnTimeout = gen.PreparedOnTimeoutCommit
	}
	return v, nil
}

package httpapi

import (
	"context"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
)

// RedriveDeadLetters implements the operation.
func (s *server) RedriveDeadLetters(ctx context.Context, req gen.RedriveDeadLettersRequestObject) (gen.RedriveDeadLettersResponseObject, error) {
	c, at := at(ctx)
	opt, err := redriveOptions(req.Body)
	if err != nil {
		return nil, err
	}
	moved, err := s.node.Redrive(c.Request.Context(), at.actor, at.queue, at.group, opt)
	return gen.RedriveDeadLetters200JSONResponse{Moved: moved}, err
}

func redriveOptions(b *gen.RedriveRequest) (engine.RedriveOptions, error) {
	var opt engine.RedriveOptions
	if b == nil {
		return opt, nil
	}
	if b.MessageIds != nil {
		if b.Max != nil || b.PerSecond != nil {
			return opt, errs.New(errs.Invalid, "invalid_request", "Give message_ids, or max and per_second, not both.").
				WithField("/message_ids", "is not together with max or per_second")
		}
		for _, u := range *b.MessageIds {
			opt.IDs = append(opt.IDs, u.String())
		}
		return opt, nil
	}
	if b.Max != nil {
		opt.Max = *b.Max
	}
	if b.PerSecond != nil {
		opt.PerSecond = *b.PerSecond
	}
	return opt, nil
}

// GetRedrive implements the operation.
func (s *server) GetRedrive(ctx context.Context, _ gen.GetRedriveRequestObject) (gen.GetRedriveResponseObject, error) {
	c, at := at(ctx)
	st, err := s.node.RedriveStatus(c.Request.Context(), at.queue, at.group)
	if err != nil {
		return nil, err
	}
	out := gen.GetRedrive200JSONResponse{Running: st.Running, Moved: st.Moved, Remaining: st.Remaining, PerSecond: st.PerSecond}
	if !st.StartedAt.IsZero() {
		started := st.StartedAt.UTC()
		out.StartedAt = &started
	}
	return out, nil
}

// StopRedrive implements the operation.
func (s *server) StopRedrive(ctx context.Context, _ gen.StopRedriveRequestObject) (gen.StopRedriveResponseObject, error) {
	c, at := at(ctx)
	return gen.StopRedrive204Response{}, s.node.StopRedrive(c.Request.Context(), at.queue, at.group)
}

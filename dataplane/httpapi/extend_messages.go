package httpapi

import (
	"context"
	"time"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
)

// ExtendMessages implements the operation.
func (s *server) ExtendMessages(ctx context.Context, req gen.ExtendMessagesRequestObject) (gen.ExtendMessagesResponseObject, error) {
	out, err := s.extend(ctx, engine.Live, *req.Body)
	return gen.ExtendMessages200JSONResponse(out), err
}

// ExtendDeadLetters implements the operation.
func (s *server) ExtendDeadLetters(ctx context.Context, req gen.ExtendDeadLettersRequestObject) (gen.ExtendDeadLettersResponseObject, error) {
	out, err := s.extend(ctx, engine.Dead, *req.Body)
	return gen.ExtendDeadLetters200JSONResponse(out), err
}

func (s *server) extend(ctx context.Context, kind engine.Kind, req gen.ExtendRequest) (gen.Extended, error) {
	c, at := at(ctx)
	extensions := make([]engine.Extension, len(req.Messages))
	for i, m := range req.Messages {
		extensions[i] = engine.Extension{Handler: m.Handler, AckWait: time.Duration(m.AckWaitSeconds) * time.Second}
	}
	results, err := s.node.Extend(c.Request.Context(), at.actor, at.queue, at.group, kind, extensions)
	if err != nil {
		return gen.Extended{}, err
	}
	var out gen.Extended
	out.Results = list(out.Results, len(results))
	for i, why := range results {
		if why == nil {
			out.Results[i].Extended = true
			continue
		}
		code, detail := problemCode(why), errs.MessageOf(why)
		out.Results[i].Code, out.Results[i].Detail = &code, &detail
	}
	return out, nil
}

// problemCode is the word that a problem would have for err.
func problemCode(err error) string {
	if r := errs.ReasonOf(err); r != "" {
		return string(r)
	}
	return string(errs.CodeOf(err))
}

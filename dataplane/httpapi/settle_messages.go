package httpapi

import (
	"context"
	"fmt"
	"time"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
)

// SettleMessages implements the operation.
func (s *server) SettleMessages(ctx context.Context, req gen.SettleMessagesRequestObject) (gen.SettleMessagesResponseObject, error) {
	out, err := s.settle(ctx, engine.Live, *req.Body)
	return gen.SettleMessages200JSONResponse(out), err
}

// SettleDeadLetters implements the operation.
func (s *server) SettleDeadLetters(ctx context.Context, req gen.SettleDeadLettersRequestObject) (gen.SettleDeadLettersResponseObject, error) {
	out, err := s.settle(ctx, engine.Dead, *req.Body)
	return gen.SettleDeadLetters200JSONResponse(out), err
}

func (s *server) settle(ctx context.Context, kind engine.Kind, req gen.SettleRequest) (gen.Settled, error) {
	c, at := at(ctx)
	settlements := make([]engine.Settlement, len(req.Messages))
	for i, m := range req.Messages {
		settlements[i] = engine.Settlement{Handler: m.Handler, Failed: m.Failed != nil && *m.Failed}
		if m.DelayMs == nil {
			continue
		}
		if !settlements[i].Failed {
			return gen.Settled{}, errs.New(errs.Invalid, "invalid_request", "Only a failed message can be delayed: what is acknowledged does not come again.").
				WithField(fmt.Sprintf("/messages/%d/delay_ms", i), "is together with failed only")
		}
		settlements[i].Delay = time.Duration(*m.DelayMs) * time.Millisecond
	}
	n, err := s.node.Settle(c.Request.Context(), at.actor, at.queue, at.group, kind, settlements)
	return gen.Settled{Accepted: n, Rejected: len(settlements) - n}, err
}

package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
)

// SendMessages implements the operation. Bodies and attributes stay the bytes that were sent.
func (s *server) SendMessages(ctx context.Context, req gen.SendMessagesRequestObject) (gen.SendMessagesResponseObject, error) {
	c, at := at(ctx)
	msgs := make([]dataplane.Message, len(req.Body.Messages))
	for i, m := range req.Body.Messages {
		msgs[i].Body = m.Body
		if m.Attributes != nil {
			msgs[i].Attributes = *m.Attributes
		}
		if m.Labels != nil {
			msgs[i].Labels = *m.Labels
		}
		if m.DelayMs != nil { // the document bounds it, so that it fits
			msgs[i].Delay = time.Duration(*m.DelayMs) * time.Millisecond
		}
	}
	if err := s.limits.CheckSend(at.queue.Mode, msgs); err != nil {
		return nil, err
	}
	stored := make([]engine.NewMessage, len(msgs))
	for i, m := range msgs {
		stored[i] = engine.NewMessage(m)
	}
	sent, err := s.node.Send(c.Request.Context(), at.actor, at.queue, stored)
	if err != nil {
		return nil, err
	}
	var out gen.SendMessages201JSONResponse
	out.Messages = list(out.Messages, len(sent))
	for i := range sent {
		if out.Messages[i].Id, err = uuid.Parse(sent[i].ID); err != nil {
			return nil, errs.Wrap(err, errs.Internal, "", "the engine's message id %q", sent[i].ID)
		}
	}
	return out, nil
}

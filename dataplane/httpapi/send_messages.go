package httpapi

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
	"dms/internal/reason"
)

// SendMessages implements the operation. Bodies and attributes stay the bytes that were sent.
func (s *server) SendMessages(ctx context.Context, req gen.SendMessagesRequestObject) (gen.SendMessagesResponseObject, error) {
	c, at := at(ctx)
	msgs, err := s.newMessages(at.queue.Mode, req.Body.Messages)
	if err != nil {
		return nil, err
	}
	sent, err := s.node.Send(c.Request.Context(), at.actor, at.queue, msgs)
	if err != nil {
		return nil, err
	}
	var out gen.SendMessages201JSONResponse
	out.Messages = list(out.Messages, len(sent))
	for i := range sent {
		if out.Messages[i].Id, err = parseID(sent[i].ID); err != nil {
			return nil, err
		}
		out.Messages[i].Duplicate = sent[i].Duplicate
	}
	return out, nil
}

// newMessages checks what a client offers and turns it into what the engine stores.
func (s *server) newMessages(mode dataplane.Mode, offered []gen.NewMessage) ([]engine.NewMessage, error) {
	msgs := make([]dataplane.Message, len(offered))
	for i, m := range offered {
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
		if m.OrderingKey != nil {
			if mode != dataplane.ModeFIFO {
				return nil, errs.New(errs.Invalid, reason.Format, "Only messages of a FIFO queue have ordering keys; this queue is %s.", mode).
					WithField(fmt.Sprintf("/messages/%d/ordering_key", i), "is for FIFO queues only")
			}
			msgs[i].OrderingKey = *m.OrderingKey
		}
		if m.DeduplicationId != nil {
			msgs[i].DedupID = *m.DeduplicationId
		}
	}
	if err := s.limits.CheckSend(mode, msgs); err != nil {
		return nil, err
	}
	stored := make([]engine.NewMessage, len(msgs))
	for i, m := range msgs {
		stored[i] = engine.NewMessage(m)
	}
	return stored, nil
}

// parseID reads an id that the engine made.
func parseID(s string) (uuid.UUID, error) {
	u, err := uuid.Parse(s)
	if err != nil {
		return u, errs.Wrap(err, errs.Internal, "", "the engine's id %q", s)
	}
	return u, nil
}

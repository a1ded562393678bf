package dmsapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/httpserve"
)

// sendMessages is row 8: POST .../queues/{queue_id}/messages. All messages are stored or none, so every entry of the answer has state 0.
func (s *server) sendMessages(c *gin.Context, at *target) error {
	body, err := httpserve.Body(c)
	if err != nil {
		return err
	}
	req, err := parseSend(body, s.limits)
	if err != nil {
		return err
	}
	if err := s.limits.CheckSend(at.queue.Mode, req.messages); err != nil {
		return err
	}
	msgs := make([]engine.NewMessage, len(req.messages))
	for i, m := range req.messages {
		msgs[i] = engine.NewMessage(m)
	}
	sent, err := s.node.Send(c.Request.Context(), at.actor, at.queue, msgs)
	if err != nil {
		return err
	}
	httpserve.ReuseBody(c) // the engine keeps nothing of the messages, and the rest of the request is small
	reply(c, http.StatusCreated, appendSent(nil, sent, req.returnIDs))
	return nil
}

// appendSent writes {"messages":[{"error":null,"error_code":null,"state":0,"id":"..."}]}, the ids only when they were asked for.
func appendSent(out []byte, sent []engine.Sent, withIDs bool) []byte {
	out = append(out, `{"messages":[`...)
	for i := range sent {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"error":null,"error_code":null,"state":0`...)
		if withIDs {
			out = append(out, `,"id":"`...)
			out = append(out, sent[i].ID...)
			out = append(out, '"')
		}
		out = append(out, '}')
	}
	return append(out, `]}`...)
}

// The engine's message has the fields of the language's, so that converting one costs nothing.
var _ = engine.NewMessage(dataplane.Message{})

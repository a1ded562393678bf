package dmsapi

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/dataplane/node"
	"dms/internal/httpserve"
)

// consumeMessages is row 9: GET .../groups/{group_id}/messages.
func (s *server) consumeMessages(c *gin.Context, at *target) error {
	return s.consume(c, at, engine.Live)
}

// consumeDeadLetters is row 11: GET .../groups/{group_id}/deadletters. It takes no labels.
func (s *server) consumeDeadLetters(c *gin.Context, at *target) error {
	return s.consume(c, at, engine.Dead)
}

func (s *server) consume(c *gin.Context, at *target, kind engine.Kind) error {
	r, err := s.reception(c, at, kind)
	if err != nil {
		return err
	}
	got, err := s.node.Receive(c.Request.Context(), r)
	if err != nil {
		return err
	}
	s.deliver(c, r, got)
	return nil
}

// reception reads the request. It is a function of its own because what it needs is not needed while the receive waits.
func (s *server) reception(c *gin.Context, at *target, kind engine.Kind) (*node.Reception, error) {
	p, err := parseParams(c)
	if err != nil {
		return nil, err
	}
	opt, err := receiveOptions(p, kind, s.limits)
	if err != nil {
		return nil, err
	}
	// Some clients send a body with a GET. It says nothing, but net/http notices a client that leaves only once it is read.
	if _, err := httpserve.Body(c); err != nil {
		return nil, err
	}
	httpserve.KeepBody(c)
	return &node.Reception{Actor: at.actor, Queue: at.queue, Group: at.group, Kind: kind, Options: opt, Recheck: httpserve.Recheck(c)}, nil
}

// deliver answers.
func (s *server) deliver(c *gin.Context, r *node.Reception, got []engine.Delivery) {
	err := httpserve.Reply(c, http.StatusOK, contentType, appendConsumed(nil, got))
	switch {
	case len(got) == 0:
	case err != nil:
		s.node.Undelivered(r, got)
	default:
		s.node.Delivered(r)
	}
}

func receiveOptions(p params, kind engine.Kind, limits dataplane.Limits) (engine.ReceiveOptions, error) {
	opt := engine.ReceiveOptions{
		MaxMessages: p.count("max_msgs", limits.MaxMessagesPerReceive),
		MaxBytes:    limits.MaxRequestBytes,
		Wait:        p.seconds("time_wait", limits.DefaultWait),
		AckWait:     p.seconds("ack_wait", limits.DefaultAckWait),
	}
	if err := limits.CheckReceive(opt.MaxMessages, opt.Wait, opt.AckWait); err != nil {
		return opt, err
	}
	if kind == engine.Dead {
		return opt, nil
	}
	match, err := p.word("tag_type", "or", "and")
	if err != nil {
		return opt, err
	}
	if match == "and" {
		opt.Match = engine.MatchAll
	}
	opt.Labels = p.labels()
	return opt, limits.CheckLabels(opt.Labels)
}

// appendConsumed writes
//
//	[{"message":{"body":any,"attributes":{},"tags":[""]},"handler":"..."}]
//
// with body and attributes as the sender wrote them. An encoder would compact and escape them.
func appendConsumed(out []byte, got []engine.Delivery) []byte {
	size := 2
	for _, d := range got {
		size += len(d.Body) + len(d.Attributes) + len(d.Handler) + 256
	}
	if out == nil {
		out = make([]byte, 0, size)
	}
	out = append(out, '[')
	for i, d := range got {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"message":{"body":`...)
		out = append(out, d.Body...)
		out = append(out, `,"attributes":`...)
		if len(d.Attributes) > 0 {
			out = append(out, d.Attributes...)
		} else {
			out = append(out, `{}`...)
		}
		if len(d.Labels) > 0 {
			out = append(out, `,"tags":`...)
			out = appendJSON(out, d.Labels)
		}
		out = append(out, `},"handler":`...)
		out = appendJSON(out, d.Handler)
		out = append(out, '}')
	}
	return append(out, ']')
}

// appendJSON appends a value that always has a JSON form.
func appendJSON(out []byte, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("marshal: " + err.Error())
	}
	return append(out, b...)
}

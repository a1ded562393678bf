package dmsapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// ackMessages is row 10: POST .../groups/{group_id}/ack.
func (s *server) ackMessages(c *gin.Context, at *target) error { return s.ack(c, at, engine.Live) }

// ackDeadLetters is row 12: POST .../groups/{group_id}/deadletters/ack.
func (s *server) ackDeadLetters(c *gin.Context, at *target) error { return s.ack(c, at, engine.Dead) }

type ackReply struct {
	Success int `json:"success"`
	Fail    int `json:"fail"`
}

// ack settles in order. A status that cannot be is refused before anything is settled; so is a first handler that is bad. At a
// later bad one it stops: those before it are settled, the others counted as failed.
func (s *server) ack(c *gin.Context, at *target, kind engine.Kind) error {
	body, err := httpserve.Body(c)
	if err != nil {
		return err
	}
	settlements, err := parseAck(body, s.limits)
	if err != nil {
		return err
	}
	n, err := s.node.Settle(c.Request.Context(), at.actor, at.queue, at.group, kind, settlements)
	if err != nil {
		return err
	}
	replyJSON(c, http.StatusOK, ackReply{Success: n, Fail: len(settlements) - n})
	return nil
}

// parseAck scans
//
//	{"message":[{"handler":"...","status":"success"}]}
//
// where the status may be absent.
func parseAck(body []byte, limits dataplane.Limits) ([]engine.Settlement, error) {
	var out []engine.Settlement
	var badStatus error
	p := &fields{}
	err := document(body, func(s *scanner) error {
		p.s = s
		return p.object("the request body", func(name []byte) error {
			if string(name) != "message" {
				return p.ignore()
			}
			out = nil
			return p.array("message", func() error {
				if len(out) > limits.MaxMessagesPerSettle {
					return p.ignore() // too many already: go on only to see whether it is JSON
				}
				handler, status := "", "success"
				err := p.object("a message", func(name []byte) error {
					switch string(name) {
					case "handler":
						return p.string("handler", &handler)
					case "status":
						return p.optionalString("status", &status)
					}
					return p.ignore()
				})
				if status != "success" && status != "fail" && badStatus == nil {
					badStatus = errs.New(errs.Invalid, reason.AckStatus, "The ack status must be 'success' or 'fail'. It should not be '%s'.", clip(status))
				}
				out = append(out, engine.Settlement{Handler: handler, Failed: status == "fail"})
				return err
			})
		})
	})
	switch {
	case err != nil:
		return nil, err
	case p.wrong != nil:
		return nil, p.wrong
	}
	if err := limits.CheckSettleCount(len(out)); err != nil {
		return nil, err
	}
	return out, badStatus
}

// clip bounds what an error repeats of a client's text.
func clip(s string) string {
	const most = 64
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

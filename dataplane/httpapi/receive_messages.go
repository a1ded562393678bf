package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/dataplane/node"
	"dms/internal/httpserve"
)

// ReceiveMessages implements the operation.
func (s *server) ReceiveMessages(ctx context.Context, req gen.ReceiveMessagesRequestObject) (gen.ReceiveMessagesResponseObject, error) {
	opt := s.receiveOptions(nil)
	if b := req.Body; b != nil {
		opt = s.receiveOptions(&gen.ReceiveDeadLettersRequest{MaxMessages: b.MaxMessages, WaitSeconds: b.WaitSeconds, AckWaitSeconds: b.AckWaitSeconds})
		if b.Labels != nil {
			opt.Labels = *b.Labels
		}
		if b.LabelMatch != nil && *b.LabelMatch == gen.All {
			opt.Match = engine.MatchAll
		}
	}
	return s.receive(ctx, engine.Live, opt)
}

// ReceiveDeadLetters implements the operation.
func (s *server) ReceiveDeadLetters(ctx context.Context, req gen.ReceiveDeadLettersRequestObject) (gen.ReceiveDeadLettersResponseObject, error) {
	return s.receive(ctx, engine.Dead, s.receiveOptions(req.Body))
}

// receiveOptions fills the defaults in. The ranges are the document's, which allows a wait of 0.
func (s *server) receiveOptions(b *gen.ReceiveDeadLettersRequest) engine.ReceiveOptions {
	opt := engine.ReceiveOptions{
		MaxMessages: s.limits.MaxMessagesPerReceive,
		MaxBytes:    s.limits.MaxRequestBytes,
		Wait:        s.limits.DefaultWait,
		AckWait:     s.limits.DefaultAckWait,
	}
	if b == nil {
		return opt
	}
	if b.MaxMessages != nil {
		opt.MaxMessages = *b.MaxMessages
	}
	if b.WaitSeconds != nil {
		opt.Wait = time.Duration(*b.WaitSeconds) * time.Second
	}
	if b.AckWaitSeconds != nil {
		opt.AckWait = time.Duration(*b.AckWaitSeconds) * time.Second
	}
	return opt
}

func (s *server) receive(ctx context.Context, kind engine.Kind, opt engine.ReceiveOptions) (*received, error) {
	c, at := at(ctx)
	httpserve.KeepBody(c) // it is decoded
	r := &node.Reception{Actor: at.actor, Queue: at.queue, Group: at.group, Kind: kind, Options: opt, Recheck: httpserve.Recheck(c)}
	got, err := s.node.Receive(c.Request.Context(), r)
	if err != nil {
		return nil, err
	}
	return &received{server: s, c: c, reception: r, messages: got}, nil
}

// received is the answer of a receive. It writes itself, because it must know whether the write worked, and to keep the bytes that were sent.
type received struct {
	server    *server
	c         *gin.Context
	reception *node.Reception
	messages  []engine.Delivery
}

// VisitReceiveMessagesResponse implements the generated interface.
func (r *received) VisitReceiveMessagesResponse(http.ResponseWriter) error { return r.write() }

// VisitReceiveDeadLettersResponse implements the generated interface.
func (r *received) VisitReceiveDeadLettersResponse(http.ResponseWriter) error { return r.write() }

func (r *received) write() error {
	err := httpserve.Reply(r.c, http.StatusOK, "application/json", appendReceived(nil, r.messages))
	switch {
	case len(r.messages) == 0:
	case err != nil:
		r.server.node.Undelivered(r.reception, r.messages)
	default:
		r.server.node.Delivered(r.reception)
	}
	return err
}

// appendReceived writes the document's ReceivedMessages.
func appendReceived(out []byte, messages []engine.Delivery) []byte {
	out = append(out, `{"messages":[`...)
	for i, d := range messages {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendContent(out, d.MessageID, d.Body, d.Attributes, d.Labels)
		out = append(out, `,"handler":`...)
		out = appendJSON(out, d.Handler)
		out = append(out, `,"receive_count":`...)
		out = strconv.AppendInt(out, int64(d.ReceiveCount), 10)
		out = appendPlace(out, d.OrderingKey, d.Position)
		out = appendTime(out, "sent_at", d.SentAt)
		out = appendTime(out, "first_received_at", d.FirstReceivedAt)
		out = appendDeath(out, d.Death)
		out = append(out, '}')
	}
	return append(out, `]}`...)
}

package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"dms/dataplane/engine"
	"dms/dataplane/httpapi/gen"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

const defaultBrowseLimit = 20

// BrowseMessages implements the operation.
func (s *server) BrowseMessages(ctx context.Context, req gen.BrowseMessagesRequestObject) (gen.BrowseMessagesResponseObject, error) {
	return s.browse(ctx, engine.Live, req.Params)
}

// BrowseDeadLetters implements the operation.
func (s *server) BrowseDeadLetters(ctx context.Context, req gen.BrowseDeadLettersRequestObject) (gen.BrowseDeadLettersResponseObject, error) {
	return s.browse(ctx, engine.Dead, gen.BrowseMessagesParams(req.Params))
}

func (s *server) browse(ctx context.Context, kind engine.Kind, p gen.BrowseMessagesParams) (*browsed, error) {
	c, at := at(ctx)
	opt := engine.BrowseOptions{MaxMessages: defaultBrowseLimit, MaxBytes: s.limits.MaxRequestBytes}
	if p.Limit != nil {
		opt.MaxMessages = *p.Limit
	}
	if p.Position != nil {
		opt.From = uint64(*p.Position)
	}
	if p.Time != nil {
		if p.Position != nil {
			return nil, errs.New(errs.Invalid, reason.ParameterInvalid, "Give a time or a position, not both: a position says where to go on.").
				WithField("time", "is not together with position")
		}
		opt.Time = sinceEpoch(*p.Time)
	}
	if p.MessageId != nil {
		opt.MessageID = p.MessageId.String()
	}
	msgs, next, err := s.node.Browse(c.Request.Context(), at.queue, at.group, kind, opt)
	if err != nil {
		return nil, err
	}
	return &browsed{c: c, messages: msgs, next: next}, nil
}

// browsed is the answer of a browse. It writes itself for the reason that received does: to keep the bytes that were sent.
type browsed struct {
	c        *gin.Context
	messages []engine.Browsed
	next     uint64
}

// VisitBrowseMessagesResponse implements the generated interface.
func (b *browsed) VisitBrowseMessagesResponse(http.ResponseWriter) error { return b.write() }

// VisitBrowseDeadLettersResponse implements the generated interface.
func (b *browsed) VisitBrowseDeadLettersResponse(http.ResponseWriter) error { return b.write() }

func (b *browsed) write() error {
	return httpserve.Reply(b.c, http.StatusOK, "application/json", appendBrowsed(nil, b.messages, b.next))
}

// appendBrowsed writes the document's BrowsedMessages.
func appendBrowsed(out []byte, messages []engine.Browsed, next uint64) []byte {
	out = append(out, `{"messages":[`...)
	for i, m := range messages {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendContent(out, m.MessageID, m.Body, m.Attributes, m.Labels)
		out = appendPlace(out, m.OrderingKey, m.Position)
		out = appendTime(out, "sent_at", m.SentAt)
		out = appendTime(out, "available_at", m.AvailableAt)
		out = appendTime(out, "expires_at", m.ExpiresAt)
		out = appendDeath(out, m.Death)
		out = append(out, '}')
	}
	out = append(out, ']')
	if next > 0 {
		out = append(out, `,"next_position":`...)
		out = strconv.AppendUint(out, next, 10)
	}
	return append(out, '}')
}

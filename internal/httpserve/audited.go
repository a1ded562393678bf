package httpserve

import (
	"github.com/gin-gonic/gin"

	"dms/internal/access"
	"dms/internal/audit"
)

// Audited says in the context of each request where it comes from; the gate adds who calls, once it is known. It is for surfaces that change what is
// audited: a node's hot path does without.
func Audited(c *gin.Context) {
	call := audit.Call{UserAgent: c.Request.UserAgent(), RequestID: RequestID(c)}
	if from := access.SourceOf(c.Request); from.Address.IsValid() {
		call.Address = from.Address.String()
	}
	c.Request = c.Request.WithContext(audit.With(c.Request.Context(), call))
}

// by names the actor in the context of an audited request.
func by(c *gin.Context, a access.Actor) {
	if ctx := c.Request.Context(); audit.Known(ctx) {
		c.Request = c.Request.WithContext(audit.With(ctx, audit.From(ctx).ByActor(a)))
	}
}

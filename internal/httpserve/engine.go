// Package httpserve is what every HTTP surface of the product shares: request ids, bounded bodies, the gate that asks who calls
// and whether they may, validation against the OpenAPI document, and errors in each wire's dialect.
package httpserve

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"dms/internal/errs"
	"dms/internal/id"
)

// HeaderRequestID names the request in every answer, also in errors.
const HeaderRequestID = "X-Request-Id"

const (
	keyRequestID = "dms.request_id"
	keyDialect   = "dms.dialect"
	keyActor     = "dms.actor"
	keyRecheck   = "dms.recheck"
	keyBody      = "dms.body"
	keyBodyLimit = "dms.body_limit"
	keyRawBody   = "dms.raw_body"
)

func init() { gin.SetMode(gin.ReleaseMode) } // gin's debug mode prints every route to standard output

// NewEngine returns a gin engine that trusts no proxy, gives each request an id, turns panics into errors and bounds bodies
// to maxBody bytes. Routes and what happens to unknown ones are the caller's.
func NewEngine(log *slog.Logger, maxBody int64) *gin.Engine {
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.ContextWithFallback = true // handlers pass *gin.Context as the request's context
	_ = e.SetTrustedProxies(nil) // nil cannot fail
	e.Use(func(c *gin.Context) {
		begin(c, maxBody)
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			panicked(c, log, p)
		}()
		c.Next()
		if len(c.Errors) > 0 {
			logInternal(c, log)
		}
	})
	return e
}

// begin gives the request its id and bounds its body.
func begin(c *gin.Context, maxBody int64) {
	rid := c.Writer.Header().Get(HeaderRequestID)
	if rid == "" {
		rid = id.NewRequest()
		c.Header(HeaderRequestID, rid)
	}
	c.Writer.Header()["X-Content-Type-Options"] = noSniff
	c.Set(keyRequestID, rid)
	c.Set(keyBodyLimit, maxBody)
	if c.Request.Body != nil && c.Request.Body != http.NoBody {
		c.Set(keyRawBody, c.Request.Body)
		// net/http closes a connection gently after a body that was too large, but only if the reader can tell its own writer.
		c.Request.Body = http.MaxBytesReader(unwrap(c.Writer), c.Request.Body, maxBody)
	}
}

// panicked answers for a handler that panicked with p.
func panicked(c *gin.Context, log *slog.Logger, p any) {
	log.ErrorContext(c, "handler panicked", slog.String("request_id", RequestID(c)), slog.String("method", c.Request.Method),
		slog.String("route", c.FullPath()), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
	if !c.Writer.Written() {
		Fail(c, errs.New(errs.Internal, "", "panic: %v", p))
	}
}

// logInternal logs the errors of the request that nobody but the operator is told.
func logInternal(c *gin.Context, log *slog.Logger) {
	for _, err := range c.Errors {
		if errs.CodeOf(err.Err) == errs.Internal {
			log.ErrorContext(c, "request failed", slog.String("request_id", RequestID(c)), slog.String("method", c.Request.Method),
				slog.String("route", c.FullPath()), slog.String("error", err.Err.Error()))
		}
	}
}

// Speak sets the dialect of the routes behind it.
func Speak(d Dialect) gin.HandlerFunc {
	return func(c *gin.Context) { c.Set(keyDialect, d) }
}

// Handle turns a handler that returns an error into gin's form. It is the one place where errors of handlers are written.
func Handle(h func(c *gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			Fail(c, err)
		}
	}
}

// Fail answers with err in the route's dialect and ends the request. Internal errors are logged once, with the request id.
func Fail(c *gin.Context, err error) {
	_ = c.Error(err)
	c.Abort()
	if c.Writer.Written() {
		return
	}
	d := Problem
	if v, ok := c.Get(keyDialect); ok {
		d = v.(Dialect)
	}
	d.WriteError(c.Writer, RequestID(c), err)
}

// RequestID returns the id of the request.
func RequestID(c *gin.Context) string { return c.GetString(keyRequestID) }

// NotFound answers for a path that no route has.
func NotFound(c *gin.Context) {
	Fail(c, errs.New(errs.NotFound, "url_not_found", "There is nothing at %s %s.", c.Request.Method, clip(c.Request.URL.Path)))
}

// MethodNotAllowed answers for a known path with an unknown method; gin has set Allow.
func MethodNotAllowed(c *gin.Context) {
	Fail(c, errs.New(errs.MethodNotAllowed, "", "The method %s is not allowed here.", clip(c.Request.Method)))
}

func clip(s string) string {
	if len(s) > 200 {
		return fmt.Sprintf("%q...", s[:200])
	}
	return s
}

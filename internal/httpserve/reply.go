package httpserve

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// Reply answers with a body that is complete and pushes it out to the connection. The error says that the client is gone; most
// handlers have nobody to tell. A handler that must know (was the message delivered?) asks here, because net/http keeps a small
// answer in its buffer until the handler has returned, and gin's writer swallows the error of its Flush.
func Reply(c *gin.Context, status int, contentType string, body []byte) error {
	if err := c.Request.Context().Err(); err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	c.Status(status)
	if _, err := c.Writer.Write(body); err != nil {
		return err
	}
	return http.NewResponseController(unwrap(c.Writer)).Flush()
}

// unwrap returns net/http's writer under gin's.
func unwrap(w http.ResponseWriter) http.ResponseWriter {
	if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		return u.Unwrap()
	}
	return w
}

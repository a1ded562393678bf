package httpserve

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/internal/errs"
	"dms/internal/reason"
)

// maxTrusted is how much memory an announced length alone is worth, before the bytes are there.
const maxTrusted = 64 << 10

// Body returns the raw bytes of the request's body. It reads them once: the signature check and the handler see the same bytes.
// A body over the engine's bound is errs.TooLarge and is not read to its end.
func Body(c *gin.Context) ([]byte, error) {
	if v, ok := c.Get(keyBody); ok {
		return v.([]byte), nil
	}
	if c.Request.Body == nil {
		return nil, nil
	}
	var tooLarge *http.MaxBytesError
	if n := c.Request.ContentLength; n > 0 {
		if limit := c.GetInt64(keyBodyLimit); n > limit {
			// With its own body in place net/http knows how much is left unread, and closes the connection so that the client gets the
			// answer before the reset.
			if raw, ok := c.Get(keyRawBody); ok {
				c.Request.Body = raw.(io.ReadCloser)
			}
			return nil, errs.New(errs.TooLarge, reason.MessageSize, "The request body is %d bytes, larger than the size limit %d.", n, limit)
		}
	}
	var buf bytes.Buffer
	if n := c.Request.ContentLength; n > 0 {
		buf.Grow(int(min(n, maxTrusted)) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(c.Request.Body)
	switch {
	case errors.As(err, &tooLarge):
		return nil, errs.New(errs.TooLarge, reason.MessageSize, "The request body is larger than the size limit %d.", tooLarge.Limit)
	case err != nil:
		return nil, errs.Wrap(err, errs.Invalid, reason.BodyNotJSON, "The request body could not be read to its end.")
	}
	b := buf.Bytes()
	c.Set(keyBody, b)
	return b, nil
}

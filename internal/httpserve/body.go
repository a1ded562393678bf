package httpserve

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"dms/internal/errs"
	"dms/internal/reason"
)

// maxTrusted is how much memory an announced length alone is worth, before the bytes are there.
const maxTrusted = 64 << 10

// bodies are buffers to read into. A new one is cleared by the runtime before it is written, which costs as much as reading it does.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled bounds the buffers that are kept.
const maxPooled = 64 << 10

// Body returns the raw bytes of the request's body. It reads them once: the signature check and the handler see the same bytes.
// A body over the engine's bound is errs.TooLarge and is not read to its end.
func Body(c *gin.Context) ([]byte, error) {
	if v, ok := c.Get(keyBody); ok {
		return v.(*bytes.Buffer).Bytes(), nil
	}
	if c.Request.Body == nil || c.Request.Body == http.NoBody {
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
	buf := bodies.Get().(*bytes.Buffer)
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
	c.Set(keyBody, buf)
	return buf.Bytes(), nil
}

// KeepBody makes the body take no more memory than it has bytes, for a handler that waits long. What Body returned before must not be referred
// to any more.
func KeepBody(c *gin.Context) {
	v, ok := c.Get(keyBody)
	if !ok {
		return
	}
	kept := bytes.NewBuffer(bytes.Clone(v.(*bytes.Buffer).Bytes()))
	ReuseBody(c)
	c.Set(keyBody, kept)
	c.Request.Body = http.NoBody
}

// ReuseBody gives the memory of the body back, for other requests to be read into. A handler calls it last, when nothing that Body returned is
// referred to any more; one that never does is right, too, and only slower.
func ReuseBody(c *gin.Context) {
	v, ok := c.Get(keyBody)
	if !ok {
		return
	}
	c.Set(keyBody, new(bytes.Buffer))
	if buf := v.(*bytes.Buffer); buf.Cap() <= maxPooled {
		buf.Reset()
		bodies.Put(buf)
	}
}

package httpserve

import (
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"dms/internal/errs"
)

// What the generated code of each part of /api/v1 is given, beside its own handlers.

// MustDocument returns the document that load decodes. It panics when that is broken, which a test would have seen: it is embedded.
func MustDocument(load func() (*openapi3.T, error)) *openapi3.T {
	doc, err := load()
	if err != nil {
		panic("the embedded /api/v1 document: " + err.Error())
	}
	return doc
}

// FailUnreadable answers for what generated code cannot read; the validation before it has nearly always said it better.
func FailUnreadable(c *gin.Context, err error) {
	Fail(c, errs.Wrap(err, errs.Invalid, "invalid_request", "The request is not valid."))
}

// FailUnroutable is FailUnreadable for parameters of the path and the query, which generated code reads with a status of its own.
func FailUnroutable(c *gin.Context, err error, _ int) { FailUnreadable(c, err) }

// IgnoreUnwritten is told of answers that could not be written: the client has gone, and there is nobody to tell.
func IgnoreUnwritten(*gin.Context, error) {}

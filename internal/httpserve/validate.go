package httpserve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gin-gonic/gin"

	"dms/internal/errs"
	"dms/internal/reason"
)

// Validate refuses requests that do not fit the document: unknown fields, wrong types, limits. Every route behind it must be in
// doc. It names each part of the request that is wrong.
func Validate(doc *openapi3.T) gin.HandlerFunc {
	// The validator compiles a 3.1 document's schemas anew for each request. Ours use nothing that 3.0 lacks, so they are checked
	// by its 3.0 validator, which also names the field at fault.
	as30 := *doc
	as30.OpenAPI = "3.0.3"
	opts := &openapi3filter.Options{MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	return func(c *gin.Context) {
		path := pathTemplate(c.FullPath())
		item := doc.Paths.Value(path)
		if item == nil || item.GetOperation(c.Request.Method) == nil {
			Fail(c, errs.New(errs.Internal, "", "route %s %s is not in the document", c.Request.Method, path))
			return
		}
		body, err := Body(c)
		if err != nil {
			Fail(c, err)
			return
		}
		if !utf8.Valid(body) {
			Fail(c, errs.New(errs.Invalid, reason.BodyNotJSON, "The request body is not valid UTF-8."))
			return
		}
		op := item.GetOperation(c.Request.Method)
		if len(body) > 0 && op.RequestBody != nil && !isJSON(c.ContentType()) {
			Fail(c, errs.New(errs.Invalid, "content_type", "Send the body as application/json."))
			return
		}
		r := c.Request.Clone(c.Request.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		params := make(map[string]string, len(c.Params))
		for _, p := range c.Params {
			params[p.Key] = p.Value
		}
		err = openapi3filter.ValidateRequest(c.Request.Context(), &openapi3filter.RequestValidationInput{
			Request:    r,
			PathParams: params,
			Route:      &routers.Route{Spec: &as30, Path: path, PathItem: item, Method: c.Request.Method, Operation: op},
			Options:    opts,
		})
		if err != nil {
			Fail(c, invalidRequest(err))
			return
		}
		// The validator reads one JSON value and stops; what stands behind it was not looked at.
		if len(body) > 0 && op.RequestBody != nil && !json.Valid(body) {
			Fail(c, errs.New(errs.Invalid, reason.BodyNotJSON, "The request body must be one JSON value and nothing behind it."))
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
	}
}

func isJSON(contentType string) bool {
	return contentType == "application/json" || strings.HasSuffix(contentType, "+json")
}

var ginParam = regexp.MustCompile(`:([a-z_]+)`)

// pathTemplate turns gin's "/queues/:queue_id" into the document's "/queues/{queue_id}".
func pathTemplate(ginPath string) string { return ginParam.ReplaceAllString(ginPath, "{$1}") }

func invalidRequest(err error) error {
	out := errs.Wrap(err, errs.Invalid, "invalid_request", "The request is not valid; see errors.")
	collect(out, "", err)
	if len(out.Fields) == 1 {
		out.Message = out.Fields[0].Pointer + ": " + out.Fields[0].Detail
	}
	return out
}

// collect flattens the validator's tree of errors into one line for each part of the request.
func collect(out *errs.Error, at string, err error) {
	var (
		multi  openapi3.MultiError
		req    *openapi3filter.RequestError
		schema *openapi3.SchemaError
		parse  *openapi3filter.ParseError
	)
	switch {
	case errors.As(err, &multi) && isMulti(err):
		for _, e := range multi {
			collect(out, at, e)
		}
	case errors.As(err, &req) && error(req) == err:
		switch {
		case req.Parameter != nil:
			at = req.Parameter.Name
		case req.RequestBody != nil:
			at = "/"
		}
		if req.Err != nil {
			collect(out, at, req.Err)
			return
		}
		out.WithField(at, req.Reason)
	case errors.As(err, &schema):
		if p := schema.JSONPointer(); len(p) > 0 {
			at = "/" + strings.Join(p, "/")
		}
		out.WithField(at, schema.Reason)
	case errors.As(err, &parse):
		out.WithField(at, parse.Error())
	default:
		out.WithField(at, err.Error())
	}
}

func isMulti(err error) bool { _, ok := err.(openapi3.MultiError); return ok }

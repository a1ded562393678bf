package httpserve

import (
	"encoding/json"
	"net/http"
	"strconv"

	"dms/internal/errs"
)

// Dialect writes errors in the form that one wire's clients understand.
type Dialect interface {
	WriteError(w http.ResponseWriter, requestID string, err error)
}

// DialectFunc is a function that is a Dialect.
type DialectFunc func(w http.ResponseWriter, requestID string, err error)

// WriteError implements Dialect.
func (f DialectFunc) WriteError(w http.ResponseWriter, requestID string, err error) {
	f(w, requestID, err)
}

// Problem is the dialect of /api/v1: RFC 9457 problem+json.
var Problem Dialect = DialectFunc(writeProblem)

var problemStatus = map[errs.Code]int{
	errs.Invalid:          http.StatusBadRequest,
	errs.Unauthenticated:  http.StatusUnauthorized,
	errs.Forbidden:        http.StatusForbidden,
	errs.NotFound:         http.StatusNotFound,
	errs.MethodNotAllowed: http.StatusMethodNotAllowed,
	errs.Conflict:         http.StatusConflict,
	errs.TooLarge:         http.StatusRequestEntityTooLarge,
	errs.Quota:            http.StatusUnprocessableEntity,
	errs.Throttled:        http.StatusTooManyRequests,
	errs.Unavailable:      http.StatusServiceUnavailable,
	errs.Internal:         http.StatusInternalServerError,
}

type problemBody struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail,omitempty"`
	Instance  string         `json:"instance"`
	Code      string         `json:"code"`
	RequestID string         `json:"request_id"`
	Errors    []problemField `json:"errors,omitempty"`
	Denial    *errs.Denial   `json:"denial,omitempty"`
}

type problemField struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func writeProblem(w http.ResponseWriter, requestID string, err error) {
	code := errs.CodeOf(err)
	status := problemStatus[code]
	word := string(errs.ReasonOf(err))
	if word == "" {
		word = string(code)
	}
	body := problemBody{
		Type:      "/docs/problems#" + word,
		Title:     http.StatusText(status),
		Status:    status,
		Detail:    errs.MessageOf(err),
		Instance:  "urn:dms:request:" + requestID,
		Code:      word,
		RequestID: requestID,
	}
	if e := errs.As(err); e != nil {
		for _, f := range e.Fields {
			body.Errors = append(body.Errors, problemField(f))
		}
		body.Denial = e.Denial
	}
	if s := errs.RetryAfterSeconds(err); s > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone; there is nobody to tell
}

package keystoneapi

import (
	"encoding/json"
	"net/http"

	"dms/internal/errs"
	"dms/internal/httpserve"
)

// Dialect writes errors as Keystone does: {"error":{"code":401,"message":"...","title":"Unauthorized"}}.
var Dialect httpserve.Dialect = httpserve.DialectFunc(writeError)

var statuses = map[errs.Code]int{
	errs.Invalid:          http.StatusBadRequest,
	errs.Unauthenticated:  http.StatusUnauthorized,
	errs.Forbidden:        http.StatusForbidden,
	errs.NotFound:         http.StatusNotFound,
	errs.MethodNotAllowed: http.StatusMethodNotAllowed,
	errs.Conflict:         http.StatusConflict,
	errs.TooLarge:         http.StatusRequestEntityTooLarge,
	errs.Quota:            http.StatusForbidden,
	errs.Throttled:        http.StatusTooManyRequests,
	errs.Unavailable:      http.StatusServiceUnavailable,
	errs.Internal:         http.StatusInternalServerError,
}

type errorBody struct {
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Title   string `json:"title"`
	} `json:"error"`
}

func writeError(w http.ResponseWriter, _ string, err error) {
	status := statuses[errs.CodeOf(err)]
	var body errorBody
	body.Error.Code, body.Error.Message, body.Error.Title = status, errs.MessageOf(err), http.StatusText(status)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Keystone uri="/v3"`)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone; there is nobody to tell
}

// Package dmswire is what the two planes share of the DMS wire: its error bodies and codes, its identifiers and its way of
// reading booleans. The operations themselves live where they are served.
package dmswire

import (
	"encoding/json"
	"net/http"
	"strconv"

	"dms/internal/errs"
	"dms/internal/reason"
)

// Code is an error number of the DMS wire (dms-api error code table).
type Code int

// The codes that our server answers with.
const (
	CodeLabelInvalid        Code = 10240004
	CodeProjectIDInvalid    Code = 10240005
	CodeNameInvalid         Code = 10240007
	CodeBodyNotJSON         Code = 10240009
	CodeDescriptionInvalid  Code = 10240010
	CodeNameLength64        Code = 10240011
	CodeNameLength32        Code = 10240012
	CodeDescriptionLength   Code = 10240013
	CodeMaxMessages         Code = 10240014
	CodeQueueIDInvalid      Code = 10240015
	CodeGroupIDInvalid      Code = 10240016
	CodeQueueExists         Code = 10240017
	CodeGroupExists         Code = 10240018
	CodeGroupLimit          Code = 10240019
	CodeQuota               Code = 10240020
	CodeTimeWait            Code = 10240021
	CodeMaxConsumeCount     Code = 10240022
	CodeRetentionHours      Code = 10240027
	CodeRetentionNotKafka   Code = 10240028
	CodeTagKeyLength        Code = 10240035
	CodeTagKeyInvalid       Code = 10240036
	CodeTagValueLength      Code = 10240038
	CodeTagValueInvalid     Code = 10240039
	CodeTagAction           Code = 10240040
	CodeTagFilterAction     Code = 10240041
	CodePageLimit           Code = 10240042
	CodePageOffset          Code = 10240043
	CodeTagLimit            Code = 10240044
	CodeTagKeyUsed          Code = 10240045
	CodeTokenInvalid        Code = 10240101
	CodeTokenExpired        Code = 10240102
	CodeTokenMissing        Code = 10240103
	CodeProjectMismatch     Code = 10240104
	CodeTenantFrozen        Code = 10240306
	CodeAccessDenied        Code = 10240309
	CodeRoleLacksPermission Code = 10240311
	CodeTenantRestricted    Code = 10240312
	CodeQueueNotFound       Code = 10240401
	CodeGroupNotFound       Code = 10240405
	CodeURLNotFound         Code = 10240406
	CodeThrottled           Code = 10240407
	CodeTagNotFound         Code = 10240426
	CodeUnavailable         Code = 10250002
	CodeInternal            Code = 10250003
	CodeFieldInvalid        Code = 10540001
	CodeAckStatus           Code = 10540003
	CodeHandlerMismatch     Code = 10540004
	CodeFormat              Code = 10540010
	CodeMessageSize         Code = 10540011
	CodeParameterInvalid    Code = 10540014
	CodeConsumeFailed       Code = 10542204
	CodeHandlerInstance     Code = 10542205
	CodeAckWait             Code = 10542206
	CodeHandlerUnknown      Code = 10542209
)

var codeOfReason = map[errs.Reason]Code{
	reason.LabelInvalid:       CodeLabelInvalid,
	reason.ProjectIDInvalid:   CodeProjectIDInvalid,
	reason.NameInvalid:        CodeNameInvalid,
	reason.BodyNotJSON:        CodeBodyNotJSON,
	reason.DescriptionInvalid: CodeDescriptionInvalid,
	reason.DescriptionTooLong: CodeDescriptionLength,
	reason.QueueNameLength:    CodeNameLength64,
	reason.GroupNameLength:    CodeNameLength32,
	reason.MaxMessages:        CodeMaxMessages,
	reason.QueueIDInvalid:     CodeQueueIDInvalid,
	reason.GroupIDInvalid:     CodeGroupIDInvalid,
	reason.QueueNameTaken:     CodeQueueExists,
	reason.GroupNameTaken:     CodeGroupExists,
	reason.GroupLimit:         CodeGroupLimit,
	reason.QueueQuota:         CodeQuota,
	reason.TimeWait:           CodeTimeWait,
	reason.MaxConsumeCount:    CodeMaxConsumeCount,
	reason.RetentionHours:     CodeRetentionHours,
	reason.RetentionNotKafka:  CodeRetentionNotKafka,
	reason.TagKeyLength:       CodeTagKeyLength,
	reason.TagKeyInvalid:      CodeTagKeyInvalid,
	reason.TagValueLength:     CodeTagValueLength,
	reason.TagValueInvalid:    CodeTagValueInvalid,
	reason.TagAction:          CodeTagAction,
	reason.TagFilterAction:    CodeTagFilterAction,
	reason.PageLimit:          CodePageLimit,
	reason.PageOffset:         CodePageOffset,
	reason.TagLimit:           CodeTagLimit,
	reason.TagKeyDuplicate:    CodeTagKeyUsed,
	reason.QueueNotFound:      CodeQueueNotFound,
	reason.GroupNotFound:      CodeGroupNotFound,
	reason.URLNotFound:        CodeURLNotFound,
	reason.TagNotFound:        CodeTagNotFound,
	reason.FieldInvalid:       CodeFieldInvalid,
	reason.AckStatus:          CodeAckStatus,
	reason.HandlerMismatch:    CodeHandlerMismatch,
	reason.Format:             CodeFormat,
	reason.MessageSize:        CodeMessageSize,
	reason.ParameterInvalid:   CodeParameterInvalid,
	reason.LabelRule:          CodeConsumeFailed,
	reason.HandlerInstance:    CodeHandlerInstance,
	reason.AckWait:            CodeAckWait,
	reason.HandlerUnknown:     CodeHandlerUnknown,

	reason.CredentialsMissing: CodeTokenMissing,
	reason.CredentialsInvalid: CodeTokenInvalid,
	reason.CredentialsExpired: CodeTokenExpired,
	reason.ProjectMismatch:    CodeProjectMismatch,
	reason.PolicyDenied:       CodeRoleLacksPermission,
	reason.NotActivated:       CodeAccessDenied,
	reason.Frozen:             CodeTenantFrozen,
	reason.CapReached:         CodeTenantRestricted,
	reason.AccountSuspended:   CodeTenantRestricted,
	reason.EmailUnverified:    CodeAccessDenied,
	reason.GrantTooMuch:       CodeRoleLacksPermission,
	reason.PersonalOnly:       CodeRoleLacksPermission,
	reason.SecondFactor:       CodeTokenInvalid,
}

// codeOfKind answers for errors whose reason this wire has no number for.
var codeOfKind = map[errs.Code]Code{
	errs.Invalid:          CodeFormat,
	errs.Unauthenticated:  CodeTokenInvalid,
	errs.Forbidden:        CodeRoleLacksPermission,
	errs.NotFound:         CodeURLNotFound,
	errs.MethodNotAllowed: CodeURLNotFound,
	errs.Conflict:         CodeFormat,
	errs.TooLarge:         CodeMessageSize,
	errs.Quota:            CodeQuota,
	errs.Throttled:        CodeThrottled,
	errs.Unavailable:      CodeUnavailable,
	errs.Internal:         CodeInternal,
}

// statusOfKind is the HTTP status of each kind. Conflicts and used-up quotas are 400 on this wire: clients of the original
// expect a duplicate create to be a 400, and read 404 as "gone".
var statusOfKind = map[errs.Code]int{
	errs.Invalid:          http.StatusBadRequest,
	errs.Unauthenticated:  http.StatusUnauthorized,
	errs.Forbidden:        http.StatusForbidden,
	errs.NotFound:         http.StatusNotFound,
	errs.MethodNotAllowed: http.StatusMethodNotAllowed,
	errs.Conflict:         http.StatusBadRequest,
	errs.TooLarge:         http.StatusBadRequest,
	errs.Quota:            http.StatusBadRequest,
	errs.Throttled:        http.StatusTooManyRequests,
	errs.Unavailable:      http.StatusServiceUnavailable,
	errs.Internal:         http.StatusInternalServerError,
}

// StatusOf returns the HTTP status that answers err.
func StatusOf(err error) int { return statusOfKind[errs.CodeOf(err)] }

// CodeOf returns the number that answers err.
func CodeOf(err error) Code {
	if c, ok := codeOfReason[errs.ReasonOf(err)]; ok {
		return c
	}
	return codeOfKind[errs.CodeOf(err)]
}

// errorBody holds both pairs of fields that clients look for: the integer code of the documents, and the string pair that the
// newer SDKs parse.
type errorBody struct {
	ErrorCode string `json:"error_code"`
	ErrorMsg  string `json:"error_msg"`
	Code      Code   `json:"code"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}

// WriteError answers with err in the wire's form. requestID is repeated in the body; the caller has set it as X-Request-Id.
func WriteError(w http.ResponseWriter, requestID string, err error) {
	code := CodeOf(err)
	body := errorBody{
		ErrorCode: strconv.Itoa(int(code)),
		ErrorMsg:  errs.MessageOf(err),
		Code:      code,
		Message:   errs.MessageOf(err),
		RequestID: requestID,
	}
	if s := errs.RetryAfterSeconds(err); s > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(StatusOf(err))
	_ = json.NewEncoder(w).Encode(body) // the client has gone; there is nobody to tell
}

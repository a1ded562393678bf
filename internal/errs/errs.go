// Package errs is the one error type of the product: a code that programs decide by, a reason that a wire translates, a
// message for the user, and a private cause for the log.
package errs

import (
	"errors"
	"fmt"
	"time"
)

// Code is the kind of a failure. The set is closed: every wire has one total table from Code to its own words, and a test
// ranges over Codes to prove it.
type Code string

const (
	Invalid          Code = "invalid"         // the request is wrong and will be wrong again
	Unauthenticated  Code = "unauthenticated" // who is calling could not be established
	Forbidden        Code = "forbidden"       // known caller, not allowed
	NotFound         Code = "not_found"       // does not exist, or is not the caller's: the two are told apart nowhere
	MethodNotAllowed Code = "method_not_allowed"
	Conflict         Code = "conflict"    // contradicts the present state
	TooLarge         Code = "too_large"   // exceeds a size limit
	Quota            Code = "quota"       // a count limit is used up
	Throttled        Code = "throttled"   // too fast; try again later
	Unavailable      Code = "unavailable" // cannot serve now; try again
	Internal         Code = "internal"    // our fault; details stay in the log
)

// Codes lists every code.
func Codes() []Code {
	return []Code{Invalid, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, Conflict, TooLarge, Quota, Throttled, Unavailable, Internal}
}

// Reason is a finer cause within a code, stable and in snake case ("queue_name_taken"). The package that knows the rule
// declares it; a wire with numbered errors maps it to its number.
type Reason string

// Field is one thing that is wrong with one part of the input.
type Field struct {
	Pointer string // JSON pointer into the body ("/name") or the name of a parameter
	Detail  string
}

// Error carries a failure from where it is known to the edge that writes it.
type Error struct {
	Code    Code
	Reason  Reason
	Message string // for the user: says what to do where that is known
	Fields  []Field
	Cause   error // for the log; never shown
	// RetryAfter says when another try may succeed; 0: unknown. Both wires write it as the Retry-After header.
	RetryAfter time.Duration
	// Denial says why a policy refused, to callers who may know.
	Denial *Denial
}

// Denial is a refusal by policy.
type Denial struct {
	Action    string `json:"action"`
	Resource  string `json:"resource"`
	Effect    string `json:"effect"`              // explicit_deny or implicit_deny
	Statement string `json:"statement,omitempty"` // the one that denies; "" when nothing allows, or when the caller may not see it
}

// New makes an error with a message for the user.
func New(code Code, reason Reason, format string, args ...any) *Error {
	return &Error{Code: code, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error with a message for the user and a cause for the log.
func Wrap(cause error, code Code, reason Reason, format string, args ...any) *Error {
	return &Error{Code: code, Reason: reason, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// WithField names the part of the input that is wrong and returns e.
func (e *Error) WithField(pointer, detail string) *Error {
	e.Fields = append(e.Fields, Field{Pointer: pointer, Detail: detail})
	return e
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the outermost Error in err's chain; Internal when there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := As(err); e != nil {
		return e.Code
	}
	return Internal
}

// ReasonOf returns the reason of the outermost Error in err's chain, or "".
func ReasonOf(err error) Reason {
	if e := As(err); e != nil {
		return e.Reason
	}
	return ""
}

// MessageOf returns what the user may read: the message of the outermost Error, or a fixed sentence for any other error.
func MessageOf(err error) string {
	if e := As(err); e != nil && e.Code != Internal {
		return e.Message
	}
	return "The service failed to handle the request. Try again; if it persists, give the request id to the operator."
}

// RetryAfterSeconds returns RetryAfter of the outermost Error in err's chain in whole seconds, rounded up, as the header
// Retry-After wants it; 0 when it has none.
func RetryAfterSeconds(err error) int {
	if e := As(err); e != nil && e.RetryAfter > 0 {
		return int((e.RetryAfter + time.Second - 1) / time.Second)
	}
	return 0
}

// As returns the outermost Error in err's chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

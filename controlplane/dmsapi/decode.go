package dmsapi

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

// decode reads the request's body. Unknown fields are ignored, as clients were promised; a known one of the wrong type is refused.
// null stands for a field that is not there.
func decode(c *gin.Context, into any) error {
	body, err := httpserve.Body(c)
	if err != nil {
		return err
	}
	if !utf8.Valid(body) {
		return errs.New(errs.Invalid, reason.BodyNotJSON, "The message body contains characters that are not UTF-8.")
	}
	err = json.Unmarshal(body, into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		if wrongType.Field == "" {
			return errs.New(errs.Invalid, reason.FieldInvalid, "The message body contains invalid fields: an object is expected.")
		}
		return errs.New(errs.Invalid, reason.FieldInvalid, "The message body contains invalid fields: %s cannot be a JSON %s.", wrongType.Field, wrongType.Value)
	}
	return errs.Wrap(err, errs.Invalid, reason.BodyNotJSON, "The message body is not JSON.")
}

// integer is a number of the wire. One with a fraction, or one that is too large, becomes notInteger, which is outside every range: the
// field's own rule then answers with the field's own code.
type integer int

const notInteger integer = math.MinInt32

// UnmarshalJSON implements json.Unmarshaler.
func (n *integer) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return &json.UnmarshalTypeError{Value: "string", Field: "a number"}
	case '{':
		return &json.UnmarshalTypeError{Value: "object", Field: "a number"}
	case '[':
		return &json.UnmarshalTypeError{Value: "array", Field: "a number"}
	case 't', 'f':
		return &json.UnmarshalTypeError{Value: "bool", Field: "a number"}
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= math.MaxInt32 {
		*n = notInteger
		return nil
	}
	*n = integer(f)
	return nil
}

// intOf turns an optional number of the wire into one of the rules.
func intOf(n *integer) *int {
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}

// textOf returns what a field says, "" when it is not there.
func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

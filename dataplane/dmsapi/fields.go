package dmsapi

import (
	"math"
	"strconv"
	"time"

	"dms/internal/errs"
	"dms/internal/reason"
)

// fields reads members of objects into Go values. null leaves a value as it is. A value of another type is stepped over and kept
// in wrong, so that the rest of the text is still scanned.
type fields struct {
	s     *scanner
	wrong error // the first field of a wrong type
}

func (p *fields) ignore() error {
	_, err := p.s.value()
	return err
}

func (p *fields) mismatch(name, want string) error {
	if p.wrong == nil {
		p.wrong = errs.New(errs.Invalid, reason.FieldInvalid, "The message body contains invalid fields: %s must be %s.", name, want)
	}
	return p.ignore()
}

func (p *fields) object(name string, f func(name []byte) error) error {
	if p.s.peek() != '{' {
		return p.mismatch(name, "an object")
	}
	return p.s.object(f)
}

func (p *fields) array(name string, f func() error) error {
	switch p.s.peek() {
	case '[':
		return p.s.array(f)
	case 'n':
		return p.ignore()
	}
	return p.mismatch(name, "an array")
}

func (p *fields) string(name string, out *string) error {
	if p.s.peek() != '"' {
		return p.mismatch(name, "a string")
	}
	v, err := p.s.value()
	if err == nil {
		*out = string(unquote(v))
	}
	return err
}

func (p *fields) optionalString(name string, out *string) error {
	if p.s.peek() == 'n' {
		return p.ignore()
	}
	return p.string(name, out)
}

// numeral reads a number that is written as a string, or as a number; the caller reads what it says.
func (p *fields) numeral(name string, out *string) error {
	if p.s.peek() != '0' {
		return p.optionalString(name, out)
	}
	v, err := p.s.value()
	*out = string(v)
	return err
}

func (p *fields) bool(name string, out *bool) error {
	switch p.s.peek() {
	case 't':
		*out = true
		return p.ignore()
	case 'f':
		*out = false
		return p.ignore()
	case 'n':
		return p.ignore()
	}
	return p.mismatch(name, "true or false")
}

// milliseconds reads a number and drops its fraction: 6000.9 is 6000.
func (p *fields) milliseconds(name string, out *time.Duration) error {
	switch p.s.peek() {
	case '0':
	case 'n':
		return p.ignore()
	default:
		return p.mismatch(name, "a number")
	}
	v, err := p.s.value()
	if err != nil {
		return err
	}
	// A number too large for a float64 reads as infinite; whatever does not fit a Duration becomes the largest one, past every limit.
	ms, _ := strconv.ParseFloat(string(v), 64)
	ms = math.Trunc(ms)
	const most = float64(math.MaxInt64 / int64(time.Millisecond))
	*out = time.Duration(max(-most, min(ms, most))) * time.Millisecond
	return nil
}

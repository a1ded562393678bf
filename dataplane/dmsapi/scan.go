package dmsapi

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"unicode/utf8"

	"dms/internal/errs"
	"dms/internal/reason"
)

// maxDepth bounds the nesting of JSON values: more is an attack on whoever decodes the message later.
const maxDepth = 1000

// scanner walks over a JSON text (RFC 8259), checks it, and hands out its values as slices of the text. It decodes nothing that it is not
// asked for, which is why a message of any size and shape costs one pass and no memory.
//
//	s := scanner{text: body}
//	err := s.object(func(name []byte) error { ... exactly one of value, object, array, string ... })
//
// Errors are ready for the client: reason.BodyNotJSON.
type scanner struct {
	text  []byte
	at    int
	depth int
}

// kind is what a value begins with: '{', '[', '"', 't', 'f', 'n', '0' for every number; 0 for anything else.
type kind byte

// document scans text as one JSON value, which f consumes, with nothing behind it.
func document(text []byte, f func(s *scanner) error) error {
	if !utf8.Valid(text) {
		return errs.New(errs.Invalid, reason.BodyNotJSON, "The request body is not valid UTF-8.")
	}
	s := &scanner{text: text}
	s.space()
	if s.at == len(s.text) {
		return errs.New(errs.Invalid, reason.BodyNotJSON, "The request body is empty; it must be JSON.")
	}
	if err := f(s); err != nil {
		return err
	}
	s.space()
	if s.at != len(s.text) {
		return s.bad()
	}
	return nil
}

func (s *scanner) bad() error {
	return errs.New(errs.Invalid, reason.BodyNotJSON, "The request body is not valid JSON at byte %d.", s.at)
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek returns the kind of the value that begins here. Requires: spaces are skipped.
func (s *scanner) peek() kind {
	if s.at == len(s.text) {
		return 0
	}
	switch c := s.text[s.at]; c {
	case '{', '[', '"', 't', 'f', 'n':
		return kind(c)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	}
	return 0
}

// value steps over the value that begins here and returns its bytes.
func (s *scanner) value() ([]byte, error) {
	from := s.at
	var err error
	switch s.peek() {
	case '{':
		err = s.object(nil)
	case '[':
		err = s.array(func() error { _, err := s.value(); return err })
	case '"':
		err = s.skipString()
	case 't':
		err = s.word("true")
	case 'f':
		err = s.word("false")
	case 'n':
		err = s.word("null")
	case '0':
		err = s.number()
	default:
		err = s.bad()
	}
	return s.text[from:s.at], err
}

// object calls f for each member, with its name unescaped and the scanner standing on its value, which f consumes. A nil f skips.
func (s *scanner) object(f func(name []byte) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	s.space()
	if s.take('}') {
		s.depth--
		return nil
	}
	for {
		if s.peek() != '"' {
			return s.bad()
		}
		from := s.at
		if err := s.skipString(); err != nil {
			return err
		}
		name := s.text[from:s.at]
		s.space()
		if !s.take(':') {
			return s.bad()
		}
		s.space()
		var err error
		if f == nil {
			_, err = s.value()
		} else {
			err = f(unquote(name))
		}
		if err != nil {
			return err
		}
		s.space()
		switch {
		case s.take(','):
			s.space()
		case s.take('}'):
			s.depth--
			return nil
		default:
			return s.bad()
		}
	}
}

// array calls f for each element, which f consumes.
func (s *scanner) array(f func() error) error {
	if err := s.enter(); err != nil {
		return err
	}
	s.space()
	if s.take(']') {
		s.depth--
		return nil
	}
	for {
		if err := f(); err != nil {
			return err
		}
		s.space()
		switch {
		case s.take(','):
			s.space()
		case s.take(']'):
			s.depth--
			return nil
		default:
			return s.bad()
		}
	}
}

// enter steps over the bracket that opens an object or an array.
func (s *scanner) enter() error {
	if s.depth == maxDepth {
		return errs.New(errs.Invalid, reason.BodyNotJSON, "The request body is nested more than %d levels deep.", maxDepth)
	}
	s.depth++
	s.at++
	return nil
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) word(w string) error {
	if !bytes.HasPrefix(s.text[s.at:], []byte(w)) {
		return s.bad()
	}
	s.at += len(w)
	return nil
}

// stringStop marks the bytes that end the plain run of a string: quote, backslash, and the control characters that JSON forbids.
var stringStop = func() (stop [256]bool) {
	for c := range 0x20 {
		stop[c] = true
	}
	stop['"'], stop['\\'] = true, true
	return stop
}()

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// endOfRun returns where the plain run of a string that begins at i ends. It looks at eight bytes at once: x-n*lowBits&^x has the highest bit of the
// lowest byte below n set, and perhaps others behind it; a byte that is to be found is one below 1 once its bits are taken away.
func endOfRun(text []byte, i int) int {
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		quote, backslash := x^('"'*lowBits), x^('\\'*lowBits)
		if stop := ((x-0x20*lowBits)&^x | (quote-lowBits)&^quote | (backslash-lowBits)&^backslash) & highBits; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for i < len(text) && !stringStop[text[i]] {
		i++
	}
	return i
}

func (s *scanner) skipString() error {
	text, i := s.text, s.at+1
	for {
		i = endOfRun(text, i)
		s.at = i
		if i == len(text) {
			return s.bad()
		}
		switch text[i] {
		case '"':
			s.at = i + 1
			return nil
		case '\\':
			if i+1 == len(text) {
				return s.bad()
			}
			switch text[i+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i += 2
			case 'u':
				if i+6 > len(text) || !isHex(text[i+2]) || !isHex(text[i+3]) || !isHex(text[i+4]) || !isHex(text[i+5]) {
					return s.bad()
				}
				i += 6
			default:
				return s.bad()
			}
		default:
			return s.bad()
		}
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func (s *scanner) number() error {
	s.take('-')
	if !s.take('0') && s.digits() == 0 {
		return s.bad()
	}
	if s.take('.') && s.digits() == 0 {
		return s.bad()
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if s.digits() == 0 {
			return s.bad()
		}
	}
	return nil
}

func (s *scanner) digits() int {
	from := s.at
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at - from
}

// unquote returns the text of a scanned JSON string.
func unquote(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var out string
	if err := json.Unmarshal(quoted, &out); err != nil {
		panic("unquote: not a scanned string") // skipString has accepted it
	}
	return []byte(out)
}

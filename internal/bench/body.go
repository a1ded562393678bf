package bench

import (
	"errors"
	"math/rand/v2"
)

// BodyKind says what bodies are made of.
type BodyKind string

const (
	BodyRandom       BodyKind = "random"       // six random bits a byte: does not compress to less than three quarters
	BodyCompressible BodyKind = "compressible" // words that repeat
)

const (
	stampBytes = 16
	// MinSize is the smallest body that holds a stamp.
	MinSize = stampBytes
)

const hexDigits = "0123456789abcdef"

// Stamp writes at, nanoseconds since the load began, into a body of this package.
//
//	" 16 hexadecimal digits, size-16 other bytes "
func Stamp(body []byte, at int64) {
	for i := range stampBytes {
		body[1+i] = hexDigits[uint64(at)>>(60-4*i)&15]
	}
}

// ErrNoStamp is a body that Stamp did not write.
var ErrNoStamp = errors.New("the body carries no stamp")

// StampOf reads what Stamp wrote. text may go on behind the body.
func StampOf(text []byte) (int64, error) {
	if len(text) < 1+stampBytes || text[0] != '"' {
		return 0, ErrNoStamp
	}
	var at uint64
	for _, c := range text[1 : 1+stampBytes] {
		switch {
		case c >= '0' && c <= '9':
			at = at<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			at = at<<4 | uint64(c-'a'+10)
		default:
			return 0, ErrNoStamp
		}
	}
	return int64(at), nil
}

const (
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	prose    = "the quick brown fox jumps over the lazy dog and then it goes on to the next order of the day; "
)

// newBody makes the JSON text of a string of size bytes.
func newBody(kind BodyKind, size int, rnd *rand.Rand) []byte {
	b := make([]byte, size+2)
	b[0], b[size+1] = '"', '"'
	in := b[1 : size+1]
	switch kind {
	case BodyCompressible:
		for i := range in {
			in[i] = prose[i%len(prose)]
		}
	default:
		for i := 0; i < len(in); {
			for bits, n := rnd.Uint64(), 0; n < 10 && i < len(in); n, i, bits = n+1, i+1, bits>>6 {
				in[i] = alphabet[bits&63]
			}
		}
	}
	return b
}

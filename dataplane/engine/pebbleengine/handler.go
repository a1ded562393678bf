package pebbleengine

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
)

// A handler is base64url of
//
//	format(1)=1 stream(1) queue(16) group(16) seq(8) message(8) delivery(8) deadline(8) received(4) mac(16)
//
// where mac is the first half of HMAC-SHA-256 over the rest, with a key that the store keeps: handlers survive restarts
// and nobody else can make one. delivery numbers increase over all deliveries of the store, so of two handlers of a message the
// later one is known. message is a part of the message's id: a crash that loses an unsynced commit may give the place in the log to another message.
const (
	handlerFormat = 1
	handlerData   = 2 + 16 + 16 + 8 + 8 + 8 + 8 + 4
	handlerMAC    = 16
	handlerLen    = handlerData + handlerMAC
)

type handler struct {
	stream       streamKind
	queue, group uid
	seq          uint64
	message      uint64
	delivery     uint64
	deadline     int64
	received     uint32
}

// sealer makes and checks handlers.
type sealer struct {
	macs sync.Pool // of hash.Hash, keyed
}

func newSealer(secret []byte) *sealer {
	s := &sealer{}
	s.macs.New = func() any { return hmac.New(sha256.New, secret) }
	return s
}

func (s *sealer) mac(dst, data []byte) []byte {
	h := s.macs.Get().(hash.Hash)
	defer s.macs.Put(h)
	h.Reset()
	h.Write(data)
	return h.Sum(dst)
}

func (s *sealer) seal(h handler) string {
	var buf [handlerLen + sha256.Size]byte
	b := append(buf[:0], handlerFormat, byte(h.stream))
	b = append(b, h.queue[:]...)
	b = append(b, h.group[:]...)
	b = appendUint64(b, h.seq)
	b = appendUint64(b, h.message)
	b = appendUint64(b, h.delivery)
	b = appendUint64(b, uint64(h.deadline))
	b = binary.BigEndian.AppendUint32(b, h.received)
	b = s.mac(b, b)[:handlerLen]
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *sealer) open(text string) (h handler, ok bool) {
	if base64.RawURLEncoding.DecodedLen(len(text)) != handlerLen {
		return h, false
	}
	var buf [handlerLen]byte
	// Strict: the unused bits of the last character must be zero, so that each delivery has one handler, not several.
	if _, err := base64.RawURLEncoding.Strict().Decode(buf[:], []byte(text)); err != nil {
		return h, false
	}
	var sum [sha256.Size]byte
	if subtle.ConstantTimeCompare(s.mac(sum[:0], buf[:handlerData])[:handlerMAC], buf[handlerData:]) != 1 {
		return h, false
	}
	d := decoder{b: buf[:handlerData]}
	d.version(handlerFormat)
	h.stream = streamKind(d.byte())
	h.queue, h.group = d.uid(), d.uid()
	h.seq, h.message, h.delivery, h.deadline = d.uint64(), d.uint64(), d.uint64(), d.int64()
	h.received = binary.BigEndian.Uint32(d.b)
	return h, d.err == nil
}

// opened is a handler that somebody came with, or why it is not good.
type opened struct {
	handler
	err error
}

// openFor opens the handler if it is genuine and of this queue, group and kind. It takes no lock.
func (s *sealer) openFor(text string, queue, group uid, kind engine.Kind) opened {
	h, ok := s.open(text)
	o := opened{handler: h}
	switch {
	case !ok || h.stream > redrivenStream:
		o.err = errHandlerUnknown()
	case h.queue != queue || h.group != group:
		o.err = errs.New(errs.Invalid, reason.HandlerMismatch, "the queue or consumer group does not match the handler")
	case (h.stream == deadStream) != (kind == engine.Dead):
		o.err = errHandlerInstance()
	}
	return o
}

func errHandlerUnknown() error {
	return errs.New(errs.Invalid, reason.HandlerUnknown, "the handler does not exist: it is unknown, timed out, or the message was delivered again")
}

func errHandlerInstance() error {
	return errs.New(errs.Invalid, reason.HandlerInstance, "the handler was used already, or belongs to the other kind of messages")
}

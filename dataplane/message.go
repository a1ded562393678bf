package dataplane

import (
	"bytes"
	"time"
	"unicode/utf8"

	"dms/internal/errs"
	"dms/internal/reason"
)

// Message is a message that a client offers, before it is stored. Body and Attributes are kept as they were sent, byte for
// byte: nobody between the two clients decodes them.
type Message struct {
	Body       []byte // JSON text
	Attributes []byte // JSON object text, nil when there are none
	Labels     []string
	Delay      time.Duration
	// OrderingKey and DedupID as in engine.NewMessage; the DMS wire has no words for them.
	OrderingKey string
	DedupID     string
}

// Size is what counts against the size limit: of a string body its UTF-8 without quotes and escapes, of any other body the
// bytes as sent, and the attributes as sent. Labels are not counted.
func (m Message) Size() int {
	if len(m.Body) > 0 && m.Body[0] == '"' {
		return stringBytes(m.Body) + len(m.Attributes)
	}
	return len(m.Body) + len(m.Attributes)
}

// CheckSend refuses messages that break a rule of the mode or a limit, with the reason. It looks at one message after the other and
// at their size together last.
func (l Limits) CheckSend(mode Mode, msgs []Message) error {
	if err := l.CheckSendCount(len(msgs)); err != nil {
		return err
	}
	size := 0
	for _, m := range msgs {
		if err := l.checkMessage(mode, m); err != nil {
			return err
		}
		size += m.Size()
	}
	if size > l.MaxRequestBytes {
		return errs.New(errs.TooLarge, reason.MessageSize, "The message size is %d, larger than the size limit %d.", size, l.MaxRequestBytes)
	}
	return nil
}

// CheckSendCount refuses a send of no messages and one of too many.
func (l Limits) CheckSendCount(n int) error {
	switch {
	case n == 0:
		return invalid("there are no messages")
	case n > l.MaxMessagesPerSend:
		return invalid("there are more than %d messages", l.MaxMessagesPerSend)
	}
	return nil
}

func (l Limits) checkMessage(mode Mode, m Message) error {
	switch {
	// null is what clients send that left the body out: it carries nothing to a consumer.
	case len(m.Body) == 0 || string(m.Body) == "null":
		return invalid("a message has no body")
	case len(m.Attributes) > 0 && m.Attributes[0] != '{':
		return invalid("the attributes of a message must be a JSON object")
	case len(m.Attributes) > 0 && mode.Kafka():
		return invalid("kafka queue message could not have attributes")
	case m.Delay < 0 || m.Delay > l.MaxDelay:
		return invalid("the delay must be within 0 and %d milliseconds", l.MaxDelay.Milliseconds())
	case m.Delay > 0 && mode.Kafka():
		return invalid("kafka queue message could not have delayTime")
	}
	return l.CheckLabels(m.Labels)
}

// CheckLabels refuses too many labels, and labels of a wrong form, of one message or of one receive.
func (l Limits) CheckLabels(labels []string) error {
	if len(labels) > l.MaxLabels {
		return invalid("there are more than %d tags", l.MaxLabels)
	}
	for _, s := range labels {
		if !l.validLabel(s) {
			return errs.New(errs.Invalid, reason.LabelInvalid, "The tag name is invalid: a tag has 1 to %d of the characters A-Z, a-z, 0-9, _ and -.", l.MaxLabelChars)
		}
	}
	return nil
}

func (l Limits) validLabel(s string) bool {
	if s == "" || len(s) > l.MaxLabelChars {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// CheckReceive refuses a receive that asks for too much, or for less than nothing.
func (l Limits) CheckReceive(maxMessages int, wait, ackWait time.Duration) error {
	switch {
	case maxMessages < 1 || maxMessages > l.MaxMessagesPerReceive:
		return errs.New(errs.Invalid, reason.MaxMessages, "The number of messages to consume must be within 1 and %d.", l.MaxMessagesPerReceive)
	case wait < l.MinWait || wait > l.MaxWait:
		return errs.New(errs.Invalid, reason.TimeWait, "The waiting time must be within %d and %d seconds.", int(l.MinWait.Seconds()), int(l.MaxWait.Seconds()))
	case ackWait < l.MinAckWait || ackWait > l.MaxAckWait:
		return errs.New(errs.Invalid, reason.AckWait, "The acknowledgement wait must be within %d and %d seconds.", int(l.MinAckWait.Seconds()), int(l.MaxAckWait.Seconds()))
	}
	return nil
}

// CheckSettleCount refuses to settle nothing, and more than one commit should hold.
func (l Limits) CheckSettleCount(n int) error {
	switch {
	case n == 0:
		return invalid("there is no message to acknowledge")
	case n > l.MaxMessagesPerSettle:
		return invalid("there are more than %d messages to acknowledge", l.MaxMessagesPerSettle)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return errs.New(errs.Invalid, reason.Format, "Invalid request format: "+format+".", args...)
}

// stringBytes returns how many bytes of UTF-8 the JSON string text has once its quotes and escapes are gone. The text is known to be
// valid. A surrogate that stands alone counts as the replacement character that readers make of it.
func stringBytes(text []byte) int {
	n := len(text) - 2
	for i := 1; ; i++ {
		next := bytes.IndexByte(text[i:len(text)-1], '\\')
		if next < 0 {
			return n
		}
		i += next + 1
		if text[i] != 'u' {
			n-- // \n and its like: two bytes for one
			continue
		}
		r := hexRune(text[i+1:])
		i += 4
		n -= 6
		if r < 0xD800 || r > 0xDFFF {
			n += utf8.RuneLen(r)
			continue
		}
		if r < 0xDC00 && i+6 < len(text)-1 && text[i+1] == '\\' && text[i+2] == 'u' {
			if low := hexRune(text[i+3:]); low >= 0xDC00 && low <= 0xDFFF {
				i += 6
				n += 4 - 6 // a pair is one rune of four bytes
				continue
			}
		}
		n += utf8.RuneLen(utf8.RuneError)
	}
}

// hexRune reads four hexadecimal digits.
func hexRune(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= 'a':
			c = c - 'a' + 10
		case c >= 'A':
			c = c - 'A' + 10
		default:
			c -= '0'
		}
		r = r<<4 | rune(c)
	}
	return r
}

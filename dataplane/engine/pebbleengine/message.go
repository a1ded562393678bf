package pebbleengine

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A stored message, in the queue's log, among the delayed ones, or in a group's dead letters:
//
//	format(1)=1 crc32c(4) id(16) sent(8) available(8) expiry(8) before(8) extra (see message_extra.go)
//	labels(uvarint) { length(uvarint) bytes }...
//	attributes length+1 (uvarint, 0: none) bytes
//	body, to the end
//
// The checksum covers the key and everything behind the checksum: a value under a foreign key is damage too. Times are nanoseconds
// since 1970. before is how many bytes of bodies and attributes the log took in before this message.
const (
	messageFormat     = 1
	messageCRCOffset  = 1
	messageDataOffset = 5
	messageFixed      = messageDataOffset + 16 + 4*8
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// message is a stored message; its slices lie in the buffer that it was decoded from.
type message struct {
	id        uid
	sent      int64
	available int64
	expiry    int64
	before    uint64
	labels    []string
	attrs     []byte // nil: none
	body      []byte

	orderingKey string
	death       *death // of a dead letter, and of a redriven message
}

// tag is the part of a message's id that handlers carry.
func (u uid) tag() uint64 { return binary.BigEndian.Uint64(u[:8]) }

// size is what limits and statistics count.
func (m *message) size() uint64 { return uint64(len(m.body) + len(m.attrs)) }

func uvarintLen(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}

// attrsField is the length field of the attributes: 0 for none, else length+1.
func (m *message) attrsField() uint64 {
	if m.attrs == nil {
		return 0
	}
	return uint64(len(m.attrs)) + 1
}

func (m *message) encodedLen() int {
	n := messageFixed + m.extraLen() + uvarintLen(uint64(len(m.labels))) + uvarintLen(m.attrsField()) + len(m.attrs) + len(m.body)
	for _, l := range m.labels {
		n += uvarintLen(uint64(len(l))) + len(l)
	}
	return n
}

// encode writes m for key into dst, which has encodedLen bytes.
func (m *message) encode(key, dst []byte) {
	b := append(dst[:0], messageFormat, 0, 0, 0, 0)
	b = append(b, m.id[:]...)
	b = appendUint64(b, uint64(m.sent))
	b = appendUint64(b, uint64(m.available))
	b = appendUint64(b, uint64(m.expiry))
	b = appendUint64(b, m.before)
	b = m.appendExtra(b)
	b = binary.AppendUvarint(b, uint64(len(m.labels)))
	for _, l := range m.labels {
		b = appendString(b, l)
	}
	b = binary.AppendUvarint(b, m.attrsField())
	b = append(b, m.attrs...)
	b = append(b, m.body...)
	crc := crc32.Update(crc32.Checksum(key, crcTable), crcTable, b[messageDataOffset:])
	binary.BigEndian.PutUint32(b[messageCRCOffset:], crc)
}

// decodeMessage reads the message under key and checks that not a bit of it has changed.
func decodeMessage(key, v []byte) (m message, err error) {
	if len(v) < messageFixed || v[0] != messageFormat {
		return m, fmt.Errorf("message %x: %w", key, errDamaged)
	}
	crc := crc32.Update(crc32.Checksum(key, crcTable), crcTable, v[messageDataOffset:])
	if crc != binary.BigEndian.Uint32(v[messageCRCOffset:]) {
		return m, fmt.Errorf("message %x: checksum: %w", key, errDamaged)
	}
	d := decoder{b: v[messageDataOffset:]}
	m.id = d.uid()
	m.sent, m.available, m.expiry = d.int64(), d.int64(), d.int64()
	m.before = d.uint64()
	m.decodeExtra(&d)
	if n := d.uvarint(); n > 0 && d.err == nil {
		m.labels = make([]string, 0, min(n, 16))
		for range n {
			if d.err != nil {
				break
			}
			m.labels = append(m.labels, d.string())
		}
	}
	if n := d.uvarint(); n > 0 {
		m.attrs = d.bytes(n - 1)
	}
	m.body = d.b
	if d.err != nil {
		return message{}, fmt.Errorf("message %x: %w", key, d.err)
	}
	return m, nil
}

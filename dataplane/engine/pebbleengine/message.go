package pebbleengine

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A stored message, one of a run (see run):
//
//	length of what follows the checksum(4) crc32c(4)
//	format(1)=1 id(16) extra (see message_extra.go)
//	labels(uvarint) { length(uvarint) bytes }...
//	attributes length+1 (uvarint, 0: none) bytes
//	body, to the end
//
// The checksum begins with the queue's id: a message that is met in another queue is damage too. What the messages of a run have in
// common, their times, is in the description of the run.
const (
	messageFormat = 1
	messageFixed  = 8 + 1 + 16
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// message is a message of a queue; its slices lie in the buffer that it was decoded from.
type message struct {
	id        uid
	sent      int64
	available int64
	expiry    int64
	labels    []string
	attrs     []byte // nil: none
	body      []byte

	orderingKey string
	death       *death // of a dead letter, and of a redriven message

	encoded []byte // as stored, when it was encoded already
	damaged bool   // encoded is all that there is, and it is not whole
}

// tag is the part of a message's id that handlers and pointers carry.
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

// messageSeed is what the checksums of a queue's messages begin with.
func messageSeed(queue uid) uint32 { return crc32.Checksum(queue[:], crcTable) }

// appendTo appends the stored form.
func (m *message) appendTo(b []byte, seed uint32) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, messageFormat)
	b = append(b, m.id[:]...)
	b = m.appendExtra(b)
	b = binary.AppendUvarint(b, uint64(len(m.labels)))
	for _, l := range m.labels {
		b = appendString(b, l)
	}
	b = binary.AppendUvarint(b, m.attrsField())
	b = append(b, m.attrs...)
	b = append(b, m.body...)
	data := b[start+8:]
	binary.BigEndian.PutUint32(b[start:], uint32(len(data)))
	binary.BigEndian.PutUint32(b[start+4:], crc32.Update(seed, crcTable, data))
	return b
}

// nextMessage cuts the first stored message off b. It checks nothing but the length.
func nextMessage(b []byte) (one, rest []byte, err error) {
	if len(b) < messageFixed {
		return nil, nil, errDamaged
	}
	n := int64(binary.BigEndian.Uint32(b)) + 8
	if n < messageFixed || n > int64(len(b)) {
		return nil, nil, errDamaged
	}
	return b[:n:n], b[n:], nil
}

// decodeMessage reads a stored message and checks that not a bit of it has changed.
func decodeMessage(b []byte, seed uint32) (m message, err error) {
	if len(b) < messageFixed || int64(binary.BigEndian.Uint32(b)) != int64(len(b)-8) {
		return m, fmt.Errorf("message: %w", errDamaged)
	}
	if crc32.Update(seed, crcTable, b[8:]) != binary.BigEndian.Uint32(b[4:]) {
		return m, fmt.Errorf("message: checksum: %w", errDamaged)
	}
	return readMessage(b)
}

// readMessage reads a stored message that is known to be whole.
func readMessage(b []byte) (m message, err error) {
	d := decoder{b: b[8:]}
	d.version(messageFormat)
	m.id = d.uid()
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
	m.encoded = b
	if d.err != nil {
		return message{}, fmt.Errorf("message: %w", d.err)
	}
	return m, nil
}

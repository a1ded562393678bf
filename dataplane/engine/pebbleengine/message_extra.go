package pebbleengine

import (
	"encoding/binary"

	"dms/dataplane/engine"
)

// What only some messages have, behind the fixed fields of a stored message:
//
//	flags(1)
//	with flag 1: ordering key (string)
//	with flag 2: failures(uvarint) first failure(8) last failure(8) reason(1) redriven(uvarint) origin(uvarint) first received(8)
const (
	messageHasKey       = 1
	messageHasDeath     = 2
	messageFlagsUnknown = ^byte(messageHasKey | messageHasDeath)
)

// death is why a message became a dead letter of a group, and what else is to be known of it then. A redriven message keeps it.
type death struct {
	failures      uint32
	firstFailure  int64
	lastFailure   int64
	reason        engine.DeathReason
	redriven      uint32
	origin        uint64 // its place in the queue's log
	firstReceived int64  // when it was first given to the group
}

func (m *message) flags() (f byte) {
	if m.orderingKey != "" {
		f |= messageHasKey
	}
	if m.death != nil {
		f |= messageHasDeath
	}
	return f
}

// extraLen is how many bytes appendExtra adds.
func (m *message) extraLen() int {
	n := 1
	if m.orderingKey != "" {
		n += uvarintLen(uint64(len(m.orderingKey))) + len(m.orderingKey)
	}
	if d := m.death; d != nil {
		n += uvarintLen(uint64(d.failures)) + 8 + 8 + 1 + uvarintLen(uint64(d.redriven)) + uvarintLen(d.origin) + 8
	}
	return n
}

func (m *message) appendExtra(b []byte) []byte {
	b = append(b, m.flags())
	if m.orderingKey != "" {
		b = appendString(b, m.orderingKey)
	}
	if d := m.death; d != nil {
		b = binary.AppendUvarint(b, uint64(d.failures))
		b = appendUint64(b, uint64(d.firstFailure))
		b = appendUint64(b, uint64(d.lastFailure))
		b = binary.AppendUvarint(append(b, byte(d.reason)), uint64(d.redriven))
		b = binary.AppendUvarint(b, d.origin)
		b = appendUint64(b, uint64(d.firstReceived))
	}
	return b
}

func (m *message) decodeExtra(d *decoder) {
	flags := d.byte()
	if flags&messageFlagsUnknown != 0 {
		d.fail()
		return
	}
	if flags&messageHasKey != 0 {
		m.orderingKey = d.string()
	}
	if flags&messageHasDeath != 0 {
		m.death = &death{
			failures: uint32(d.uvarint()), firstFailure: d.int64(), lastFailure: d.int64(), reason: engine.DeathReason(d.byte()),
			redriven: uint32(d.uvarint()), origin: d.uvarint(), firstReceived: d.int64(),
		}
	}
}

// outside returns the death as callers see it.
func (d *death) outside() *engine.Death {
	if d == nil {
		return nil
	}
	return &engine.Death{
		Failures: int(d.failures), FirstFailure: instant(d.firstFailure), LastFailure: instant(d.lastFailure),
		Reason: d.reason, Redriven: int(d.redriven),
	}
}

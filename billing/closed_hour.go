package billing

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"dms/internal/usage"
)

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String writes it in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ClosedHour is the record of what one account used in one closed clock hour. An account's records form a chain: each hash covers
// the record and the hash before it, so that no record can be edited, dropped or put in between unnoticed.
type ClosedHour struct {
	AccountID  string
	Hour       usage.Hour
	PriceID    string // of the PriceVersion that held; "" when there was none
	QueueUnits int64  // in the version's granularity
	APICalls   int64  // billable ones
	PrevHash   Hash   // zero in the first record
	Hash       Hash
}

// Seal returns the record with the hashes that chain it to prev.
func (c ClosedHour) Seal(prev Hash) ClosedHour {
	c.PrevHash = prev
	c.Hash = sha256.Sum256(c.encode())
	return c
}

// encode is what the hash covers. Texts carry their length, so that no two records have one encoding:
//
//	"dms.billing.closed_hour.1" | len account_id, account_id | hour | len price_id, price_id | queue_units | api_calls | prev_hash
//
// Lengths and numbers are 8 bytes, big-endian.
func (c ClosedHour) encode() []byte {
	b := []byte("dms.billing.closed_hour.1")
	text := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	number := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) }
	text(c.AccountID)
	number(int64(c.Hour))
	text(c.PriceID)
	number(c.QueueUnits)
	number(c.APICalls)
	return append(b, c.PrevHash[:]...)
}

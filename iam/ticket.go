package iam

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"dms/internal/errs"
)

// TicketPurpose is the one thing that a ticket is good for.
type TicketPurpose string

const (
	TicketSignUp       TicketPurpose = "sign_up"       // opens an account; in an e-mail
	TicketVerify       TicketPurpose = "verify"        // confirms an address; in an e-mail
	TicketReset        TicketPurpose = "reset"         // sets another password; in an e-mail
	TicketSecondFactor TicketPurpose = "second_factor" // a sign-in whose password was right
)

// Life returns how long tickets of the purpose are good.
func (p TicketPurpose) Life() time.Duration {
	switch p {
	case TicketReset:
		return 10 * time.Minute
	case TicketSecondFactor:
		return 5 * time.Minute
	}
	return 24 * time.Hour
}

// Ticket lets its holder do one thing, once. The holder has 256 random bits; the database has their hash alone, so that who reads it can make
// no use of what is there.
type Ticket struct {
	Hash      []byte // SHA-256 of the secret
	Purpose   TicketPurpose
	AccountID string // "" before there is one
	UserID    string
	Email     string // the address that it was sent to; it confirms no other
	Data      string // what the purpose needs, as JSON
	CreatedAt time.Time
	ExpiresAt time.Time
}

const ticketSecretBytes = 32

// newTicket makes a ticket, and the secret that is told to its holder.
func newTicket(p TicketPurpose, now time.Time) (Ticket, string) {
	secret := randomBytes(ticketSecretBytes)
	return Ticket{Hash: hashSecret(secret), Purpose: p, CreatedAt: now, ExpiresAt: now.Add(p.Life())}, base64.RawURLEncoding.EncodeToString(secret)
}

// ticketHash returns the hash of a secret that somebody shows. What cannot be one has the hash of none.
func ticketHash(raw string) []byte {
	if len(raw) != base64.RawURLEncoding.EncodedLen(ticketSecretBytes) {
		return make([]byte, sha256.Size)
	}
	secret, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil {
		return make([]byte, sha256.Size)
	}
	return hashSecret(secret)
}

const reasonTicket errs.Reason = "ticket_invalid"

// errTicket is the answer for a ticket that is unknown, used, expired or of another purpose: they are not told apart.
func errTicket(err error) error {
	if errs.CodeOf(err) != errs.NotFound {
		return err
	}
	return errs.Wrap(err, errs.Invalid, reasonTicket, "The link or ticket is not valid any more. Ask for a new one.")
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}

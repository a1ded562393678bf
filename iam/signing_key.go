package iam

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"dms/internal/id"
	"dms/internal/seal"
)

// SigningKey signs tokens, which name it by its id.
type SigningKey struct {
	ID            string
	PublicKey     ed25519.PublicKey
	SealedPrivate string // the seed under the platform key, bound to ID
	State         SigningKeyState
	ChangedAt     time.Time // when it got the state
	CreatedAt     time.Time
}

// SigningKeyState is where a key stands in its life.
type SigningKeyState string

const (
	SigningKeyNext     SigningKeyState = "next"     // known everywhere, and signs nothing yet
	SigningKeyCurrent  SigningKeyState = "current"  // the one that signs
	SigningKeyPrevious SigningKeyState = "previous" // signed what may not have expired
)

// newSigningKey makes a key. Whoever is to trust it gets to know it before it signs.
func newSigningKey(key *seal.Key, state SigningKeyState, now time.Time) (SigningKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return SigningKey{}, fmt.Errorf("make a signing key: %w", err)
	}
	kid := id.NewHex()
	return SigningKey{ID: kid, PublicKey: public, SealedPrivate: key.Seal(private.Seed(), kid), State: state, ChangedAt: now, CreatedAt: now}, nil
}

func (k SigningKey) private(key *seal.Key) (ed25519.PrivateKey, error) {
	seed, err := key.Open(k.SealedPrivate, k.ID)
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", k.ID, err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("signing key %s: seed has %d bytes", k.ID, len(seed))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

package iam

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"dms/internal/id"
	"dms/internal/seal"
)

// SigningKey signs tokens. Tokens name it by its id; the newest one signs.
type SigningKey struct {
	ID            string
	PublicKey     ed25519.PublicKey
	SealedPrivate string // the seed under the platform key, bound to ID
	CreatedAt     time.Time
}

func newSigningKey(key *seal.Key, now time.Time) (SigningKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return SigningKey{}, fmt.Errorf("make a signing key: %w", err)
	}
	kid := id.NewHex()
	return SigningKey{ID: kid, PublicKey: public, SealedPrivate: key.Seal(private.Seed(), kid), CreatedAt: now}, nil
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

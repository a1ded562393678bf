package iam

import (
	"context"
	"crypto/ed25519"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/seal"
)

// RotationPeriod is how long a key signs before another does.
const RotationPeriod = 30 * 24 * time.Hour

// KeyService rotates the keys that sign tokens.
//
// A key is next, then current, then previous, then gone. It is published while it is next, one period before it signs: a node that was cut off for a day knows it.
// A previous key is kept for as long as a token of it can live.
type KeyService struct {
	store Store
	write writer
	clock clock.Clock
	seal  *seal.Key
}

// PublicKey is what everybody may know of a signing key.
type PublicKey struct {
	ID    string
	Key   ed25519.PublicKey
	State SigningKeyState
}

// Rotation says what a rotation did.
type Rotation struct {
	Current string   `json:"current"` // the key that signs from now on
	Next    string   `json:"next"`
	Deleted []string `json:"deleted,omitempty"`
}

// List returns the keys that tokens may be signed with, now or soon, the oldest first.
func (s *KeyService) List(ctx context.Context) ([]PublicKey, error) {
	keys, err := s.store.SigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]PublicKey, len(keys))
	for i, k := range keys {
		out[i] = PublicKey{ID: k.ID, Key: k.PublicKey, State: k.State}
	}
	return out, nil
}

// Rotate makes the next key sign, in place of the current one. Tokens of the current one stay good until they expire.
func (s *KeyService) Rotate(ctx context.Context) (Rotation, error) {
	if err := s.ensure(ctx); err != nil {
		return Rotation{}, err
	}
	return s.rotate(ctx, 0)
}

// RotateWhenDue is Rotate once the current key has signed for RotationPeriod; it reports whether it had.
func (s *KeyService) RotateWhenDue(ctx context.Context) (Rotation, bool, error) {
	if err := s.ensure(ctx); err != nil {
		return Rotation{}, false, err
	}
	r, err := s.rotate(ctx, RotationPeriod)
	return r, r.Current != "", err
}

// ensure makes the current and the next key where they are missing, in a change of its own: the nodes know the next key before it signs.
func (s *KeyService) ensure(ctx context.Context) error {
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		have, err := tx.LockSigningKeys(ctx)
		if err != nil {
			return err
		}
		for _, state := range []SigningKeyState{SigningKeyCurrent, SigningKeyNext} {
			if _, ok := inState(have, state); ok {
				continue
			}
			if _, err := createSigningKey(ctx, tx, out, s.seal, state, s.clock.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if errs.CodeOf(err) == errs.Conflict {
		return nil // another process was at it
	}
	return err
}

// rotate does so unless the current key has signed for less than the least time.
func (s *KeyService) rotate(ctx context.Context, least time.Duration) (Rotation, error) {
	var r Rotation
	err := s.write.change(ctx, func(tx Tx, out *changes) error {
		r = Rotation{}
		have, err := tx.LockSigningKeys(ctx)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		current, ok := inState(have, SigningKeyCurrent)
		next, ready := inState(have, SigningKeyNext)
		if !ok || !ready {
			return errs.New(errs.Conflict, "", "Another rotation was at it. Try again.")
		}
		if now.Sub(current.ChangedAt) < least {
			return nil
		}
		for _, k := range have {
			if k.State != SigningKeyPrevious || now.Sub(k.ChangedAt) <= KeystoneTokenLife {
				continue
			}
			if err := tx.DeleteSigningKey(ctx, k.ID); err != nil {
				return err
			}
			out.add(tombstone(directory.KindSigningKey, k.ID))
			r.Deleted = append(r.Deleted, k.ID)
		}
		// In this order no two keys ever have the same of the two states of which there is one each.
		current.State, current.ChangedAt = SigningKeyPrevious, now
		next.State, next.ChangedAt = SigningKeyCurrent, now
		for _, k := range []SigningKey{current, next} {
			if err := tx.SetSigningKeyState(ctx, k); err != nil {
				return err
			}
		}
		fresh, err := createSigningKey(ctx, tx, out, s.seal, SigningKeyNext, now)
		if err != nil {
			return err
		}
		r.Current, r.Next = next.ID, fresh.ID
		out.record(audit.Event{AccountID: audit.Platform, Action: access.PlatformKeyRotate, Resource: audit.PlatformResource("key", r.Current)})
		return nil
	})
	return r, err
}

func createSigningKey(ctx context.Context, tx Tx, out *changes, sealing *seal.Key, state SigningKeyState, now time.Time) (SigningKey, error) {
	k, err := newSigningKey(sealing, state, now)
	if err != nil {
		return SigningKey{}, err
	}
	if err := tx.CreateSigningKey(ctx, k); err != nil {
		return SigningKey{}, err
	}
	out.add(k.entry())
	out.record(audit.Event{AccountID: audit.Platform, Action: audit.SigningKeyCreate, Resource: audit.PlatformResource("key", k.ID)})
	return k, nil
}

func inState(keys []SigningKey, state SigningKeyState) (SigningKey, bool) {
	for _, k := range keys {
		if k.State == state {
			return k, true
		}
	}
	return SigningKey{}, false
}

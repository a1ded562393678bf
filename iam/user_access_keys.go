package iam

import (
	"context"
	"unicode/utf8"

	"dms/internal/access"
)

// CreateFor makes a key of another user: whoever has it can act as that user, so the caller must hold all that the user may do.
func (s *AccessKeyService) CreateFor(ctx context.Context, a access.Actor, userID, description string) (k AccessKey, secret string, err error) {
	if utf8.RuneCountInString(description) > maxKeyDescriptionChars {
		return AccessKey{}, "", invalid(map[string]string{"/description": "must have at most 160 characters"})
	}
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := s.lockFor(ctx, tx, a, userID)
		if err != nil {
			return err
		}
		k, secret, err = s.create(ctx, tx, out, u, description)
		return err
	})
	if err != nil {
		return AccessKey{}, "", err
	}
	return k, secret, nil
}

// SetEnabledFor enables or disables a key of another user. Enabling takes all that the user may do.
func (s *AccessKeyService) SetEnabledFor(ctx context.Context, a access.Actor, userID, accessKey string, enabled bool) error {
	if !enabled {
		return s.SetEnabled(ctx, a.AccountID, userID, accessKey, false)
	}
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := s.lockFor(ctx, tx, a, userID)
		if err != nil {
			return err
		}
		k, err := tx.SetAccessKeyEnabled(ctx, a.AccountID, userID, accessKey, true)
		if err != nil {
			return err
		}
		out.add(k.entry())
		out.record(keyEvent(access.AccessKeyUpdate, u, k.ID, map[string]string{"enabled": "true"}))
		return nil
	})
}

// lockFor locks the account and the user, and asks whether the caller may act as the user.
func (s *AccessKeyService) lockFor(ctx context.Context, tx Tx, a access.Actor, userID string) (User, error) {
	if _, err := tx.LockAccount(ctx, a.AccountID); err != nil {
		return User{}, err
	}
	u, err := tx.LockUser(ctx, a.AccountID, userID)
	if err != nil {
		return User{}, err
	}
	return u, grantChecker{}.checkUser(ctx, tx, a, u)
}

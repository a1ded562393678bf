package iam

import (
	"context"
	"maps"
	"strconv"
	"unicode/utf8"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/seal"
)

// AccessKeyService makes and ends access keys.
type AccessKeyService struct {
	store Store
	write writer
	clock clock.Clock
	seal  *seal.Key
}

// Create makes a key for the user and tells its secret, for the only time. errs.Quota: the user has MaxAccessKeys.
func (s *AccessKeyService) Create(ctx context.Context, accountID, userID, description string) (k AccessKey, secret string, err error) {
	if utf8.RuneCountInString(description) > maxKeyDescriptionChars {
		const problem = "must have at most 160 characters"
		return AccessKey{}, "", errs.New(errs.Invalid, reasonInvalid, "The description %s.", problem).WithField("/description", problem)
	}
	err = s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.LockUser(ctx, accountID, userID)
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

// create makes a key for a user that is new or locked.
func (s *AccessKeyService) create(ctx context.Context, tx Tx, out *changes, u User, description string) (AccessKey, string, error) {
	have, err := tx.AccessKeys(ctx, u.AccountID, u.ID)
	if err != nil {
		return AccessKey{}, "", err
	}
	if len(have) >= MaxAccessKeys {
		return AccessKey{}, "", errs.New(errs.Quota, "access_key_limit", "The user %s has %d access keys already, which is the limit. Delete one first.", u.Name, len(have))
	}
	secret := newSecretKey()
	k := AccessKey{ID: newAccessKeyID(), AccountID: u.AccountID, UserID: u.ID, Description: description, Enabled: true, CreatedAt: s.clock.Now()}
	k.SealedSecret = s.seal.Seal([]byte(secret), k.ID)
	if err := tx.CreateAccessKey(ctx, k); err != nil {
		return AccessKey{}, "", err
	}
	out.add(k.entry())
	out.record(keyEvent(access.AccessKeyCreate, u, k.ID, nil))
	return k, secret, nil
}

// List returns the user's keys, the oldest first.
func (s *AccessKeyService) List(ctx context.Context, accountID, userID string) ([]AccessKey, error) {
	return s.store.AccessKeys(ctx, accountID, userID)
}

// SetEnabled enables or disables a key; requests signed with a disabled one are refused.
func (s *AccessKeyService) SetEnabled(ctx context.Context, accountID, userID, accessKey string, enabled bool) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.User(ctx, accountID, userID)
		if err != nil {
			return err
		}
		k, err := tx.SetAccessKeyEnabled(ctx, accountID, userID, accessKey, enabled)
		if err != nil {
			return err
		}
		out.add(k.entry())
		out.record(keyEvent(access.AccessKeyUpdate, u, k.ID, map[string]string{"enabled": strconv.FormatBool(enabled)}))
		return nil
	})
}

// Delete ends a key of the user. errs.NotFound also for a key of somebody else.
func (s *AccessKeyService) Delete(ctx context.Context, accountID, userID, accessKey string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		u, err := tx.User(ctx, accountID, userID)
		if err != nil {
			return err
		}
		if err := tx.DeleteAccessKey(ctx, accountID, userID, accessKey); err != nil {
			return err
		}
		out.add(tombstone(directory.KindAccessKey, accessKey))
		out.record(keyEvent(access.AccessKeyDelete, u, accessKey, nil))
		return nil
	})
}

// keyEvent is what was done to an access key of the user.
func keyEvent(action access.Action, u User, accessKey string, detail map[string]string) audit.Event {
	e := audit.Event{
		AccountID: u.AccountID, Action: action, Resource: audit.Resource("iam", u.AccountID, "accesskey", u.Name),
		Detail: map[string]string{"access_key": accessKey, "user_id": u.ID},
	}
	maps.Copy(e.Detail, detail)
	return e
}

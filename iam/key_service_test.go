package iam_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/reason"
)

func TestTokensOfThePreviousKeyLiveAsLongAsTheyMay(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		verify := func(raw string) errs.Reason {
			_, err := k.Authenticator.Tokens().Verify(ctx, raw, iam.TokenKeystone)
			return errs.ReasonOf(err)
		}
		keyOf := func(raw string) string {
			s, err := k.Authenticator.Tokens().Verify(ctx, raw, iam.TokenKeystone)
			require.NoError(t, err)
			return s.Claims.KeyID
		}
		first := k.Token(t, n)
		before, err := k.Services.Keys.List(ctx)
		require.NoError(t, err)
		require.Len(t, before, 2)
		next := before[0]
		if next.State != iam.SigningKeyNext {
			next = before[1]
		}
		require.Equal(t, iam.SigningKeyNext, next.State)
		require.Contains(t, entries(t, k)[directory.KindSigningKey], next.ID, "known before it signs")

		r, err := k.Services.Keys.Rotate(ctx)
		require.NoError(t, err)
		require.Equal(t, next.ID, r.Current)
		require.Empty(t, r.Deleted)
		require.Empty(t, verify(first))
		second := k.Token(t, n)
		require.Equal(t, next.ID, keyOf(second))

		r, err = k.Services.Keys.Rotate(ctx)
		require.NoError(t, err)
		require.Empty(t, r.Deleted, "its tokens may live")
		require.Empty(t, verify(first))
		require.Empty(t, verify(second))
		require.Len(t, entries(t, k)[directory.KindSigningKey], 4)

		k.Clock.Advance(iam.KeystoneTokenLife + time.Second)
		r, err = k.Services.Keys.Rotate(ctx)
		require.NoError(t, err)
		require.Len(t, r.Deleted, 2)
		require.Len(t, entries(t, k)[directory.KindSigningKey], 3)
		require.Equal(t, reason.CredentialsInvalid, verify(second), "of a key that is gone")
		require.Empty(t, verify(k.Token(t, n)))
	})
}

func TestKeysAreRotatedWhenTheyAreDue(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		_, rotated, err := k.Services.Keys.RotateWhenDue(ctx)
		require.NoError(t, err)
		require.False(t, rotated, "just made")
		k.Clock.Advance(iam.RotationPeriod - time.Second)
		_, rotated, err = k.Services.Keys.RotateWhenDue(ctx)
		require.NoError(t, err)
		require.False(t, rotated)
		k.Clock.Advance(time.Second)
		_, rotated, err = k.Services.Keys.RotateWhenDue(ctx)
		require.NoError(t, err)
		require.True(t, rotated)
		_, rotated, err = k.Services.Keys.RotateWhenDue(ctx)
		require.NoError(t, err)
		require.False(t, rotated)
	})
}

func TestRotationsAtOnceLeaveOneCurrentKey(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		const calls = 4
		results := make(chan error, calls)
		for range calls {
			go func() {
				_, err := k.Services.Keys.Rotate(ctx)
				results <- err
			}()
		}
		for range calls {
			if err := <-results; err != nil {
				require.Equal(t, errs.Conflict, errs.CodeOf(err), "%v", err)
			}
		}
		keys, err := k.Services.Keys.List(ctx)
		require.NoError(t, err)
		count := map[iam.SigningKeyState]int{}
		for _, key := range keys {
			count[key.State]++
		}
		require.Equal(t, 1, count[iam.SigningKeyCurrent])
		require.Equal(t, 1, count[iam.SigningKeyNext])
	})
}

func TestRevokedTokenIsRefusedAndNoOther(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		verify := func(raw string) (iam.Subject, error) {
			return k.Authenticator.Tokens().Verify(ctx, raw, iam.TokenKeystone)
		}
		one, other := k.Token(t, n), k.Token(t, n)
		s, err := verify(one)
		require.NoError(t, err)
		require.NoError(t, k.Services.Tokens.Revoke(ctx, s))
		_, err = verify(one)
		require.Equal(t, reason.CredentialsInvalid, errs.ReasonOf(err))
		_, err = verify(other)
		require.NoError(t, err)

		k.SetEnabled(t, n, true) // the user is published anew
		_, err = verify(one)
		require.Equal(t, reason.CredentialsInvalid, errs.ReasonOf(err), "it does not come back")
		_, err = verify(other)
		require.NoError(t, err)

		for range 100 {
			s, err := verify(k.Token(t, n))
			require.NoError(t, err)
			require.NoError(t, k.Services.Tokens.Revoke(ctx, s))
		}
		_, err = verify(other)
		require.Equal(t, reason.CredentialsInvalid, errs.ReasonOf(err), "what nodes keep of a user is bounded: one more ends all")
		_, err = verify(k.Token(t, n))
		require.NoError(t, err)
	})
}

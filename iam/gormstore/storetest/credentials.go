package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/errs"
	"dms/internal/id"
)

func newRole(accountID, trusted, name string) iam.Role {
	return iam.Role{ID: id.NewHex(), AccountID: accountID, Name: name, Description: "d", TrustedAccountID: trusted, MaxLife: time.Hour, Epoch: 3, CreatedAt: at}
}

func roles(t *testing.T, s iam.Store) {
	a, b := newTenant(t, s, "acme").account.ID, newTenant(t, s, "beta").account.ID
	for _, c := range []struct{ me, other string }{{a, b}, {b, a}} {
		want := newRole(c.me, c.other, "Reader")
		want.TrustedUsers = []string{id.NewHex(), id.NewHex()}
		second := newRole(c.me, c.me, "auditor")
		inTx(t, s, func(tx iam.Tx) {
			require.NoError(t, tx.CreateRole(ctx, want))
			require.NoError(t, tx.CreateRole(ctx, second))
		})
		err := s.InTx(ctx, func(tx iam.Tx) error { return tx.CreateRole(ctx, newRole(c.me, c.me, "READER")) })
		require.Equal(t, errs.Conflict, errs.CodeOf(err))

		got, err := s.Role(ctx, c.me, want.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		got, err = s.RoleByName(ctx, c.me, "reader")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		list, err := s.Roles(ctx, c.me)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.Role{second, want}, list), "in the order of names")

		want.Description, want.TrustedAccountID, want.TrustedUsers, want.MaxLife, want.Epoch = "e", c.me, nil, 2*time.Hour, 4
		inTx(t, s, func(tx iam.Tx) {
			locked, err := tx.LockRole(ctx, c.me, want.ID)
			require.NoError(t, err)
			require.Equal(t, "Reader", locked.Name)
			require.NoError(t, tx.UpdateRole(ctx, want))
			require.NoError(t, tx.DeleteRole(ctx, c.me, second.ID))
			require.Equal(t, errs.NotFound, errs.CodeOf(tx.DeleteRole(ctx, c.me, second.ID)))
		})
		list, err = s.Roles(ctx, c.me)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]iam.Role{want}, list))

		_, err = s.Role(ctx, c.other, want.ID)
		require.Equal(t, errs.NotFound, errs.CodeOf(err), "another account's")
		inTx(t, s, func(tx iam.Tx) {
			_, err := tx.LockRole(ctx, c.other, want.ID)
			require.Equal(t, errs.NotFound, errs.CodeOf(err))
			stolen := want
			stolen.AccountID, stolen.TrustedAccountID = c.other, c.other
			require.Equal(t, errs.NotFound, errs.CodeOf(tx.UpdateRole(ctx, stolen)))
			require.Equal(t, errs.NotFound, errs.CodeOf(tx.DeleteRole(ctx, c.other, want.ID)))
		})
		got, err = s.Role(ctx, c.me, want.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
}

func signingKeys(t *testing.T, s iam.Store) {
	_, err := s.CurrentSigningKey(ctx)
	require.Equal(t, errs.NotFound, errs.CodeOf(err))
	key := func(id string, state iam.SigningKeyState) iam.SigningKey {
		return iam.SigningKey{ID: id, PublicKey: []byte(id), SealedPrivate: "x", State: state, ChangedAt: at, CreatedAt: at}
	}
	first, current, next := key("a", iam.SigningKeyPrevious), key("b", iam.SigningKeyCurrent), key("c", iam.SigningKeyNext)
	inTx(t, s, func(tx iam.Tx) {
		for _, k := range []iam.SigningKey{next, current, first} {
			require.NoError(t, tx.CreateSigningKey(ctx, k))
		}
	})
	for _, state := range []iam.SigningKeyState{iam.SigningKeyCurrent, iam.SigningKeyNext} {
		err := s.InTx(ctx, func(tx iam.Tx) error { return tx.CreateSigningKey(ctx, key("d", state)) })
		require.Equal(t, errs.Conflict, errs.CodeOf(err), "another key that is %s", state)
	}
	got, err := s.CurrentSigningKey(ctx)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(current, got))

	current.State, next.State = iam.SigningKeyPrevious, iam.SigningKeyCurrent
	current.ChangedAt, next.ChangedAt = at.Add(time.Hour), at.Add(time.Hour)
	inTx(t, s, func(tx iam.Tx) {
		locked, err := tx.LockSigningKeys(ctx)
		require.NoError(t, err)
		require.Len(t, locked, 3)
		require.NoError(t, tx.SetSigningKeyState(ctx, current))
		require.NoError(t, tx.SetSigningKeyState(ctx, next))
		require.NoError(t, tx.DeleteSigningKey(ctx, first.ID))
		require.Equal(t, errs.NotFound, errs.CodeOf(tx.DeleteSigningKey(ctx, first.ID)))
	})
	list, err := s.SigningKeys(ctx)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]iam.SigningKey{current, next}, list))
}

func revokedTokens(t *testing.T, s iam.Store) {
	a, b := newTenant(t, s, "acme"), newTenant(t, s, "beta")
	old := iam.RevokedToken{ID: "1", ExpiresAt: at.Unix() + 60}
	young := iam.RevokedToken{ID: "2", ExpiresAt: at.Unix() + 120}
	inTx(t, s, func(tx iam.Tx) {
		for range 2 { // repeated, it stays one
			require.NoError(t, tx.RevokeToken(ctx, a.account.ID, a.user.ID, young, at))
			require.NoError(t, tx.RevokeToken(ctx, a.account.ID, a.user.ID, old, at))
		}
	})
	read := func(accountID, userID string, now time.Time) []iam.RevokedToken {
		t.Helper()
		got, err := s.RevokedTokens(ctx, accountID, userID, now)
		require.NoError(t, err)
		return got
	}
	require.Empty(t, cmp.Diff([]iam.RevokedToken{old, young}, read(a.account.ID, a.user.ID, at)))
	require.Empty(t, cmp.Diff([]iam.RevokedToken{young}, read(a.account.ID, a.user.ID, at.Add(time.Minute))))
	require.Empty(t, read(b.account.ID, a.user.ID, at))
	require.Empty(t, read(b.account.ID, b.user.ID, at))
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.ForgetRevokedTokens(ctx, b.account.ID, a.user.ID)) })
	require.Len(t, read(a.account.ID, a.user.ID, at), 2)
	inTx(t, s, func(tx iam.Tx) { require.NoError(t, tx.ForgetRevokedTokens(ctx, a.account.ID, a.user.ID)) })
	require.Empty(t, read(a.account.ID, a.user.ID, at))
}

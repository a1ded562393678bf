package iam_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/seal"
)

func TestAccessKeysComeTwoAUser(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme") // has one
		_, secret, err := k.Services.AccessKeys.Create(ctx, n.Account.ID, n.User.ID, "second")
		require.NoError(t, err)
		require.Regexp(t, `^[A-Za-z0-9]{40}$`, secret)
		_, _, err = k.Services.AccessKeys.Create(ctx, n.Account.ID, n.User.ID, "third")
		require.Equal(t, errs.Quota, errs.CodeOf(err))
		require.NoError(t, k.Services.AccessKeys.Delete(ctx, n.Account.ID, n.User.ID, n.AccessKey))
		_, _, err = k.Services.AccessKeys.Create(ctx, n.Account.ID, n.User.ID, "third")
		require.NoError(t, err)
		keys, err := k.Services.AccessKeys.List(ctx, n.Account.ID, n.User.ID)
		require.NoError(t, err)
		require.Len(t, keys, 2)
		require.Len(t, entries(t, k)[directory.KindAccessKey], 2, "the deleted one is gone")
	})
}

func TestKeysMadeAtOnceAreStillTwo(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		const calls = 6
		results := make(chan error, calls)
		for range calls {
			go func() {
				_, _, err := k.Services.AccessKeys.Create(ctx, n.Account.ID, n.User.ID, "")
				results <- err
			}()
		}
		made := 0
		for range calls {
			if err := <-results; err == nil {
				made++
			} else {
				require.Equal(t, errs.Quota, errs.CodeOf(err), "%v", err)
			}
		}
		require.Equal(t, 1, made)
	})
}

func TestAnotherAccountsKeyIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		a, b := k.SignUp(t, "acme"), k.SignUp(t, "beta")
		for _, c := range []struct{ me, other iamtest.Tenant }{{a, b}, {b, a}} {
			foreign := k.Services.AccessKeys.Delete(ctx, c.me.Account.ID, c.me.User.ID, c.other.AccessKey)
			unknown := k.Services.AccessKeys.Delete(ctx, c.me.Account.ID, c.me.User.ID, "AKDOESNOTEXIST000000")
			require.Equal(t, errs.NotFound, errs.CodeOf(foreign))
			require.Equal(t, unknown, foreign, "not told apart")
			require.Equal(t, errs.NotFound, errs.CodeOf(k.Services.AccessKeys.SetEnabled(ctx, c.me.Account.ID, c.me.User.ID, c.other.AccessKey, false)))
			keys, err := k.Services.AccessKeys.List(ctx, c.other.Account.ID, c.other.User.ID)
			require.NoError(t, err)
			require.Len(t, keys, 1)
			require.True(t, keys[0].Enabled)
		}
	})
}

func TestDescriptionHasALimit(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		_, _, err := k.Services.AccessKeys.Create(ctx, n.Account.ID, n.User.ID, strings.Repeat("ü", 161))
		require.Equal(t, errs.Invalid, errs.CodeOf(err))
		_, _, err = k.Services.AccessKeys.Create(ctx, n.Account.ID, n.User.ID, strings.Repeat("ü", 160))
		require.NoError(t, err)
	})
}

func TestSecretsAreNowhereInTheClear(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		e, err := k.Directory.Get(ctx, directory.KindAccessKey, n.AccessKey)
		require.NoError(t, err)
		require.NotContains(t, string(e.Value), n.SecretKey)
		keys, err := k.Store.AccessKeys(ctx, n.Account.ID, n.User.ID)
		require.NoError(t, err)
		require.NotContains(t, keys[0].SealedSecret, n.SecretKey)
		plain, err := k.Seal.Open(keys[0].SealedSecret, n.AccessKey)
		require.NoError(t, err)
		require.Equal(t, n.SecretKey, string(plain))

		other, err := seal.Derive([]byte("another secret of an operator"), "platform")
		require.NoError(t, err)
		_, err = other.Open(keys[0].SealedSecret, n.AccessKey)
		require.Error(t, err, "a dump of the database alone opens nothing")
		_, err = k.Seal.Open(keys[0].SealedSecret, "AKOFSOMEBODYELSE0000")
		require.Error(t, err, "a secret is bound to its key")
	})
}

func TestResealerSealsForARegion(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		region, err := seal.Derive([]byte("the secret of one region"), "region local-1")
		require.NoError(t, err)
		r := iam.Resealer{From: k.Seal, To: region}
		e, err := k.Directory.Get(ctx, directory.KindAccessKey, n.AccessKey)
		require.NoError(t, err)
		out, err := r.Reseal(e)
		require.NoError(t, err)
		require.Equal(t, e.Revision, out.Revision)
		require.Equal(t, e.Key, out.Key)
		copyOf := iam.NewFactReader(oneEntry{out})
		f, err := copyOf.AccessKey(ctx, n.AccessKey)
		require.NoError(t, err)
		plain, err := region.Open(f.SealedSecret, n.AccessKey)
		require.NoError(t, err)
		require.Equal(t, n.SecretKey, string(plain))
		_, err = k.Seal.Open(f.SealedSecret, n.AccessKey)
		require.Error(t, err, "the platform's key does not open what a node holds")

		user, err := k.Directory.Get(ctx, directory.KindUser, n.User.ID)
		require.NoError(t, err)
		for _, e := range []directory.Entry{user, {Kind: directory.KindAccessKey, Key: "AK", Deleted: true, Revision: 7}} {
			out, err := r.Reseal(e)
			require.NoError(t, err)
			require.Equal(t, e, out, "passes unchanged")
		}
		_, err = r.Reseal(out)
		require.Error(t, err, "not under the platform's key")
	})
}

// oneEntry is a directory with one entry.
type oneEntry struct{ directory.Entry }

func (d oneEntry) Get(_ context.Context, kind directory.Kind, key string) (directory.Entry, error) {
	if kind == d.Kind && key == d.Key {
		return d.Entry, nil
	}
	return directory.Entry{}, errs.New(errs.NotFound, "", "nothing")
}

func (d oneEntry) Scan(context.Context, directory.Kind, string, func(directory.Entry) bool) error {
	return nil
}

func (d oneEntry) Revision(context.Context) (directory.Revision, error) { return d.Entry.Revision, nil }

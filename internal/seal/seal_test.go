package seal_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/seal"
)

var secret = []byte("a secret of enough bytes")

func key(t *testing.T, secret []byte, purpose string) *seal.Key {
	t.Helper()
	k, err := seal.Derive(secret, purpose)
	require.NoError(t, err)
	return k
}

func TestSealedSecretOpensForItsOwnerAndKeyAlone(t *testing.T) {
	k := key(t, secret, "tests")
	sealed := k.Seal([]byte("SK"), "AK1")
	require.NotContains(t, sealed, "SK")
	plain, err := k.Open(sealed, "AK1")
	require.NoError(t, err)
	require.Equal(t, "SK", string(plain))

	_, err = k.Open(sealed, "AK2")
	require.Error(t, err, "moved to another owner")
	_, err = key(t, secret, "other").Open(sealed, "AK1")
	require.Error(t, err, "another purpose is another key")
	_, err = key(t, []byte("another secret of enough bytes"), "tests").Open(sealed, "AK1")
	require.Error(t, err)
	_, err = k.Open(sealed[:len(sealed)-2], "AK1")
	require.Error(t, err, "damaged")
}

func TestSealingTwiceGivesDifferentTexts(t *testing.T) {
	k := key(t, secret, "tests")
	require.NotEqual(t, k.Seal([]byte("SK"), "AK"), k.Seal([]byte("SK"), "AK"))
}

func TestFingerprintTellsKeysApart(t *testing.T) {
	require.Equal(t, key(t, secret, "a").Fingerprint(), key(t, secret, "a").Fingerprint())
	require.NotEqual(t, key(t, secret, "a").Fingerprint(), key(t, secret, "b").Fingerprint())
}

func TestShortSecretsAreRefused(t *testing.T) {
	_, err := seal.Derive(secret[:seal.MinSecretBytes-1], "tests")
	require.Error(t, err)
	_, err = seal.Derive(secret[:seal.MinSecretBytes], "tests")
	require.NoError(t, err)
}

func TestRacingProcessesAgreeOnOneSecretFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "secret.key")
	var wg sync.WaitGroup
	got := make([]string, 16)
	for i := range got {
		wg.Go(func() {
			b, err := seal.LoadOrCreate(path)
			if err == nil {
				got[i] = string(b)
			}
		})
	}
	wg.Wait()
	for _, s := range got {
		require.Equal(t, got[0], s)
		require.Len(t, s, 64)
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "for its owner's eyes only")
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary files stay behind")
}

func TestSecretFileMayEndInALineFeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, append(secret, '\n'), 0o600))
	b, err := seal.Load(path)
	require.NoError(t, err)
	require.Equal(t, secret, b)
}

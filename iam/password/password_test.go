package password_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam/password"
	"dms/internal/errs"
)

// cheap keeps the tests quick; nothing but the cost differs.
var cheap = password.Params{Passes: 1, MemoryKiB: 64, Threads: 1}

func TestHashIsAPHCStringOfTheDocumentedCost(t *testing.T) {
	h := password.New(password.DefaultParams())
	hash, err := h.Hash("correct horse battery staple")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash)
	require.Len(t, strings.Split(hash, "$")[4], 22, "16 bytes of salt")

	ok, outdated, err := h.Verify(hash, "correct horse battery staple")
	require.NoError(t, err)
	require.True(t, ok)
	require.False(t, outdated)
	ok, _, err = h.Verify(hash, "correct horse battery stapl")
	require.NoError(t, err)
	require.False(t, ok)
}

func TestSamePasswordHasTwoHashes(t *testing.T) {
	h := password.New(cheap)
	a, err := h.Hash("secret word")
	require.NoError(t, err)
	b, err := h.Hash("secret word")
	require.NoError(t, err)
	require.NotEqual(t, a, b)
}

func TestLongPasswordsAreNotCut(t *testing.T) {
	h := password.New(cheap)
	long := strings.Repeat("a", 98)
	hash, err := h.Hash(long + "bc")
	require.NoError(t, err)
	ok, _, err := h.Verify(hash, long+"bd")
	require.NoError(t, err)
	require.False(t, ok, "they differ in the last of 100 characters")
}

func TestHashOfAnotherCostIsOutdatedButGood(t *testing.T) {
	hash, err := password.New(cheap).Hash("secret word")
	require.NoError(t, err)
	ok, outdated, err := password.New(password.Params{Passes: 2, MemoryKiB: 64, Threads: 1}).Verify(hash, "secret word")
	require.NoError(t, err)
	require.True(t, ok)
	require.True(t, outdated)
}

func TestUnknownUserNeverPasses(t *testing.T) {
	h := password.New(cheap)
	ok, outdated, err := h.Verify("", "no user has this password")
	require.NoError(t, err)
	require.False(t, ok)
	require.False(t, outdated)
}

// The work is compared, not the time: a clock tells little on a busy machine. argon2's time is given by its passes over its memory.
func TestUnknownUserCostsAsMuchAsAWrongPassword(t *testing.T) {
	h := password.New(password.DefaultParams())
	known, err := h.Hash("secret word")
	require.NoError(t, err)
	cost := func(hash string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ok, _, err := h.Verify(hash, "wrong")
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.False(t, ok)
		return after.TotalAlloc - before.TotalAlloc
	}
	const memory = 19 << 20
	require.InDelta(t, memory, cost(known), memory/10)
	require.InDelta(t, memory, cost(""), memory/10)
	require.Equal(t, strings.Split(known, "$")[:4], strings.Split(h.Dummy(), "$")[:4], "of one cost")
}

func TestChecksBeyondTheTurnsAreRefused(t *testing.T) {
	h := password.New(cheap)
	release := h.Occupy(time.Millisecond)
	_, _, err := h.Verify("", "x")
	require.Equal(t, errs.Throttled, errs.CodeOf(err))
	_, err = h.Hash("x")
	require.Equal(t, errs.Throttled, errs.CodeOf(err))
	release()
	_, err = h.Hash("x")
	require.NoError(t, err)
}

func TestDamagedHashesAreErrors(t *testing.T) {
	h := password.New(cheap)
	for _, hash := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=1,p=1$!$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
	} {
		ok, _, err := h.Verify(hash, "x")
		require.Error(t, err, hash)
		require.False(t, ok)
	}
}

func BenchmarkVerify(b *testing.B) {
	h := password.New(password.DefaultParams())
	hash, err := h.Hash("secret word")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = h.Verify(hash, "secret word")
	}
}

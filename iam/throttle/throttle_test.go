package throttle_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam/throttle"
	"dms/internal/clock/clocktest"
	"dms/internal/errs"
	"dms/internal/reason"
)

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func TestBurstIsUsedUpAndEarnedBack(t *testing.T) {
	c := clocktest.New(start)
	l, err := throttle.New(throttle.Options{Every: 2 * time.Second, Burst: 3, MaxKeys: 10}, c)
	require.NoError(t, err)
	for range 3 {
		_, _, err := l.Take("a")
		require.NoError(t, err)
	}
	for range 5 {
		_, wait, err := l.Take("a")
		require.Equal(t, errs.Throttled, errs.CodeOf(err))
		require.Equal(t, 2*time.Second, wait, "refused attempts cost nothing")
	}
	_, _, err = l.Take("b")
	require.NoError(t, err, "another key is not concerned")
	c.Advance(2 * time.Second)
	_, _, err = l.Take("a")
	require.NoError(t, err)
	_, _, err = l.Take("a")
	require.Error(t, err)
}

func TestMemoryIsBounded(t *testing.T) {
	l, err := throttle.New(throttle.Options{Every: time.Hour, Burst: 1, MaxKeys: 2}, clocktest.New(start))
	require.NoError(t, err)
	for i := range 1000 {
		_, _, err := l.Take(fmt.Sprint(i))
		require.NoError(t, err)
	}
	_, _, err = l.Take("999")
	require.Error(t, err, "the newest is remembered")
	_, _, err = l.Take("0")
	require.NoError(t, err, "the oldest is forgotten")
}

func TestOptionsAreCheckedAllAtOnce(t *testing.T) {
	_, err := throttle.New(throttle.Options{}, clocktest.New(start))
	require.ErrorContains(t, err, "Every")
	require.ErrorContains(t, err, "Burst")
	require.ErrorContains(t, err, "MaxKeys")
}

func TestReturnedAttemptCostsNothing(t *testing.T) {
	c := clocktest.New(start)
	l, err := throttle.New(throttle.Options{Every: time.Hour, Burst: 1, MaxKeys: 2}, c)
	require.NoError(t, err)
	for range 10 {
		a, _, err := l.Take("a")
		require.NoError(t, err)
		c.Advance(30 * time.Millisecond) // a password takes a while to check
		a.Return()
	}
	_, _, err = l.Take("a")
	require.NoError(t, err)
	_, _, err = l.Take("a")
	require.Error(t, err)
}

var errWrong = errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "wrong")

// guesses tries wrong passwords until it is stopped, and returns how many were checked.
func guesses(t *testing.T, g *throttle.Guard, h http.Header, target func(n int) (address, login string)) int {
	t.Helper()
	for n := range 1000 {
		address, login := target(n)
		if err := g.SignIn(h, address, login, func() error { return errWrong }); errs.CodeOf(err) == errs.Throttled {
			return n
		}
	}
	t.Fatal("nothing stops the guesser")
	return 0
}

func TestGuardCountsLoginsWhateverTheAddress(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	h := http.Header{}
	n := guesses(t, g, h, func(n int) (string, string) {
		login := "acme"
		if n%2 == 1 {
			login = "ACME"
		}
		return fmt.Sprintf("192.0.2.%d", n), login
	})
	require.Equal(t, 20, n)
	require.Equal(t, "3", h.Get("Retry-After"))
	err := g.SignIn(h, "192.0.2.1", "other", func() error { return errWrong })
	require.ErrorIs(t, err, errWrong, "another login is not concerned")
}

func TestGuardCountsAddressesWhateverTheLogin(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	require.Equal(t, 30, guesses(t, g, http.Header{}, func(n int) (string, string) { return "192.0.2.1", fmt.Sprint("user", n) }))
	require.Equal(t, 30, guesses(t, g, http.Header{}, func(n int) (string, string) {
		return fmt.Sprintf("2001:db8::%x", n+1), fmt.Sprint("user", n)
	}), "the addresses of one network are one")
}

func TestRightPasswordsAreNotCounted(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	for range 1000 {
		require.NoError(t, g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return nil }))
	}
}

func TestSignUpsAreCountedByAddress(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	for range 10 {
		require.NoError(t, g.SignUp(http.Header{}, "192.0.2.1"))
	}
	h := http.Header{}
	require.Equal(t, errs.Throttled, errs.CodeOf(g.SignUp(h, "192.0.2.1")))
	require.Equal(t, "60", h.Get("Retry-After"))
	require.NoError(t, g.SignUp(h, "192.0.2.2"))
}

func TestNoGuardLetsEverythingPass(t *testing.T) {
	var g *throttle.Guard
	for range 1000 {
		require.ErrorIs(t, g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return errWrong }), errWrong)
		require.NoError(t, g.SignUp(http.Header{}, "192.0.2.1"))
	}
}

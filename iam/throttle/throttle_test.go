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

func TestAGuesserWaitsLongerEachTime(t *testing.T) {
	c := clocktest.New(start)
	g := throttle.NewGuard(c)
	for range 4 {
		require.ErrorIs(t, g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return errWrong }), errWrong, "people mistype")
	}
	require.ErrorIs(t, g.SignIn(http.Header{}, "192.0.2.2", "ACME", func() error { return errWrong }), errWrong, "the fifth")
	for i, seconds := range []int{1, 2, 4, 8, 16, 30, 30, 30} {
		h := http.Header{}
		err := g.SignIn(h, fmt.Sprintf("192.0.2.%d", i), "Acme", func() error { return nil })
		require.Equal(t, errs.Throttled, errs.CodeOf(err), "the whole network, and before the password is looked at")
		require.Equal(t, fmt.Sprint(seconds), h.Get("Retry-After"))
		c.Advance(time.Duration(seconds)*time.Second - time.Millisecond)
		require.Equal(t, errs.Throttled, errs.CodeOf(g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return errWrong })))
		c.Advance(time.Millisecond)
		require.ErrorIs(t, g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return errWrong }), errWrong, "refused attempts do not add to it")
	}
	c.Advance(30 * time.Second)
	require.NoError(t, g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return nil }), "nobody is locked out")
	require.ErrorIs(t, g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return errWrong }), errWrong)
	require.ErrorIs(t, g.SignIn(http.Header{}, "192.0.2.1", "acme", func() error { return errWrong }), errWrong, "as good as new")
}

func TestAQuarterOfAnHourForgives(t *testing.T) {
	c := clocktest.New(start)
	b := throttle.NewBackoff(10, c)
	for range 20 {
		b.Failed("a")
	}
	require.Equal(t, 30*time.Second, b.Check("a"))
	require.Zero(t, b.Check("b"))
	c.Advance(15 * time.Minute)
	b.Failed("a")
	require.Zero(t, b.Check("a"))
}

func TestALoginIsCountedWhateverTheAddress(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	h := http.Header{}
	n := guesses(t, g, h, func(n int) (string, string) {
		login := "acme"
		if n%2 == 1 {
			login = "ACME"
		}
		return fmt.Sprintf("192.%d.2.1", n), login
	})
	require.Equal(t, 20, n)
	require.Equal(t, "3", h.Get("Retry-After"))
	err := g.SignIn(h, "192.0.2.1", "other", func() error { return errWrong })
	require.ErrorIs(t, err, errWrong, "another login is not concerned")
}

func TestAGuesserDoesNotKeepTheOwnerOut(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	const owner, elsewhere = "198.51.100.7", "203.0.113.9"
	require.NoError(t, g.SignIn(http.Header{}, owner, "acme", func() error { return nil }))
	guesses(t, g, http.Header{}, func(n int) (string, string) { return fmt.Sprintf("192.%d.2.1", n), "acme" })
	require.Equal(t, errs.Throttled, errs.CodeOf(g.SignIn(http.Header{}, elsewhere, "acme", func() error { return nil })), "the login has no attempt left for strangers")
	require.NoError(t, g.SignIn(http.Header{}, owner, "acme", func() error { return nil }))
	require.NoError(t, g.SignIn(http.Header{}, "198.51.100.8", "acme", func() error { return nil }), "nor for a neighbour of the owner")
}

func TestAddressesAndNetworksAreCountedWhateverTheLogin(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	user := func(n int) string { return fmt.Sprint("user", n) }
	require.Equal(t, 30, guesses(t, g, http.Header{}, func(n int) (string, string) { return "192.0.2.1", user(n) }))
	require.Equal(t, 30, guesses(t, g, http.Header{}, func(n int) (string, string) {
		return fmt.Sprintf("2001:db8::%x", n+1), user(n)
	}), "the addresses of one network are one")
	require.Equal(t, 70, guesses(t, g, http.Header{}, func(n int) (string, string) { return fmt.Sprintf("192.0.2.%d", n%200+2), user(n) }), "100 of the /24, 30 of which are gone")
}

func TestThePlatformHasALimit(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	for n := range 1000 {
		require.ErrorIs(t, g.SignIn(http.Header{}, fmt.Sprintf("10.%d.%d.1", n/200, n%200), fmt.Sprint("user", n), func() error { return errWrong }), errWrong)
	}
	require.Equal(t, errs.Throttled, errs.CodeOf(g.SignIn(http.Header{}, "172.16.0.1", "another", func() error { return errWrong })))
}

func TestMailsAreCountedByWhoGetsThem(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	for n := range 5 {
		require.NoError(t, g.Mail(http.Header{}, fmt.Sprintf("192.0.2.%d", n), "a@example.com"))
	}
	h := http.Header{}
	require.Equal(t, errs.Throttled, errs.CodeOf(g.Mail(h, "192.0.2.9", "A@example.com")))
	require.Equal(t, "300", h.Get("Retry-After"))
	require.NoError(t, g.Mail(h, "192.0.2.9", "b@example.com"))
}

func TestWrongCodesUseUpTheAddress(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	for range 30 {
		require.ErrorIs(t, g.SecondFactor(http.Header{}, "192.0.2.1", func() error { return errWrong }), errWrong)
	}
	require.Equal(t, errs.Throttled, errs.CodeOf(g.SecondFactor(http.Header{}, "192.0.2.1", func() error { return nil })))
	for range 100 {
		require.NoError(t, g.SecondFactor(http.Header{}, "192.0.2.2", func() error { return nil }))
	}
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
		require.NoError(t, g.Mail(http.Header{}, "192.0.2.1", "a@example.com"))
		require.ErrorIs(t, g.SecondFactor(http.Header{}, "192.0.2.1", func() error { return errWrong }), errWrong)
	}
}

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
)

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func TestBurstIsUsedUpAndEarnedBack(t *testing.T) {
	c := clocktest.New(start)
	l, err := throttle.New(throttle.Options{Every: 2 * time.Second, Burst: 3, MaxKeys: 10}, c)
	require.NoError(t, err)
	for range 3 {
		_, err := l.Take("a")
		require.NoError(t, err)
	}
	for range 5 {
		wait, err := l.Take("a")
		require.Equal(t, errs.Throttled, errs.CodeOf(err))
		require.Equal(t, 2*time.Second, wait, "refused attempts cost nothing")
	}
	_, err = l.Take("b")
	require.NoError(t, err, "another key is not concerned")
	c.Advance(2 * time.Second)
	_, err = l.Take("a")
	require.NoError(t, err)
	_, err = l.Take("a")
	require.Error(t, err)
}

func TestMemoryIsBounded(t *testing.T) {
	l, err := throttle.New(throttle.Options{Every: time.Hour, Burst: 1, MaxKeys: 2}, clocktest.New(start))
	require.NoError(t, err)
	for i := range 1000 {
		_, err := l.Take(fmt.Sprint(i))
		require.NoError(t, err)
	}
	_, err = l.Take("999")
	require.Error(t, err, "the newest is remembered")
	_, err = l.Take("0")
	require.NoError(t, err, "the oldest is forgotten")
}

func TestOptionsAreCheckedAllAtOnce(t *testing.T) {
	_, err := throttle.New(throttle.Options{}, clocktest.New(start))
	require.ErrorContains(t, err, "Every")
	require.ErrorContains(t, err, "Burst")
	require.ErrorContains(t, err, "MaxKeys")
}

func TestGuardCountsLoginsWhateverTheAddress(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	h := http.Header{}
	var err error
	n := 0
	for ; err == nil; n++ {
		login := "acme"
		if n%2 == 1 {
			login = "ACME"
		}
		err = g.SignIn(h, fmt.Sprintf("192.0.2.%d", n), login)
	}
	require.Equal(t, 21, n)
	require.Equal(t, "3", h.Get("Retry-After"))
	require.NoError(t, g.SignIn(h, "192.0.2.1", "other"))
}

func TestGuardCountsAddressesWhateverTheLogin(t *testing.T) {
	g := throttle.NewGuard(clocktest.New(start))
	var err error
	n := 0
	for ; err == nil; n++ {
		err = g.SignIn(http.Header{}, "192.0.2.1", fmt.Sprintf("user%d", n))
	}
	require.Equal(t, 31, n)
	n = 0
	for err = nil; err == nil; n++ {
		err = g.SignUp(http.Header{}, "192.0.2.1")
	}
	require.Equal(t, 11, n)
}

func TestNoGuardLetsEverythingPass(t *testing.T) {
	var g *throttle.Guard
	for range 1000 {
		require.NoError(t, g.SignIn(http.Header{}, "192.0.2.1", "acme"))
		require.NoError(t, g.SignUp(http.Header{}, "192.0.2.1"))
	}
}

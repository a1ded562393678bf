package totp_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam/totp"
)

// The secret and the codes of RFC 6238, appendix B, of which six digits are used here.
var secret = []byte("12345678901234567890")

func TestCodesAreThoseOfTheStandard(t *testing.T) {
	for unix, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		step, ok := totp.Codes{}.Match(secret, code, time.Unix(unix, 0), 0)
		require.True(t, ok, unix)
		require.Equal(t, unix/30, step)
	}
}

func TestACodeIsGoodOneStepEitherWay(t *testing.T) {
	at := time.Unix(1111111111, 0)
	for steps, want := range map[int]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		_, ok := totp.Codes{}.Match(secret, "050471", at.Add(time.Duration(steps)*30*time.Second), 0)
		require.Equal(t, want, ok, "%d steps", steps)
	}
}

func TestNoCodeOfAUsedStepIsGood(t *testing.T) {
	at := time.Unix(1111111111, 0)
	_, ok := totp.Codes{}.Match(secret, "050471", at, totp.Step(at)-1)
	require.True(t, ok)
	_, ok = totp.Codes{}.Match(secret, "050471", at, totp.Step(at))
	require.False(t, ok)
}

func TestOtherTextsAreNoCodes(t *testing.T) {
	for _, code := range []string{"", "05047", "0504711", "abcdef", "-50471", "050 471 "} {
		_, ok := totp.Codes{}.Match(secret, code, time.Unix(1111111111, 0), 0)
		require.False(t, ok, "%q", code)
	}
}

func TestTheURIIsWhatAppsRead(t *testing.T) {
	typed, uri := totp.Codes{}.Text(secret, "acme/alice")
	require.Equal(t, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", typed)
	u, err := url.Parse(uri)
	require.NoError(t, err)
	require.Equal(t, "otpauth://totp", u.Scheme+"://"+u.Host)
	require.Equal(t, "/DMS:acme/alice", u.Path)
	require.Equal(t, url.Values{"secret": {typed}, "issuer": {"DMS"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}, u.Query())
	code, err := totp.At(typed, time.Unix(59, 0))
	require.NoError(t, err)
	require.Equal(t, "287082", code)
}

// Package totp checks the codes of authenticator apps: RFC 6238 with six digits, 30 seconds and SHA-1, which is what all of them can.
package totp

import (
	"encoding/base32"
	"net/url"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"dms/iam"
)

// period is the length of a step of time.
const period = 30 * time.Second

// skew is how many steps a clock may be wrong by, either way.
const skew = 1

// issuer is what the app shows beside the account.
const issuer = "DMS"

var (
	options  = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	encoding = base32.StdEncoding.WithPadding(base32.NoPadding)
)

// Codes implements iam.TOTPCodes.
type Codes struct{}

var _ iam.TOTPCodes = Codes{}

// Match implements iam.TOTPCodes.
func (Codes) Match(secret []byte, code string, now time.Time, after int64) (int64, bool) {
	text := encoding.EncodeToString(secret)
	present := Step(now)
	for step := max(present-skew, after+1); step <= present+skew; step++ {
		if ok, err := hotp.ValidateCustom(code, uint64(step), text, options); err == nil && ok { // compares in constant time
			return step, true
		}
	}
	return 0, false
}

// Text implements iam.TOTPCodes.
func (Codes) Text(secret []byte, account string) (typed, uri string) {
	typed = encoding.EncodeToString(secret)
	q := url.Values{"secret": {typed}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account, RawQuery: q.Encode()}
	return typed, u.String()
}

// Step returns the number of the step of time that now is in.
func Step(now time.Time) int64 { return now.Unix() / int64(period/time.Second) }

// At returns the code of a secret, as it is typed, at an instant: what the user's app shows. It is for tests and tools.
func At(typed string, at time.Time) (string, error) {
	return hotp.GenerateCodeCustom(typed, uint64(Step(at)), options)
}

package iam

import (
	"time"

	"dms/internal/errs"
	"dms/internal/reason"
)

// TOTP is a user's second factor: codes that an app makes of a shared secret and the time (RFC 6238).
type TOTP struct {
	AccountID    string
	UserID       string
	SealedSecret string // under the platform's key, bound to the user
	Confirmed    bool   // the user has shown a code of it; before that it protects nothing
	LastStep     int64  // no code of this step of time or an earlier one is accepted again
	Failures     int64  // wrong codes in a row
	FailedAt     time.Time
}

// TOTPCodes makes and checks codes. Package totp has the implementation.
type TOTPCodes interface {
	// Match returns the step of time that the code is of: the present one, the one before or the one after, but none up to after.
	Match(secret []byte, code string, now time.Time, after int64) (step int64, ok bool)
	// Text returns the secret as people type it, and the URI that an app reads from a picture.
	Text(secret []byte, account string) (typed, uri string)
}

// totpSecretBytes is the size that RFC 4226, 4 recommends.
const totpSecretBytes = 20

// Wrong codes are slowed down, not locked out: after totpFreeFailures in a row the next try waits 1, 2, 4 ... 30 seconds. That is 2,880
// tries a day for a million codes of which three are right, by somebody who knows the password already. The owner gets in meanwhile with a
// recovery code, which waits for nothing.
const (
	totpFreeFailures = 4
	maxTOTPDelay     = 30 * time.Second
)

// delay returns how long the next try waits after the last wrong code.
func (t TOTP) delay() time.Duration {
	n := t.Failures - totpFreeFailures
	if n <= 0 {
		return 0
	}
	return min(time.Second<<min(n-1, 8), maxTOTPDelay)
}

// checkDelay refuses a try that comes too early, with errs.Throttled.
func (t TOTP) checkDelay(now time.Time) error {
	wait := t.FailedAt.Add(t.delay()).Sub(now)
	if wait <= 0 {
		return nil
	}
	err := errs.New(errs.Throttled, "too_many_attempts", "Too many wrong codes. Try again in %s.", (wait + time.Second - 1).Truncate(time.Second))
	err.RetryAfter = wait
	return err
}

func totpOwner(userID string) string { return userID + "/totp" }

// errSecondFactor is the answer for a wrong code, and for one that was used already.
func errSecondFactor() error {
	return errs.New(errs.Unauthenticated, reason.SecondFactor, "The code is wrong or was used already. Wait for the next one.")
}

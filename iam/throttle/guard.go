package throttle

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"dms/internal/clock"
)

// Guard is what stands before every place that checks a password: one for the console and the Keystone wire together, so that
// a guesser gains nothing by using both. A nil Guard lets everything pass (loopback, decisions.md).
type Guard struct {
	byAddress *Limiter
	byLogin   *Limiter
	signUps   *Limiter
}

// Sizes of the guard. The limit by login is wide enough that its owner gets through next to a guesser, and narrow enough that
// guessing is hopeless: 28,800 guesses a day.
var (
	addressOptions = Options{Every: time.Second, Burst: 30, MaxKeys: 65536}
	loginOptions   = Options{Every: 3 * time.Second, Burst: 20, MaxKeys: 65536}
	signUpOptions  = Options{Every: time.Minute, Burst: 10, MaxKeys: 65536}
)

// NewGuard returns a guard with empty counters.
func NewGuard(c clock.Clock) *Guard {
	must := func(o Options) *Limiter {
		l, err := New(o, c)
		if err != nil {
			panic(err) // the options are constants
		}
		return l
	}
	return &Guard{byAddress: must(addressOptions), byLogin: must(loginOptions), signUps: must(signUpOptions)}
}

// SignIn uses up one attempt of the address and one of the login, in any case and with any spelling of one name.
func (g *Guard) SignIn(h http.Header, address, login string) error {
	if g == nil {
		return nil
	}
	if err := take(h, g.byAddress, address); err != nil {
		return err
	}
	return take(h, g.byLogin, strings.ToLower(login))
}

// SignUp uses up one sign-up of the address.
func (g *Guard) SignUp(h http.Header, address string) error {
	if g == nil {
		return nil
	}
	return take(h, g.signUps, address)
}

func take(h http.Header, l *Limiter, key string) error {
	wait, err := l.Take(key)
	if err != nil {
		h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	}
	return err
}

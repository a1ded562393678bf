package throttle

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"dms/internal/clock"
	"dms/internal/errs"
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

// SignIn runs try unless the address or the login has no attempt left. Only a try that says errs.Unauthenticated uses attempts
// up: programs that sign in often, and rightly, are not slowed down.
func (g *Guard) SignIn(h http.Header, address, login string, try func() error) error {
	if g == nil {
		return try()
	}
	byAddress, err := take(h, g.byAddress, network(address))
	if err != nil {
		return err
	}
	byLogin, err := take(h, g.byLogin, strings.ToLower(login))
	if err != nil {
		byAddress.Return()
		return err
	}
	err = try()
	if errs.CodeOf(err) != errs.Unauthenticated {
		byAddress.Return()
		byLogin.Return()
	}
	return err
}

// SignUp uses up one sign-up of the address.
func (g *Guard) SignUp(h http.Header, address string) error {
	if g == nil {
		return nil
	}
	_, err := take(h, g.signUps, network(address))
	return err
}

func take(h http.Header, l *Limiter, key string) (Attempt, error) {
	a, wait, err := l.Take(key)
	if err != nil {
		h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	}
	return a, err
}

// network is what one sender can be told by: an IPv4 address, or the /64 that an IPv6 sender may choose from at will.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

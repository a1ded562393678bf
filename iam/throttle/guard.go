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
//
// A guesser is slowed down, and nobody is locked out. Wrong passwords for one login from one network make the next try wait, longer each time
// (Backoff). Beyond that, wrong passwords use up what an address, a network, a login and the whole platform have; but a network from which the
// login was right lately is the owner's, and has to do with its own waiting alone: what others try, from wherever, does not concern it.
type Guard struct {
	backoff   *Backoff
	byAddress *Limiter
	byNetwork *Limiter
	byLogin   *Limiter
	global    *Limiter
	owners    *Seen
	signUps   *Limiter
	mails     *Limiter
}

// Sizes of the guard. All together a login stands 28,800 guesses a day, from however many networks; from one, 2,880.
var (
	addressOptions = Options{Every: time.Second, Burst: 30, MaxKeys: 65536}
	networkOptions = Options{Every: time.Second / 3, Burst: 100, MaxKeys: 65536}
	loginOptions   = Options{Every: 3 * time.Second, Burst: 20, MaxKeys: 65536}
	globalOptions  = Options{Every: time.Second / 50, Burst: 1000, MaxKeys: 1}
	signUpOptions  = Options{Every: time.Minute, Burst: 10, MaxKeys: 65536}
	mailOptions    = Options{Every: 5 * time.Minute, Burst: 5, MaxKeys: 65536}
)

const (
	maxBackoffs = 65536
	maxOwners   = 65536
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
	return &Guard{
		backoff: NewBackoff(maxBackoffs, c), owners: NewSeen(maxOwners),
		byAddress: must(addressOptions), byNetwork: must(networkOptions), byLogin: must(loginOptions), global: must(globalOptions),
		signUps: must(signUpOptions), mails: must(mailOptions),
	}
}

// SignIn runs try unless the login has to wait, or one of the counters has no attempt left. Only a try that says errs.Unauthenticated uses attempts
// up: programs that sign in often, and rightly, are not slowed down.
func (g *Guard) SignIn(h http.Header, address, login string, try func() error) error {
	if g == nil {
		return try()
	}
	from := network(address)
	key := strings.ToLower(login) + "\x00" + from
	if err := wait(h, g.backoff.Check(key)); err != nil {
		return err
	}
	counters := []counter{{g.byAddress, host(address)}, {g.byNetwork, from}}
	if !g.owners.Has(key) {
		counters = append(counters, counter{g.byLogin, strings.ToLower(login)}, counter{g.global, ""})
	}
	used, err := takeAll(h, counters)
	if err != nil {
		return err
	}
	err = try()
	if errs.CodeOf(err) == errs.Unauthenticated {
		g.backoff.Failed(key)
		return err
	}
	returnAll(used)
	if err == nil {
		g.backoff.Forget(key)
		g.owners.Add(key)
	}
	return err
}

// SecondFactor is SignIn for the second step, whose user the ticket names: it knows the address alone. How long a user's codes have to wait after
// wrong ones is kept with the user.
func (g *Guard) SecondFactor(h http.Header, address string, try func() error) error {
	if g == nil {
		return try()
	}
	used, err := takeAll(h, []counter{{g.byAddress, host(address)}, {g.byNetwork, network(address)}, {g.global, ""}})
	if err != nil {
		return err
	}
	if err = try(); errs.CodeOf(err) != errs.Unauthenticated {
		returnAll(used)
	}
	return err
}

// SignUp uses up one sign-up of the address.
func (g *Guard) SignUp(h http.Header, address string) error {
	if g == nil {
		return nil
	}
	_, err := takeAll(h, []counter{{g.signUps, host(address)}})
	return err
}

// Mail uses up one mail that somebody at the address asks for, and one that the recipient gets: a person's mailbox is not to be filled.
func (g *Guard) Mail(h http.Header, address, recipient string) error {
	if g == nil {
		return nil
	}
	_, err := takeAll(h, []counter{{g.signUps, host(address)}, {g.mails, strings.ToLower(recipient)}})
	return err
}

// counter is one key of a limiter.
type counter struct {
	limiter *Limiter
	key     string
}

// takeAll uses up an attempt of each, or none.
func takeAll(h http.Header, counters []counter) ([]Attempt, error) {
	used := make([]Attempt, 0, len(counters))
	for _, c := range counters {
		a, wait, err := c.limiter.Take(c.key)
		if err != nil {
			returnAll(used)
			h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
			return nil, err
		}
		used = append(used, a)
	}
	return used, nil
}

func returnAll(used []Attempt) {
	for _, a := range used {
		a.Return()
	}
}

// wait refuses when there is something to wait for.
func wait(h http.Header, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	seconds := (d + time.Second - 1).Truncate(time.Second)
	h.Set("Retry-After", strconv.Itoa(int(seconds/time.Second)))
	return errs.New(errs.Throttled, reasonTooFast, "Too many attempts. Try again in %s.", seconds)
}

// host is what one sender can be told by: an IPv4 address, or the /64 that an IPv6 sender may choose from at will.
func host(address string) string { return prefix(address, 32, 64) }

// network is the neighbourhood of a sender: addresses that one owner is likely to have many of.
func network(address string) string { return prefix(address, 24, 64) }

func prefix(address string, bits4, bits6 int) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	bits := bits4
	if ip.Is6() {
		bits = bits6
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return ip.String()
	}
	return p.String()
}

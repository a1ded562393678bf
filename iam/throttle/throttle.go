// Package throttle slows down those who guess: token buckets and growing waits for each key (an address, a login), in bounded memory.
package throttle

import (
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"dms/internal/clock"
	"dms/internal/errs"
)

// reasonTooFast is the reason of every refusal.
const reasonTooFast errs.Reason = "too_many_attempts"

// Options of a Limiter.
type Options struct {
	Every   time.Duration // a key earns one attempt in this time
	Burst   int           // and saves up at most so many
	MaxKeys int           // how many keys are remembered; the one that was quiet longest is forgotten
}

// Validate reports all that is wrong with the options.
func (o Options) Validate() error {
	var problems []error
	if o.Every <= 0 {
		problems = append(problems, fmt.Errorf("throttle: Every is %s, must be positive", o.Every))
	}
	if o.Burst < 1 {
		problems = append(problems, fmt.Errorf("throttle: Burst is %d, must be at least 1", o.Burst))
	}
	if o.MaxKeys < 1 {
		problems = append(problems, fmt.Errorf("throttle: MaxKeys is %d, must be at least 1", o.MaxKeys))
	}
	return errors.Join(problems...)
}

// Limiter counts attempts by key. Safe for concurrent use; a nil Limiter lets everything pass.
type Limiter struct {
	opts    Options
	clock   clock.Clock
	mu      sync.Mutex // guards: buckets, between look-up and insertion
	buckets *lru.Cache[string, *rate.Limiter]
}

// New returns a limiter.
func New(o Options, c clock.Clock) (*Limiter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	buckets, err := lru.New[string, *rate.Limiter](o.MaxKeys)
	if err != nil {
		return nil, err
	}
	return &Limiter{opts: o, clock: c, buckets: buckets}, nil
}

// Attempt is one that was let through.
type Attempt struct {
	reservation *rate.Reservation
	at          time.Time
}

// Return gives the attempt back: it was no guess.
func (a Attempt) Return() {
	if a.reservation != nil {
		a.reservation.CancelAt(a.at)
	}
}

// Take uses up one attempt of the key. When none is left it returns an errs.Throttled and how long to wait for the next.
func (l *Limiter) Take(key string) (a Attempt, wait time.Duration, err error) {
	if l == nil {
		return Attempt{}, 0, nil
	}
	now := l.clock.Now()
	r := l.bucket(key).ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait <= 0 {
		return Attempt{r, now}, 0, nil
	}
	r.CancelAt(now) // a refused attempt costs nothing: who keeps trying is not locked out for longer
	seconds := (wait + time.Second - 1).Truncate(time.Second)
	return Attempt{}, seconds, errs.New(errs.Throttled, reasonTooFast, "Too many attempts. Try again in %s.", seconds)
}

func (l *Limiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.buckets.Get(key); ok {
		return b
	}
	b := rate.NewLimiter(rate.Every(l.opts.Every), l.opts.Burst)
	l.buckets.Add(key, b)
	return b
}

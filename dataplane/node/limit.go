package node

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"dms/dataplane"
	"dms/internal/errs"
)

// Admit applies the queue's limit of requests a second: errs.Throttled with RetryAfter beyond it. The wires call it once a
// request, before they read the body.
func (n *Node) Admit(q dataplane.Queue) error {
	if err := n.fresh(); err != nil {
		return err
	}
	perSecond := q.Limits.RequestsPerSecond
	if perSecond <= 0 {
		return nil
	}
	if wait := n.limits.take(q.ID, perSecond, n.clock.Now()); wait > 0 {
		n.metrics.throttled.Inc()
		err := errs.New(errs.Throttled, "", "The queue takes %d requests a second. Try again later.", perSecond)
		err.RetryAfter = wait
		return err
	}
	return nil
}

// limits holds a token bucket for each queue with a limit that was used lately; a bucket holds one second's worth.
type limits struct {
	mu      sync.Mutex // guards: buckets
	buckets *simplelru.LRU[string, *rate.Limiter]
}

func newLimits(size int) *limits {
	lru, err := simplelru.NewLRU[string, *rate.Limiter](size, nil)
	if err != nil {
		panic(err) // only for sizes below 1, which Options.Validate refuses
	}
	return &limits{buckets: lru}
}

// take takes a token, or returns how long until there is one. perSecond may change from call to call.
func (l *limits) take(queueID string, perSecond int, now time.Time) time.Duration {
	l.mu.Lock()
	b, ok := l.buckets.Get(queueID)
	if !ok {
		b = rate.NewLimiter(rate.Limit(perSecond), perSecond)
		l.buckets.Add(queueID, b)
	}
	l.mu.Unlock()
	if b.Burst() != perSecond {
		b.SetLimitAt(now, rate.Limit(perSecond))
		b.SetBurstAt(now, perSecond)
	}
	r := b.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

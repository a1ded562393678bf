package node

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"dms/internal/clock"
)

// Look-ups of unknown ids may make the follower ask the control plane out of turn, because a client can learn an id before this node
// does. They share one exchange, and there are only so many a second whatever clients try.
const (
	catchUpsPerSecond = 2
	catchUpBurst      = 4
	// catchUpGiveUp times CatchUpWait is how long a look-up waits in all: the exchange under way must end first.
	catchUpGiveUp = 3
)

// catchUp stands between look-ups that want news and the follower that brings it. Time-outs are the machine's time and not the
// node's clock: they bound I/O and mean nothing to the product.
type catchUp struct {
	clock    clock.Clock
	exchange time.Duration // of an exchange that nobody waits for
	wait     time.Duration // of one that somebody waits for
	rate     *rate.Limiter

	mu        sync.Mutex // guards the rest
	running   bool
	waiting   []chan struct{} // want an exchange that begins from now on
	serving   []chan struct{} // want the end of the present exchange
	interrupt func()          // ends the present exchange or pause, if nobody is served by it
}

func newCatchUp(c clock.Clock, exchange, wait time.Duration) *catchUp {
	return &catchUp{clock: c, exchange: exchange, wait: wait, rate: rate.NewLimiter(catchUpsPerSecond, catchUpBurst)}
}

// ask waits until the follower has come as far as the control plane is now, and reports whether it may have.
func (c *catchUp) ask(ctx context.Context) bool {
	c.mu.Lock()
	if !c.running || len(c.waiting) == 0 && !c.rate.AllowN(c.clock.Now(), 1) {
		c.mu.Unlock()
		return false
	}
	done := make(chan struct{})
	c.waiting = append(c.waiting, done)
	interrupt := c.interrupt
	c.mu.Unlock()
	if interrupt != nil {
		interrupt()
	}
	ctx, cancel := context.WithTimeout(ctx, catchUpGiveUp*c.wait)
	defer cancel()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *catchUp) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = true
}

func (c *catchUp) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
	c.release(c.waiting)
	c.release(c.serving)
	c.waiting, c.serving = nil, nil
}

// release requires c.mu held.
func (c *catchUp) release(waiters []chan struct{}) {
	for _, w := range waiters {
		close(w)
	}
}

// begin returns the context of the follower's next exchange, and whether somebody waits for it, so that it has little time. end says whether
// there is more to fetch at once.
func (c *catchUp) begin(ctx context.Context) (exchange context.Context, hurried bool, end func(more bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serving = append(c.serving, c.waiting...)
	c.waiting = nil
	hurried = len(c.serving) > 0
	d := c.exchange
	if hurried {
		d = c.wait
	}
	exchange, cancel := context.WithTimeout(ctx, d)
	if !hurried {
		c.interrupt = cancel
	}
	return exchange, hurried, func(more bool) {
		cancel()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.interrupt = nil
		if !more {
			c.release(c.serving)
			c.serving = nil
		}
	}
}

// pause waits for d, or until somebody asks.
func (c *catchUp) pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.mu.Lock()
	if len(c.waiting) > 0 {
		c.mu.Unlock()
		return
	}
	c.interrupt = cancel
	c.mu.Unlock()
	sleep(ctx, c.clock, d)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interrupt = nil
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"dms/internal/clock"
)

// Options says how a load is watched.
type Options struct {
	Clock    clock.Clock
	Progress func(Moment) // called each second, from one goroutine; nil: nobody watches
}

// run is one load while it runs.
type run struct {
	load   Load
	target Target
	clk    clock.Clock
	begin  time.Time

	// stop ends everything; sending, which follows it, the producers alone.
	ctx     context.Context
	stop    context.CancelFunc
	handed  []*handover // one for each group, nil when consumers stay with their queues
	backlog *backlog

	tickets                             atomic.Int64 // messages given out to producers, of Load.Messages
	sent, received, acked, failed, none atomic.Int64
	lastAck                             atomic.Int64 // when, nanoseconds since begin
	warm                                atomic.Bool  // latencies are recorded
	allSent                             atomic.Bool

	mu      sync.Mutex // guards: errors, samples
	errors  map[string]int64
	samples map[string]string
}

// latencies are what one worker measured.
type latencies struct{ send, receive, ack, endToEnd Histogram }

// Run puts the load on the target. Calls that fail are counted and go on after a moment; an error means that there was no load. When ctx ends
// before the load, the result is of what was done until then.
func Run(ctx context.Context, target Target, load Load, opt Options) (Result, error) {
	if err := load.Validate(); err != nil {
		return Result{}, err
	}
	r := &run{load: load, target: target, clk: opt.Clock, errors: map[string]int64{}, samples: map[string]string{}}
	r.ctx, r.stop = context.WithCancel(ctx)
	defer r.stop()
	if load.MaxBacklog > 0 {
		r.backlog = newBacklog(r.ctx, load.MaxBacklog)
	}
	if load.Producers > 0 && load.Queues*load.Groups > load.Consumers {
		r.handed = make([]*handover, load.Groups)
		for g := range r.handed {
			r.handed[g] = newHandover(r.ctx)
		}
	}
	producers, consumers, err := r.workers()
	defer func() {
		for _, p := range producers {
			_ = p.Close() // the load is over; what matters was answered
		}
		for _, c := range consumers {
			_ = c.Close()
		}
	}()
	if err != nil {
		return Result{}, err
	}
	return r.measure(ctx, producers, consumers, opt.Progress), nil
}

func (r *run) workers() (producers []Producer, consumers []Consumer, err error) {
	for range r.load.Producers {
		p, err := r.target.Producer()
		if err != nil {
			return producers, consumers, fmt.Errorf("make a producer: %w", err)
		}
		producers = append(producers, p)
	}
	for i := range r.load.Consumers {
		c, err := r.target.Consumer(i % r.load.Groups)
		if err != nil {
			return producers, consumers, fmt.Errorf("make a consumer: %w", err)
		}
		consumers = append(consumers, c)
	}
	return producers, consumers, nil
}

func (r *run) measure(ctx context.Context, producers []Producer, consumers []Consumer, progress func(Moment)) Result {
	measured := make([]*latencies, len(producers)+len(consumers))
	for i := range measured {
		measured[i] = new(latencies)
	}
	r.warm.Store(r.load.WarmUp == 0)
	r.begin = r.clk.Now()
	var sending, working sync.WaitGroup
	for i, p := range producers {
		sending.Go(func() { r.produce(p, i, measured[i]) })
	}
	for i, c := range consumers {
		working.Go(func() { r.consume(c, i, measured[len(producers)+i]) })
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		sending.Wait()
		if len(producers) > 0 {
			r.allSent.Store(true)
			r.checkDone()
		}
		working.Wait()
	}()
	watched := r.watch(progress)

	from := Moment{}
	if r.load.WarmUp > 0 && r.await(r.load.WarmUp, over) {
		from = r.moment()
		r.warm.Store(true)
	}
	if r.load.Duration > 0 {
		r.await(r.load.Duration, over)
	} else {
		<-over
	}
	to := r.moment()
	cut := ctx.Err() != nil
	r.stop()
	<-over
	<-watched

	total := new(latencies)
	for _, l := range measured {
		total.send.Merge(&l.send)
		total.receive.Merge(&l.receive)
		total.ack.Merge(&l.ack)
		total.endToEnd.Merge(&l.endToEnd)
	}
	res := Result{
		Load: r.load, Elapsed: to.Elapsed - from.Elapsed, Cut: cut,
		Sent: to.Sent - from.Sent, Received: to.Received - from.Received, Acked: to.Acked - from.Acked,
		Send: total.send.Summary(), Receive: total.receive.Summary(), Ack: total.ack.Summary(), EndToEnd: total.endToEnd.Summary(),
		EmptyReceives: r.none.Load(), Errors: r.errors, ErrorSamples: r.samples,
	}
	if last := time.Duration(r.lastAck.Load()); r.load.Drain && last > 0 {
		res.Elapsed = last // the rest was waiting to see that nothing is left
	}
	res.rates()
	return res
}

// await waits and reports whether the time passed; false: the load ended before.
func (r *run) await(d time.Duration, over <-chan struct{}) bool {
	passed := make(chan struct{})
	t := r.clk.AfterFunc(d, func() { close(passed) })
	defer t.Stop()
	select {
	case <-passed:
		return true
	case <-over:
	case <-r.ctx.Done():
	}
	return false
}

// pause waits for d, or until the load ends.
func (r *run) pause(d time.Duration) {
	if d > 0 {
		r.await(d, nil)
	}
}

func (r *run) since() time.Duration { return r.clk.Now().Sub(r.begin) }

func (r *run) moment() Moment {
	return Moment{Elapsed: r.since(), Sent: r.sent.Load(), Received: r.received.Load(), Acked: r.acked.Load(), Errors: r.failed.Load()}
}

// watch calls progress each second; the channel closes when it has ended.
func (r *run) watch(progress func(Moment)) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for progress != nil && r.await(time.Second, nil) {
			progress(r.moment())
		}
	}()
	return done
}

// fail counts an error of a call, unless the end of the load caused it, and waits a moment: a service that refuses is not helped by more.
func (r *run) fail(err error) {
	if r.ctx.Err() != nil {
		return
	}
	kind := "other"
	var k KindError
	if errors.As(err, &k) {
		kind = k.Kind()
	}
	r.failed.Add(1)
	r.mu.Lock()
	if r.errors[kind]++; r.errors[kind] == 1 {
		r.samples[kind] = err.Error()
	}
	r.mu.Unlock()
	r.pause(20 * time.Millisecond)
}

// checkDone ends a load of so many messages when all are acknowledged by all groups, or when nobody receives and all are sent.
func (r *run) checkDone() {
	if !r.allSent.Load() || r.load.Drain {
		return
	}
	if r.load.Consumers == 0 || r.acked.Load() >= r.sent.Load()*int64(r.load.Groups) {
		r.stop()
	}
}

// take returns how many messages the next batch has; 0: all are sent.
func (r *run) take() int {
	if r.load.Messages == 0 {
		return r.load.Batch
	}
	if over := r.tickets.Add(int64(r.load.Batch)) - r.load.Messages; over > 0 {
		return max(r.load.Batch-int(over), 0)
	}
	return r.load.Batch
}

func newRand(seed uint64, worker int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(worker))) }

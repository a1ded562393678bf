package pebbleengine

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"dms/dataplane/engine/seglog"
	"dms/dataplane/fence"
	"dms/internal/clock"
	"dms/internal/usage"
)

// change is a request's part of a group.
type change struct {
	batch *batch
	// lazy: nobody waits for it, nobody asks for it. It goes with the next group, within Options.SyncDelay.
	lazy bool
	// alone: its group has no other change, so that it can look up everything before it.
	alone bool
	usage *usage.Key // counted when the change commits
	// applied runs on the applying goroutine once the change is durable and visible. It must not block.
	applied func()
	done    chan error // nil: nobody waits
}

// maxGroupBytes bounds one group.
const maxGroupBytes = 8 << 20

// commitQueue is group commit: while one group is on its way to the disk, the changes of other requests gather and share the next
// group and its sync. One goroutine writes and syncs, another one applies what is synced to the index and answers, while the next group is on its way;
// order on the queue is order in the log and in the index.
type commitQueue struct {
	committer Committer
	index     *index
	space     *space
	cache     *runCache
	fence     *fence.FS
	meter     *meter
	clk       clock.Clock
	opt       *Options
	onFail    func(error)

	mu        sync.Mutex // guards: pending, urgent, closed, flush, timers, flushDone
	wake      *sync.Cond
	pending   []*change
	urgent    int // of the pending ones, those that are not lazy
	closed    bool
	flush     bool // commit what is there now
	lazyTimer clock.Timer
	cntTimer  clock.Timer
	flushDone []chan struct{}

	stopped chan struct{}     // closed when both goroutines have ended
	synced  chan *commitGroup // from the one to the other

	failing sync.Once
	failed  atomic.Bool

	lastUsage    uint64 // of the goroutine that writes
	durableUsage atomic.Uint64
	end          seglog.Position // what was answered; of the goroutine that applies, read after stopped
}

// commitGroup is what is written and synced at once.
type commitGroup struct {
	changes []*change
	counted *batch // the counts; nil: none
	usage   uint64 // the number of the latest counts
	end     seglog.Position
	waiting []chan struct{} // closed when the group is answered
}

// begin starts the two goroutines.
func (q *commitQueue) begin(lastUsage uint64) {
	q.wake = sync.NewCond(&q.mu)
	q.stopped = make(chan struct{})
	q.lastUsage = lastUsage
	q.durableUsage.Store(lastUsage)
	q.end = q.committer.End()
	q.synced = make(chan *commitGroup, 1)
	go q.write()
	go q.apply()
}

// enqueue hands c over. The caller holds the lock of the state that c changes.
func (q *commitQueue) enqueue(c *change) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		c.finish(errClosed)
		return
	}
	q.pending = append(q.pending, c)
	if !c.lazy {
		q.urgent++
		q.wake.Signal()
	}
	if c.done == nil && q.lazyTimer == nil { // nobody waits: it must not wait for ever
		q.lazyTimer = q.clk.AfterFunc(q.opt.SyncDelay, func() { q.sync(&q.lazyTimer) })
	}
}

// armCount makes what the meter holds durable within Options.CountDelay.
func (q *commitQueue) armCount() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed && q.cntTimer == nil {
		q.cntTimer = q.clk.AfterFunc(q.opt.CountDelay, func() { q.sync(&q.cntTimer) })
	}
}

// sync is the callback of the timer in slot: it returns when everything that is queued now is durable.
func (q *commitQueue) sync(slot *clock.Timer) {
	q.mu.Lock()
	*slot = nil
	if q.closed {
		q.mu.Unlock()
		return
	}
	done := make(chan struct{})
	q.flush = true
	q.flushDone = append(q.flushDone, done)
	q.wake.Signal()
	q.mu.Unlock()
	<-done
}

// nudge makes the goroutines look around, though there is nothing to commit.
func (q *commitQueue) nudge() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.flush = true
		q.wake.Signal()
	}
}

// close commits what is queued and what the meter holds, and ends the goroutines. Nothing may be enqueued afterwards.
func (q *commitQueue) close() {
	q.mu.Lock()
	q.closed = true
	for _, t := range []clock.Timer{q.lazyTimer, q.cntTimer} {
		if t != nil {
			t.Stop()
		}
	}
	q.wake.Signal()
	q.mu.Unlock()
	<-q.stopped
}

var errClosed = errors.New("the storage is closed")

// write is the goroutine that writes.
func (q *commitQueue) write() {
	defer close(q.synced)
	for {
		q.mu.Lock()
		for q.urgent == 0 && !q.flush && !q.closed {
			q.wake.Wait()
		}
		g := &commitGroup{changes: q.take()}
		last := len(q.pending) == 0
		closing := q.closed && last
		if q.flush && last {
			q.flush = false
			g.waiting, q.flushDone = q.flushDone, nil
		}
		q.mu.Unlock()

		q.count(g)
		if len(g.changes) > 0 || g.counted != nil {
			if err := q.guarded(func() error { return q.writeGroup(g) }); err != nil {
				q.fail(err)
			}
		}
		q.synced <- g
		if closing {
			return
		}
	}
}

// apply is the goroutine that applies and answers.
func (q *commitQueue) apply() {
	defer close(q.stopped)
	for g := range q.synced {
		var err error
		if len(g.changes) > 0 || g.counted != nil {
			if err = q.guarded(func() error { return q.applyGroup(g) }); err != nil {
				q.fail(err)
			}
		}
		q.answer(g, err)
		if err == nil {
			q.space.tend()
		}
	}
}

// take takes the next group off the queue. Requires: q.mu held.
func (q *commitQueue) take() []*change {
	n, size := 0, int64(0)
	for n < len(q.pending) {
		c := q.pending[n]
		size += c.batch.size()
		if n > 0 && (size > maxGroupBytes || c.alone || q.pending[n-1].alone) {
			break
		}
		if !c.lazy {
			q.urgent--
		}
		n++
	}
	changes := q.pending[:n:n]
	q.pending = append([]*change(nil), q.pending[n:]...)
	return changes
}

// count gathers what is to be counted with the group.
func (q *commitQueue) count(g *commitGroup) {
	counts := q.meter.drain()
	for _, c := range g.changes {
		if c.usage != nil {
			counts = addCount(counts, *c.usage, 1)
		}
	}
	if len(counts) > 0 {
		q.lastUsage++
		g.counted = &batch{ops: q.index.db.NewBatch()}
		g.counted.set(usageKey(q.lastUsage), encodeUsage(counts))
	}
	g.usage = q.lastUsage
}

// guarded runs a step of a commit. The fence lies to whoever writes: what it swallowed is found here, before anybody is answered.
func (q *commitQueue) guarded(step func() error) (err error) {
	defer func() {
		// Pebble panics where it sees no way on. The fence makes that unreachable as far as is known; should it happen,
		// it is a failed write like any other.
		if r := recover(); r != nil {
			err = fmt.Errorf("commit: %v", r)
		}
		if err == nil {
			err = q.fence.Err()
		}
		if err != nil {
			q.fence.Trip(err)
		}
	}()
	if q.failed.Load() {
		return errClosed
	}
	if err := q.fence.Err(); err != nil {
		return err
	}
	return step()
}

// fail ends the store: this group and everything behind it is answered with an error.
func (q *commitQueue) fail(err error) {
	q.failing.Do(func() {
		q.failed.Store(true)
		q.onFail(err)
	})
}

// writeGroup makes the group durable.
func (q *commitQueue) writeGroup(g *commitGroup) error {
	size := int64(256)
	for _, c := range g.changes {
		size += c.batch.size()
	}
	if g.counted != nil {
		size += g.counted.size()
	}
	if err := q.committer.Start(size); err != nil {
		return err
	}
	for _, c := range g.changes {
		c.batch.writeTo(q.committer)
	}
	if g.counted != nil {
		g.counted.writeTo(q.committer)
	}
	if err := q.committer.Commit(); err != nil {
		return err
	}
	g.end = q.committer.End()
	return nil
}

// applyGroup makes the group visible.
func (q *commitQueue) applyGroup(g *commitGroup) error {
	for _, c := range g.changes {
		if err := q.index.add(c.batch); err != nil {
			return err
		}
	}
	if g.counted != nil {
		if err := q.index.add(g.counted); err != nil {
			return err
		}
	}
	if err := q.index.commit(g.end); err != nil {
		return err
	}
	for _, c := range g.changes {
		for i := range c.batch.puts {
			q.keep(&c.batch.puts[i])
		}
	}
	return nil
}

// store makes one batch durable and visible before the goroutines are started.
func (q *commitQueue) store(b *batch) error {
	g := &commitGroup{changes: []*change{{batch: b}}}
	return q.guarded(func() error {
		if err := q.writeGroup(g); err != nil {
			return err
		}
		return q.applyGroup(g)
	})
}

// keep lets the messages of a queue stay in memory.
func (q *commitQueue) keep(p *put) {
	if p.log != nil && !p.log.single {
		b := p.bytes
		p.run.payload.Store(&b)
		q.cache.add(p.log.tail, p.run, int64(len(b)))
	}
}

func (q *commitQueue) answer(g *commitGroup, err error) {
	if err == nil {
		q.durableUsage.Store(g.usage)
		if len(g.changes) > 0 || g.counted != nil {
			q.end = g.end
		}
	}
	for _, c := range g.changes {
		// Closed first: whoever is answered may go on to make the next one.
		_ = c.batch.ops.Close()
		if err == nil && c.applied != nil {
			c.applied()
		}
		c.finish(err)
	}
	if g.counted != nil {
		_ = g.counted.ops.Close()
	}
	for _, w := range g.waiting {
		close(w)
	}
}

func (c *change) finish(err error) {
	if c.done != nil {
		c.done <- err
	}
}

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
	// applied runs on the commit goroutine once the change is durable and visible. It must not block.
	applied func()
	done    chan error // nil: nobody waits
}

// maxGroupBytes bounds one group.
const maxGroupBytes = 8 << 20

// commitQueue is group commit: while one group is on its way to the disk, the changes of other requests gather and share the next
// group and its sync. One goroutine commits; order on the queue is order in the log.
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

	stopped chan struct{} // closed when the goroutine has ended

	// Of the commit goroutine alone.
	failed    error
	lastUsage uint64
	spare     []*change

	durableUsage atomic.Uint64
	end          seglog.Position // what was committed; read after stopped
}

// begin starts the goroutine.
func (q *commitQueue) begin(lastUsage uint64) {
	q.wake = sync.NewCond(&q.mu)
	q.stopped = make(chan struct{})
	q.lastUsage = lastUsage
	q.durableUsage.Store(lastUsage)
	q.end = q.committer.End()
	go q.run()
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

// close commits what is queued and what the meter holds, and ends the goroutine. Nothing may be enqueued afterwards.
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

func (q *commitQueue) run() {
	defer close(q.stopped)
	for {
		q.mu.Lock()
		for q.urgent == 0 && !q.flush && !q.closed {
			q.wake.Wait()
		}
		group := q.take()
		last := len(q.pending) == 0
		closing := q.closed && last
		var waiting []chan struct{}
		if q.flush && last {
			q.flush = false
			waiting, q.flushDone = q.flushDone, nil
		}
		q.mu.Unlock()

		q.commit(group)
		clear(group)
		q.spare = group[:0]
		for _, w := range waiting {
			close(w)
		}
		if closing {
			return
		}
	}
}

// take takes the next group off the queue. Requires: q.mu held.
func (q *commitQueue) take() []*change {
	group, size := q.pending, int64(0)
	for i, c := range group {
		if size += c.batch.size(); i > 0 && (size > maxGroupBytes || c.alone || group[i-1].alone) {
			group = group[:i]
			break
		}
	}
	rest := q.pending[len(group):]
	q.pending = append(q.spare[:0], rest...)
	q.urgent = 0
	for _, c := range q.pending {
		if !c.lazy {
			q.urgent++
		}
	}
	return group
}

// commit writes the group, applies it to the index, and answers everybody in it.
func (q *commitQueue) commit(group []*change) {
	if q.failed != nil {
		q.answer(group, q.failed)
		return
	}
	counts := q.meter.drain()
	size := int64(256)
	for _, c := range group {
		size += c.batch.size()
		if c.usage != nil {
			counts = addCount(counts, *c.usage, 1)
		}
	}
	if len(group) == 0 && len(counts) == 0 {
		return
	}
	if err := q.store(group, counts, size); err != nil {
		q.failed = err
		q.onFail(err)
		q.answer(group, err)
		return
	}
	// Closed first: whoever is answered may go on to make the next one.
	for _, c := range group {
		_ = c.batch.ops.Close()
	}
	q.answer(group, nil)
	q.space.tend()
}

// store makes the group and the counts durable and visible.
func (q *commitQueue) store(group []*change, counts map[usage.Key]int64, size int64) (err error) {
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
	seq := q.lastUsage
	var counted *batch
	if len(counts) > 0 {
		seq++
		counted = &batch{ops: q.index.db.NewBatch()}
		defer func() { _ = counted.ops.Close() }()
		counted.set(usageKey(seq), encodeUsage(counts))
		size += counted.size()
	}
	if err := q.fence.Err(); err != nil {
		return err
	}
	if err := q.committer.Start(size); err != nil {
		return err
	}
	for _, c := range group {
		c.batch.writeTo(q.committer)
	}
	if counted != nil {
		counted.writeTo(q.committer)
	}
	if err := q.committer.Commit(); err != nil {
		return err
	}
	// The fence lies to whoever writes: what it swallowed is found here, before anybody is answered.
	if err := q.fence.Err(); err != nil {
		return err
	}
	for _, c := range group {
		if err := q.index.add(c.batch); err != nil {
			return err
		}
	}
	if counted != nil {
		if err := q.index.add(counted); err != nil {
			return err
		}
	}
	end := q.committer.End()
	if err := q.index.commit(end); err != nil {
		return err
	}
	q.end = end
	for _, c := range group {
		for i := range c.batch.puts {
			q.keep(&c.batch.puts[i])
		}
	}
	q.lastUsage = seq
	q.durableUsage.Store(seq)
	return nil
}

// keep lets the messages of a queue stay in memory.
func (q *commitQueue) keep(p *put) {
	if p.log != nil && !p.log.single {
		b := p.bytes
		p.run.payload.Store(&b)
		q.cache.add(&p.log.tail, p.run, int64(len(b)))
	}
}

func (q *commitQueue) answer(group []*change, err error) {
	for _, c := range group {
		if err == nil && c.applied != nil {
			c.applied()
		}
		c.finish(err)
	}
}

func (c *change) finish(err error) {
	if c.done != nil {
		c.done <- err
	}
}

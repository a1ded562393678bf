package pebbleengine

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"dms/internal/clock"
	"dms/internal/usage"
)

// change is a request's part of a shared batch.
type change struct {
	batch *batch
	sync  bool       // somebody waits for durability
	soon  bool       // nobody waits, but it must be synced within Options.SyncDelayHT
	usage *usage.Key // counted when the change commits
	// applied runs on the commit goroutine once the change is visible and, with sync, durable. It must not block.
	applied func()
	done    chan error // nil: nobody waits
	undo    *undo      // what to take back if the change is never answered
}

// maxGroupBytes bounds one shared batch.
const maxGroupBytes = 8 << 20

// commitQueue is group commit: while one batch is on its way to the disk, the changes of other requests gather and share the next
// batch and its sync. One goroutine commits; order on the queue is order in the log.
type commitQueue struct {
	committer Committer
	meter     *meter
	clk       clock.Clock
	opt       *Options
	onFail    func(error)

	mu        sync.Mutex // guards: pending, closed, flush, htTimer, countTimer
	wake      *sync.Cond
	pending   []*change
	closed    bool
	flush     bool // sync even if there is nothing to write
	htTimer   clock.Timer
	cntTimer  clock.Timer
	flushDone []chan struct{}

	stopped chan struct{} // closed when the goroutine has ended

	// Of the commit goroutine alone.
	shared       *pebble.Batch // keeps its buffer from group to group
	failed       error
	lastUsage    uint64
	unsyncedSoon bool
	spare        []*change

	durableUsage atomic.Uint64
	unanswered   []*undo // read after stopped
}

func newCommitQueue(db *pebble.DB, c Committer, m *meter, opt *Options, lastUsage uint64, onFail func(error)) *commitQueue {
	q := &commitQueue{
		committer: c, meter: m, clk: opt.Clock, opt: opt, onFail: onFail, lastUsage: lastUsage, stopped: make(chan struct{}),
		shared: db.NewBatch(pebble.WithMaxRetainedSizeBytes(2 * maxGroupBytes)),
	}
	q.wake = sync.NewCond(&q.mu)
	q.durableUsage.Store(lastUsage)
	go q.run()
	return q
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
	if c.soon && q.htTimer == nil {
		q.htTimer = q.clk.AfterFunc(q.opt.SyncDelayHT, func() { q.sync(&q.htTimer) })
	}
	q.wake.Signal()
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
	for _, t := range []clock.Timer{q.htTimer, q.cntTimer} {
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
		for len(q.pending) == 0 && !q.flush && !q.closed {
			q.wake.Wait()
		}
		group, size := q.pending, 0
		for i, c := range group {
			if size += c.batch.ops.Len(); size > maxGroupBytes && i > 0 {
				group = group[:i]
				break
			}
		}
		rest := q.pending[len(group):]
		q.pending = append(q.spare[:0], rest...)
		last := len(q.pending) == 0
		flush, closing := q.flush && last, q.closed && last
		var waiting []chan struct{}
		if flush {
			q.flush = false
			waiting, q.flushDone = q.flushDone, nil
		}
		q.mu.Unlock()

		q.commit(group, flush || closing)
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

// commit makes one batch of the group and answers everybody in it.
func (q *commitQueue) commit(group []*change, flush bool) {
	if q.failed != nil {
		q.answer(group, q.failed, 0)
		return
	}
	counts := q.meter.drain()
	sync, soon := false, q.unsyncedSoon
	for _, c := range group {
		sync = sync || c.sync
		soon = soon || c.soon
		if c.usage != nil {
			counts = addCount(counts, *c.usage, 1)
		}
	}
	sync = sync || flush && (soon || len(counts) > 0 || q.lastUsage > q.durableUsage.Load())
	if len(group) == 0 && !sync {
		return
	}

	batch := q.shared
	if len(group) == 1 {
		batch = group[0].batch.ops
	} else {
		for _, c := range group {
			if err := batch.Apply(c.batch.ops, nil); err != nil {
				q.fail(group, err, 0)
				return
			}
		}
	}
	seq := q.lastUsage
	if len(counts) > 0 {
		seq++
		_ = batch.Set(usageKey(seq), encodeUsage(counts), nil)
	}
	if batch.Empty() {
		_ = batch.LogData(nil, nil) // nothing but the sync
	}
	if err := q.committer.Commit(batch, sync); err != nil {
		if seq == q.lastUsage {
			seq = 0
		}
		q.fail(group, err, seq)
		return
	}
	q.shared.Reset()
	q.lastUsage = seq
	if sync {
		q.durableUsage.Store(seq)
		q.unsyncedSoon = false
	} else {
		q.unsyncedSoon = soon
		if seq > q.durableUsage.Load() {
			q.armCount()
		}
	}
	// Closed first: whoever is answered may go on to make the next one.
	for _, c := range group {
		_ = c.batch.ops.Close()
	}
	q.answer(group, nil, 0)
}

// fail ends the store: the group is answered with the error, and so is everything behind it.
func (q *commitQueue) fail(group []*change, err error, usageSeq uint64) {
	q.failed = err
	q.onFail(err)
	q.answer(group, err, usageSeq)
}

func (q *commitQueue) answer(group []*change, err error, usageSeq uint64) {
	if err != nil && usageSeq != 0 {
		q.unanswered = append(q.unanswered, &undo{usage: usageSeq})
	}
	for _, c := range group {
		if err == nil && c.applied != nil {
			c.applied()
		}
		if err != nil && c.undo != nil {
			q.unanswered = append(q.unanswered, c.undo)
		}
		c.finish(err)
	}
}

func (c *change) finish(err error) {
	if c.done != nil {
		c.done <- err
	}
}

package pebbleengine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sync/semaphore"

	"dms/dataplane/engine/seglog"
	"dms/dataplane/fence"
	"dms/internal/clock"
	"dms/internal/errs"
)

// store is one life of the open database, with everything in memory that belongs to it.
type store struct {
	opt   *Options
	clk   clock.Clock
	log   *slog.Logger
	db    *pebble.DB
	fence *fence.FS

	segments  *seglog.Log // what was told, and the messages
	committer Committer   // writes it
	index     *index      // what follows from it

	source string
	sealer *sealer
	meter  *meter

	commits  *commitQueue
	sched    *scheduler
	agenda   *agenda
	registry *registry
	space    *space
	janitor  *janitor
	admitted *semaphore.Weighted // bytes of sends on the commit queue
	cold     atomic.Int64        // bytes that were read from the disk and are kept
	reserve  *diskReserve

	epoch      uint64
	deliveries atomic.Uint64 // given out in this life

	forgetting sync.Mutex // one ForgetUsage at a time: the numbers only grow

	gate   sync.RWMutex // read side: a call uses the database
	closed bool         // guarded by gate
	failed chan struct{}
	once   sync.Once // closes failed
	dead   bool      // guarded by Engine.mu: its failure was reported
}

// openStore opens the log and the index. cut, when not nil, is where the log ended for those who were answered. onFail is called once, from
// any goroutine and perhaps with locks held, when the store has failed.
func openStore(opt *Options, lock *pebble.Lock, m *meter, cut *seglog.Position, onFail func(*store, error)) (*store, error) {
	s := &store{
		opt: opt, clk: opt.Clock, log: opt.Log, meter: m, failed: make(chan struct{}),
		admitted: semaphore.NewWeighted(opt.MaxQueuedBytes),
		reserve:  newDiskReserve(opt),
	}
	fail := func(err error) {
		s.once.Do(func() {
			close(s.failed)
			onFail(s, err)
		})
	}
	s.fence = fence.New(opt.FS, fail)
	o := pebbleOptions(opt, s.fence, s.fence.Trip)
	o.Lock = lock
	db, err := pebble.Open(opt.Dir, o)
	if err != nil {
		if ferr := s.fence.Err(); ferr != nil {
			err = ferr // what Pebble met was a consequence
		}
		return nil, fmt.Errorf("open %s: %w", opt.Dir, err)
	}
	s.db = db
	if err := s.start(cut, fail); err != nil {
		if s.committer != nil {
			_ = s.committer.Close()
		}
		if s.segments != nil {
			_ = s.segments.Close()
		}
		_ = db.Close()
		return nil, err
	}
	return s, nil
}

// openLog opens the log, and tells the index what it does not know yet. It returns what the index knew.
func (s *store) openLog(cut *seglog.Position) (flushed seglog.Position, err error) {
	if err := checkFormat(s.db); err != nil {
		return flushed, err
	}
	if s.index, err = newIndex(s.db, s.db, func(b *pebble.Batch) error { return s.db.Apply(b, pebble.NoSync) }); err != nil {
		return flushed, err
	}
	flushed = s.index.applied
	dir := s.opt.FS.PathJoin(s.opt.Dir, logDir)
	if err := makeDir(s.fence, dir); err != nil {
		return flushed, err
	}
	s.segments, err = seglog.Open(seglog.Options{
		FS: s.fence, Dir: dir, SegmentBytes: s.opt.SegmentBytes, MaxSpare: max(s.opt.SpareSegments, minKeptSegments), From: s.index.applied, Cut: cut,
		Prepare: s.opt.SpareSegments, Disk: s.opt.FS, Room: s.reserve.room,
	}, s.index.replay)
	if err == nil {
		err = s.fence.Err()
	}
	if err != nil {
		return flushed, err
	}
	return flushed, s.index.check(s.segments)
}

// logDir is the directory of the log in that of the data.
const logDir = "log"

// minKeptSegments is how many segments that are given up are kept to be written again at least.
const minKeptSegments = 4

func pebbleOptions(opt *Options, disk vfs.FS, fatal func(error)) *pebble.Options {
	log := pebbleLogger{log: opt.Log, fatal: fatal}
	o := &pebble.Options{
		FS:                          disk,
		Logger:                      log,
		DisableWAL:                  true, // the log is ours
		CacheSize:                   opt.CacheBytes,
		MemTableSize:                opt.MemTableBytes,
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       24,
		FormatMajorVersion:          pebble.FormatNewest,
	}
	o.EventListener = &pebble.EventListener{
		// Damage is reported to whoever reads it; the rest of the store goes on.
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			opt.Log.Error("damaged storage was found", "detail", info.String())
		},
	}
	o.EventListener.EnsureDefaults(log)
	return o
}

// start reads the log, and what the store knows about itself, and begins to work.
func (s *store) start(cut *seglog.Position, fail func(error)) error {
	if err := s.fence.Err(); err != nil {
		return err
	}
	flushed, err := s.openLog(cut)
	if err != nil {
		return err
	}
	if s.committer, err = s.newCommitter(); err != nil {
		return err
	}
	s.space = &space{s: s, flushed: flushed, asked: flushed}
	s.commits = &commitQueue{
		committer: s.committer, index: s.index, space: s.space, cache: &runCache{limit: s.opt.TailBytes},
		fence: s.fence, meter: s.meter, clk: s.opt.Clock, opt: s.opt, onFail: fail,
	}
	ident, err := openIdentity(s, s.opt.Source)
	if err != nil {
		return err
	}
	s.source, s.epoch, s.sealer = ident.source, ident.epoch, newSealer(ident.secret)
	if err := s.fence.Err(); err != nil {
		return err
	}
	last, err := lastUsage(s.db)
	if err != nil {
		return err
	}
	if err := s.fence.Opened(); err != nil {
		return err
	}
	s.registry = newRegistry(s.opt.MaxLoadedQueues, s.leaving)
	s.sched = newScheduler(s.clk)
	s.commits.begin(last)
	s.janitor = newJanitor(s)
	s.janitor.begin()
	s.agenda = newAgenda(s)
	s.agenda.begin()
	if !s.meter.empty() {
		s.commits.armCount()
	}
	return nil
}

func (s *store) newCommitter() (Committer, error) {
	local := &LocalLog{log: s.segments, fence: s.fence}
	if s.opt.NewCommitter == nil {
		return local, nil
	}
	c, err := s.opt.NewCommitter(local)
	if err != nil {
		return nil, fmt.Errorf("make the committer: %w", err)
	}
	return c, nil
}

// enter begins the use of the database; exit ends it. A call that waits for messages is outside meanwhile.
func (s *store) enter() error {
	s.gate.RLock()
	if s.closed {
		s.gate.RUnlock()
		return errUnavailable(errClosed)
	}
	return nil
}

// hasFailed reports whether this life is over.
func (s *store) hasFailed() bool {
	select {
	case <-s.failed:
		return true
	default:
		return false
	}
}

// leaving gives back what a queue without users holds of the room of all.
func (s *store) leaving(q *queue) {
	q.log.leave(s)
	for _, g := range q.groups {
		g.letters.leave(s)
		g.returned.leave(s)
	}
}

func (s *store) exit() { s.gate.RUnlock() }

// close ends this life: calls end, what is queued is committed or answered with an error, the database is closed.
// It returns where the log ended for those who were answered.
func (s *store) close() (seglog.Position, error) {
	s.once.Do(func() { close(s.failed) }) // wakes the polls
	s.janitor.close()
	s.sched.close()
	s.agenda.close()
	s.gate.Lock()
	s.closed = true
	s.gate.Unlock()
	s.commits.close()
	var err error
	if s.fence.Err() == nil {
		err = s.db.Flush() // so that the next opening has nothing to read again
	}
	err = errors.Join(err, s.committer.Close(), s.db.Close(), s.segments.Close())
	if ferr := s.fence.Err(); ferr != nil {
		err = ferr
	}
	return s.commits.end, err
}

// commitAndWait commits c and waits for it.
func (s *store) commitAndWait(c *change) error {
	c.done = make(chan error, 1)
	s.commits.enqueue(c)
	return s.answerOf(c)
}

// answerOf waits until c is committed. It does not heed the caller's context: a commit cannot be called back.
func (s *store) answerOf(c *change) error {
	if err := <-c.done; err != nil {
		return errUnavailable(err)
	}
	return nil
}

// admit waits until the commit queue has room for a send of that size.
func (s *store) admit(ctx context.Context, size int64) error {
	if s.admitted.TryAcquire(size) {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.failed:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := s.admitted.Acquire(ctx, size); err != nil {
		return errUnavailable(err)
	}
	return nil
}

// nextDelivery returns a number greater than that of any delivery before, in this life or an earlier one: the epoch is in its
// upper 24 bits.
func (s *store) nextDelivery() uint64 { return s.epoch<<40 | s.deliveries.Add(1) }

func (s *store) now() int64 { return s.clk.Now().UnixNano() }

func errUnavailable(cause error) error {
	return errs.Wrap(cause, errs.Unavailable, "", "the message storage is not available now; try again")
}

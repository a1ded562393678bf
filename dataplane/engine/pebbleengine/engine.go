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

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/usage"
)

// Engine is an engine.Engine on one directory.
type Engine struct {
	opt    Options
	source string
	lock   *pebble.Lock
	meter  meter
	stop   chan struct{} // closed by StopPolls

	store   atomic.Pointer[store] // nil while there is none: reopening or closed
	closing chan struct{}
	work    sync.WaitGroup // the recovery

	copying sync.Mutex // held by a checkpoint

	mu       sync.Mutex // guards: the rest
	stopped  bool
	closed   bool
	failure  error // why there is no store
	closeErr error
}

var _ engine.Engine = (*Engine)(nil)

// Open opens the engine in its directory, which no other process may use at the same time.
func Open(opt Options) (*Engine, error) {
	if opt.FS == nil {
		opt.FS = vfs.Default
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if err := opt.Validate(); err != nil {
		return nil, fmt.Errorf("options of the engine: %w", err)
	}
	if err := makeDir(opt.FS, opt.Dir); err != nil {
		return nil, fmt.Errorf("make %s: %w", opt.Dir, err)
	}
	lock, err := pebble.LockDirectory(opt.Dir, opt.FS)
	if err != nil {
		return nil, fmt.Errorf("%s is in use by another process, or cannot be locked: %w", opt.Dir, err)
	}
	e := &Engine{opt: opt, lock: lock, stop: make(chan struct{}), closing: make(chan struct{})}
	s, err := e.open(nil)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	e.source = s.source
	e.take(s)
	return e, nil
}

// makeDir makes the directory and syncs every directory that got a new entry: a crash must not take the whole store.
func makeDir(fs vfs.FS, dir string) error {
	var parents []string
	for d := dir; ; {
		if _, err := fs.Stat(d); err == nil {
			break
		}
		parent := fs.PathDir(d)
		parents = append(parents, parent)
		if parent == d || parent == "." || parent == "/" {
			break
		}
		d = parent
	}
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range parents {
		f, err := fs.OpenDir(p)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// current returns the store that takes calls now.
func (e *Engine) current() (*store, error) {
	if s := e.store.Load(); s != nil && s.fence.Err() == nil {
		return s, nil
	}
	return nil, errUnavailable(e.whyNot())
}

func (e *Engine) whyNot() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return errClosed
	}
	return e.failure
}

// explain says of what went wrong in a store that has failed meanwhile why: files that are not there are not damage then.
func (s *store) explain(err error) error {
	if err != nil && errs.CodeOf(err) == errs.Internal && s.fence.Err() != nil {
		return errUnavailable(err)
	}
	return err
}

// Send implements engine.Engine.
func (e *Engine) Send(ctx context.Context, q engine.Queue, msgs []engine.NewMessage, m engine.Metered) ([]engine.Sent, error) {
	s, err := e.current()
	if err != nil {
		return nil, err
	}
	v, err := s.send(ctx, q, msgs, m)
	return v, s.explain(err)
}

// Receive implements engine.Engine.
func (e *Engine) Receive(ctx context.Context, q engine.Queue, groupID string, kind engine.Kind, opt engine.ReceiveOptions) ([]engine.Delivery, error) {
	s, err := e.current()
	if err != nil {
		return nil, err
	}
	v, err := s.receive(ctx, e.stop, q, groupID, kind, opt)
	return v, s.explain(err)
}

// Release implements engine.Engine.
func (e *Engine) Release(_ context.Context, q engine.Queue, groupID string, kind engine.Kind, handlers []string) error {
	s, err := e.current()
	if err != nil {
		return err
	}
	return s.explain(s.release(q, groupID, kind, handlers))
}

// Settle implements engine.Engine.
func (e *Engine) Settle(_ context.Context, q engine.Queue, groupID string, kind engine.Kind, list []engine.Settlement, m engine.Metered) (int, error) {
	s, err := e.current()
	if err != nil {
		return 0, err
	}
	v, err := s.settle(q, groupID, kind, list, m)
	return v, s.explain(err)
}

// Prepare implements engine.Engine.
func (e *Engine) Prepare(ctx context.Context, q engine.Queue, msgs []engine.NewMessage, opt engine.PrepareOptions, m engine.Metered) (engine.Prepared, error) {
	s, err := e.current()
	if err != nil {
		return engine.Prepared{}, err
	}
	v, err := s.prepare(ctx, q, msgs, opt, m)
	return v, s.explain(err)
}

// Decide implements engine.Engine.
func (e *Engine) Decide(_ context.Context, q engine.Queue, preparedID string, o engine.Outcome, m engine.Metered) ([]engine.Sent, error) {
	s, err := e.current()
	if err != nil {
		return nil, err
	}
	v, err := s.decide(q, preparedID, o, m)
	return v, s.explain(err)
}

// ListPrepared implements engine.Engine.
func (e *Engine) ListPrepared(_ context.Context, q engine.Queue, after string, limit int) ([]engine.Prepared, error) {
	s, err := e.current()
	if err != nil {
		return nil, err
	}
	v, err := s.listPrepared(q, after, limit)
	return v, s.explain(err)
}

// Extend implements engine.Engine.
func (e *Engine) Extend(_ context.Context, q engine.Queue, groupID string, kind engine.Kind, list []engine.Extension, m engine.Metered) ([]error, error) {
	s, err := e.current()
	if err != nil {
		return nil, err
	}
	v, err := s.extend(q, groupID, kind, list, m)
	return v, s.explain(err)
}

// Seek implements engine.Engine.
func (e *Engine) Seek(_ context.Context, q engine.Queue, groupID string, to engine.SeekTo, m engine.Metered) error {
	s, err := e.current()
	if err != nil {
		return err
	}
	return s.explain(s.seek(q, groupID, to, m))
}

// Browse implements engine.Engine.
func (e *Engine) Browse(ctx context.Context, q engine.Queue, groupID string, kind engine.Kind, opt engine.BrowseOptions) ([]engine.Browsed, uint64, error) {
	s, err := e.current()
	if err != nil {
		return nil, 0, err
	}
	msgs, next, err := s.browse(ctx, q, groupID, kind, opt)
	return msgs, next, s.explain(err)
}

// Purge implements engine.Engine.
func (e *Engine) Purge(_ context.Context, q engine.Queue, groupID string, kind engine.Kind, m engine.Metered) (int64, error) {
	s, err := e.current()
	if err != nil {
		return 0, err
	}
	v, err := s.purge(q, groupID, kind, m)
	return v, s.explain(err)
}

// Redrive implements engine.Engine.
func (e *Engine) Redrive(_ context.Context, q engine.Queue, groupID string, opt engine.RedriveOptions, m engine.Metered) (int64, error) {
	s, err := e.current()
	if err != nil {
		return 0, err
	}
	v, err := s.redrive(q, groupID, opt, m)
	return v, s.explain(err)
}

// RedriveStatus implements engine.Engine.
func (e *Engine) RedriveStatus(_ context.Context, q engine.Queue, groupID string) (engine.RedriveStatus, error) {
	s, err := e.current()
	if err != nil {
		return engine.RedriveStatus{}, err
	}
	v, err := s.redriveStatus(q, groupID)
	return v, s.explain(err)
}

// StopRedrive implements engine.Engine.
func (e *Engine) StopRedrive(_ context.Context, q engine.Queue, groupID string) error {
	s, err := e.current()
	if err != nil {
		return err
	}
	return s.explain(s.stopRedrive(q, groupID))
}

// AddGroup implements engine.Engine.
func (e *Engine) AddGroup(_ context.Context, queueID, groupID string) error {
	s, err := e.current()
	if err != nil {
		return err
	}
	return s.explain(s.addGroup(queueID, groupID))
}

// QueueStats implements engine.Engine.
func (e *Engine) QueueStats(_ context.Context, q engine.Queue) (engine.QueueStats, error) {
	s, err := e.current()
	if err != nil {
		return engine.QueueStats{}, err
	}
	v, err := s.queueStats(q)
	return v, s.explain(err)
}

// GroupStats implements engine.Engine.
func (e *Engine) GroupStats(_ context.Context, q engine.Queue, groupID string) (engine.GroupStats, error) {
	s, err := e.current()
	if err != nil {
		return engine.GroupStats{}, err
	}
	v, err := s.groupStats(q, groupID)
	return v, s.explain(err)
}

// DropQueue implements engine.Engine.
func (e *Engine) DropQueue(_ context.Context, queueID string) error {
	s, err := e.current()
	if err != nil {
		return err
	}
	return s.explain(s.dropQueue(queueID))
}

// DropGroup implements engine.Engine.
func (e *Engine) DropGroup(_ context.Context, queueID, groupID string) error {
	s, err := e.current()
	if err != nil {
		return err
	}
	return s.explain(s.dropGroup(queueID, groupID))
}

// Count implements engine.Engine.
func (e *Engine) Count(k usage.Key, calls int64) {
	if calls <= 0 {
		return
	}
	if first := e.meter.add(k, calls); !first {
		return
	}
	if s := e.store.Load(); s != nil {
		s.commits.armCount()
	}
}

// Usage implements engine.Engine.
func (e *Engine) Usage(_ context.Context, after uint64, limit int) (usage.Batch, bool, error) {
	s, err := e.current()
	if err != nil {
		return usage.Batch{}, false, err
	}
	if err := s.enter(); err != nil {
		return usage.Batch{}, false, err
	}
	defer s.exit()
	b, ok, err := s.usageAfter(after, limit)
	if err != nil {
		err = s.explain(errInternal(err))
	}
	return b, ok, err
}

// ForgetUsage implements engine.Engine.
func (e *Engine) ForgetUsage(_ context.Context, upTo uint64) error {
	s, err := e.current()
	if err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.exit()
	return s.explain(s.forgetUsage(upTo))
}

// StopPolls implements engine.Engine.
func (e *Engine) StopPolls() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.stopped {
		e.stopped = true
		close(e.stop)
	}
}

// Ready implements engine.Engine.
func (e *Engine) Ready() error {
	s, err := e.current()
	if err != nil {
		return err
	}
	return s.reserve.check()
}

// Source returns the engine's name in usage batches.
func (e *Engine) Source() string { return e.source }

// Close implements engine.Engine. It may be repeated.
func (e *Engine) Close() error {
	e.StopPolls()
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		e.work.Wait()
		return e.closeErr
	}
	e.closed = true
	close(e.closing)
	e.mu.Unlock()
	e.work.Wait() // a recovery ends, or has ended
	var err error
	if s := e.store.Swap(nil); s != nil {
		_, err = s.close()
	}
	err = errors.Join(err, e.lock.Close())
	e.mu.Lock()
	e.closeErr = err
	e.mu.Unlock()
	return err
}

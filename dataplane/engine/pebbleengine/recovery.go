package pebbleengine

import (
	"time"

	"dms/dataplane/engine/seglog"
)

// open opens a store that tells this engine when it fails.
func (e *Engine) open(cut *seglog.Position) (*store, error) {
	return openStore(&e.opt, e.lock, &e.meter, cut, e.storeFailed)
}

// storeFailed is called once by each store that fails, from any goroutine, perhaps with locks of the store or of Pebble held: it only
// starts the recovery.
func (e *Engine) storeFailed(s *store, cause error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.failure = cause
	s.dead = true
	e.store.CompareAndSwap(s, nil)
	e.work.Add(1)
	go func() {
		defer e.work.Done()
		e.recover(s, cause)
	}()
}

// take makes s the store that takes calls, unless it has failed already: then its recovery is at work.
func (e *Engine) take(s *store) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.dead {
		return false
	}
	e.store.Store(s)
	return true
}

// recover closes the failed store and opens the next one: at once, then with growing pauses, until it succeeds or the engine is closed.
// The failed write is never tried again: what the disk really holds is read back from it. What it may hold behind the last group that was
// answered is cut off, since a send that fails has stored nothing.
func (e *Engine) recover(failed *store, cause error) {
	e.opt.Log.Error("the message storage failed: it is closed and opened again", "error", cause)
	e.notify(cause)
	end, _ := failed.close() // its error is the cause
	for delay := e.opt.ReopenDelay; ; delay = min(2*delay, e.opt.ReopenMax) {
		s, err := e.open(&end)
		if err == nil {
			if e.take(s) {
				e.opt.Log.Info("the message storage is open again")
				e.notify(nil)
			}
			return
		}
		e.opt.Log.Error("the message storage could not be opened", "error", err, "next_try_in", delay)
		e.mu.Lock()
		e.failure = err
		e.mu.Unlock()
		if !e.pause(delay) {
			return
		}
	}
}

// pause waits on the engine's clock and reports false if the engine is closed meanwhile.
func (e *Engine) pause(d time.Duration) bool {
	over := make(chan struct{})
	t := e.opt.Clock.AfterFunc(d, func() { close(over) })
	defer t.Stop()
	select {
	case <-over:
		return true
	case <-e.closing:
		return false
	}
}

func (e *Engine) notify(cause error) {
	if e.opt.StateChanged != nil {
		e.opt.StateChanged(cause)
	}
}

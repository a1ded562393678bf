package memengine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dms/dataplane/engine"
	"dms/internal/usage"
)

// ledger keeps the counted calls.
type ledger struct {
	source    string
	records   []map[usage.Key]int64 // the record with sequence number n is records[n-1]; nil once forgotten
	forgotten uint64
	pending   map[usage.Key]int64 // of Count
}

// meter counts a call that succeeded, together with what is pending.
func (e *Engine) meter(m engine.Metered) {
	if m != nil {
		e.record(m)
	}
}

// record writes what is pending, and a call if there is one.
func (e *Engine) record(m engine.Metered) {
	l := &e.m.usage
	if m != nil {
		l.pending[*m]++
	}
	l.records = append(l.records, l.pending)
	l.pending = make(map[usage.Key]int64)
	if e.flusher != nil {
		e.flusher.Stop()
		e.flusher = nil
	}
}

// flush writes what is pending.
func (e *Engine) flush() {
	if len(e.m.usage.pending) > 0 {
		e.record(nil)
	}
}

// Count implements engine.Engine.
func (e *Engine) Count(k usage.Key, calls int64) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if calls <= 0 || e.closed {
		return
	}
	e.m.usage.pending[k] += calls
	if e.flusher == nil {
		e.flusher = e.opt.Clock.AfterFunc(time.Second, func() {
			e.m.mu.Lock()
			defer e.m.mu.Unlock()
			if !e.closed {
				e.flush()
			}
		})
	}
}

// Usage implements engine.Engine.
func (e *Engine) Usage(_ context.Context, after uint64, limit int) (usage.Batch, bool, error) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if err := e.ready(); err != nil {
		return usage.Batch{}, false, err
	}
	l := &e.m.usage
	after = max(after, l.forgotten)
	last := uint64(len(l.records))
	if limit < 1 || after >= last {
		return usage.Batch{}, false, nil
	}
	last = min(last, after+uint64(limit))
	total := make(map[usage.Key]int64)
	for _, r := range l.records[after:last] {
		for k, n := range r {
			total[k] += n
		}
	}
	b := usage.Batch{Source: l.source, First: after + 1, Last: last}
	for k, n := range total {
		b.Counts = append(b.Counts, usage.Count{Key: k, Calls: n})
	}
	slices.SortFunc(b.Counts, func(x, y usage.Count) int {
		return cmp.Or(cmp.Compare(x.AccountID, y.AccountID), cmp.Compare(x.ProjectID, y.ProjectID), cmp.Compare(x.UserID, y.UserID),
			cmp.Compare(x.QueueID, y.QueueID), cmp.Compare(x.Action, y.Action), cmp.Compare(x.Hour, y.Hour))
	})
	return b, true, nil
}

// ForgetUsage implements engine.Engine.
func (e *Engine) ForgetUsage(_ context.Context, upTo uint64) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	l := &e.m.usage
	upTo = min(upTo, uint64(len(l.records)))
	for n := l.forgotten; n < upTo; n++ {
		l.records[n] = nil
	}
	l.forgotten = max(l.forgotten, upTo)
	return nil
}

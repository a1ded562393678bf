// Package billingtest has a lifecycle log that tests write by hand.
package billingtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"dms/internal/lifecycle"
)

// Log is a lifecycle.Log in memory. Safe for concurrent use; the zero value is an empty log.
type Log struct {
	mu     sync.Mutex // guards: events
	events []lifecycle.Event
}

var _ lifecycle.Log = (*Log)(nil)

// Queue is a queue as the log knows it.
type Queue struct{ AccountID, ProjectID, UserID, QueueID string }

// Append writes an event.
func (l *Log) Append(kind lifecycle.Kind, at time.Time, q Queue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, lifecycle.Event{
		Sequence: int64(len(l.events) + 1), At: at.UTC(), Kind: kind,
		QueueID: q.QueueID, AccountID: q.AccountID, ProjectID: q.ProjectID, UserID: q.UserID, Region: "local-1",
	})
}

// Live writes a queue's whole life.
func (l *Log) Live(q Queue, created, deleted time.Time) {
	l.Append(lifecycle.Created, created, q)
	l.Append(lifecycle.Deleted, deleted, q)
}

// Events implements lifecycle.Log.
func (l *Log) Events(_ context.Context, accountID string, from, to time.Time) ([]lifecycle.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	existed := l.existed(from, to)
	var out []lifecycle.Event
	for _, e := range l.events {
		if e.AccountID == accountID && e.At.Before(to) && existed[e.QueueID] {
			out = append(out, e)
		}
	}
	return out, nil
}

// AcrossAccountsExisting implements lifecycle.Log.
func (l *Log) AcrossAccountsExisting(_ context.Context, from, to time.Time) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	existed := l.existed(from, to)
	var out []string
	for _, e := range l.events {
		if existed[e.QueueID] && !slices.Contains(out, e.AccountID) {
			out = append(out, e.AccountID)
		}
	}
	slices.Sort(out)
	return out, nil
}

// existed returns the queues that existed at some instant of [from, to). Requires: l.mu held.
func (l *Log) existed(from, to time.Time) map[string]bool {
	out := make(map[string]bool)
	created := make(map[string]time.Time)
	for _, e := range l.events {
		switch e.Kind {
		case lifecycle.Created:
			created[e.QueueID] = e.At
			if e.At.Before(to) {
				out[e.QueueID] = true
			}
		case lifecycle.Deleted:
			if !e.At.After(from) || !e.At.After(created[e.QueueID]) {
				delete(out, e.QueueID)
			}
		}
	}
	return out
}

// Package clocktest has a clock that moves only when a test says so.
package clocktest

import (
	"slices"
	"sync"
	"time"

	"dms/internal/clock"
)

// Manual is a Clock under the test's control. Set and Advance run the timers that fall due, in order, before they return.
type Manual struct {
	mu     sync.Mutex // guards: now, timers
	now    time.Time
	timers []*timer
}

type timer struct {
	m  *Manual
	at time.Time
	f  func()
}

// New returns a clock that stands at t.
func New(t time.Time) *Manual { return &Manual{now: t} }

// Now implements clock.Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// AfterFunc implements clock.Clock. A d of zero or less fires at the next Advance, also one of zero.
func (m *Manual) AfterFunc(d time.Duration, f func()) clock.Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &timer{m: m, at: m.now.Add(d), f: f}
	m.timers = append(m.timers, t)
	return t
}

// Stop implements clock.Timer.
func (t *timer) Stop() bool {
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	i := slices.Index(t.m.timers, t)
	if i < 0 {
		return false
	}
	t.m.timers = slices.Delete(t.m.timers, i, i+1)
	return true
}

// Advance moves the clock by d.
func (m *Manual) Advance(d time.Duration) { m.Set(m.Now().Add(d)) }

// Set moves the clock to t; time may also go backwards, as it does on real machines.
func (m *Manual) Set(t time.Time) {
	for {
		m.mu.Lock()
		next := -1
		for i, tm := range m.timers {
			if !tm.at.After(t) && (next < 0 || tm.at.Before(m.timers[next].at)) {
				next = i
			}
		}
		if next < 0 {
			m.now = t
			m.mu.Unlock()
			return
		}
		due := m.timers[next]
		m.timers = slices.Delete(m.timers, next, next+1)
		if due.at.After(m.now) {
			m.now = due.at
		}
		m.mu.Unlock()
		due.f()
	}
}

// Waiting returns the number of pending timers, for tests that must know that a sleeper is asleep before they step.
func (m *Manual) Waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.timers)
}

var _ clock.Clock = (*Manual)(nil)

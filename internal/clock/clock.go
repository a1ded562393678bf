// Package clock makes time an argument, so that tests can hold it, step it and cross months in a microsecond.
package clock

import "time"

// Clock tells the time and wakes sleepers. Safe for concurrent use.
type Clock interface {
	Now() time.Time
	// AfterFunc runs f in its own goroutine once d has passed, unless the timer is stopped first.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a pending AfterFunc.
type Timer interface {
	// Stop reports whether it prevented the call.
	Stop() bool
}

// System is the clock of the machine. Its readings keep their monotonic part: deadlines compare with this clock, and UTC()
// happens at the wire and the database.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now() }

// AfterFunc implements Clock.
func (System) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

var _ Clock = System{}

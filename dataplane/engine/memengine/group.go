package memengine

import (
	"slices"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine"
)

// item is a message as one group sees it: unsettled, or a dead letter.
type item struct {
	*message
	place         uint64 // in the queue's log, or in the dead letters
	since         time.Time
	expiresAt     time.Time
	received      int // deliveries, without released ones
	failures      int
	firstReceived time.Time
	firstFailure  time.Time
	hiddenUntil   time.Time // failed with a delay; zero: not
	lease         *lease    // nil: none
	death         *engine.Death
	gone          bool // settled, or given up
}

func newItem(m *message) *item {
	return &item{message: m, place: m.position, since: m.availableAt, expiresAt: m.expiresAt}
}

// free reports whether the message may be given again, as far as it alone is concerned.
func (it *item) free() bool { return it.lease == nil && it.hiddenUntil.IsZero() }

// leave ends everything that is known of the message in the group.
func (it *item) leave() {
	it.gone, it.lease, it.hiddenUntil = true, nil, time.Time{}
}

// lease is one delivery while it hides the message.
type lease struct {
	number   uint64 // later deliveries have greater ones
	deadline time.Time
	first    bool // the group was never given the message before
}

// group is a consumer group.
type group struct {
	live     []*item // unsettled messages of the queue, in the order of their positions
	redriven []*item // dead letters that were given back, in the order of their positions
	dead     []*item // dead letters, the oldest first
	rule     rule

	consumed, skipped, deaths, redrives int64
	redrive                             redrive
}

// items returns all messages and dead letters of the group.
func (g *group) items() []*item { return slices.Concat(g.redriven, g.live, g.dead) }

// unsettled returns the messages that are not settled, in the order in which they are given.
func (g *group) unsettled() []*item { return slices.Concat(g.redriven, g.live) }

// of returns what is given to receives of a kind, in that order.
func (g *group) of(kind engine.Kind) []*item {
	if kind == engine.Dead {
		return g.dead
	}
	return g.unsettled()
}

// remove takes the item out of the lists.
func (g *group) remove(it *item) {
	it.leave()
	is := func(other *item) bool { return other == it }
	g.live, g.redriven, g.dead = slices.DeleteFunc(g.live, is), slices.DeleteFunc(g.redriven, is), slices.DeleteFunc(g.dead, is)
}

// skip gives up messages that nobody has settled.
func (g *group) skip(items ...*item) {
	for _, it := range items {
		g.remove(it)
		g.skipped++
	}
}

// acknowledge settles a message or a dead letter.
func (g *group) acknowledge(it *item, kind engine.Kind) {
	g.remove(it)
	if kind == engine.Live {
		g.consumed++
	}
}

// fail counts a failed consumption: the message is given again after delay, or becomes a dead letter.
func (g *group) fail(it *item, kind engine.Kind, at time.Time, delay time.Duration, why engine.DeathReason, maxFailures int) {
	it.lease = nil
	it.failures++
	if it.failures == 1 {
		it.firstFailure = at
	}
	if kind == engine.Live && maxFailures > 0 && it.failures >= maxFailures {
		g.bury(it, at, why)
		return
	}
	if delay > 0 {
		it.hiddenUntil = at.Add(delay)
	}
}

// bury makes the message a dead letter.
func (g *group) bury(it *item, at time.Time, why engine.DeathReason) {
	g.remove(it)
	g.consumed++
	g.deaths++
	death := &engine.Death{Failures: it.failures, FirstFailure: it.firstFailure, LastFailure: at, Reason: why}
	if it.death != nil { // it had been redriven
		death.Redriven = it.death.Redriven + 1
	}
	g.dead = append(g.dead, &item{
		message: it.message, place: uint64(g.deaths), since: at, expiresAt: at.Add(dataplane.StandardRetention),
		firstReceived: it.firstReceived, death: death,
	})
}

// giveBack redrives a dead letter.
func (g *group) giveBack(it *item, at time.Time, retention time.Duration) {
	g.remove(it)
	g.redrives++
	back := &item{
		message: it.message, place: it.position, since: it.availableAt, expiresAt: at.Add(retention),
		firstReceived: it.firstReceived, death: it.death,
	}
	g.redriven = append(g.redriven, back)
	slices.SortStableFunc(g.redriven, func(a, b *item) int { return int(int64(a.place) - int64(b.place)) })
}

// expire gives up what is kept no longer.
func (g *group) expire(at time.Time) {
	over := func(it *item) bool { return !it.expiresAt.After(at) }
	for _, it := range g.unsettled() {
		if over(it) {
			g.skip(it)
		}
	}
	for _, it := range slices.Clone(g.dead) {
		if over(it) {
			g.remove(it)
		}
	}
}

// endLeases ends the leases and the delays that have passed. A lease that passes is a failed consumption.
func (g *group) endLeases(at time.Time, maxFailures int) {
	type passed struct {
		*item
		kind engine.Kind
	}
	var all []passed
	for _, kind := range []engine.Kind{engine.Live, engine.Dead} {
		for _, it := range g.of(kind) {
			if !it.hiddenUntil.After(at) {
				it.hiddenUntil = time.Time{}
			}
			if it.lease != nil && !it.lease.deadline.After(at) {
				all = append(all, passed{it, kind})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b passed) int {
		if c := a.lease.deadline.Compare(b.lease.deadline); c != 0 {
			return c
		}
		return int(int64(a.lease.number) - int64(b.lease.number))
	})
	for _, p := range all {
		g.fail(p.item, p.kind, p.lease.deadline, 0, engine.TimedOut, maxFailures)
	}
}

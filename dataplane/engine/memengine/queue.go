package memengine

import (
	"slices"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine"
)

// message is a message of a queue.
type message struct {
	id          string
	body, attrs []byte
	labels      []string
	key         string
	delay       time.Duration
	position    uint64 // 0: not available yet
	sentAt      time.Time
	availableAt time.Time
	expiresAt   time.Time
}

func (m *message) size() int64 { return int64(len(m.body) + len(m.attrs)) }

// queue is a queue: what it keeps, and its groups.
type queue struct {
	id       string
	facts    engine.Queue // of the latest call
	log      []*message   // available and kept, in the order of their positions
	last     uint64       // the latest position
	delayed  []*message   // in the order of their sends
	produced int64
	groups   map[string]*group
	prepared map[string]*prepared
	dedup    map[string]firstSend // by deduplication id
	changed  chan struct{}        // closed and replaced at every change: polls look again
}

func newQueue(id string) *queue {
	return &queue{
		id: id, groups: make(map[string]*group), prepared: make(map[string]*prepared), dedup: make(map[string]firstSend),
		changed: make(chan struct{}),
	}
}

// wake lets every poll of the queue look again.
func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// advance lets everything happen that falls due until now.
func (q *queue) advance(now time.Time) {
	for {
		at, ok := q.nextEvent()
		if !ok || at.After(now) {
			return
		}
		q.happen(at)
	}
}

// nextEvent returns when something happens in the queue by itself.
func (q *queue) nextEvent() (time.Time, bool) {
	var first time.Time
	note := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for _, m := range q.delayed {
		note(m.availableAt)
	}
	for _, m := range q.log {
		note(m.expiresAt)
	}
	for _, p := range q.prepared {
		if !p.decided {
			note(p.DecideBy)
		}
	}
	for _, g := range q.groups {
		for _, it := range g.items() {
			note(it.expiresAt)
			note(it.hiddenUntil)
			if it.lease != nil {
				note(it.lease.deadline)
			}
		}
		if g.redrive.Running {
			note(g.redrive.next)
		}
	}
	return first, !first.IsZero()
}

// happen does what falls due at an instant.
func (q *queue) happen(at time.Time) {
	var due []*message
	q.delayed = slices.DeleteFunc(q.delayed, func(m *message) bool {
		if m.availableAt.After(at) {
			return false
		}
		due = append(due, m)
		return true
	})
	slices.SortStableFunc(due, func(a, b *message) int { return a.availableAt.Compare(b.availableAt) })
	for _, m := range due {
		q.append(m)
	}
	q.decideDue(at)
	q.log = slices.DeleteFunc(q.log, func(m *message) bool { return !m.expiresAt.After(at) })
	for _, g := range q.groups {
		g.expire(at)
		g.endLeases(at, q.maxFailures())
		g.stepRedrive(at, q.retention())
	}
}

// append gives the message its place.
func (q *queue) append(m *message) {
	q.last++
	m.position = q.last
	q.log = append(q.log, m)
	for _, g := range q.groups {
		g.live = append(g.live, newItem(m))
	}
}

// take stores a message, to be available after its delay.
func (q *queue) take(m *message, now time.Time) {
	m.sentAt = now
	m.availableAt = now.Add(m.delay)
	m.expiresAt = m.availableAt.Add(q.retention())
	q.produced++
	if m.delay > 0 {
		q.delayed = append(q.delayed, m)
		return
	}
	q.append(m)
}

func (q *queue) retention() time.Duration {
	if q.facts.Retention <= 0 {
		return dataplane.StandardRetention
	}
	return q.facts.Retention
}

// maxFailures returns how many failures make a dead letter; 0: none.
func (q *queue) maxFailures() int {
	if q.facts.Mode.Kafka() {
		return 0
	}
	return q.facts.MaxConsumeCount
}

func (q *queue) newGroup() *group {
	g := &group{}
	for _, m := range q.log {
		g.live = append(g.live, newItem(m))
	}
	return g
}

package billing

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"dms/internal/lifecycle"
	"dms/internal/usage"
)

// QueueUnits is what one queue's life in one clock hour counts: 0 or 1 queue-hours, or 0 to 60 queue-minutes.
type QueueUnits struct {
	Hour      usage.Hour
	ProjectID string
	UserID    string // who created the queue
	QueueID   string
	Units     int64
}

// CountQueueUnits derives the billed units of the clock hours [from, to) from the lifecycle log, as far as the log is known: up to
// the instant until, exclusive. A unit (a clock hour or a clock minute, by granularity) counts once when there is an instant in it
// at which the queue existed and was not frozen; existence is [created, deleted). Hours for which granularity reports false are not
// counted. Units of 0 are left out. The order is by queue and then by hour.
func CountQueueUnits(events []lifecycle.Event, from, to usage.Hour, until time.Time, granularity func(usage.Hour) (Granularity, bool)) iter.Seq[QueueUnits] {
	return func(yield func(QueueUnits) bool) {
		for _, q := range queueLives(events, until) {
			for h := from; h < to; h++ {
				g, ok := granularity(h)
				if !ok {
					continue
				}
				n := countUnits(q.active, h, g)
				if n == 0 {
					continue
				}
				if !yield(QueueUnits{Hour: h, ProjectID: q.projectID, UserID: q.userID, QueueID: q.queueID, Units: n}) {
					return
				}
				if q.endsBefore(h + 1) {
					break
				}
			}
		}
	}
}

// span is the instants [from, to).
type span struct{ from, to time.Time }

// queueLife is when one queue existed and was not frozen.
type queueLife struct {
	queueID, projectID, userID string
	active                     []span // ordered, not empty, not touching
}

func (q queueLife) endsBefore(h usage.Hour) bool {
	return !q.active[len(q.active)-1].to.After(h.Start())
}

// queueLives replays the log. Instants of one queue never run backwards here, even when the clock that wrote them did: an event
// that claims to be earlier than the one before it happened at that one's instant.
func queueLives(events []lifecycle.Event, until time.Time) []queueLife {
	type state struct {
		life           queueLife
		last           time.Time
		exists, frozen bool
		activeSince    time.Time
	}
	ordered := slices.Clone(events)
	slices.SortStableFunc(ordered, func(a, b lifecycle.Event) int { return cmp.Compare(a.Sequence, b.Sequence) })
	states := make(map[string]*state)
	end := func(s *state, at time.Time) {
		if s.exists && !s.frozen && s.activeSince.Before(at) {
			s.life.active = appendSpan(s.life.active, span{s.activeSince, at})
		}
	}
	for _, e := range ordered {
		s := states[e.QueueID]
		if s == nil {
			s = &state{life: queueLife{queueID: e.QueueID, projectID: e.ProjectID, userID: e.UserID}}
			states[e.QueueID] = s
		}
		at := e.At
		if at.Before(s.last) {
			at = s.last
		}
		s.last = at
		if !at.Before(until) {
			continue // not yet: the state at until is the one before
		}
		end(s, at)
		switch e.Kind {
		case lifecycle.Created:
			s.exists, s.frozen = true, false
		case lifecycle.Frozen:
			s.frozen = true
		case lifecycle.Thawed:
			s.frozen = false
		case lifecycle.Deleted:
			s.exists = false
		}
		s.activeSince = at
	}
	lives := make([]queueLife, 0, len(states))
	for _, s := range states {
		end(s, until)
		if len(s.life.active) > 0 {
			lives = append(lives, s.life)
		}
	}
	slices.SortFunc(lives, func(a, b queueLife) int {
		return cmp.Or(cmp.Compare(a.projectID, b.projectID), cmp.Compare(a.queueID, b.queueID))
	})
	return lives
}

// appendSpan joins spans that touch, such as those around a repeated event.
func appendSpan(spans []span, s span) []span {
	if n := len(spans); n > 0 && spans[n-1].to.Equal(s.from) {
		spans[n-1].to = s.to
		return spans
	}
	return append(spans, s)
}

// countUnits counts the units of the hour that a span touches, each once.
func countUnits(active []span, h usage.Hour, g Granularity) int64 {
	unit := g.duration()
	hourStart, hourEnd := h.Start(), (h + 1).Start()
	var n, next int64 // next: the first unit of the hour that is not counted yet
	for _, s := range active {
		if !s.to.After(hourStart) {
			continue
		}
		if !s.from.Before(hourEnd) {
			break
		}
		first, last := int64(0), int64(time.Hour/unit)-1
		if s.from.After(hourStart) {
			first = int64(s.from.Sub(hourStart) / unit)
		}
		if s.to.Before(hourEnd) {
			last = int64((s.to.Sub(hourStart) - 1) / unit) // to is exclusive: the last instant is a nanosecond before
		}
		first = max(first, next)
		if last >= first {
			n += last - first + 1
			next = last + 1
		}
	}
	return n
}

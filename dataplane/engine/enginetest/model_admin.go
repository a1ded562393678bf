package enginetest

import (
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"

	"dms/dataplane/engine"
)

// past draws an instant of the last hours.
func (m *model) past(t *rapid.T) time.Time {
	return m.clock.Now().Add(-rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 2 * time.Hour, 80 * time.Hour}).Draw(t, "ago"))
}

// place draws the places of a message of the queue that was seen, 0 if there is none.
func (m *model) place(t *rapid.T, q *modelQueue) [2]uint64 {
	if len(q.seen) == 0 {
		return [2]uint64{}
	}
	return m.messages[rapid.SampledFrom(q.seen).Draw(t, "message")].positions
}

func (m *model) seek(t *rapid.T) {
	if !one(t, 2, "really") {
		return
	}
	q, g := m.queueAndGroup(t)
	var to engine.SeekTo
	var places [2]uint64
	switch rapid.IntRange(0, 4).Draw(t, "where to") {
	case 0:
		to.Earliest = true
	case 1:
		to.Latest = true
	case 2:
		to.Time = m.past(t)
	default:
		places = m.place(t, q) // without a place it is a bad request
	}
	k := m.metered(t)
	same(t, "the answer to a seek", both(m, func(side int, e engine.Engine) string {
		to.Position = places[side]
		return refusalFrom(q, g, e.Seek(context.Background(), q.Queue, g.id, to, k))
	}))
	if !to.Latest {
		// What had died may be delivered and die again, and which of two dead letters of one message comes first once both are redriven is open.
		m.purgeFrom(t, q, g, engine.Dead)
	}
}

// modelBrowsed is a message that was looked at, as far as the contract determines it.
type modelBrowsed struct {
	Number                         int
	Body                           string
	Attributes                     string
	Labels                         []string
	Key                            string
	SentAt, AvailableAt, ExpiresAt time.Time
	Death                          *engine.Death
}

func (m *model) browse(t *rapid.T) {
	q, g := m.queueAndGroup(t)
	kind := m.kind(t)
	groupID := ""
	if kind == engine.Dead {
		groupID = g.id
	}
	opt := engine.BrowseOptions{MaxMessages: rapid.IntRange(1, 4).Draw(t, "page"), MaxBytes: rapid.SampledFrom([]int{1, 1 << 20}).Draw(t, "max bytes")}
	var from [2]uint64
	number := 0
	switch rapid.IntRange(0, 3).Draw(t, "where from") {
	case 0:
		opt.Time = m.past(t)
	case 1:
		if kind == engine.Live {
			from = m.place(t, q)
		}
	case 2:
		if len(q.seen) > 0 {
			number = rapid.SampledFrom(q.seen).Draw(t, "message")
		}
	}
	type answer struct {
		Messages []modelBrowsed
		Err      string
	}
	places := make(map[int][2]uint64)
	same(t, "what a browse shows", both(m, func(side int, e engine.Engine) answer {
		var a answer
		opt := opt
		opt.From = from[side]
		if number != 0 {
			opt.MessageID = m.messages[number].ids[side]
		}
		for {
			page, next, err := e.Browse(context.Background(), q.Queue, groupID, kind, opt)
			if err != nil {
				a.Err = refusalFrom(q, g, err)
				return a
			}
			for _, b := range page {
				n := m.number(t, side, b.Body, b.MessageID)
				p := places[n]
				p[side] = b.Position
				places[n] = p
				a.Messages = append(a.Messages, modelBrowsed{
					Number: n, Body: string(b.Body), Attributes: string(b.Attributes), Labels: slices.Clip(b.Labels), Key: b.OrderingKey,
					SentAt: b.SentAt, AvailableAt: b.AvailableAt, ExpiresAt: b.ExpiresAt, Death: b.Death,
				})
			}
			switch {
			case next == 0:
				return a
			case next <= opt.From:
				t.Fatalf("a browse goes on from %d at %d", opt.From, next)
			}
			opt.From = next
		}
	}))
	for n, p := range places {
		if kind == engine.Dead {
			g.letters = append(g.letters, n)
			continue
		}
		m.messages[n].positions = p
		q.seen = append(q.seen, n)
	}
	slices.Sort(q.seen) // not in the order of the map: what is drawn must be the same each time
	slices.Sort(g.letters)
}

func (m *model) purge(t *rapid.T) {
	if !one(t, 4, "really") {
		return
	}
	q, g := m.queueAndGroup(t)
	m.purgeFrom(t, q, g, m.kind(t))
}

func (m *model) purgeFrom(t *rapid.T, q *modelQueue, g *modelGroup, kind engine.Kind) {
	groupID := ""
	if kind == engine.Dead {
		groupID = g.id
	}
	k := m.metered(t)
	type answer struct {
		Purged int64
		Err    string
	}
	same(t, "the answer to a purge", both(m, func(_ int, e engine.Engine) answer {
		n, err := e.Purge(context.Background(), q.Queue, groupID, kind, k)
		return answer{n, refusalFrom(q, g, err)}
	}))
}

type redriveAnswer struct {
	Moved int64
	Err   string
}

func (m *model) redrive(t *rapid.T) {
	q, g := m.queueAndGroup(t)
	var opt engine.RedriveOptions
	var chosen []int
	if len(g.letters) > 0 && rapid.Bool().Draw(t, "some") {
		for range rapid.IntRange(1, 3).Draw(t, "how many") {
			chosen = append(chosen, rapid.SampledFrom(g.letters).Draw(t, "dead letter"))
		}
	}
	if chosen == nil || one(t, 20, "bad") {
		opt.Max = int64(rapid.IntRange(0, 2).Draw(t, "max"))
	}
	k := m.metered(t)
	same(t, "the answer to a redrive", both(m, func(side int, e engine.Engine) redriveAnswer {
		opt := opt
		for _, n := range chosen {
			opt.IDs = append(opt.IDs, m.messages[n].ids[side])
		}
		n, err := e.Redrive(context.Background(), q.Queue, g.id, opt, k)
		return redriveAnswer{n, refusalFrom(q, g, err)}
	}))
}

// redriveAtARate goes through a redrive with a rate to its end, and takes what it gave back: how it spreads over the seconds is open.
func (m *model) redriveAtARate(t *rapid.T) {
	q := m.queues[0] // without order: everything that comes back can be taken at once
	g := rapid.SampledFrom(q.groups).Draw(t, "group")
	ctx := context.Background()
	for _, h := range g.handles {
		if h.kind == engine.Dead { // whether a lease ends in time to be redriven would be open, too
			for side, s := range m.sides {
				_ = s.e.Release(ctx, q.Queue, g.id, engine.Dead, []string{h.text[side]})
			}
			m.messages[h.of].released = true
		}
	}
	opt := engine.RedriveOptions{Max: int64(rapid.IntRange(0, 3).Draw(t, "max")), PerSecond: rapid.IntRange(1, 3).Draw(t, "rate")}
	k := m.metered(t)
	refused := same(t, "the answer to a redrive with a rate", both(m, func(_ int, e engine.Engine) string {
		_, err := e.Redrive(ctx, q.Queue, g.id, opt, k)
		return refusal(err)
	}))
	if refused != "" {
		return
	}
	m.redriving = g
	st := m.redriveStatuses(t, q, g)
	for n := 0; st[reference].Running || st[tested].Running; n++ {
		if n == everything {
			t.Fatalf("a redrive does not end: %+v", st)
		}
		m.advance(t, time.Second)
		st = m.redriveStatuses(t, q, g)
	}
	m.redriving = nil
	same(t, "what a redrive has moved", [2]int64{st[reference].Moved, st[tested].Moved})
	receive := m.receiveOptions(t, q, g)
	receive.MaxMessages, receive.MaxBytes, receive.Labels = everything, 1<<30, g.labels
	hs := m.receiveFrom(t, q, g, engine.Live, receive)
	same(t, "acknowledging what was redriven", both(m, func(side int, e engine.Engine) redriveAnswer {
		var list []engine.Settlement
		for _, text := range texts(side, hs) {
			list = append(list, engine.Settlement{Handler: text})
		}
		n, err := e.Settle(ctx, q.Queue, g.id, engine.Live, list, nil)
		return redriveAnswer{int64(n), refusal(err)}
	}))
}

// redriveStatuses returns the status on both sides.
func (m *model) redriveStatuses(t *rapid.T, q *modelQueue, g *modelGroup) [2]engine.RedriveStatus {
	return both(m, func(_ int, e engine.Engine) engine.RedriveStatus {
		st, err := e.RedriveStatus(context.Background(), q.Queue, g.id)
		if err != nil {
			t.Fatalf("status of a redrive: %v", err)
		}
		return st
	})
}

package enginetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"

	"dms/dataplane/engine"
)

// everything is more messages than a sequence sends.
const everything = 1000

// modelDelivery is a delivery as far as the contract determines it.
type modelDelivery struct {
	Number     int
	Body       string
	Attributes string
	Labels     []string
	Key        string
	Count      int
	SentAt     time.Time
	FirstAt    time.Time
	Death      *engine.Death
}

func (m *model) kind(t *rapid.T) engine.Kind {
	if one(t, 3, "dead letters") {
		return engine.Dead
	}
	return engine.Live
}

// receive receives, and keeps the handlers.
func (m *model) receive(t *rapid.T) {
	q, g := m.queueAndGroup(t)
	m.receiveFrom(t, q, g, m.kind(t), m.receiveOptions(t, q, g))
}

func (m *model) receiveOptions(t *rapid.T, q *modelQueue, g *modelGroup) engine.ReceiveOptions {
	opt := engine.ReceiveOptions{
		MaxMessages: rapid.IntRange(1, 5).Draw(t, "max"), MaxBytes: rapid.SampledFrom([]int{1, 30, 1 << 20}).Draw(t, "max bytes"),
		AckWait: m.distinct(rapid.SampledFrom([]time.Duration{5 * time.Second, 30 * time.Second, 20 * time.Minute}).Draw(t, "ack wait")),
	}
	if q.keyed || g.labels != nil { // how far others look for keys and labels is open
		opt.MaxMessages, opt.MaxBytes = everything, 1<<30
	}
	opt.Labels = g.labels
	if g.labels != nil && one(t, 10, "other labels") {
		opt.Labels = []string{"y", "z"}
	}
	return opt
}

func (m *model) receiveFrom(t *rapid.T, q *modelQueue, g *modelGroup, kind engine.Kind, opt engine.ReceiveOptions) []*modelHandle {
	type answer struct {
		Got []modelDelivery
		Err string
	}
	var raw [2][]engine.Delivery
	a := same(t, "what a receive gives", both(m, func(side int, e engine.Engine) answer {
		ds, err := e.Receive(context.Background(), q.Queue, g.id, kind, opt)
		if q.keyed {
			slices.SortStableFunc(ds, func(a, b engine.Delivery) int { return cmp.Compare(a.OrderingKey, b.OrderingKey) })
		}
		raw[side] = ds
		a := answer{Err: refusalFrom(q, g, err)}
		for _, d := range ds {
			a.Got = append(a.Got, m.delivery(t, side, d))
		}
		return a
	}))
	var handles []*modelHandle
	for i, d := range a.Got {
		h := &modelHandle{kind: kind, of: d.Number, until: m.clock.Now().Add(opt.AckWait)}
		for side := range raw {
			h.text[side] = raw[side][i].Handler
			if kind == engine.Live {
				m.messages[d.Number].positions[side] = raw[side][i].Position
			}
		}
		handles = append(handles, h)
		if kind == engine.Live {
			q.seen = append(q.seen, d.Number)
		} else {
			g.letters = append(g.letters, d.Number)
		}
	}
	g.handles = append(g.handles, handles...)
	return handles
}

func (m *model) delivery(t *rapid.T, side int, d engine.Delivery) modelDelivery {
	n := m.number(t, side, d.Body, d.MessageID)
	out := modelDelivery{
		Number: n, Body: string(d.Body), Attributes: string(d.Attributes), Labels: slices.Clip(d.Labels), Key: d.OrderingKey,
		Count: d.ReceiveCount, SentAt: d.SentAt, FirstAt: d.FirstReceivedAt, Death: d.Death,
	}
	if m.messages[n].released {
		out.FirstAt = time.Time{}
	}
	return out
}

// drawHandles draws a few handles of the group, of which some are no good any more, or are another's.
func (m *model) drawHandles(t *rapid.T, g *modelGroup) []*modelHandle {
	var hs []*modelHandle
	for range rapid.IntRange(1, 4).Draw(t, "handlers") {
		if len(g.handles) == 0 || one(t, 20, "nonsense") {
			hs = append(hs, &modelHandle{text: [2]string{"nonsense", "nonsense"}})
			continue
		}
		from := m.hopeful(g, hs)
		if len(from) == 0 || one(t, 8, "any") {
			from = g.handles
		}
		hs = append(hs, rapid.SampledFrom(from).Draw(t, "handler"))
	}
	return hs
}

// hopeful returns the handles that may be good, together with those drawn before.
func (m *model) hopeful(g *modelGroup, before []*modelHandle) []*modelHandle {
	var hopeful []*modelHandle
	for _, h := range g.handles {
		if h.until.After(m.clock.Now()) && !slices.Contains(before, h) && (len(before) == 0 || before[0].kind == h.kind) {
			hopeful = append(hopeful, h)
		}
	}
	return hopeful
}

// withHandles draws a group and handles of one kind, which some of them may not have.
func (m *model) withHandles(t *rapid.T) (*modelQueue, *modelGroup, engine.Kind, []*modelHandle) {
	q, g := m.queueAndGroup(t)
	hs := m.drawHandles(t, g)
	kind := hs[0].kind
	if one(t, 20, "the other kind") {
		kind = engine.Dead - kind
	}
	if one(t, 30, "another group") {
		g = rapid.SampledFrom(q.groups).Draw(t, "another")
	}
	return q, g, kind, hs
}

func (m *model) settle(t *rapid.T) {
	q, g, kind, hs := m.withHandles(t)
	var list [2][]engine.Settlement
	for _, h := range hs {
		s := engine.Settlement{Failed: rapid.Bool().Draw(t, "failed")}
		if s.Failed && one(t, 3, "delayed") {
			s.Delay = m.distinct(rapid.SampledFrom([]time.Duration{time.Second, 20 * time.Second, 80 * time.Hour}).Draw(t, "delay"))
		}
		for side := range list {
			s.Handler = h.text[side]
			list[side] = append(list[side], s)
		}
	}
	k := m.metered(t)
	type answer struct {
		Accepted int
		Err      string
	}
	a := same(t, "the answer to a settle", both(m, func(side int, e engine.Engine) answer {
		n, err := e.Settle(context.Background(), q.Queue, g.id, kind, list[side], k)
		return answer{n, refusalFrom(q, g, err)}
	}))
	for _, h := range hs[:a.Accepted] {
		h.until = time.Time{}
	}
}

func (m *model) extend(t *rapid.T) {
	q, g, kind, hs := m.withHandles(t)
	ackWait := rapid.SampledFrom([]time.Duration{time.Second, time.Minute}).Draw(t, "ack wait")
	waits := make([]time.Duration, len(hs)) // each its own: in which order leases end at one instant is open
	for i := range waits {
		waits[i] = m.distinct(ackWait)
	}
	if one(t, 20, "no ack wait") {
		waits[0] = 0
	}
	k := m.metered(t)
	type answer struct {
		Each []string
		Err  string
	}
	a := same(t, "the answer to an extend", both(m, func(side int, e engine.Engine) answer {
		var list []engine.Extension
		for i, h := range hs {
			list = append(list, engine.Extension{Handler: h.text[side], AckWait: waits[i]})
		}
		results, err := e.Extend(context.Background(), q.Queue, g.id, kind, list, k)
		a := answer{Err: refusalFrom(q, g, err)}
		for _, err := range results {
			a.Each = append(a.Each, refusal(err))
		}
		return a
	}))
	for i, why := range a.Each {
		if why == "" {
			hs[i].until = m.clock.Now().Add(waits[i])
		}
	}
}

func (m *model) release(t *rapid.T) {
	q, g, kind, hs := m.withHandles(t)
	same(t, "the answer to a release", both(m, func(side int, e engine.Engine) string {
		return refusalFrom(q, g, e.Release(context.Background(), q.Queue, g.id, kind, texts(side, hs)))
	}))
	for _, h := range hs {
		h.until = time.Time{}
		if known := m.messages[h.of]; known != nil {
			known.released = true
		}
	}
}

func texts(side int, hs []*modelHandle) []string {
	out := make([]string, len(hs))
	for i := range hs {
		out[i] = hs[i].text[side]
	}
	return out
}

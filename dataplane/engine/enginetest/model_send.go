package enginetest

import (
	"context"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/id"
)

// actions are what a sequence is made of, with how often each stands among them. rapid prefers what stands in front.
func (m *model) actions() map[string]func(*rapid.T) {
	list := []struct {
		name  string
		times int
		do    func(*rapid.T)
	}{
		{"receive", 8, m.receive}, {"send", 6, m.send}, {"settle", 6, m.settle}, {"wait", 5, m.wait}, {"extend", 2, m.extend},
		{"reopen", 2, m.reopen}, {"redrive", 2, m.redrive}, {"decide", 2, m.decide}, {"prepare", 2, m.prepare}, {"browse", 2, m.browse},
		{"release", 1, m.release}, {"crash", 1, m.crash}, {"seek", 1, m.seek}, {"redrive at a rate", 1, m.redriveAtARate},
		{"list prepared", 1, m.listPrepared}, {"add group", 1, m.addGroup}, {"purge", 1, m.purge}, {"drop", 1, m.drop},
	}
	actions := map[string]func(*rapid.T){"": m.check}
	for _, a := range list {
		for range a.times {
			actions[fmt.Sprintf("%02d %s", len(actions), a.name)] = a.do
		}
	}
	return actions
}

// queue draws a queue. Most of a sequence happens in one, so that operations meet.
func (m *model) queue(t *rapid.T) *modelQueue {
	if !one(t, 3, "elsewhere") {
		return m.queues[m.focus]
	}
	return rapid.SampledFrom(m.queues).Draw(t, "queue")
}

func (m *model) queueAndGroup(t *rapid.T) (*modelQueue, *modelGroup) {
	q := m.queue(t)
	return q, rapid.SampledFrom(q.groups).Draw(t, "group")
}

// one reports whether the case that comes once in n does.
func one(t *rapid.T, n int, what string) bool { return rapid.IntRange(1, n).Draw(t, what) == n }

func (m *model) metered(t *rapid.T) engine.Metered {
	return usageKey(rapid.SampledFrom([]string{"u", "v"}).Draw(t, "user"))
}

// batch returns new messages and their numbers.
func (m *model) batch(t *rapid.T, q *modelQueue) (msgs []engine.NewMessage, numbers []int) {
	later := m.distinct(rapid.SampledFrom([]time.Duration{time.Second, 40 * time.Second, 2 * time.Hour}).Draw(t, "delay"))
	for range rapid.IntRange(1, 4).Draw(t, "messages") {
		msg := engine.NewMessage{Body: m.body(t)}
		numbers = append(numbers, m.last)
		if one(t, 4, "attributes") {
			msg.Attributes = []byte(`{"a":1}`)
		}
		msg.Labels = rapid.SampledFrom([][]string{nil, {"x"}, {"y"}, {"y", "x"}}).Draw(t, "labels")
		if one(t, 4, "delayed") && !q.Mode.Kafka() {
			msg.Delay = later
		}
		if q.keyed {
			msg.OrderingKey = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "key")
		}
		msgs = append(msgs, msg)
	}
	if one(t, 20, "bad") { // whatever is wrong, nothing of the batch is stored
		bad := engine.NewMessage{Body: []byte("bad"), Delay: -1}
		if q.Mode != dataplane.ModeFIFO {
			bad = engine.NewMessage{Body: []byte("bad"), OrderingKey: "k"}
		}
		msgs = append(msgs, bad)
	}
	return msgs, numbers
}

type sentAnswer struct {
	Numbers    []int
	Duplicates []bool
	Err        string
}

// sentAs returns the answer to a send or a commit; numbers are those of the messages if they were stored.
func (m *model) sentAs(t *rapid.T, side int, q *modelQueue, sent []engine.Sent, err error, numbers []int) sentAnswer {
	a := sentAnswer{Err: refusalFrom(q, nil, err)}
	if len(sent) > len(numbers) {
		t.Fatalf("%d messages were sent and %d answered", len(numbers), len(sent))
	}
	for i, s := range sent {
		n := numbers[i]
		if s.Duplicate {
			n = m.sides[side].numbers[s.ID] // 0: an id that nobody knows
		} else {
			m.learn(t, side, n, s.ID)
		}
		a.Numbers, a.Duplicates = append(a.Numbers, n), append(a.Duplicates, s.Duplicate)
	}
	return a
}

func (m *model) send(t *rapid.T) {
	q := m.queue(t)
	msgs, numbers := m.batch(t, q)
	for i := range msgs {
		msgs[i].DedupID = rapid.SampledFrom([]string{"", "", "", "", "1", "2", "3"}).Draw(t, "deduplication id")
	}
	k := m.metered(t)
	same(t, "the answer to a send", both(m, func(side int, e engine.Engine) sentAnswer {
		sent, err := e.Send(context.Background(), q.Queue, msgs, k)
		return m.sentAs(t, side, q, sent, err, numbers)
	}))
}

func (m *model) prepare(t *rapid.T) {
	q := m.queue(t)
	msgs, numbers := m.batch(t, q)
	opt := engine.PrepareOptions{
		Timeout: m.distinct(rapid.SampledFrom([]time.Duration{10 * time.Second, 90 * time.Minute}).Draw(t, "timeout")),
		Default: engine.Outcome(rapid.IntRange(0, 1).Draw(t, "default")),
	}
	if one(t, 10, "bad timeout") {
		opt.Timeout = 0
	}
	k := m.metered(t)
	p := &modelPrepared{numbers: numbers, forgetAt: m.clock.Now().Add(opt.Timeout + 24*time.Hour)}
	type answer struct {
		Prepared engine.Prepared
		Err      string
	}
	a := same(t, "the answer to a prepare", both(m, func(side int, e engine.Engine) answer {
		got, err := e.Prepare(context.Background(), q.Queue, msgs, opt, k)
		p.ids[side], got.ID = got.ID, ""
		return answer{got, refusalFrom(q, nil, err)}
	}))
	if a.Err == "" {
		q.prepared = append(q.prepared, p)
		m.stop(opt.Timeout)
	}
}

func (m *model) decide(t *rapid.T) {
	q := m.queue(t)
	p := &modelPrepared{ids: [2]string{id.NewQueue(), id.NewQueue()}, forgetAt: m.clock.Now().Add(time.Hour)}
	if len(q.prepared) > 0 && !one(t, 10, "unknown") {
		p = rapid.SampledFrom(q.prepared).Draw(t, "prepared")
	}
	if !m.clock.Now().Before(p.forgetAt) {
		return // it may be forgotten
	}
	o := engine.Outcome(rapid.IntRange(0, 1).Draw(t, "outcome"))
	k := m.metered(t)
	a := same(t, "the answer to a decision", both(m, func(side int, e engine.Engine) sentAnswer {
		sent, err := e.Decide(context.Background(), q.Queue, p.ids[side], o, k)
		return m.sentAs(t, side, q, sent, err, p.numbers)
	}))
	if by := m.clock.Now().Add(24 * time.Hour); a.Err == "" && by.Before(p.forgetAt) {
		p.forgetAt = by
	}
}

func (m *model) listPrepared(t *rapid.T) {
	q := m.queue(t)
	limit := rapid.IntRange(1, 3).Draw(t, "limit")
	type answer struct {
		Prepared map[int]engine.Prepared
		Err      string
	}
	same(t, "the list of prepared messages", both(m, func(side int, e engine.Engine) answer {
		all := make(map[int]engine.Prepared)
		for after := ""; ; {
			page, err := e.ListPrepared(context.Background(), q.Queue, after, limit)
			if len(page) == 0 {
				return answer{all, refusalFrom(q, nil, err)}
			}
			for _, p := range page {
				if p.ID <= after {
					t.Fatalf("prepared messages are listed out of order")
				}
				after = p.ID
				p.ID = ""
				all[m.preparedNumber(t, q, side, after)] = p
			}
		}
	}))
}

// preparedNumber returns which of the queue's prepared ones has the id.
func (m *model) preparedNumber(t *rapid.T, q *modelQueue, side int, preparedID string) int {
	for i, p := range q.prepared {
		if p.ids[side] == preparedID {
			return i
		}
	}
	t.Fatalf("prepared messages that nobody prepared: %s", preparedID)
	return 0
}

func (m *model) addGroup(t *rapid.T) {
	q, g := m.queueAndGroup(t)
	if len(q.groups) < 4 && one(t, 2, "new") {
		g = &modelGroup{id: id.NewGroup()}
		q.groups = append(q.groups, g)
	}
	same(t, "the answer to an added group", both(m, func(_ int, e engine.Engine) string {
		return refusal(e.AddGroup(context.Background(), q.ID, g.id))
	}))
}

// drop drops a group, or a queue; then another queue takes its place, while the dropped one goes on to be asked now and then.
func (m *model) drop(t *rapid.T) {
	if !one(t, 4, "really") {
		return
	}
	ctx := context.Background()
	if one(t, 2, "a group") {
		q, g := m.queueAndGroup(t)
		if g.dropped.IsZero() {
			g.dropped = m.clock.Now()
		}
		same(t, "the answer to a dropped group", both(m, func(_ int, e engine.Engine) string {
			return refusal(e.DropGroup(ctx, q.ID, g.id))
		}))
		return
	}
	i := rapid.IntRange(0, 3).Draw(t, "queue")
	old := m.queues[i]
	same(t, "the answer to a dropped queue", both(m, func(_ int, e engine.Engine) string { return refusal(e.DropQueue(ctx, old.ID)) }))
	old.dropped = m.clock.Now()
	next := &modelQueue{Queue: old.Queue, keyed: old.keyed}
	next.ID = id.NewQueue()
	for _, g := range old.groups {
		next.groups = append(next.groups, &modelGroup{id: g.id, labels: g.labels})
	}
	m.queues[i] = next
	m.queues = append(m.queues[:4:4], old)
}

func (m *model) wait(t *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{
		time.Millisecond, time.Second, time.Second, 6 * time.Second, 10 * time.Second, 31 * time.Second, 31 * time.Second,
		6 * time.Minute, 30 * time.Minute, 3 * time.Hour, 25 * time.Hour, 71 * time.Hour, 75 * time.Hour,
	}).Draw(t, "time")
	m.advance(t, m.distinct(d))
}

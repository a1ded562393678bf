package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/clock/clocktest"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// Model runs random sequences of operations on the reference engine and on the engine under test, under one clock, and compares every
// answer that the contract determines. A failure prints the seed and the shortest sequence that was found; -rapid.checks sets how many
// sequences there are.
//
// Ids, handlers and positions are each engine's own. The model knows a message by its body, and keeps what belongs together in pairs.
//
// Where the contract leaves freedom the sequences keep out of it:
//
//   - Which of several ordering keys is served first is open, so such a queue is asked for everything that it can give, and compared
//     key by key. All other queues must answer in one order: redriven messages first, then the others, both by their place.
//   - A crash may end leases early, and may undo what was not synced: releases, and the notice that a lease has passed. So before a
//     crash everything that is under a lease is failed, and a message is sent elsewhere; its sync covers what came before it, in every
//     engine that has one log.
//   - Whether a handler that is no good any more counts as used or as unknown is compared by the suite's own cases alone.
//   - In which order leases end at one instant, and which of two dead letters of one message is given first once both are redriven, is
//     open: every deadline is another instant, and a seek that brings back what has died purges the dead letters.
//   - When a released message was first received is not compared, nor how a redrive with a rate spreads over its seconds.
func Model(t *testing.T, open Factory) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, open)
		defer m.close()
		actions := m.actions()
		for range 5 { // rapid's own number of steps is small
			t.Repeat(actions)
		}
		m.compareUsage(t)
	})
}

// The two engines: everything that comes in pairs is in this order.
const (
	reference = iota
	tested
)

// model is both engines, and what is known of them.
type model struct {
	clock    *clocktest.Manual
	sides    [2]*modelSide
	queues   []*modelQueue
	focus    int // the queue in which most happens
	scratch  engine.Queue
	messages map[int]*modelMessage
	last     int         // number of the latest message
	tick     int64       // makes every instant that is chosen a different one
	stops    []time.Time // when prepared messages are decided
	// redriving is the group with a running redrive, if any: what it has given back by now is open.
	redriving *modelGroup
}

// modelSide is one engine.
type modelSide struct {
	open    Factory
	setup   Setup
	disk    *vfs.MemFS
	e       engine.Engine
	numbers map[string]int // of messages, by id
}

type modelQueue struct {
	engine.Queue
	keyed    bool      // has ordering keys
	dropped  time.Time // zero: it was not
	groups   []*modelGroup
	prepared []*modelPrepared
	seen     []int // messages whose place is known
}

type modelGroup struct {
	id      string
	dropped time.Time // zero: it was not
	labels  []string
	handles []*modelHandle
	letters []int // dead letters that were seen
}

// modelMessage is what is known of a message.
type modelMessage struct {
	ids       [2]string
	positions [2]uint64
	released  bool
}

type modelHandle struct {
	kind engine.Kind
	text [2]string
	of   int
	// until is when it ends, unless a seek or a purge has ended it before; zero: it was used. A few handles that are over are drawn, too.
	until time.Time
}

type modelPrepared struct {
	ids      [2]string
	numbers  []int
	forgetAt time.Time
}

func newModel(t *rapid.T, open Factory) *model {
	m := &model{clock: clocktest.New(epoch), messages: make(map[int]*modelMessage), scratch: newQueue(dataplane.ModeNormal)}
	for i, f := range []Factory{InMemory(), open} {
		s := &modelSide{open: f, disk: vfs.NewCrashableMem(), numbers: make(map[string]int)}
		s.setup = Setup{FS: s.disk, Dir: "node/engine", Clock: m.clock, Parked: func() {}, StateChanged: func(error) {}}
		m.sides[i] = s
		s.start(t)
	}
	normal, fifo, keyed, kafka := newQueue(dataplane.ModeNormal), newQueue(dataplane.ModeFIFO), newQueue(dataplane.ModeFIFO), newQueue(dataplane.ModeKafkaHA)
	normal.MaxConsumeCount, fifo.MaxConsumeCount, keyed.MaxConsumeCount, kafka.Retention = 2, 1, 1, time.Hour
	for _, q := range []engine.Queue{normal, fifo, keyed, kafka} {
		mq := &modelQueue{Queue: q, keyed: q.ID == keyed.ID}
		mq.groups = []*modelGroup{{id: id.NewGroup()}, {id: id.NewGroup()}}
		m.queues = append(m.queues, mq)
	}
	m.queues[0].groups[1].labels = []string{"x"}
	m.focus = rapid.IntRange(0, len(m.queues)-1).Draw(t, "focus")
	return m
}

func (s *modelSide) start(t *rapid.T) {
	e, err := s.open(s.setup)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	s.e = e
}

func (m *model) close() {
	for _, s := range m.sides {
		if s.e != nil {
			_ = s.e.Close()
		}
	}
}

// both asks both engines.
func both[T any](m *model, ask func(side int, e engine.Engine) T) [2]T {
	return [2]T{ask(reference, m.sides[reference].e), ask(tested, m.sides[tested].e)}
}

// same fails the test unless both answers are equal, and returns the answer.
func same[T any](t *rapid.T, what string, answers [2]T) T {
	if d := cmp.Diff(answers[reference], answers[tested]); d != "" {
		t.Fatalf("%s differs (-reference +tested):\n%s", what, d)
	}
	return answers[reference]
}

// refusal is an error as far as the contract determines it.
func refusal(err error) string {
	if err == nil {
		return ""
	}
	why := errs.ReasonOf(err)
	if why == reason.HandlerInstance {
		why = reason.HandlerUnknown
	}
	return fmt.Sprint(errs.CodeOf(err), " ", why)
}

// refusalFrom is the error of a call to a queue, or to a group of it unless g is nil. Of a bad request to what was dropped it is open which
// of the two is said.
func refusalFrom(q *modelQueue, g *modelGroup, err error) string {
	gone := !q.dropped.IsZero() || g != nil && !g.dropped.IsZero()
	if gone && (errs.CodeOf(err) == errs.Invalid || errs.CodeOf(err) == errs.NotFound) {
		return "refused"
	}
	return refusal(err)
}

// body returns the body of a new message, which begins with its number.
func (m *model) body(t *rapid.T) []byte {
	m.last++
	m.messages[m.last] = &modelMessage{}
	return []byte(fmt.Sprint(m.last, "|", strings.Repeat("x", rapid.IntRange(0, 20).Draw(t, "padding"))))
}

// number returns the number of the message and learns its id.
func (m *model) number(t *rapid.T, side int, body []byte, messageID string) int {
	head, _, _ := strings.Cut(string(body), "|")
	n, err := strconv.Atoi(head)
	if err != nil || m.messages[n] == nil {
		t.Fatalf("a message that nobody sent: %q", body)
	}
	m.learn(t, side, n, messageID)
	return n
}

// learn notes the id of a message, which must never change.
func (m *model) learn(t *rapid.T, side, n int, messageID string) {
	if known := m.messages[n].ids[side]; known != "" && known != messageID {
		t.Fatalf("message %d had the id %s and has now %s", n, known, messageID)
	}
	m.messages[n].ids[side] = messageID
	m.sides[side].numbers[messageID] = n
}

// distinct returns d and a little more, so that no two instants are the same: what happens first at one instant is open.
func (m *model) distinct(d time.Duration) time.Duration {
	m.tick++
	return d + time.Duration(m.tick)
}

// stop remembers an instant at which the clock must be held, since a lazy engine would notice later what happened then.
func (m *model) stop(after time.Duration) { m.stops = append(m.stops, m.clock.Now().Add(after)) }

// advance moves the clock.
func (m *model) advance(t *rapid.T, d time.Duration) {
	end := m.clock.Now().Add(d)
	m.forgetDropped(end)
	slices.SortFunc(m.stops, time.Time.Compare)
	for len(m.stops) > 0 && !m.stops[0].After(end) {
		if m.stops[0].After(m.clock.Now()) {
			m.clock.Set(m.stops[0])
			m.check(t)
		}
		m.stops = m.stops[1:]
	}
	m.clock.Set(end)
	m.check(t)
}

// forgetDropped takes out what was dropped so long before that an engine may have forgotten it: nobody uses an id again.
func (m *model) forgetDropped(now time.Time) {
	old := func(dropped time.Time) bool { return !dropped.IsZero() && now.Sub(dropped) >= 24*time.Hour }
	m.queues = slices.DeleteFunc(m.queues, func(q *modelQueue) bool { return old(q.dropped) })
	for _, q := range m.queues {
		q.groups = slices.DeleteFunc(q.groups, func(g *modelGroup) bool { return old(g.dropped) })
		if len(q.groups) == 0 {
			q.groups = []*modelGroup{{id: id.NewGroup()}}
		}
	}
}

// check compares the statistics of everything.
func (m *model) check(t *rapid.T) {
	ctx := context.Background()
	type queueStats struct {
		Stats engine.QueueStats
		Err   string
	}
	type groupStats struct {
		Stats engine.GroupStats
		Err   string
	}
	for _, q := range m.queues {
		same(t, fmt.Sprint("statistics of the ", q.Mode, " queue"), both(m, func(_ int, e engine.Engine) queueStats {
			st, err := e.QueueStats(ctx, q.Queue)
			return queueStats{st, refusal(err)}
		}))
		for i, g := range q.groups {
			st := both(m, func(_ int, e engine.Engine) groupStats {
				st, err := e.GroupStats(ctx, q.Queue, g.id)
				return groupStats{st, refusal(err)}
			})
			if g != m.redriving {
				same(t, fmt.Sprint("statistics of group ", i, " of the ", q.Mode, " queue"), st)
			}
		}
	}
}

// sync makes everything durable that waits for another's sync.
func (m *model) sync(t *rapid.T) {
	for _, s := range m.sides {
		if _, err := s.e.Send(context.Background(), m.scratch, []engine.NewMessage{message("sync")}, nil); err != nil {
			t.Fatalf("send: %v", err)
		}
	}
}

// compareUsage compares what was counted.
func (m *model) compareUsage(t *rapid.T) {
	m.sync(t) // the call of an extension is durable with the next commit that syncs
	same(t, "usage", both(m, func(_ int, e engine.Engine) map[string]int64 {
		b, _, err := e.Usage(context.Background(), 0, 1<<20)
		if err != nil {
			t.Fatalf("usage: %v", err)
		}
		total := make(map[string]int64)
		for _, c := range b.Counts {
			total[c.UserID] += c.Calls
		}
		return total
	}))
}

// reopen restarts both engines.
func (m *model) reopen(t *rapid.T) {
	for _, s := range m.sides {
		if err := s.e.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
		s.start(t)
	}
}

// crash goes on with what a power failure leaves, once nothing is open that a crash may forget.
func (m *model) crash(t *rapid.T) {
	ctx := context.Background()
	for _, q := range m.queues {
		for _, g := range q.groups {
			for _, h := range g.handles {
				same(t, "settling before a crash", both(m, func(side int, e engine.Engine) string {
					_, err := e.Settle(ctx, q.Queue, g.id, h.kind, []engine.Settlement{{Handler: h.text[side], Failed: true}}, nil)
					return refusal(err)
				}))
			}
		}
	}
	m.sync(t)
	for _, s := range m.sides {
		old := s.e
		s.disk = s.disk.CrashClone(vfs.CrashCloneCfg{})
		s.setup.FS = s.disk
		s.start(t)
		_ = old.Close()
	}
}

// What is drawn is printed when a sequence fails.

func (q *modelQueue) GoString() string {
	if !q.dropped.IsZero() {
		return "dropped " + string(q.Mode)
	}
	if q.keyed {
		return "keyed " + string(q.Mode)
	}
	return string(q.Mode)
}

func (g *modelGroup) GoString() string { return g.id[:6] }

func (h *modelHandle) GoString() string { return fmt.Sprint("a delivery of ", h.of) }

func (p *modelPrepared) GoString() string { return fmt.Sprint("prepared ", p.numbers) }

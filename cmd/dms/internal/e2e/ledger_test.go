package e2e

import (
	"fmt"
	"slices"
	"sync"
)

// stream is what has an order: what one producer sent to one queue with one ordering key.
type stream struct {
	queue    string
	producer int
	key      string
}

// sent is one message of the log of sends.
type sent struct {
	stream
	name     string // unique
	seq      int    // place in the stream
	batch    int    // messages of one send
	answered bool
}

// given is what a group was given of one message.
type given struct {
	times     int
	first     int64 // when it was first received; ticks of the ledger
	lastAsked int64 // when the latest receive that gave it began
	acked     int64 // when an acknowledgement was accepted, 0: none was
	maybe     bool  // an acknowledgement got no answer: it may have counted
}

// done reports whether the message need not come any more.
func (g *given) done() bool { return g != nil && (g.acked > 0 || g.maybe) }

type groupName struct{ queue, group string }

// ledger is the log of what a service was asked and what it answered, from which a checker tells what it broke. Ticks order everything: each
// is taken before a request is sent or after its answer has come.
type ledger struct {
	mu       sync.Mutex // guards everything
	tick     int64
	batches  int
	messages map[string]*sent
	streams  map[stream][]*sent
	groups   map[groupName]map[string]*given
	open     map[groupName]map[stream]map[int]bool // received, and no acknowledgement was sent
	ordered  map[string]bool                       // queues with an order
	broken   []string
	answers  int64 // calls that were answered
	reached  chan struct{}
	goal     int64
}

func newLedger(ordered ...string) *ledger {
	l := &ledger{
		messages: map[string]*sent{}, streams: map[stream][]*sent{}, groups: map[groupName]map[string]*given{},
		open: map[groupName]map[stream]map[int]bool{}, ordered: map[string]bool{},
	}
	for _, q := range ordered {
		l.ordered[q] = true
	}
	return l
}

// after returns a channel that is closed after so many more answered calls.
func (l *ledger) after(calls int64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reached, l.goal = make(chan struct{}), l.answers+calls
	return l.reached
}

// answer counts a call. Requires: l.mu held.
func (l *ledger) answer() {
	if l.answers++; l.reached != nil && l.answers >= l.goal {
		close(l.reached)
		l.reached = nil
	}
}

// sending adds a batch before it is sent; keys holds the ordering key of each message.
func (l *ledger) sending(queue string, producer int, keys []string) []*sent {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches++
	var batch []*sent
	for _, key := range keys {
		s := stream{queue, producer, key}
		m := &sent{stream: s, seq: len(l.streams[s]), batch: l.batches}
		m.name = fmt.Sprintf("%s/%d/%s/%d", queue, producer, key, m.seq)
		l.messages[m.name] = m
		l.streams[s] = append(l.streams[s], m)
		batch = append(batch, m)
	}
	return batch
}

// stored notes that a send was answered.
func (l *ledger) stored(batch []*sent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer()
	for _, m := range batch {
		m.answered = true
	}
}

// asking returns the tick before a receive.
func (l *ledger) asking() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tick++
	return l.tick
}

// received notes the answer of a receive.
func (l *ledger) received(at groupName, asked int64, names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer()
	together := map[string]bool{}
	for _, name := range names {
		together[name] = true
	}
	for _, name := range names {
		m := l.messages[name]
		if m == nil || m.queue != at.queue {
			l.breaks("%v was given %q, which was never sent to it", at, name)
			continue
		}
		g := l.given(at, name)
		l.tick++
		if g.times++; g.times == 1 {
			g.first = l.tick
		}
		g.lastAsked = max(g.lastAsked, asked)
		if g.acked > 0 && asked > g.acked {
			l.breaks("%v was given %s again, whose acknowledgement was answered", at, name)
		}
		if !l.ordered[at.queue] {
			continue
		}
		open := l.openOf(at, m.stream)
		for seq := range open {
			if earlier := l.streams[m.stream][seq]; seq < m.seq && !together[earlier.name] {
				l.breaks("%v was given %s while the earlier %s is unsettled", at, name, earlier.name)
			}
		}
		open[m.seq] = true
	}
}

// acking notes that an acknowledgement will be sent.
func (l *ledger) acking(at groupName, names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		if m := l.messages[name]; m != nil {
			delete(l.openOf(at, m.stream), m.seq)
		}
	}
}

// unanswered notes that an acknowledgement got no answer.
func (l *ledger) unanswered(at groupName, names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.given(at, name).maybe = true
	}
}

// acked notes that an acknowledgement was accepted.
func (l *ledger) acked(at groupName, names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer()
	l.tick++
	for _, name := range names {
		if g := l.given(at, name); g.acked == 0 {
			g.acked = l.tick
		}
	}
}

// given returns what the group was given of the message. Requires: l.mu held.
func (l *ledger) given(at groupName, name string) *given {
	if l.groups[at] == nil {
		l.groups[at] = map[string]*given{}
	}
	g := l.groups[at][name]
	if g == nil {
		g = new(given)
		l.groups[at][name] = g
	}
	return g
}

// openOf returns the open messages of a stream. Requires: l.mu held.
func (l *ledger) openOf(at groupName, s stream) map[int]bool {
	if l.open[at] == nil {
		l.open[at] = map[stream]map[int]bool{}
	}
	if l.open[at][s] == nil {
		l.open[at][s] = map[int]bool{}
	}
	return l.open[at][s]
}

// breaks notes a broken promise. Requires: l.mu held.
func (l *ledger) breaks(format string, args ...any) {
	l.broken = append(l.broken, fmt.Sprintf(format, args...))
}

// unsettled returns how many answered messages some group has not acknowledged, for all we know.
func (l *ledger) unsettled(groups []groupName) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range groups {
		for name, m := range l.messages {
			if g := l.groups[at][name]; m.queue == at.queue && m.answered && !g.done() {
				n++
			}
		}
	}
	return n
}

// verdict is what the checker found.
type verdict struct {
	Sent, Answered, Given                   int
	Lost, Reordered, Torn, Broken, Repeated int
	Examples                                []string
}

func (v *verdict) example(format string, args ...any) {
	if len(v.Examples) < 20 {
		v.Examples = append(v.Examples, fmt.Sprintf(format, args...))
	}
}

// check compares the log of sends with what the groups were given, after everything was received that could be.
func (l *ledger) check(groups []groupName) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := verdict{Sent: len(l.messages), Broken: len(l.broken)}
	for _, b := range l.broken {
		v.example("%s", b)
	}
	for _, m := range l.messages {
		if m.answered {
			v.Answered++
		}
	}
	for _, at := range groups {
		present := map[int][2]int{} // of a batch: messages, and those that were given
		for name, m := range l.messages {
			if m.queue != at.queue {
				continue
			}
			g := l.groups[at][name]
			p := present[m.batch]
			p[0]++
			if g != nil && g.times > 0 {
				p[1]++
				v.Given++
				v.Repeated += g.times - 1
			}
			present[m.batch] = p
			if m.answered && !g.done() {
				v.Lost++
				times := 0
				if g != nil {
					times = g.times
				}
				v.example("%v has lost %s of batch %d, which it was given %d times", at, name, m.batch, times)
			}
		}
		for batch, p := range present {
			if p[1] != 0 && p[1] != p[0] {
				v.Torn++
				v.example("%v was given %d of the %d messages of batch %d", at, p[1], p[0], batch)
			}
		}
		for s, messages := range l.streams {
			if s.queue != at.queue || !l.ordered[s.queue] {
				continue
			}
			var last *sent
			var lastFirst int64
			for _, m := range messages {
				g := l.groups[at][m.name]
				if g == nil || g.times == 0 {
					continue
				}
				if g.first < lastFirst {
					v.Reordered++
					v.example("%v was first given %s after the later %s", at, last.name, m.name)
				} else {
					last, lastFirst = m, g.first
				}
			}
		}
	}
	slices.Sort(v.Examples)
	return v
}

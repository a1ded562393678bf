package pebbleengine

import "sync"

// waiter is a poll that waits for messages of a stream.
type waiter struct {
	stream *stream
	ch     chan struct{} // one signal: look again
	end    *alarm        // when the poll's wait is over
}

func (w *waiter) signal() {
	select {
	case w.ch <- struct{}{}:
	default:
	}
}

// waitingList holds the polls of a queue that wait, per stream in the order of their coming. Ringing takes a poll off the list and wakes
// it. A woken poll that finds more than it takes, or gives up, rings for the next: so a message never lies while a poll sleeps, and
// a message does not wake a thousand.
type waitingList struct {
	mu      sync.Mutex // guards: streams
	streams map[*stream][]*waiter
}

func (l *waitingList) init() { l.streams = make(map[*stream][]*waiter) }

func (l *waitingList) add(st *stream) *waiter {
	w := &waiter{stream: st, ch: make(chan struct{}, 1)}
	w.end = newAlarm(w.signal)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.streams[st] = append(l.streams[st], w)
	return w
}

// remove takes w off the list and reports whether it was still there; false means that it was rung for.
func (l *waitingList) remove(w *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	ws := l.streams[w.stream]
	for i := range ws {
		if ws[i] == w {
			l.keep(w.stream, append(ws[:i], ws[i+1:]...))
			return true
		}
	}
	return false
}

// keep stores what is left. Requires: l.mu held.
func (l *waitingList) keep(st *stream, ws []*waiter) {
	if len(ws) == 0 {
		delete(l.streams, st)
		return
	}
	l.streams[st] = ws
}

// ring wakes the first n polls of the stream.
func (l *waitingList) ring(st *stream, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ringLocked(st, n)
}

func (l *waitingList) ringLocked(st *stream, n int) {
	ws := l.streams[st]
	n = min(n, len(ws))
	for _, w := range ws[:n] {
		w.signal()
	}
	if n > 0 {
		l.keep(st, append([]*waiter(nil), ws[n:]...))
	}
}

// ringLive wakes n polls of each group: n messages were added to the queue.
func (l *waitingList) ringLive(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for st := range l.streams {
		if st.which == liveStream {
			l.ringLocked(st, n)
		}
	}
}

// ringAll wakes everybody: the queue is gone.
func (l *waitingList) ringAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for st, ws := range l.streams {
		l.ringLocked(st, len(ws))
	}
}

// waiting reports whether polls of the stream wait.
func (l *waitingList) waiting(st *stream) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.streams[st]) > 0
}

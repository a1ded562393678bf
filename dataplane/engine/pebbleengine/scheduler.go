package pebbleengine

import (
	"container/heap"
	"sync"
	"time"

	"dms/internal/clock"
)

// alarm is something to be done at an instant; fn runs outside the scheduler's lock and must not block.
type alarm struct {
	fn    func()
	at    int64 // nanoseconds since 1970
	index int   // in the heap, -1 when not set
}

func newAlarm(fn func()) *alarm { return &alarm{fn: fn, index: -1} }

// scheduler holds every instant at which a poll must wake, on one timer of the clock.
type scheduler struct {
	clk clock.Clock

	mu     sync.Mutex // guards: alarms and their fields, timer, due, closed
	alarms alarmHeap
	timer  clock.Timer
	due    int64 // what timer is set to
	closed bool
}

func newScheduler(clk clock.Clock) *scheduler { return &scheduler{clk: clk} }

// set puts a at the instant at, wherever it was before; at zero it is taken off.
func (s *scheduler) set(a *alarm, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case at == 0 && a.index >= 0:
		heap.Remove(&s.alarms, a.index)
	case at == 0 || at == a.at && a.index >= 0:
		return
	case a.index >= 0:
		a.at = at
		heap.Fix(&s.alarms, a.index)
	default:
		a.at = at
		heap.Push(&s.alarms, a)
	}
	s.arm()
}

// arm sets the timer to the earliest alarm. A timer that is too early is left: it finds nothing to do and arms itself again.
// Requires: s.mu held.
func (s *scheduler) arm() {
	if s.closed || len(s.alarms) == 0 {
		return
	}
	at := s.alarms[0].at
	if s.timer != nil {
		if s.due <= at {
			return
		}
		s.timer.Stop()
	}
	s.due = at
	s.timer = s.clk.AfterFunc(time.Duration(at-s.clk.Now().UnixNano()), s.fire)
}

func (s *scheduler) fire() {
	s.mu.Lock()
	s.timer = nil
	now := s.clk.Now().UnixNano()
	var due []*alarm
	for len(s.alarms) > 0 && s.alarms[0].at <= now && !s.closed {
		due = append(due, heap.Pop(&s.alarms).(*alarm))
	}
	s.arm()
	s.mu.Unlock()
	for _, a := range due {
		a.fn()
	}
}

func (s *scheduler) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
}

type alarmHeap []*alarm

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *alarmHeap) Push(x any) {
	a := x.(*alarm)
	a.index = len(*h)
	*h = append(*h, a)
}
func (h *alarmHeap) Pop() any {
	old := *h
	a := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	a.index = -1
	return a
}

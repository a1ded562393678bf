package pebbleengine

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"dms/internal/clock"
)

// task is what an entry of the agenda asks for.
type task byte

const (
	taskPromote  task = 1 // delayed messages of the queue are due
	taskTrim     task = 2 // expired messages of the queue can be erased
	taskTrimDead task = 3 // expired dead letters of the group can be erased
	taskForget   task = 4 // the grave of the queue or group can be erased

	taskPrepared       task = 5 // prepared messages are decided by their default; the entry's group is their id
	taskForgetPrepared task = 6 // the decision can be forgotten
	taskForgetDedup    task = 7 // deduplication ids of the queue can be forgotten
	taskRedrive        task = 8 // the redrive of the group takes its next step
)

// graveTime is how long a dropped id is refused: far longer than any request that could still carry it.
const graveTime = 24 * time.Hour

func agendaKey(at int64, queue uid, t task, group *uid) []byte {
	k := append(appendUint64([]byte{tableAgenda}, uint64(at)), queue[:]...)
	k = append(k, byte(t))
	if group != nil {
		k = append(k, group[:]...)
	}
	return k
}

// agenda does the work of queues that nobody asks about: it wakes at the earliest entry, on one timer of the clock, and works in that timer's
// callback. Entries may be early or stale; whoever works them off looks at the queue and finds out.
type agenda struct {
	s *store

	mu     sync.Mutex // guards: timer, at, closed, again
	timer  clock.Timer
	at     int64 // what the timer is set to; 0: none
	closed bool
	again  bool // an entry was noted while running
	busy   bool // run is at work
	idle   sync.WaitGroup

	// later says when entries that could not be worked off are tried again. It belongs to run.
	later map[string]int64
}

func newAgenda(s *store) *agenda { return &agenda{s: s, later: make(map[string]int64)} }

// begin sets the timer to the first entry on the disk.
func (a *agenda) begin() {
	entries, next, err := a.due()
	switch {
	case err != nil:
		a.s.log.Error("the agenda could not be read", "error", err)
	case len(entries) > 0:
		a.note(entries[0].at)
	default:
		a.note(next)
	}
}

// note makes sure that the agenda is looked at at the given instant; 0 is none.
func (a *agenda) note(at int64) {
	if at == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.at != 0 && a.at <= at {
		return
	}
	if a.timer != nil {
		a.timer.Stop()
	}
	a.at = at
	a.timer = a.s.clk.AfterFunc(time.Duration(at-a.s.now()), a.run)
}

func (a *agenda) close() {
	a.mu.Lock()
	a.closed = true
	if a.timer != nil {
		a.timer.Stop()
	}
	a.mu.Unlock()
	a.idle.Wait()
}

// run is the timer's callback.
func (a *agenda) run() {
	a.mu.Lock()
	a.timer, a.at = nil, 0
	if a.closed || a.busy {
		a.again = true
		a.mu.Unlock()
		return
	}
	a.busy, a.again = true, false
	a.idle.Add(1)
	a.mu.Unlock()
	defer a.idle.Done()

	for more := true; more; {
		next := a.step()
		a.mu.Lock()
		more, a.again = a.again && !a.closed, false
		a.busy = more
		a.mu.Unlock()
		if !more {
			a.note(next)
		}
	}
}

// step works off everything that is due and returns when the next entry is due, 0 when there is none.
func (a *agenda) step() int64 {
	for {
		entries, next, err := a.due()
		if err != nil {
			a.s.log.Error("the agenda could not be read", "error", err)
			return 0
		}
		if len(entries) == 0 {
			return next
		}
		for _, e := range entries {
			if err := a.s.work(e); err != nil {
				if a.s.hasFailed() {
					return 0
				}
				// The entry stays, to be tried again in a while; the others must not wait for it.
				a.s.log.Error("an entry of the agenda could not be worked off", "queue", e.queue.String(), "task", int(e.task), "error", err)
				a.later[string(e.key)] = a.s.now() + int64(a.s.opt.TrimInterval)
			}
		}
	}
}

type agendaEntry struct {
	key   []byte
	at    int64
	queue uid
	task  task
	group *uid
}

// maxDue bounds how many entries are read at a time.
const maxDue = 1024

// due returns the first entries that are due, and when the first that is not, or is to be tried again, will be.
func (a *agenda) due() (entries []agendaEntry, next int64, err error) {
	if err := a.s.enter(); err != nil {
		return nil, 0, nil
	}
	defer a.s.exit()
	now := a.s.now()
	it, err := a.s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{tableAgenda}, UpperBound: []byte{tableAgenda + 1}})
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = it.Close() }()
	for ok := it.First(); ok && len(entries) < maxDue; ok = it.Next() {
		e := decodeAgenda(it.Key())
		if e.at > now {
			return entries, earlier(next, e.at), it.Error()
		}
		if again := a.later[string(e.key)]; again > now {
			next = earlier(next, again)
			continue
		}
		delete(a.later, string(e.key))
		entries = append(entries, e)
	}
	return entries, next, it.Error()
}

func decodeAgenda(k []byte) agendaEntry {
	e := agendaEntry{key: append([]byte(nil), k...), at: int64(binary.BigEndian.Uint64(k[1:]))}
	copy(e.queue[:], k[9:])
	e.task = task(k[25])
	if len(k) == 42 {
		e.group = (*uid)(append([]byte(nil), k[26:]...))
	}
	return e
}

// work does what an entry asks for and takes it off the agenda; it returns when that is committed.
func (s *store) work(e agendaEntry) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.exit()
	switch e.task {
	case taskPromote:
		return s.workPromote(e)
	case taskTrim:
		return s.workTrim(e)
	case taskTrimDead:
		return s.workTrimDead(e)
	case taskForget:
		b := s.newBatch()
		b.delete(e.key)
		b.delete(graveKey(e.queue, e.group))
		return s.commitAndWait(&change{batch: b})
	case taskPrepared:
		return s.workPrepared(e)
	case taskForgetPrepared:
		return s.workForgetPrepared(e)
	case taskForgetDedup:
		return s.workForgetDedup(e)
	case taskRedrive:
		return s.workRedrive(e)
	}
	return s.strike(e)
}

// strike takes a stale entry off the agenda.
func (s *store) strike(e agendaEntry) error {
	b := s.newBatch()
	b.delete(e.key)
	return s.commitAndWait(&change{batch: b})
}

func (s *store) workPromote(e agendaEntry) error {
	q, err := s.openQueue(e.queue)
	if isDropped(err) {
		return s.strike(e)
	}
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	if err := s.lockPromoted(q, true); err != nil {
		if isDropped(err) {
			return s.strike(e)
		}
		return err
	}
	stale := q.promoteAt != e.at
	q.mu.Unlock()
	if stale {
		return s.strike(e)
	}
	return nil // the clock went back: the entry is right and not due yet
}

func (s *store) workTrim(e agendaEntry) error {
	q, err := s.openQueue(e.queue)
	if isDropped(err) {
		return s.strike(e)
	}
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	seen, err := s.settleExpired(q)
	if err != nil {
		return err
	}
	q.mu.Lock()
	if q.dropped.Load() {
		q.mu.Unlock()
		return s.strike(e)
	}
	b := s.newBatch()
	b.delete(e.key)
	var notice int64
	if q.trimAt == e.at {
		q.trimAt = 0
		if q.log.trimTo(b, seen) {
			q.trimAt = s.now()
			b.set(agendaKey(q.trimAt, q.id, taskTrim, nil), nil)
		}
		notice = q.record(s, b)
	}
	c := &change{batch: b, applied: func() { s.agenda.note(notice) }, done: make(chan error, 1)}
	s.submit(q, c)
	q.mu.Unlock()
	return s.answerOf(c)
}

package pebbleengine

import (
	"fmt"
	"slices"
	"time"

	"dms/dataplane/engine"
	"dms/internal/errs"
	"dms/internal/reason"
	"dms/internal/usage"
)

// redriveState is the latest redrive of a group that has a rate, stored as
//
//	format(1)=1 running(1) per second(8) moved(8) max(8) started at(8) next step at(8) retention(8) from(8) until(8)
//
// It takes a step each second, by the agenda.
type redriveState struct {
	running   bool
	perSecond int64
	moved     int64
	max       int64 // 0: no bound
	startedAt int64 // 0: there was none
	next      int64
	retention int64
	from      uint64 // the dead letters before were moved or passed over
	until     uint64 // the first one that was not there when it began
}

const redriveFormat = 1

func (r *redriveState) encode() []byte {
	running := byte(0)
	if r.running {
		running = 1
	}
	b := append(make([]byte, 0, 80), redriveFormat, running)
	for _, v := range []int64{r.perSecond, r.moved, r.max, r.startedAt, r.next, r.retention, int64(r.from), int64(r.until)} {
		b = appendUint64(b, uint64(v))
	}
	return b
}

func (r *redriveState) decode(v []byte) error {
	d := decoder{b: v}
	d.version(redriveFormat)
	r.running = d.byte() == 1
	r.perSecond, r.moved, r.max, r.startedAt, r.next, r.retention = d.int64(), d.int64(), d.int64(), d.int64(), d.int64(), d.int64()
	r.from, r.until = d.uint64(), d.uint64()
	if d.err != nil {
		return fmt.Errorf("redrive record: %w", d.err)
	}
	return nil
}

// One change of a redrive moves at most this many messages, of about this many bytes.
const (
	maxRedriven      = 256
	maxRedrivenBytes = 1 << 20
)

// redrive gives dead letters back to their group.
func (s *store) redrive(eq engine.Queue, groupID string, opt engine.RedriveOptions, k *usage.Key) (int64, error) {
	if len(opt.IDs) > 0 && (opt.Max != 0 || opt.PerSecond != 0) || opt.Max < 0 || opt.PerSecond < 0 {
		return 0, errs.New(errs.Invalid, reason.ParameterInvalid, "a redrive is of chosen messages, or has a number and a rate, which are not negative")
	}
	r := receiver{s: s, eq: eq, kind: engine.Dead}
	var err error
	if r.q, r.g, err = s.openForSettling(eq.ID, groupID); err != nil {
		return 0, err
	}
	defer s.exit()
	defer s.registry.release(r.q)
	if err := r.bury(); err != nil {
		return 0, err
	}
	run := redriveRun{redriveState: redriveState{max: opt.Max, retention: int64(retentionOf(eq))}}
	if len(opt.IDs) > 0 {
		if run.only, err = r.lettersWith(opt.IDs); err != nil {
			return 0, err
		}
	}
	if opt.PerSecond > 0 {
		return r.redriveAtRate(opt, k)
	}
	for first := true; ; first = false {
		gc, err := r.begin()
		if err != nil {
			return run.moved, err
		}
		if first {
			run.until = r.g.letters.visible.Load()
		}
		more := gc.redrive(&run)
		c := gc.submit(true, k)
		k = nil // counted once
		r.g.mu.Unlock()
		if err := s.answerOf(c); err != nil {
			return 0, err
		}
		if !more {
			return run.moved, nil
		}
	}
}

// begin begins a change of a group that may be redriven; g.mu is held after it.
func (r *receiver) begin() (*groupChange, error) {
	if err := r.s.lockGroup(r.q, r.g); err != nil {
		return nil, err
	}
	gc, _, err := r.s.beginGroup(r.q, r.g, &r.eq)
	if err == nil && r.g.redrive.running {
		err = errs.New(errs.Conflict, reason.RedriveRunning, "a redrive of the group is running")
		gc.exist()
		gc.submit(false, nil)
	}
	if err != nil {
		r.g.mu.Unlock()
		return nil, err
	}
	gc.exist()
	gc.touch()
	return gc, nil
}

// redriveRun is a redrive at work.
type redriveRun struct {
	redriveState
	only  []uint64 // nil: all; else these places, ascending
	limit int64    // messages in this step; 0: no bound
}

// redrive moves the next dead letters of a run, as many as fit into one change, and reports whether to go on. Those under a lease are passed
// over. Requires: g.mu held.
func (gc *groupChange) redrive(run *redriveRun) (more bool) {
	st := &gc.g.dead
	size, moved := uint64(0), int64(0)
	for seq := max(run.from, st.floor); seq < run.until; seq++ {
		if run.only != nil {
			i, _ := slices.BinarySearch(run.only, seq)
			if i == len(run.only) {
				return false
			}
			seq = run.only[i]
		}
		if i, gone := st.spans.find(seq); gone {
			seq = st.spans[i].end - 1
			continue
		}
		if run.max > 0 && run.moved == run.max || run.limit > 0 && moved == run.limit {
			return false
		}
		if moved == maxRedriven || size > maxRedrivenBytes {
			return true
		}
		run.from = seq + 1
		if e := st.pending[seq]; e != nil && e.lease != nil {
			continue
		}
		n, err := gc.giveBack(seq, run.retention)
		if err != nil {
			gc.s.log.Error("a dead letter could not be given back", "queue", gc.q.id.String(), "error", err)
			continue
		}
		size += n
		moved++
		run.moved++
	}
	return false
}

// giveBack moves a dead letter to the redriven messages, and returns its size.
func (gc *groupChange) giveBack(seq uint64, retention int64) (uint64, error) {
	g, st := gc.g, &gc.g.dead
	m, err := gc.s.read(st.log, seq)
	if err != nil {
		return 0, err
	}
	m.expiry = gc.now + retention
	g.returned.append(gc.batch(), &m)
	gc.returned++
	g.redrives++
	if e := st.pending[seq]; e != nil {
		st.forget(gc, e)
	}
	st.markSettled(gc, seq, seq+1)
	gc.batch().freeKey(st.log.key(seq))
	return m.size(), nil
}

// redriveAtRate begins a redrive that goes on by itself, and takes its first step.
func (r *receiver) redriveAtRate(opt engine.RedriveOptions, k *usage.Key) (int64, error) {
	g := r.g
	gc, err := r.begin()
	if err != nil {
		return 0, err
	}
	g.redrive = redriveState{
		running: true, perSecond: int64(opt.PerSecond), max: opt.Max, startedAt: gc.now, next: gc.now, retention: int64(retentionOf(r.eq)),
		until: g.letters.visible.Load(),
	}
	return r.step(gc, k)
}

// step takes the step of the running redrive that is due, in as many changes as it needs, and returns how many messages it moved.
// Requires: g.mu held, which it releases.
func (r *receiver) step(gc *groupChange, k *usage.Key) (int64, error) {
	s, g := r.s, r.g
	before := g.redrive.moved
	for {
		run := redriveRun{redriveState: g.redrive, limit: g.redrive.perSecond - (g.redrive.moved - before)}
		more := gc.redrive(&run)
		g.redrive = run.redriveState
		moved := g.redrive.moved - before
		if !more {
			g.redrive.next += int64(time.Second)
			g.redrive.running = g.redriveLeft() > 0
			if g.redrive.running {
				gc.batch().set(agendaKey(g.redrive.next, r.q.id, taskRedrive, &g.id), nil)
				gc.notice = g.redrive.next
			}
		}
		gc.batch().set(groupKey(r.q.id, g.id, groupRedrive), g.redrive.encode())
		c := gc.submit(true, k)
		k = nil
		g.mu.Unlock()
		if err := s.answerOf(c); err != nil {
			return 0, err
		}
		if !more {
			return moved, nil
		}
		if err := s.lockGroup(r.q, g); err != nil {
			return moved, err
		}
		if !g.redrive.running { // stopped meanwhile
			g.mu.Unlock()
			return moved, nil
		}
		var err error
		if gc, _, err = s.beginGroup(r.q, g, nil); err != nil {
			g.mu.Unlock()
			return moved, err
		}
	}
}

// redriveLeft returns how many dead letters the redrive may still move. Requires: g.mu held.
func (g *group) redriveLeft() int64 {
	r, st := &g.redrive, &g.dead
	from := max(r.from, st.floor)
	if from >= r.until {
		return 0
	}
	left := r.until - from
	for _, sp := range st.spans {
		if start, end := max(sp.start, from), min(sp.end, r.until); start < end {
			left -= end - start
		}
	}
	if r.max > 0 {
		return min(int64(left), r.max-r.moved)
	}
	return int64(left)
}

// workRedrive takes the next step of a redrive.
func (s *store) workRedrive(e agendaEntry) error {
	q, err := s.openQueue(e.queue)
	if isDropped(err) {
		return s.strike(e)
	}
	if err != nil {
		return err
	}
	defer s.registry.release(q)
	r := receiver{s: s, q: q, g: q.openGroup(*e.group)}
	if err := s.lockGroup(q, r.g); err != nil {
		if isDropped(err) {
			return s.strike(e)
		}
		return err
	}
	if !r.g.redrive.running || r.g.redrive.next != e.at {
		r.g.mu.Unlock()
		return s.strike(e)
	}
	gc, _, err := s.beginGroup(q, r.g, nil)
	if err != nil {
		r.g.mu.Unlock()
		return err
	}
	gc.batch().delete(e.key)
	_, err = r.step(gc, nil)
	return err
}

// redriveStatus tells of the latest redrive with a rate.
func (s *store) redriveStatus(eq engine.Queue, groupID string) (engine.RedriveStatus, error) {
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return engine.RedriveStatus{}, err
	}
	defer s.exit()
	defer s.registry.release(q)
	if err := s.lockGroup(q, g); err != nil {
		return engine.RedriveStatus{}, err
	}
	defer g.mu.Unlock()
	gc, _, err := s.beginGroup(q, g, &eq)
	if err != nil {
		return engine.RedriveStatus{}, err
	}
	gc.submit(false, nil)
	r := &g.redrive
	if r.startedAt == 0 {
		return engine.RedriveStatus{}, nil
	}
	st := engine.RedriveStatus{Running: r.running, Moved: r.moved, PerSecond: int(r.perSecond), StartedAt: instant(r.startedAt)}
	if r.running {
		st.Remaining = g.redriveLeft()
	}
	return st, nil
}

// stopRedrive ends a redrive with a rate.
func (s *store) stopRedrive(eq engine.Queue, groupID string) error {
	q, g, err := s.openForSettling(eq.ID, groupID)
	if err != nil {
		return err
	}
	defer s.exit()
	defer s.registry.release(q)
	if err := s.lockGroup(q, g); err != nil {
		return err
	}
	if !g.redrive.running {
		g.mu.Unlock()
		return nil
	}
	gc, _, err := s.beginGroup(q, g, &eq)
	if err != nil {
		g.mu.Unlock()
		return err
	}
	g.redrive.running = false
	gc.batch().delete(agendaKey(g.redrive.next, q.id, taskRedrive, &g.id))
	gc.batch().set(groupKey(q.id, g.id, groupRedrive), g.redrive.encode())
	c := gc.submit(true, nil)
	g.mu.Unlock()
	return s.answerOf(c)
}

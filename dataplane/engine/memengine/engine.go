package memengine

import (
	"errors"
	"sync"
	"time"

	"dms/dataplane/engine"
	"dms/internal/clock"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
	"dms/internal/usage"
)

// Options says how an engine behaves. The zero value is good.
type Options struct {
	Clock       clock.Clock   // nil: the machine's
	DedupWindow time.Duration // 0: 5 minutes
	Parked      func()        // called each time a poll starts to wait; may be nil
}

// Memory is what an engine keeps; it plays the part of the disk. An engine that is opened on the memory of one that was closed
// finds everything as it was.
type Memory struct {
	mu      sync.Mutex // guards: everything of the memory and of its engine
	open    bool
	queues  map[string]*queue
	handles map[string]*handle
	leases  uint64 // how many there were
	dropped map[string]bool
	usage   ledger
}

// NewMemory returns an empty memory.
func NewMemory() *Memory {
	return &Memory{
		queues: make(map[string]*queue), handles: make(map[string]*handle), dropped: make(map[string]bool),
		usage: ledger{source: id.NewHex(), pending: make(map[usage.Key]int64)},
	}
}

// Engine is an engine.Engine in memory.
type Engine struct {
	opt     Options
	m       *Memory
	stop    chan struct{} // closed by StopPolls
	stopped bool
	closed  bool
	flusher clock.Timer // of pending counts; nil: none
}

var _ engine.Engine = (*Engine)(nil)

// New returns an engine with a memory of its own.
func New(opt Options) *Engine {
	e, _ := Open(NewMemory(), opt) // nobody else has the memory
	return e
}

// Open returns an engine on a memory that no other engine has open.
func Open(m *Memory, opt Options) (*Engine, error) {
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.DedupWindow == 0 {
		opt.DedupWindow = 5 * time.Minute
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open {
		return nil, errors.New("the memory is in use by another engine")
	}
	m.open = true
	return &Engine{opt: opt, m: m, stop: make(chan struct{})}, nil
}

// Close implements engine.Engine. It may be repeated.
func (e *Engine) Close() error {
	e.StopPolls()
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if !e.closed {
		e.flush()
		e.closed, e.m.open = true, false
	}
	return nil
}

// StopPolls implements engine.Engine.
func (e *Engine) StopPolls() {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if !e.stopped {
		e.stopped = true
		close(e.stop)
	}
}

// Ready implements engine.Engine.
func (e *Engine) Ready() error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	return e.ready()
}

// Requires: m.mu held, as all unexported methods do unless they say otherwise.
func (e *Engine) ready() error {
	if e.closed {
		return errs.New(errs.Unavailable, "", "the engine is closed")
	}
	return nil
}

func (e *Engine) now() time.Time { return e.opt.Clock.Now() }

// queue returns the queue as it is now.
func (e *Engine) queue(eq engine.Queue) (*queue, error) {
	if err := e.ready(); err != nil {
		return nil, err
	}
	q, err := e.m.queueOf(eq.ID)
	if err != nil {
		return nil, err
	}
	q.facts = eq
	q.advance(e.now())
	return q, nil
}

func (m *Memory) queueOf(queueID string) (*queue, error) {
	if !id.IsQueue(queueID) {
		return nil, errs.New(errs.Invalid, reason.QueueIDInvalid, "%q is not a queue id", queueID)
	}
	if m.dropped[queueID] {
		return nil, errs.New(errs.NotFound, reason.QueueNotFound, "the queue does not exist")
	}
	q := m.queues[queueID]
	if q == nil {
		q = newQueue(queueID)
		m.queues[queueID] = q
	}
	return q, nil
}

// group returns the queue as it is now and the group, which exists from now on.
func (e *Engine) group(eq engine.Queue, groupID string) (*queue, *group, error) {
	if err := checkGroupID(groupID); err != nil {
		return nil, nil, err
	}
	q, err := e.queue(eq)
	if err != nil {
		return nil, nil, err
	}
	g, err := e.m.groupOf(q, groupID)
	return q, g, err
}

func (m *Memory) groupOf(q *queue, groupID string) (*group, error) {
	if err := m.groupKept(q, groupID); err != nil {
		return nil, err
	}
	g := q.groups[groupID]
	if g == nil {
		g = q.newGroup()
		q.groups[groupID] = g
	}
	return g, nil
}

// groupKept refuses a group that was dropped.
func (m *Memory) groupKept(q *queue, groupID string) error {
	if m.dropped[q.id+groupID] {
		return errs.New(errs.NotFound, reason.GroupNotFound, "the consumer group does not exist")
	}
	return nil
}

// lookAt returns the queue as it is now and the group, as new if it does not exist: looking does not make it.
func (e *Engine) lookAt(eq engine.Queue, groupID string) (*queue, *group, error) {
	if err := checkGroupID(groupID); err != nil {
		return nil, nil, err
	}
	q, err := e.queue(eq)
	if err != nil {
		return nil, nil, err
	}
	if err := e.m.groupKept(q, groupID); err != nil {
		return nil, nil, err
	}
	if g := q.groups[groupID]; g != nil {
		return q, g, nil
	}
	return q, q.newGroup(), nil
}

func checkGroupID(groupID string) error {
	if !id.IsGroup(groupID) {
		return errs.New(errs.Invalid, reason.GroupIDInvalid, "%q is not a consumer group id", groupID)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return errs.New(errs.Invalid, reason.Format, format, args...)
}

package node

import (
	"context"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"dms/dataplane/nodestore"
	"dms/internal/directory"
	"dms/internal/errs"
)

// polls are the receives that wait. When the directory changes in a way that may concern one of them, the poll is marked and
// its wait is cut short; its own goroutine then asks again whether it may go on. A poll that comes back with messages while
// it is marked asks before it hands them out.
type polls struct {
	mu       sync.Mutex // guards: open, perQueue, and what is said at poll
	open     map[*poll]struct{}
	perQueue map[string]int
}

type poll struct {
	reception *Reception
	stale     bool               // guarded by polls.mu: rights may have changed since the last arm
	wake      context.CancelFunc // guarded by polls.mu: ends the present wait
}

// recheck asks whether the caller may still receive. It asks on a stack that goes back at once: authentication needs more of it than the
// wait has, and the stack of a goroutine that waits in the depth of its calls does not become smaller again.
func (p *poll) recheck() error {
	if p.reception.Recheck == nil {
		return nil
	}
	answer := make(chan error)
	go func() { answer <- answerOf(p.reception.Recheck) }()
	return <-answer
}

// answerOf calls f. A panic becomes an error: in a goroutine that is not the request's it would end the process.
func answerOf(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errs.New(errs.Internal, "", "recheck of a poll: panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
}

func newPolls() *polls {
	return &polls{open: make(map[*poll]struct{}), perQueue: make(map[string]int)}
}

// pollRetryAfter is what a client that finds all polls of a queue taken is told: they end within a minute, most much earlier.
const pollRetryAfter = time.Second

// add registers a poll, or refuses it as errs.Throttled when the queue has as many as it may have.
func (ps *polls) add(r *Reception) (*poll, error) {
	q := &r.Queue
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if most := q.Limits.OpenPolls; most > 0 && ps.perQueue[q.ID] >= most {
		err := errs.New(errs.Throttled, "", "The queue has %d open long polls, as many as it may have.", most)
		err.RetryAfter = pollRetryAfter
		return nil, err
	}
	p := &poll{reception: r}
	ps.open[p] = struct{}{}
	ps.perQueue[q.ID]++
	return p, nil
}

func (ps *polls) remove(p *poll) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.open, p)
	queueID := p.reception.Queue.ID
	if ps.perQueue[queueID]--; ps.perQueue[queueID] == 0 {
		delete(ps.perQueue, queueID)
	}
}

func (ps *polls) count() int {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return len(ps.open)
}

// arm returns the context of p's next wait, and takes the mark off: what the caller checks from now on is new enough.
func (ps *polls) arm(ctx context.Context, p *poll) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p.stale, p.wake = false, cancel
	return ctx, cancel
}

// takeStale reports whether p was marked, and takes the mark off.
func (ps *polls) takeStale(p *poll) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	was := p.stale
	p.stale = false
	return was
}

// recheck marks the polls that c concerns and wakes them.
func (ps *polls) recheck(c concern) {
	if c.nobody() {
		return
	}
	var wake []context.CancelFunc
	ps.mu.Lock()
	for p := range ps.open {
		if c.concerns(p) {
			p.stale = true
			if p.wake != nil {
				wake = append(wake, p.wake)
			}
		}
	}
	ps.mu.Unlock()
	for _, w := range wake {
		w()
	}
}

// concern says whose rights a change of the directory may have changed.
type concern struct {
	everybody                                      bool
	accounts, projects, users, credentials, queues map[string]struct{}
}

// concerned reads the keys of entries alone: what is in them is their owner's business. A kind that is not known here concerns everybody.
func concerned(a nodestore.Applied) concern {
	c := concern{everybody: a.All}
	for _, e := range a.Entries {
		switch e.Kind {
		case directory.KindAccount, directory.KindActivation:
			note(&c.accounts, e.Key)
		case directory.KindPolicy, directory.KindPolicyDocument, directory.KindRole:
			account, _, _ := strings.Cut(e.Key, "/")
			note(&c.accounts, account)
		case directory.KindProject:
			note(&c.projects, e.Key)
		case directory.KindUser:
			note(&c.users, e.Key)
		case directory.KindAccessKey:
			note(&c.credentials, e.Key)
		case directory.KindQueuePolicy:
			note(&c.queues, e.Key)
		case directory.KindQueue: // its tags are what conditions ask for
			_, queue, _ := strings.Cut(e.Key, "/")
			note(&c.queues, queue)
		case directory.KindGroup, directory.KindQuota:
			// no rights; the engine ends the polls of what it erases
		default:
			c.everybody = true
		}
	}
	return c
}

func note(set *map[string]struct{}, key string) {
	if *set == nil {
		*set = make(map[string]struct{})
	}
	(*set)[key] = struct{}{}
}

func (c concern) nobody() bool {
	return !c.everybody && len(c.accounts)+len(c.projects)+len(c.users)+len(c.credentials)+len(c.queues) == 0
}

func (c concern) concerns(p *poll) bool {
	in := func(set map[string]struct{}, key string) bool {
		_, ok := set[key]
		return ok
	}
	a, q := &p.reception.Actor, &p.reception.Queue
	return c.everybody ||
		in(c.accounts, a.AccountID) || in(c.accounts, a.ParentAccountID) || in(c.accounts, q.AccountID) ||
		in(c.projects, a.ProjectID) || in(c.projects, q.ProjectID) ||
		in(c.queues, q.ID) ||
		in(c.users, a.UserID) || in(c.users, a.ParentUserID) || in(c.users, a.ImpersonatorID) || in(c.credentials, a.CredentialID)
}

package node

import (
	"context"
	"strings"
	"sync"
	"time"

	"dms/dataplane"
	"dms/dataplane/nodestore"
	"dms/internal/access"
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
	actor access.Actor
	queue dataplane.Queue
	stale bool               // guarded by polls.mu: rights may have changed since the last arm
	wake  context.CancelFunc // guarded by polls.mu: ends the present wait
}

func newPolls() *polls {
	return &polls{open: make(map[*poll]struct{}), perQueue: make(map[string]int)}
}

// pollRetryAfter is what a client that finds all polls of a queue taken is told: they end within a minute, most much earlier.
const pollRetryAfter = time.Second

// add registers a poll, or refuses it as errs.Throttled when the queue has as many as it may have.
func (ps *polls) add(a access.Actor, q dataplane.Queue) (*poll, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if most := q.Limits.OpenPolls; most > 0 && ps.perQueue[q.ID] >= most {
		err := errs.New(errs.Throttled, "", "The queue has %d open long polls, as many as it may have.", most)
		err.RetryAfter = pollRetryAfter
		return nil, err
	}
	p := &poll{actor: a, queue: q}
	ps.open[p] = struct{}{}
	ps.perQueue[q.ID]++
	return p, nil
}

func (ps *polls) remove(p *poll) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.open, p)
	if ps.perQueue[p.queue.ID]--; ps.perQueue[p.queue.ID] == 0 {
		delete(ps.perQueue, p.queue.ID)
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
	everybody                              bool
	accounts, projects, users, credentials map[string]struct{}
}

// concerned reads the keys of entries alone: what is in them is their owner's business. A kind that is not known here concerns everybody.
func concerned(a nodestore.Applied) concern {
	c := concern{everybody: a.All}
	for _, e := range a.Entries {
		switch e.Kind {
		case directory.KindAccount, directory.KindActivation:
			note(&c.accounts, e.Key)
		case directory.KindPolicy:
			account, _, _ := strings.Cut(e.Key, "/")
			note(&c.accounts, account)
		case directory.KindProject:
			note(&c.projects, e.Key)
		case directory.KindUser:
			note(&c.users, e.Key)
		case directory.KindAccessKey:
			note(&c.credentials, e.Key)
		case directory.KindQueue, directory.KindGroup, directory.KindQuota:
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
	return !c.everybody && len(c.accounts)+len(c.projects)+len(c.users)+len(c.credentials) == 0
}

func (c concern) concerns(p *poll) bool {
	in := func(set map[string]struct{}, key string) bool {
		_, ok := set[key]
		return ok
	}
	return c.everybody ||
		in(c.accounts, p.actor.AccountID) || in(c.accounts, p.queue.AccountID) ||
		in(c.projects, p.actor.ProjectID) || in(c.projects, p.queue.ProjectID) ||
		in(c.users, p.actor.UserID) || in(c.credentials, p.actor.CredentialID)
}

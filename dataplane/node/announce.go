package node

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"dms/dataplane/nodestore"
	"dms/internal/directory"
	"dms/internal/errs"
)

// maxAnnouncements bounds the memory of those that wait; beyond it every group is told anew, which costs time and nothing else.
const maxAnnouncements = 10_000

// groupKey is the directory's key of a consumer group: queue id "/" group id.
type groupKey string

// announcements are the groups that the engine has yet to be told of. They are kept in memory only: a node that starts, and one whose
// copy was changed over, tells the engine of every group, which knows most of them already.
//
// Nobody waits for them. Until the engine knows a new group it may drop, early, a message that all others have settled; that is no loss to
// a group which begins at the oldest message that is kept.
type announcements struct {
	mu   sync.Mutex // guards: all, owed
	all  bool
	owed map[groupKey]struct{}

	wake chan struct{} // holds one token when there may be something to do
}

func newAnnouncements() *announcements {
	return &announcements{owed: make(map[groupKey]struct{}), wake: make(chan struct{}, 1)}
}

// note adds the groups that a change of the directory brought.
func (s *announcements) note(a nodestore.Applied) {
	var keys []groupKey
	for _, e := range a.Entries {
		if e.Kind == directory.KindGroup && !e.Deleted {
			keys = append(keys, groupKey(e.Key))
		}
	}
	if a.All || len(keys) > 0 {
		s.owe(a.All, keys)
		s.kick()
	}
}

// owe adds keys, or everything.
func (s *announcements) owe(all bool, keys []groupKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		s.owed[k] = struct{}{}
	}
	if all || len(s.owed) > maxAnnouncements {
		s.all = true
		clear(s.owed)
	}
}

// take returns what is owed, which the caller now owes.
func (s *announcements) take() (all bool, keys []groupKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, s.all = s.all, false
	for k := range s.owed {
		keys = append(keys, k)
	}
	clear(s.owed)
	return all, keys
}

// retry makes the loop look again, when something is owed.
func (s *announcements) retry() {
	s.mu.Lock()
	owing := s.all || len(s.owed) > 0
	s.mu.Unlock()
	if owing {
		s.kick()
	}
}

func (s *announcements) kick() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// announceLoop tells the engine of groups as they come, until ctx ends. What fails is tried again each second.
func (n *Node) announceLoop(ctx context.Context) {
	n.announcements.owe(true, nil) // an engine may have been put in the place of another since the last run
	n.announcements.kick()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.announcements.wake:
		}
		err := n.announce(ctx)
		if err != nil && ctx.Err() == nil && !failing { // said once an outage
			n.log.WarnContext(ctx, "engine was not told of consumer groups, will try again", slog.String("error", err.Error()))
		}
		failing = err != nil
	}
}

// announce tells the engine of every group that it is owed. What it could not tell stays owed.
func (n *Node) announce(ctx context.Context) error {
	all, keys := n.announcements.take()
	if all {
		var failed error
		err := n.store.Scan(ctx, directory.KindGroup, "", func(e directory.Entry) bool {
			failed = n.announceOne(ctx, groupKey(e.Key))
			return failed == nil
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			n.announcements.owe(true, nil) // keys are among them
			return err
		}
	}
	for i, k := range keys {
		if err := n.announceOne(ctx, k); err != nil {
			n.announcements.owe(false, keys[i:])
			return err
		}
	}
	return nil
}

func (n *Node) announceOne(ctx context.Context, k groupKey) error {
	if err := ctx.Err(); err != nil {
		return err // a stop must not wait for a hundred thousand groups
	}
	queueID, groupID, _ := strings.Cut(string(k), "/")
	err := n.engine.AddGroup(ctx, queueID, groupID)
	switch errs.CodeOf(err) {
	case "", errs.NotFound: // not found: deleted meanwhile
		return nil
	case errs.Invalid: // an id that the engine cannot hold anything under
		n.log.ErrorContext(ctx, "announced id is malformed", slog.String("key", string(k)), slog.String("error", err.Error()))
		return nil
	default:
		return err
	}
}

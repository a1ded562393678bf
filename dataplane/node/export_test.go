package node

import (
	"context"
	"time"
)

// The steps of the loops, for tests.

func (n *Node) Follow(ctx context.Context) (more bool, err error)      { return n.follow(ctx) }
func (n *Node) Erase(ctx context.Context)                              { n.erase(ctx) }
func (n *Node) CutUsage(ctx context.Context) (cut int, err error)      { return n.cutUsage(ctx) }
func (n *Node) ShipUsage(ctx context.Context) (shipped int, err error) { return n.shipUsage(ctx) }
func (n *Node) Announce(ctx context.Context) error                     { return n.announce(ctx) }
func (n *Node) OwedGroups() (all bool, groups int) {
	return n.announcements.all, len(n.announcements.owed)
}
func (n *Node) OpenPolls() int { return n.polls.count() }

func BackOff(failures int, first, most time.Duration) time.Duration {
	return backOff(failures, first, most)
}

package controlplane

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"dms/internal/clock"
	"dms/internal/directory"
)

// Times of the hub.
const (
	HubPollInterval  = 100 * time.Millisecond // another process's change is noticed within 200 ms
	HubConfirmWait   = 500 * time.Millisecond // a writer waits for nodes no longer
	HubConnectedFor  = 2 * time.Second        // a node is connected while a request of it is open and this long after
	hubForgetAfter   = 10 * time.Minute       // a node that has not been seen is forgotten
	hubEntriesAnswer = 1000                   // about so many entries an answer
)

// DirectoryLog reads the directory in the order of its changes. internal/directory/gormstore has it.
type DirectoryLog interface {
	// Position returns the directory's id and newest revision.
	Position(ctx context.Context) (directory.Position, error)
	// Since returns the entries changed after rev in the order of their revisions: about max, always whole revisions, and whether there
	// is more.
	Since(ctx context.Context, rev directory.Revision, max int) (entries []directory.Entry, upTo directory.Revision, more bool, err error)
}

// RegionSeal re-seals the secrets of entries for one region.
type RegionSeal interface {
	// Reseal returns the entry as the region's nodes may have it. Entries without secrets pass unchanged.
	Reseal(region string, e directory.Entry) (directory.Entry, error)
	// Fingerprint names the key that secrets are sealed with for the region. When it changes, copies start anew.
	Fingerprint(region string) (string, error)
}

// HubOptions is what the hub needs.
type HubOptions struct {
	Log     DirectoryLog
	Regions interface {
		Check(ctx context.Context, name string) error // RegionService
	}
	Seal   RegionSeal // nil: entries pass unchanged
	Clock  clock.Clock
	Logger *slog.Logger
}

// Hub serves the directory to nodes and lets writers wait for them. One loop polls the head revision for all waiting requests, so
// that a change of another process is noticed too; a change of this process wakes them at once.
type Hub struct {
	o HubOptions

	mu        sync.Mutex // guards all below; never held across I/O
	head      directory.Position
	moved     chan struct{} // closed and replaced when head moves
	confirmed chan struct{} // closed and replaced when a node has come further or has gone
	nodes     map[string]*hubNode
}

type hubNode struct {
	region string
	holds  directory.Revision
	open   int // requests
	seen   time.Time
	// missed is the newest revision that a writer waited for in vain. Until the node holds it, it is not waited for again.
	missed directory.Revision
}

func (n *hubNode) lagging() bool { return n.holds < n.missed }

var (
	_ directory.Source    = (*Hub)(nil)
	_ directory.Confirmer = (*Hub)(nil)
)

// NewHub returns a hub. It works without Run too, save that changes of other processes are noticed late.
func NewHub(o HubOptions) *Hub {
	return &Hub{o: o, moved: make(chan struct{}), confirmed: make(chan struct{}), nodes: make(map[string]*hubNode)}
}

// Run polls until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	healthy := true
	for {
		err := h.poll(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && healthy { // said once, not ten times a second
			h.o.Logger.ErrorContext(ctx, "directory could not be read", slog.String("error", err.Error()))
		}
		healthy = err == nil
		if !sleep(ctx, h.o.Clock, HubPollInterval) {
			return nil
		}
	}
}

// poll reads the head once.
func (h *Hub) poll(ctx context.Context) error {
	pos, err := h.o.Log.Position(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(pos)
	now := h.o.Clock.Now()
	for id, n := range h.nodes {
		if n.open == 0 && now.Sub(n.seen) > hubForgetAfter {
			delete(h.nodes, id)
		}
	}
	return nil
}

// advance moves the head. It only goes back when the directory is another one. Requires: h.mu held.
func (h *Hub) advance(pos directory.Position) {
	if pos.Directory == h.head.Directory && pos.Revision <= h.head.Revision {
		return
	}
	h.head = pos
	close(h.moved)
	h.moved = make(chan struct{})
}

// Changes implements directory.Source.
func (h *Hub) Changes(ctx context.Context, n directory.Node, since directory.Position) (directory.Changes, error) {
	if err := h.o.Regions.Check(ctx, n.Region); err != nil {
		return directory.Changes{Position: since}, endOr(ctx, err)
	}
	key := ""
	if h.o.Seal != nil {
		var err error
		if key, err = h.o.Seal.Fingerprint(n.Region); err != nil {
			return directory.Changes{}, fmt.Errorf("fingerprint of region %s: %w", n.Region, err)
		}
	}
	// The polled head may be older than what the node got a moment ago: only a fresh one can tell that the node is ahead.
	pos, err := h.o.Log.Position(ctx)
	if err != nil {
		return directory.Changes{Position: since}, endOr(ctx, err)
	}
	reset := since.Directory != copyID(pos.Directory, key) || since.Revision > pos.Revision
	from := since.Revision
	if reset {
		from = 0
	}
	leave := h.enter(n, from, pos)
	defer leave()

	for {
		moved, head := h.watch()
		if reset || head.Directory != pos.Directory || head.Revision > from {
			return h.read(ctx, n.Region, key, since, from, reset)
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return directory.Changes{Position: since}, nil
		}
	}
}

// read answers with what has changed after from.
func (h *Hub) read(ctx context.Context, region, key string, since directory.Position, from directory.Revision, reset bool) (directory.Changes, error) {
	// The position is read before the entries: all changes up to it are committed, so the entries hold them or later ones.
	pos, err := h.o.Log.Position(ctx)
	if err != nil {
		return directory.Changes{Position: since}, endOr(ctx, err)
	}
	if id := copyID(pos.Directory, key); since.Directory != id {
		from, reset = 0, true
	}
	entries, upTo, more, err := h.o.Log.Since(ctx, from, hubEntriesAnswer)
	if err != nil {
		return directory.Changes{Position: since}, endOr(ctx, err)
	}
	if h.o.Seal != nil {
		for i, e := range entries {
			if entries[i], err = h.o.Seal.Reseal(region, e); err != nil {
				return directory.Changes{}, fmt.Errorf("seal %s %s for region %s: %w", e.Kind, e.Key, region, err)
			}
		}
	}
	if !more {
		upTo = max(upTo, pos.Revision) // a revision may have no live entries
	}
	h.mu.Lock()
	h.advance(directory.Position{Directory: pos.Directory, Revision: max(upTo, pos.Revision)})
	h.mu.Unlock()
	return directory.Changes{
		Position: directory.Position{Directory: copyID(pos.Directory, key), Revision: upTo},
		Reset:    reset,
		More:     more,
		Entries:  entries,
	}, nil
}

// enter notes that the node asks, and with that what it holds.
func (h *Hub) enter(n directory.Node, holds directory.Revision, pos directory.Position) (leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(pos)
	st := h.nodes[n.ID]
	if st == nil {
		st = &hubNode{}
		h.nodes[n.ID] = st
	}
	st.region, st.holds, st.seen = n.Region, holds, h.o.Clock.Now()
	st.open++
	h.notifyConfirmed()
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		st.open--
		st.seen = h.o.Clock.Now()
	}
}

// watch returns a channel that closes when the head moves, and the head.
func (h *Hub) watch() (<-chan struct{}, directory.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.moved, h.head
}

// notifyConfirmed wakes the writers. Requires: h.mu held.
func (h *Hub) notifyConfirmed() {
	close(h.confirmed)
	h.confirmed = make(chan struct{})
}

// Confirm implements directory.Confirmer. It wakes all waiting requests first.
func (h *Hub) Confirm(ctx context.Context, rev directory.Revision) bool {
	h.mu.Lock()
	h.advance(directory.Position{Directory: h.head.Directory, Revision: rev})
	h.mu.Unlock()

	late := make(chan struct{})
	timer := h.o.Clock.AfterFunc(HubConfirmWait, func() { close(late) })
	defer timer.Stop()
	for {
		again, waitFor, all := h.missing(rev)
		if len(waitFor) == 0 {
			return all
		}
		select {
		case <-again:
		case <-ctx.Done():
			return false
		case <-late:
			h.giveUp(waitFor, rev)
			return false
		}
	}
}

// missing returns the connected nodes that do not hold rev yet and may still be waited for, and whether no other is missing.
func (h *Hub) missing(rev directory.Revision) (again <-chan struct{}, waitFor []string, all bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all = true
	for id, n := range h.nodes {
		switch {
		case n.holds >= rev || !h.connected(n):
		case n.lagging():
			all = false
		default:
			waitFor = append(waitFor, id)
		}
	}
	return h.confirmed, waitFor, all
}

func (h *Hub) giveUp(ids []string, rev directory.Revision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if n := h.nodes[id]; n != nil && n.holds < rev {
			n.missed = max(n.missed, rev)
		}
	}
}

// connected reports whether a node is. Requires: h.mu held.
func (h *Hub) connected(n *hubNode) bool {
	return n.open > 0 || h.o.Clock.Now().Sub(n.seen) <= HubConnectedFor
}

// NodeState is what the hub knows of a node.
type NodeState struct {
	directory.Node
	Holds     directory.Revision
	Connected bool
	Lagging   bool
	Seen      time.Time
}

// Nodes returns the nodes that asked in the last minutes, by id.
func (h *Hub) Nodes() []NodeState {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]NodeState, 0, len(h.nodes))
	for id, n := range h.nodes {
		out = append(out, NodeState{Node: directory.Node{ID: id, Region: n.region}, Holds: n.holds, Connected: h.connected(n), Lagging: n.lagging(), Seen: n.seen})
	}
	slices.SortFunc(out, func(a, b NodeState) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// copyID names the directory as a copy with one region's secrets.
func copyID(directoryID, keyFingerprint string) string {
	if keyFingerprint == "" {
		return directoryID
	}
	return directoryID + "." + keyFingerprint
}

// endOr hides an error that only says that ctx ended: to a node that is no failure.
func endOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// sleep waits for d and reports false when ctx ended first.
func sleep(ctx context.Context, c clock.Clock, d time.Duration) bool {
	done := make(chan struct{})
	t := c.AfterFunc(d, func() { close(done) })
	defer t.Stop()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

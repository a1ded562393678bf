package wiretest

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/internal/directory"
)

// Directory is the control plane's end of the arrow down: the entries that a test has put, and who has confirmed them.
type Directory struct {
	mu        sync.Mutex // guards: the rest
	entries   []directory.Entry
	confirmed directory.Revision
	changed   chan struct{} // closed and replaced at every change
}

// NewDirectory returns an empty directory.
func NewDirectory() *Directory { return &Directory{changed: make(chan struct{})} }

var _ directory.Source = (*Directory)(nil)

const directoryID = "wiretest"

// Changes implements directory.Source.
func (d *Directory) Changes(ctx context.Context, _ directory.Node, since directory.Position) (directory.Changes, error) {
	for {
		d.mu.Lock()
		head := directory.Revision(len(d.entries))
		out := directory.Changes{Position: directory.Position{Directory: directoryID, Revision: head}, Reset: since.Directory != directoryID}
		from := since.Revision
		if out.Reset {
			from = 0
		} else if from > d.confirmed {
			d.confirmed = from
			d.wake()
		}
		out.Entries = append(out.Entries, d.entries[from:]...)
		changed := d.changed
		d.mu.Unlock()
		if out.Reset || len(out.Entries) > 0 {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return out, nil
		case <-changed:
		}
	}
}

// wake tells everybody who waits. Requires: d.mu held.
func (d *Directory) wake() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// Put writes facts, each at a revision of its own, and returns once the node holds them. A nil value deletes.
func (d *Directory) Put(t testing.TB, kind directory.Kind, key string, value any) {
	t.Helper()
	e := directory.Entry{Kind: kind, Key: key, Deleted: value == nil}
	if value != nil {
		var err error
		e.Value, err = json.Marshal(value)
		require.NoError(t, err)
	}
	d.mu.Lock()
	e.Revision = directory.Revision(len(d.entries) + 1)
	d.entries = append(d.entries, e)
	d.wake()
	d.mu.Unlock()
	for {
		d.mu.Lock()
		done, changed := d.confirmed >= e.Revision, d.changed
		d.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-time.After(Patience):
			t.Fatal("the node did not confirm the change")
		}
	}
}

// PutQueue writes the fact of a queue.
func (d *Directory) PutQueue(t testing.TB, q dataplane.Queue) {
	t.Helper()
	d.Put(t, directory.KindQueue, q.ProjectID+"/"+q.ID, q)
}

// PutGroup writes the fact of a consumer group.
func (d *Directory) PutGroup(t testing.TB, g dataplane.Group) {
	t.Helper()
	d.Put(t, directory.KindGroup, g.QueueID+"/"+g.ID, g)
}

// revision is the newest one.
func (d *Directory) revision() directory.Revision {
	d.mu.Lock()
	defer d.mu.Unlock()
	return directory.Revision(len(d.entries))
}

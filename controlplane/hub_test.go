package controlplane_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"dms/controlplane"
	"dms/internal/clock"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	directorystore "dms/internal/directory/gormstore"
	"dms/internal/errs"
)

// hubWorld is a hub over a real directory whose regions are local-1 and west-1.
type hubWorld struct {
	*world
	hub  *controlplane.Hub
	seal *regionSeal
}

// regionSeal puts a region's key in front of each access key's value.
type regionSeal struct {
	mu  sync.Mutex
	key string
}

func (s *regionSeal) Reseal(region string, e directory.Entry) (directory.Entry, error) {
	if e.Kind == directory.KindAccessKey {
		e.Value, _ = json.Marshal(region + " " + string(e.Value))
	}
	return e, nil
}

func (s *regionSeal) Fingerprint(region string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return region + s.key, nil
}

func newHubWorld(t *testing.T, db *dbx.DB, c clock.Clock) *hubWorld {
	w := &hubWorld{world: newWorld(db), seal: &regionSeal{key: "1"}}
	for _, r := range []string{"local-1", "west-1"} {
		require.NoError(t, w.Regions.Ensure(ctx, controlplane.Region{Name: r}))
	}
	w.hub = controlplane.NewHub(controlplane.HubOptions{Log: w.directory, Regions: w.Regions, Seal: w.seal, Clock: c, Logger: discard})
	return w
}

func (w *hubWorld) put(t *testing.T, kind directory.Kind, keys ...string) directory.Revision {
	t.Helper()
	entries := make([]directory.Entry, len(keys))
	for i, k := range keys {
		entries[i] = directory.Entry{Kind: kind, Key: k, Value: []byte(`"v"`)}
	}
	return w.append(t, entries...)
}

func (w *hubWorld) append(t *testing.T, entries ...directory.Entry) directory.Revision {
	t.Helper()
	var rev directory.Revision
	require.NoError(t, w.db.InTx(ctx, func(tx *gorm.DB) (err error) {
		rev, err = directorystore.Append(tx, entries...)
		return err
	}))
	return rev
}

func (w *hubWorld) changes(t *testing.T, n directory.Node, since directory.Position) directory.Changes {
	t.Helper()
	got, err := w.hub.Changes(ctx, n, since)
	require.NoError(t, err)
	return got
}

// catchUp fetches until nothing more is there, and returns the position.
func (w *hubWorld) catchUp(t *testing.T, n directory.Node, since directory.Position) directory.Position {
	t.Helper()
	got := w.changes(t, n, since)
	for got.More {
		got = w.changes(t, n, got.Position)
	}
	return got.Position
}

var nodeA, nodeB = directory.Node{ID: "a", Region: "local-1"}, directory.Node{ID: "b", Region: "west-1"}

func TestNewCopyStartsWithAReset(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clocktest.New(start))
		got := w.changes(t, nodeA, directory.Position{})
		require.True(t, got.Reset, "also an empty directory has an id to be learnt")
		require.Empty(t, got.Entries)
		require.NotEmpty(t, got.Position.Directory)

		w.put(t, directory.KindUser, "u1", "u2")
		w.append(t, directory.Entry{Kind: directory.KindUser, Key: "u1", Deleted: true})
		got = w.changes(t, nodeB, directory.Position{})
		require.True(t, got.Reset)
		require.Len(t, got.Entries, 1, "nothing to bury in a new copy")
		require.Equal(t, directory.Revision(2), got.Position.Revision)
	})
}

func TestRevisionWithoutLiveEntriesIsNotAskedForForEver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clocktest.New(start))
		w.put(t, directory.KindUser, "u1")
		last := w.append(t, directory.Entry{Kind: directory.KindUser, Key: "u1", Deleted: true})
		got := w.changes(t, nodeA, directory.Position{})
		require.Empty(t, got.Entries)
		require.Equal(t, last, got.Position.Revision)
		w.waits(t, nodeA, got.Position)
	})
}

// waits proves that a node at this position gets nothing until its context ends.
func (w *hubWorld) waits(t *testing.T, n directory.Node, at directory.Position) {
	t.Helper()
	asking, stop := context.WithCancel(ctx)
	done := make(chan directory.Changes)
	go func() {
		got, err := w.hub.Changes(asking, n, at)
		require.NoError(t, err)
		done <- got
	}()
	require.Eventually(t, func() bool {
		for _, st := range w.hub.Nodes() {
			if st.ID == n.ID {
				return st.Holds == at.Revision
			}
		}
		return false
	}, 5*time.Second, time.Millisecond)
	select {
	case got := <-done:
		t.Fatalf("it did not wait: %+v", got)
	default:
	}
	stop()
	require.Equal(t, directory.Changes{Position: at}, <-done)
}

func TestCopyOfAnotherDirectoryOrKeyOrFutureStartsAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clocktest.New(start))
		w.put(t, directory.KindUser, "u1")
		at := w.catchUp(t, nodeA, directory.Position{})

		for name, since := range map[string]directory.Position{
			"another directory":            {Directory: "other", Revision: at.Revision},
			"ahead of this one":            {Directory: at.Directory, Revision: at.Revision + 1},
			"with another region's secret": w.catchUp(t, nodeB, directory.Position{}),
		} {
			got := w.changes(t, nodeA, since)
			require.True(t, got.Reset, name)
			require.Len(t, got.Entries, 1, name)
			require.Equal(t, at, got.Position, name)
		}
		w.seal.mu.Lock()
		w.seal.key = "2"
		w.seal.mu.Unlock()
		got := w.changes(t, nodeA, at)
		require.True(t, got.Reset, "the key that seals secrets has changed")
		require.NotEqual(t, at.Directory, got.Position.Directory)
	})
}

func TestSecretsAreSealedForTheRegionThatAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clocktest.New(start))
		w.put(t, directory.KindAccessKey, "AK")
		require.Equal(t, `"local-1 \"v\""`, string(w.changes(t, nodeA, directory.Position{}).Entries[0].Value))
		require.Equal(t, `"west-1 \"v\""`, string(w.changes(t, nodeB, directory.Position{}).Entries[0].Value))
	})
}

func TestUnknownRegionIsRefusedWithThoseThatExist(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clocktest.New(start))
		_, err := w.hub.Changes(ctx, directory.Node{ID: "a", Region: "east-9"}, directory.Position{})
		require.Equal(t, errs.Invalid, errs.CodeOf(err))
		require.Contains(t, errs.MessageOf(err), "local-1, west-1")
		require.Empty(t, w.hub.Nodes())
	})
}

func TestLargeDirectoryComesInBoundedAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clocktest.New(start))
		want := map[string]bool{}
		for i := range 5 {
			var keys []string
			for j := range 300 {
				k := fmt.Sprintf("u%d-%03d", i, j)
				keys, want[k] = append(keys, k), true
			}
			w.put(t, directory.KindUser, keys...)
		}
		answers, at := 0, directory.Position{}
		for more := true; more; {
			got := w.changes(t, nodeA, at)
			require.Equal(t, answers == 0, got.Reset)
			require.LessOrEqual(t, len(got.Entries), 1300)
			for _, e := range got.Entries {
				delete(want, e.Key)
			}
			answers, at, more = answers+1, got.Position, got.More
		}
		require.Empty(t, want)
		require.Equal(t, 2, answers)
		require.Equal(t, directory.Revision(5), at.Revision)
	})
}

func TestConfirmWakesNodesAndWaitsForThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		c := clocktest.New(start)
		w := newHubWorld(t, db, c)
		atA, atB := w.catchUp(t, nodeA, directory.Position{}), w.catchUp(t, nodeB, directory.Position{})
		// Two nodes follow; each applies a change before it asks again.
		following, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		for n, at := range map[directory.Node]directory.Position{nodeA: atA, nodeB: atB} {
			wg.Go(func() {
				for following.Err() == nil {
					got, err := w.hub.Changes(following, n, at)
					require.NoError(t, err)
					at = got.Position
				}
			})
		}
		for range 20 {
			rev := w.put(t, directory.KindUser, "u")
			require.True(t, w.hub.Confirm(ctx, rev), "no clock moves: only the nodes' confirmations end the wait")
			for _, n := range w.hub.Nodes() {
				require.GreaterOrEqual(t, n.Holds, rev)
			}
		}
		stop()
		wg.Wait()
	})
}

func TestLateNodeIsWaitedForOnceAndForHalfASecond(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		c := clocktest.New(start)
		w := newHubWorld(t, db, c)
		at := w.catchUp(t, nodeA, directory.Position{}) // seen a moment ago, but it does not ask again

		rev := w.put(t, directory.KindUser, "u")
		confirmed := make(chan bool)
		go func() { confirmed <- w.hub.Confirm(ctx, rev) }()
		require.Eventually(t, func() bool { return c.Waiting() == 1 }, 5*time.Second, time.Millisecond)
		c.Advance(controlplane.HubConfirmWait - 1)
		select {
		case <-confirmed:
			t.Fatal("it gave up early")
		default:
		}
		c.Advance(1)
		require.False(t, <-confirmed)

		rev = w.put(t, directory.KindUser, "u")
		require.False(t, w.hub.Confirm(ctx, rev), "returns at once: the clock stands still")

		at = w.catchUp(t, nodeA, at)
		w.waits(t, nodeA, at)
		require.True(t, w.hub.Confirm(ctx, rev), "it has caught up")
		rev = w.put(t, directory.KindUser, "u")
		go func() { confirmed <- w.hub.Confirm(ctx, rev) }()
		require.Eventually(t, func() bool { return c.Waiting() == 1 }, 5*time.Second, time.Millisecond, "and is waited for again")
		w.waitsAfter(t, at)
		require.True(t, <-confirmed)
	})
}

// waitsAfter fetches what is after at, and confirms it.
func (w *hubWorld) waitsAfter(t *testing.T, at directory.Position) {
	t.Helper()
	w.waits(t, nodeA, w.catchUp(t, nodeA, at))
}

func TestNodeThatIsGoneIsNotWaitedFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		c := clocktest.New(start)
		w := newHubWorld(t, db, c)
		w.catchUp(t, nodeA, directory.Position{})
		c.Advance(controlplane.HubConnectedFor + 1)
		require.True(t, w.hub.Confirm(ctx, w.put(t, directory.KindUser, "u")))
		require.False(t, w.hub.Nodes()[0].Connected)
	})
}

func TestConfirmEndsWithItsContext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clocktest.New(start))
		w.catchUp(t, nodeA, directory.Position{})
		over, cancel := context.WithCancel(ctx)
		cancel()
		require.False(t, w.hub.Confirm(over, w.put(t, directory.KindUser, "u")))
	})
}

func TestRunNoticesAnotherProcessAndStops(t *testing.T) {
	db := dbtest.Open(t, dbtest.SQLiteURL(t))
	c := clocktest.New(start)
	w := newHubWorld(t, db, c)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // the database's own goroutines end with it
	at := w.catchUp(t, nodeA, directory.Position{})
	running, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() { stopped <- w.hub.Run(running) }()
	got := make(chan directory.Changes)
	go func() { got <- w.changes(t, nodeA, at) }()
	require.Eventually(t, func() bool { return c.Waiting() == 1 && w.hub.Nodes()[0].Holds == at.Revision }, 5*time.Second, time.Millisecond)

	rev := w.put(t, directory.KindUser, "u") // nobody calls Confirm
	require.Eventually(t, func() bool {
		c.Advance(controlplane.HubPollInterval)
		select {
		case changes := <-got:
			require.Equal(t, rev, changes.Position.Revision)
			return true
		default:
			return false
		}
	}, 5*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-stopped)
	require.NoError(t, w.hub.Run(running), "a stopped hub stays stopped")
}

func TestForgottenNodesCostNothing(t *testing.T) {
	db := dbtest.Open(t, dbtest.SQLiteURL(t))
	c := clocktest.New(start)
	w := newHubWorld(t, db, c)
	for i := range 50 {
		w.changes(t, directory.Node{ID: fmt.Sprint(i), Region: "local-1"}, directory.Position{})
	}
	require.Len(t, w.hub.Nodes(), 50)
	c.Advance(time.Hour)
	running, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() { stopped <- w.hub.Run(running) }()
	require.Eventually(t, func() bool { return len(w.hub.Nodes()) == 0 }, 5*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-stopped)
}

package controlplane_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/controlplane/gormstore"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbx"
	"dms/internal/directory"
	directorystore "dms/internal/directory/gormstore"
	"dms/internal/id"
	"dms/internal/usage"
)

var start = time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)

// world is the control plane on one database, without nodes.
type world struct {
	db        *dbx.DB
	store     *gormstore.Store
	directory *directorystore.Store
	clock     *clocktest.Manual
	confirmed *confirmer
	*controlplane.Services
}

func newWorld(db *dbx.DB) *world {
	w := &world{db: db, store: gormstore.New(db), directory: directorystore.New(db), clock: clocktest.New(start), confirmed: &confirmer{}}
	w.Services = controlplane.NewServices(controlplane.Deps{Store: w.store, Confirmer: w.confirmed, Clock: w.clock, Log: discard})
	return w
}

// confirmer notes what was waited for.
type confirmer struct{ revisions []directory.Revision }

func (c *confirmer) Confirm(_ context.Context, rev directory.Revision) bool {
	c.revisions = append(c.revisions, rev)
	return true
}

func newActor() access.Actor {
	return access.Actor{AccountID: id.NewHex(), UserID: id.NewHex(), ProjectID: id.NewHex()}
}

// counted returns all calls that wait for delivery, and drops them.
func (w *world) counted(t *testing.T) map[access.Action]int64 {
	t.Helper()
	out := map[access.Action]int64{}
	for {
		b, ok, err := w.store.CutUsage(context.Background(), 1000)
		require.NoError(t, err)
		if !ok {
			return out
		}
		for _, c := range b.Counts {
			require.Equal(t, usage.HourOf(w.clock.Now()), c.Hour)
			out[c.Action] += c.Calls
		}
		require.NoError(t, w.store.UsageDelivered(context.Background(), b.Last))
	}
}

// live returns the keys of the directory's live entries of a kind.
func (w *world) live(t *testing.T, kind directory.Kind) (keys []string) {
	t.Helper()
	require.NoError(t, w.directory.Scan(context.Background(), kind, "", func(e directory.Entry) bool {
		keys = append(keys, e.Key)
		return true
	}))
	return keys
}

var discard = slog.New(slog.DiscardHandler)

func ptr[T any](v T) *T { return &v }

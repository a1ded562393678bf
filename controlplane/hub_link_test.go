package controlplane_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/internal/clock"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/nodelink"
)

// TestQueueIsOnTheNodeWhenTheCallReturns runs the hub with a node at the other end of an HTTP link.
func TestQueueIsOnTheNodeWhenTheCallReturns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		w := newHubWorld(t, db, clock.System{})
		w.Services = controlplane.NewServices(controlplane.Deps{Store: w.store, Confirmer: w.hub, Clock: clock.System{}, Log: discard})
		token := []byte("a node token of some length")
		link, err := nodelink.NewServer(nodelink.ServerOptions{Token: token, Source: w.hub, Sink: &sink{}, OwnSource: controlplane.UsageSource, Log: discard})
		require.NoError(t, err)
		server := httptest.NewServer(link)
		defer server.Close()
		defer link.StopPolls()
		node, err := nodelink.NewClient(nodelink.ClientOptions{URL: server.URL, Token: token, NodeID: nodeA.ID, Region: nodeA.Region})
		require.NoError(t, err)
		defer node.Close()

		_, err = node.Changes(ctx, nodeA, directory.Position{})
		require.NoError(t, err)
		at := w.catchUp(t, nodeA, directory.Position{})
		var (
			mu   sync.Mutex
			held = map[string]bool{}
			wg   sync.WaitGroup
		)
		following, stop := context.WithCancel(ctx)
		wg.Go(func() {
			for following.Err() == nil {
				got, err := node.Changes(following, nodeA, at)
				require.NoError(t, err)
				mu.Lock()
				for _, e := range got.Entries {
					held[e.Key] = !e.Deleted
				}
				mu.Unlock()
				if got.Position.Directory != "" {
					at = got.Position
				}
			}
		})
		a := newActor()
		for range 5 {
			q, _, err := w.Queues.Create(ctx, a, "local-1", controlplane.QueueSpec{Name: "orders"})
			require.NoError(t, err)
			key := a.ProjectID + "/" + q.ID
			mu.Lock()
			require.True(t, held[key])
			mu.Unlock()
			require.NoError(t, w.Queues.Delete(ctx, a, q.ID))
			mu.Lock()
			require.False(t, held[key])
			mu.Unlock()
		}
		stop()
		wg.Wait()

		lost, err := nodelink.NewClient(nodelink.ClientOptions{URL: server.URL, Token: token, NodeID: "z", Region: "east-9"})
		require.NoError(t, err)
		defer lost.Close()
		_, err = lost.Changes(ctx, directory.Node{ID: "z", Region: "east-9"}, directory.Position{})
		require.Equal(t, errs.Invalid, errs.CodeOf(err))
		require.Contains(t, errs.MessageOf(err), "these do: local-1, west-1")
	})
}

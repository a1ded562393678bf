package nodelink_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/errs"
	"dms/internal/nodelink"
)

// counts keeps the batches that it took.
type counts struct{ took []audit.CountBatch }

func (c *counts) Count(_ context.Context, b audit.CountBatch) error {
	c.took = append(c.took, b)
	return nil
}

func TestNodeDeliversItsOwnCountsAlone(t *testing.T) {
	took := new(counts)
	s, err := nodelink.NewServer(nodelink.ServerOptions{Token: token, Source: &source{}, Sink: &sink{}, Counts: took, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	server := httptest.NewServer(s.WithTenants(http.NotFoundHandler())) // as the node listener has it
	t.Cleanup(server.Close)
	c, err := nodelink.NewClient(nodelink.ClientOptions{URL: server.URL, Token: token, NodeID: node.ID, Region: node.Region})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	want := audit.CountBatch{Source: node.ID + "/1", Counts: []audit.Count{
		{Minute: 7, Kind: audit.CountDenied, AccountID: "a", UserID: "u", Action: access.QueueGet, Resource: "r", Calls: 3},
	}}
	require.NoError(t, c.Count(ctx, want))
	require.Equal(t, []audit.CountBatch{want}, took.took)
	for _, source := range []string{"controlplane/1", node.ID, "another/1", ""} {
		require.Equal(t, errs.Invalid, errs.CodeOf(c.Count(ctx, audit.CountBatch{Source: source})), source)
	}
	require.Len(t, took.took, 1)
}

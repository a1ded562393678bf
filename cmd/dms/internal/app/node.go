package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"dms/internal/audit"
	"dms/internal/clock"
	"dms/internal/httpserve"
	"dms/internal/nodelink"
	"dms/internal/run"
	"dms/internal/seal"
)

// Node runs one data-plane node until ctx ends.
func Node(ctx context.Context, cfg Config, log *slog.Logger) (err error) {
	token, err := seal.Load(cfg.NodeTokenFile) // made by the control plane, never here: a token of its own would be refused for ever
	if err != nil {
		return fmt.Errorf("node_token_file: %w", err)
	}
	key, err := nodelink.RegionKey(token, cfg.Region)
	if err != nil {
		return err
	}
	dp, err := openStorage(cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dp.Close()) }()
	link, err := nodelink.NewClient(nodelink.ClientOptions{URL: cfg.ControlPlane, Token: token, NodeID: dp.store.ID(), Region: cfg.Region})
	if err != nil {
		return err
	}
	registry := newRegistry()
	if err := dp.join(cfg, link, link, registry); err != nil {
		return err
	}

	front := newEngine(log)
	registerOperations(front, registry, func(context.Context) error { return dp.node.Ready() })
	forward := link.Forwarder(log, func(w http.ResponseWriter, r *http.Request, err error) {
		dialectOf(r.URL.Path).WriteError(w, w.Header().Get(httpserve.HeaderRequestID), err)
	})
	counts := audit.NewCounter(dp.store.ID(), link, clock.System{}, log)
	if err := dp.routes(front, key, counts, forward); err != nil {
		return err
	}
	server, err := listen(cfg, cfg.Listen, cfg.front(front), dp.node.StopPolls, log)
	if err != nil {
		return err
	}
	group := &run.Group{Log: log}
	group.Add("audit counts", counts)
	group.Add("node", dp)
	group.Add("server", server)
	fmt.Fprintf(os.Stdout, "DMS node of region %s is running.\n\n  Endpoint   %s\n", cfg.Region, server.URL())
	return group.Run(ctx)
}

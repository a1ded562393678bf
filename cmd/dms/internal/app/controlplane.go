package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"dms/billing/metrics"
	"dms/billing/timetable"
	"dms/controlplane"
	"dms/iam/keyrotation"
	"dms/internal/nodelink"
	"dms/internal/run"
)

// ControlPlane runs the control plane alone: one address for tenants and the console, one for nodes, until ctx ends.
func ControlPlane(ctx context.Context, cfg Config, log *slog.Logger) (err error) {
	cp, err := openControlPlane(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()
	if err := cp.ensureRegions(ctx); err != nil {
		return err
	}
	token, err := nodeToken(cfg)
	if err != nil {
		return err
	}
	link, err := nodelink.NewServer(nodelink.ServerOptions{
		Token: token, Source: cp.hub, Sink: cp.usage, Counts: cp.trails, Log: log, OwnSource: controlplane.UsageSource,
	})
	if err != nil {
		return err
	}
	registry := newRegistry()
	if err := metrics.Register(registry, cp.counters); err != nil {
		return err
	}

	handler := new(lateHandler)
	server, err := listen(cfg, cfg.Listen, handler, nil, log)
	if err != nil {
		return err
	}
	tenants := newEngine(log)
	registerOperations(tenants, registry, cp.ready)
	if err := cp.routes(tenants, baseURL(cfg, server.URL())); err != nil {
		return errors.Join(err, server.Close())
	}
	handler.Handler = cfg.front(tenants)
	nodes, err := listen(cfg, cfg.NodeListen, link.WithTenants(tenants), link.StopPolls, log)
	if err != nil {
		return errors.Join(err, server.Close())
	}

	group := &run.Group{Log: log}
	group.Add("directory hub", cp.hub)
	group.Add("audit counts", cp.counts)
	if cp.outbox != nil {
		group.Add("outbox", cp.outbox)
	}
	group.Add("meter", timetable.New(cp.meter, log))
	group.Add("rotation of signing keys", keyrotation.New(cp.iam.Keys, log))
	group.Add("usage shipper", controlplane.NewUsageShipper(cp.store, cp.usage, cp.clock, log))
	group.Add("node listener", nodes)
	group.Add("server", server)
	warnWithoutPublicURL(cfg, log)
	fmt.Fprintf(os.Stdout, "DMS control plane is running.\n\n  Console    %s\n  For nodes  %s   (token in %s)\n", server.URL(), nodes.URL(), cfg.NodeTokenFile)
	return group.Run(ctx)
}

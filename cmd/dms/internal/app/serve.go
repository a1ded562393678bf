package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"dms/billing/metrics"
	"dms/billing/timetable"
	"dms/controlplane"
	"dms/iam/keyrotation"
	"dms/internal/nodelink"
	"dms/internal/run"
)

// Serve runs both planes and the console in one process, on one address, until ctx ends.
func Serve(ctx context.Context, cfg Config, log *slog.Logger) (err error) {
	cp, err := openControlPlane(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()
	if err := cp.ensureRegions(ctx); err != nil {
		return err
	}
	if err := cp.services.Regions.Check(ctx, cfg.Region); err != nil {
		return err
	}
	dp, err := openStorage(cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dp.Close()) }()
	registry := newRegistry()
	if err := metrics.Register(registry, cp.counters); err != nil {
		return err
	}
	if err := dp.join(cfg, cp.hub, cp.usage, registry); err != nil {
		return err
	}

	handler := new(lateHandler)
	server, err := listen(cfg, cfg.Listen, handler, dp.node.StopPolls, log)
	if err != nil {
		return err
	}
	tenants := newEngine(log)
	if err := cp.routes(tenants, baseURL(cfg, server.URL())); err != nil {
		return errors.Join(err, server.Close())
	}
	token, err := nodeToken(cfg)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	key, err := nodelink.RegionKey(token, cfg.Region)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	front := newEngine(log)
	registerOperations(front, registry, func(ctx context.Context) error { return errors.Join(dp.node.Ready(), cp.ready(ctx)) })
	if err := dp.routes(front, key, cp.counts, tenants); err != nil {
		return errors.Join(err, server.Close())
	}
	handler.Handler = cfg.front(front)

	group := &run.Group{Log: log}
	group.Add("directory hub", cp.hub)
	group.Add("audit counts", cp.counts)
	if cp.outbox != nil {
		group.Add("outbox", cp.outbox)
	}
	group.Add("meter", timetable.New(cp.meter, log))
	group.Add("rotation of signing keys", keyrotation.New(cp.iam.Keys, log))
	group.Add("usage shipper", controlplane.NewUsageShipper(cp.store, cp.usage, cp.clock, log))
	group.Add("node", dp)
	group.Add("server", server)
	warnWithoutPublicURL(cfg, log)
	greet(cfg, server.URL())
	return group.Run(ctx)
}

// greet tells a person at the terminal where to go. It is the only thing that is written to standard output.
func greet(cfg Config, url string) {
	if cfg.PublicURL != "" {
		url = cfg.PublicURL
	}
	fmt.Fprintf(os.Stdout, `DMS is running.

  Console    %[1]s
  Start here open the console, sign up, activate DMS, create a queue, send a message
  API        %[1]s/docs   (DMS clients: endpoint %[1]s, region %[2]s)
  Data       %[3]s

%[4]s Stop with Ctrl-C.
`, url, cfg.Region, cfg.DataDir, aboutMail(cfg.Mail))
	if !cfg.secureCookies() {
		fmt.Fprintln(os.Stdout, "Sessions are not encrypted on the way: set tls-cert and tls-key, or a public-url with https, before others use this address.")
	}
}

func aboutMail(m MailConfig) string {
	switch {
	case m.SMTPURL != "":
		return "E-mail addresses are verified."
	case m.Dir != "":
		return "E-mail addresses are verified; the mails are in " + m.Dir + "."
	}
	return "E-mail addresses are not verified: no mail server is configured."
}

func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors()...)
	return r
}

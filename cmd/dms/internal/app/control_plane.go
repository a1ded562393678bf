package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"dms/billing"
	billingstore "dms/billing/gormstore"
	"dms/controlplane"
	controlplanestore "dms/controlplane/gormstore"
	"dms/iam"
	iamstore "dms/iam/gormstore"
	"dms/iam/password"
	"dms/iam/token"
	"dms/iam/totp"
	"dms/internal/audit"
	auditstore "dms/internal/audit/gormstore"
	"dms/internal/clock"
	"dms/internal/dbx"
	directorystore "dms/internal/directory/gormstore"
	"dms/internal/seal"
	"dms/migrations"
)

// controlPlane is everything that works on the control plane's database, without an address: the commands of the operator use it
// as the servers do.
type controlPlane struct {
	cfg       Config
	log       *slog.Logger
	clock     clock.Clock
	db        *dbx.DB
	key       *seal.Key // the platform's
	directory *directorystore.Store
	hub       *controlplane.Hub
	trails    *auditstore.Store
	counts    *audit.Counter // of what this process decides

	iam      *iam.Services
	outbox   *iam.Outbox // nil: no mails are sent
	services *controlplane.Services
	store    *controlplanestore.Store

	counters *billing.Counters
	usage    *billing.UsageService
	meter    *billing.Meter
	reports  *billing.ReportService
	prices   *billing.PriceBook
}

// meterSettle is how long an hour stays open after its end: a queue's event is dated before its transaction commits, and no
// transaction takes longer than this.
const meterSettle = 10 * time.Second

// openDatabase opens the configured database and makes an empty one ready.
func openDatabase(ctx context.Context, cfg Config) (*dbx.DB, error) {
	db, err := dbx.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if err := migrations.Prepare(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openControlPlane opens the database and builds the services on it.
func openControlPlane(ctx context.Context, cfg Config, log *slog.Logger) (*controlPlane, error) {
	key, err := platformKey(cfg)
	if err != nil {
		return nil, err
	}
	token, err := nodeToken(cfg)
	if err != nil {
		return nil, err
	}
	db, err := openDatabase(ctx, cfg)
	if err != nil {
		return nil, err
	}
	cp := &controlPlane{cfg: cfg, log: log, clock: clock.System{}, db: db, key: key}
	if err := cp.build(newRegionSeal(key, token)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return cp, nil
}

func (cp *controlPlane) build(regions *regionSeal) (err error) {
	cp.directory = directorystore.New(cp.db)
	cp.store = controlplanestore.New(cp.db)
	cp.trails = auditstore.New(cp.db)
	cp.counts = audit.NewCounter("controlplane", cp.trails, cp.clock, cp.log)
	cp.hub = controlplane.NewHub(controlplane.HubOptions{Log: cp.directory, Regions: controlplane.NewRegionService(cp.store, cp.clock), Seal: regions, Clock: cp.clock, Logger: cp.log})

	if cp.outbox, err = newOutbox(cp.cfg.Mail, cp.clock, cp.log); err != nil {
		return err
	}
	cp.iam, err = iam.NewServices(iam.Deps{
		Store: iamstore.New(cp.db), Clock: cp.clock, Confirmer: cp.hub, Seal: cp.key,
		Passwords: password.New(password.DefaultParams()), Tokens: token.Codec{},
		Regions: cp.regionNames, TOTP: totp.Codes{}, Outbox: cp.outbox, RequireVerification: cp.cfg.Mail.RequireVerification,
		RegionSeals: func(ctx context.Context) ([]*seal.Key, error) {
			names, err := cp.regionNames(ctx)
			if err != nil {
				return nil, err
			}
			return regions.keysOf(names)
		},
	})
	if err != nil {
		return err
	}
	cp.services = controlplane.NewServices(controlplane.Deps{Store: cp.store, Confirmer: cp.hub, Clock: cp.clock, Log: cp.log, QueuePolicies: cp.iam.QueuePolicies, MayActivate: cp.iam.Email.MayActivate})

	cp.prices, err = billing.StandardPriceBook(billing.Granularity(cp.cfg.Billing.Granularity))
	if err != nil {
		return err
	}
	cp.counters = new(billing.Counters)
	store := billingstore.New(cp.db)
	cp.usage = billing.NewUsageService(store, cp.clock, cp.log, cp.counters)
	cp.meter = billing.NewMeter(billing.MeterOptions{
		Store: store, Events: cp.store, Prices: cp.prices, Clock: cp.clock, Log: cp.log, Counters: cp.counters, Settle: meterSettle,
	})
	cp.reports, err = billing.NewReportService(billing.ReportOptions{
		Store: store, Events: cp.store, Prices: cp.prices, Clock: cp.clock, Zone: billing.ChinaZone, FinalAfter: cp.cfg.Billing.FinalAfter,
	})
	return err
}

func (cp *controlPlane) regionNames(ctx context.Context) ([]string, error) {
	regions, err := cp.services.Regions.List(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(regions))
	for i, r := range regions {
		names[i] = r.Name
	}
	return names, nil
}

// ensureRegions gives a database without any region the default one (only bootstrap makes others), and each account a project in
// every region: a sign-up that raced the creation of a region may have missed it.
func (cp *controlPlane) ensureRegions(ctx context.Context) error {
	names, err := cp.regionNames(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = []string{controlplane.DefaultRegion}
		if err := cp.services.Regions.Ensure(ctx, controlplane.Region{Name: controlplane.DefaultRegion}); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := cp.iam.Accounts.EnsureProjects(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the database.
func (cp *controlPlane) Close() error {
	if err := cp.db.Close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

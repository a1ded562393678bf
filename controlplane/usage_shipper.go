package controlplane

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"dms/internal/clock"
	"dms/internal/usage"
)

// UsageSource names the control plane's own counts in usage batches.
const UsageSource = "controlplane"

const (
	shipInterval   = time.Second
	shipMaxCounted = 1000 // calls a batch
)

// UsageShipper delivers the calls that the control plane counted, each exactly once: a batch is cut in the database before it is
// delivered, so a lost answer or a crash repeats the same batch, which the sink knows.
type UsageShipper struct {
	store Store
	sink  usage.Sink
	clock clock.Clock
	log   *slog.Logger
}

// NewUsageShipper returns a shipper from the store to the sink. Several may run at once.
func NewUsageShipper(s Store, sink usage.Sink, c clock.Clock, log *slog.Logger) *UsageShipper {
	return &UsageShipper{store: s, sink: sink, clock: c, log: log}
}

// Run delivers each second until ctx ends, and what is left then stays in the database for the next start.
func (s *UsageShipper) Run(ctx context.Context) error {
	for {
		if err := s.Drain(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "usage was not delivered, will try again", slog.String("error", err.Error()))
		}
		if !sleep(ctx, s.clock, shipInterval) {
			return nil
		}
	}
}

// Drain delivers all that is counted by now.
func (s *UsageShipper) Drain(ctx context.Context) error {
	for {
		more, err := s.step(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// step delivers one batch and reports whether there was one.
func (s *UsageShipper) step(ctx context.Context) (bool, error) {
	b, ok, err := s.store.CutUsage(ctx, shipMaxCounted)
	if err != nil || !ok {
		return false, err
	}
	stored, err := s.sink.Deliver(ctx, b)
	if err != nil {
		return false, fmt.Errorf("deliver usage %d to %d: %w", b.First, b.Last, err)
	}
	if stored < b.Last {
		return false, fmt.Errorf("deliver usage %d to %d: the sink stored up to %d only", b.First, b.Last, stored)
	}
	return true, s.store.UsageDelivered(ctx, b.Last)
}

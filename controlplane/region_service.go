package controlplane

import (
	"context"
	"slices"

	"dms/internal/audit"
	"dms/internal/clock"
)

// RegionService knows the regions.
type RegionService struct {
	store Store
	clock clock.Clock
}

// NewRegionService returns the service alone, for the hub: that one is needed to make the others.
func NewRegionService(s Store, c clock.Clock) *RegionService {
	return &RegionService{store: s, clock: c}
}

// Ensure adds the region unless it exists. A given endpoint replaces the one that is known.
func (s *RegionService) Ensure(ctx context.Context, r Region) error {
	if err := ValidateRegionName(r.Name); err != nil {
		return err
	}
	have, err := s.store.Regions(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(have, func(h Region) bool { return h.Name == r.Name })
	if i >= 0 && (r.Endpoint == "" || have[i].Endpoint == r.Endpoint) {
		return nil
	}
	return s.store.InTx(ctx, func(tx Tx) error {
		if err := tx.PutRegion(r); err != nil {
			return err
		}
		return tx.Audit(s.clock.Now(), audit.Event{
			AccountID: audit.Platform, Action: audit.RegionSet, Resource: audit.PlatformResource("region", r.Name), Detail: map[string]string{"endpoint": r.Endpoint},
		})
	})
}

// List returns all regions by name.
func (s *RegionService) List(ctx context.Context) ([]Region, error) { return s.store.Regions(ctx) }

// Check answers errs.Invalid for a region that does not exist; the message lists those that do.
func (s *RegionService) Check(ctx context.Context, name string) error {
	have, err := s.store.Regions(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(have))
	for i, r := range have {
		if r.Name == name {
			return nil
		}
		names[i] = r.Name
	}
	return unknownRegion(name, names)
}

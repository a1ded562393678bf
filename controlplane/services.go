package controlplane

import (
	"context"
	"log/slog"

	"dms/dataplane"
	"dms/internal/clock"
	"dms/internal/directory"
)

// Deps is what the services need.
type Deps struct {
	Store     Store
	Confirmer directory.Confirmer
	Clock     clock.Clock
	Log       *slog.Logger
	// QueueLimits are given to new queues; zero: none.
	QueueLimits dataplane.QueueLimits
	// QueuePolicies judges the policies of queues. QueueService.SetPolicy and DeletePolicy need it.
	QueuePolicies QueuePolicyChecker
	// MayActivate refuses accounts that must not use the service yet; nil: there are none.
	MayActivate func(ctx context.Context, accountID string) error
}

// Services are the control plane's operations.
type Services struct {
	Queues      *QueueService
	Activations *ActivationService
	Regions     *RegionService
	Quotas      *QuotaService
}

// NewServices returns the services over one store.
func NewServices(d Deps) *Services {
	return &Services{
		Queues:      &QueueService{Deps: d},
		Activations: &ActivationService{Deps: d},
		Regions:     NewRegionService(d.Store, d.Clock),
		Quotas:      &QuotaService{Deps: d},
	}
}

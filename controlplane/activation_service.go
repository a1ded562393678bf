package controlplane

import (
	"context"
	"log/slog"

	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/directory"
)

// ActivationService says for which accounts the service works.
type ActivationService struct{ Deps }

// Activate turns the service on for an account and returns its activation. Repeating it changes nothing; it does not thaw. An account that
// Deps.MayActivate refuses stays as it is.
func (s *ActivationService) Activate(ctx context.Context, accountID string) (dataplane.Activation, error) {
	if a, found, err := s.Store.Activation(ctx, accountID); err != nil || found {
		return a, err
	}
	if s.MayActivate != nil {
		if err := s.MayActivate(ctx, accountID); err != nil {
			return dataplane.Activation{}, err
		}
	}
	a := dataplane.Activation{AccountID: accountID, State: dataplane.ActivationActive, ActivatedAt: s.Clock.Now().UnixMicro()}
	added := false
	err := s.change(ctx, func(tx Tx) (directory.Revision, error) {
		var err error
		if added, err = tx.InsertActivation(a); err != nil || !added {
			return 0, err
		}
		if err := tx.Audit(s.Clock.Now(), audit.Event{
			AccountID: accountID, Action: access.ServiceActivate, Resource: access.AccountResource("dms", accountID, "service"), After: activationEntry(a).Value,
		}); err != nil {
			return 0, err
		}
		return tx.Publish(activationEntry(a))
	})
	if err != nil {
		return dataplane.Activation{}, err
	}
	if !added { // somebody else was first
		a, _, err = s.Store.Activation(ctx, accountID)
		return a, err
	}
	s.Log.InfoContext(ctx, "service activated", slog.String("account_id", accountID))
	return a, nil
}

// Get returns the account's activation and whether there is one.
func (s *ActivationService) Get(ctx context.Context, accountID string) (dataplane.Activation, bool, error) {
	return s.Store.Activation(ctx, accountID)
}

// Check answers errs.Forbidden with reason.NotActivated or reason.Frozen unless the account may use the service.
func (s *ActivationService) Check(ctx context.Context, accountID string) error {
	a, found, err := s.Store.Activation(ctx, accountID)
	if err != nil {
		return err
	}
	return CheckActive(a, found)
}

// CheckDelete is Check for deleting a queue, which a frozen account may do.
func (s *ActivationService) CheckDelete(ctx context.Context, accountID string) error {
	a, found, err := s.Store.Activation(ctx, accountID)
	if err != nil {
		return err
	}
	a.State = dataplane.ActivationActive
	return CheckActive(a, found)
}

package iam

import (
	"context"
	"time"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock"
)

// OperatorService is what operators of the platform do to accounts. Whoever calls it has made sure that an operator asks.
type OperatorService struct {
	store    Store
	write    writer
	clock    clock.Clock
	sessions *SessionService
}

// AcrossAccountsSearch returns up to limit accounts whose name has the part, in any case, with ids after the given one ("" for the first), in the order of ids.
func (s *OperatorService) AcrossAccountsSearch(ctx context.Context, part, after string, limit int) ([]Account, error) {
	return s.store.AcrossAccountsSearch(ctx, part, after, limit)
}

// Suspend has every credential of the account refused, on every connected node, when the call returns; open long polls end. Nothing is deleted. A second
// suspension changes the reason.
func (s *OperatorService) Suspend(ctx context.Context, accountID, because string) error {
	return s.setSuspended(ctx, accountID, access.PlatformAccountSuspend, s.clock.Now(), because)
}

// Resume ends a suspension. Repeating it changes nothing.
func (s *OperatorService) Resume(ctx context.Context, accountID, because string) error {
	return s.setSuspended(ctx, accountID, access.PlatformAccountResume, time.Time{}, because)
}

func (s *OperatorService) setSuspended(ctx context.Context, accountID string, action access.Action, at time.Time, because string) error {
	return s.write.change(ctx, func(tx Tx, out *changes) error {
		a, err := tx.LockAccount(ctx, accountID)
		if err != nil {
			return err
		}
		before := a.entry().Value
		a.SuspendedAt, a.SuspendedReason = at, because
		if at.IsZero() {
			a.SuspendedReason = ""
		}
		if err := tx.SetSuspended(ctx, a); err != nil {
			return err
		}
		out.add(a.entry())
		out.record(audit.Event{
			AccountID: a.ID, Action: action, Resource: audit.Resource("iam", a.ID, "account", a.Name), Before: before, After: a.entry().Value,
			Detail: map[string]string{"reason": because},
		})
		return nil
	})
}

package billing_test

import (
	"context"
	"errors"
	"fmt"

	"dms/billing"
	"dms/internal/usage"
)

var (
	errKilled    = errors.New("killed")
	errReplyLost = fmt.Errorf("%w after the commit", errKilled)
)

// failing is a store whose statement number failAt fails, counted over all its transactions: the process dies there, and the
// transaction with it. The commit counts as a statement, and as one more: the transaction is committed, and nobody learns of it.
type failing struct {
	billing.Store
	failAt int
	done   int
}

func (f *failing) step() error {
	f.done++
	if f.done == f.failAt {
		return fmt.Errorf("%w at statement %d", errKilled, f.done)
	}
	return nil
}

func (f *failing) InTx(ctx context.Context, do func(billing.Tx) error) error {
	err := f.Store.InTx(ctx, func(tx billing.Tx) error {
		if err := do(&failingTx{Tx: tx, f: f}); err != nil {
			return err
		}
		return f.step()
	})
	if err != nil {
		return err
	}
	if f.step() != nil {
		return errReplyLost
	}
	return nil
}

func (f *failing) Meter(ctx context.Context) (billing.MeterState, error) {
	if err := f.step(); err != nil {
		return billing.MeterState{}, err
	}
	return f.Store.Meter(ctx)
}

type failingTx struct {
	billing.Tx
	f *failing
}

func (t *failingTx) LockMeter() (billing.MeterState, error) {
	if err := t.f.step(); err != nil {
		return billing.MeterState{}, err
	}
	return t.Tx.LockMeter()
}

func (t *failingTx) SaveMeter(s billing.MeterState) error {
	if err := t.f.step(); err != nil {
		return err
	}
	return t.Tx.SaveMeter(s)
}

func (t *failingTx) AcrossAccountsFirstHour() (usage.Hour, bool, error) {
	if err := t.f.step(); err != nil {
		return 0, false, err
	}
	return t.Tx.AcrossAccountsFirstHour()
}

func (t *failingTx) AcrossAccountsCalls(h usage.Hour) ([]billing.AccountCalls, error) {
	if err := t.f.step(); err != nil {
		return nil, err
	}
	return t.Tx.AcrossAccountsCalls(h)
}

func (t *failingTx) ChainHeads(ids []string, before usage.Hour) (map[string]billing.Hash, error) {
	if err := t.f.step(); err != nil {
		return nil, err
	}
	return t.Tx.ChainHeads(ids, before)
}

func (t *failingTx) InsertClosedHours(records []billing.ClosedHour) (int, error) {
	if err := t.f.step(); err != nil {
		return 0, err
	}
	return t.Tx.InsertClosedHours(records)
}

func (t *failingTx) PublishPrices(v billing.PriceVersion) error {
	if err := t.f.step(); err != nil {
		return err
	}
	return t.Tx.PublishPrices(v)
}

func (t *failingTx) Source(source string) (billing.SourceState, error) {
	if err := t.f.step(); err != nil {
		return billing.SourceState{}, err
	}
	return t.Tx.Source(source)
}

func (t *failingTx) SaveSource(s billing.SourceState) error {
	if err := t.f.step(); err != nil {
		return err
	}
	return t.Tx.SaveSource(s)
}

func (t *failingTx) AddCounts(counts []billing.BookedCount) error {
	if err := t.f.step(); err != nil {
		return err
	}
	return t.Tx.AddCounts(counts)
}

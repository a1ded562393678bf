package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"dms/billing"
	"dms/controlplane"
	"dms/internal/errs"
)

// ReportInput says which bill to print.
type ReportInput struct {
	Account string // id or name
	Month   string // YYYY-MM, in the billing zone
	Output  string // json or csv
}

// BillingRun moves the meter through all closed hours and says how far it came.
func BillingRun(ctx context.Context, cfg Config, out io.Writer) (err error) {
	cp, err := openControlPlane(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()
	if err := cp.drainUsage(ctx); err != nil {
		return err
	}
	r, err := cp.meter.Advance(ctx)
	if err != nil {
		return err
	}
	if r.Hours == 0 {
		_, err = fmt.Fprintln(out, "No hour has ended since the last run.")
		return err
	}
	_, err = fmt.Fprintf(out, "Closed %d hours, from %s to %s (%d records).\n", r.Hours,
		r.From.Start().Format(time.RFC3339), r.To.Start().Format(time.RFC3339), r.Records)
	return err
}

// drainUsage hands over the calls that the control plane has counted itself. A running server does so each second; beside a
// stopped one they would be missing.
func (cp *controlPlane) drainUsage(ctx context.Context) error {
	return controlplane.NewUsageShipper(cp.store, cp.usage, cp.clock, cp.log).Drain(ctx)
}

// BillingReport prints one account's bill of one month.
func BillingReport(ctx context.Context, cfg Config, in ReportInput, out io.Writer) (err error) {
	month, err := billing.ParseMonth(in.Month)
	if err != nil {
		return err
	}
	cp, err := openControlPlane(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()
	account, err := cp.iam.Accounts.Account(ctx, in.Account)
	if errs.CodeOf(err) == errs.NotFound {
		return errs.New(errs.NotFound, "", "there is no account with the id or name %q", in.Account)
	}
	if err != nil {
		return err
	}
	if err := cp.drainUsage(ctx); err != nil {
		return err
	}
	bill, err := cp.reports.Bill(ctx, billing.Account{ID: account.ID, Name: account.Name}, month)
	if err != nil {
		return err
	}
	if in.Output == "csv" {
		return bill.WriteCSV(out)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(bill)
}

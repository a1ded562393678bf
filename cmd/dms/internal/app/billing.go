package app

import (
	"context"
	"errors"
	"io"
)

// ReportInput says which bill to print.
type ReportInput struct {
	Account string // id or name
	Month   string // YYYY-MM, in the billing zone
	Output  string // json or csv
}

// BillingRun moves the meter through all closed hours and says how far it came.
func BillingRun(ctx context.Context, cfg Config, out io.Writer) error {
	return errors.New("billing run is not wired")
}

// BillingReport prints one account's bill of one month.
func BillingReport(ctx context.Context, cfg Config, in ReportInput, out io.Writer) error {
	return errors.New("billing report is not wired")
}

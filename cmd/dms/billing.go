package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newBilling() *cobra.Command {
	return group("billing", "Move the meter, print bills", newBillingRun(), newBillingReport())
}

func newBillingRun() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Move the meter now, through all hours that have ended",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			return app.BillingRun(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	}
}

func newBillingReport() *cobra.Command {
	var in app.ReportInput
	cmd := &cobra.Command{
		Use:   "report --account ID|NAME --month YYYY-MM",
		Short: "Print one account's bill of one month",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if in.Output != "json" && in.Output != "csv" {
				return usagef(cmd, "--output is %q: want json or csv", in.Output)
			}
			cfg, _, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			return app.BillingReport(cmd.Context(), cfg, in, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Account, "account", "", "id or name of the account")
	f.StringVar(&in.Month, "month", "", "the month, in the billing zone (UTC+8)")
	f.StringVar(&in.Output, "output", "json", "form of the bill: json or csv")
	required(cmd, "account", "month")
	return cmd
}

package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newAudit() *cobra.Command {
	return group("audit", "Check audit trails", newAuditVerify())
}

func newAuditVerify() *cobra.Command {
	var account string
	var platform bool
	cmd := &cobra.Command{
		Use:   "verify --account ID|NAME",
		Short: "Check that no record of a trail was changed, moved or dropped",
		Long: "Reads the whole trail of an account and compares its hashes. The answer is JSON; it names the first record that is not what was\n" +
			"written, and the command fails then. It works on the database of a stopped or a running server.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (account == "") != platform {
				return usagef(cmd, "one of --account and --platform is needed")
			}
			cfg, _, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			return app.AuditVerify(cmd.Context(), cfg, account, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&account, "account", "", "id or name of the account")
	f.BoolVar(&platform, "platform", false, "the trail of what was done to the platform itself")
	return cmd
}

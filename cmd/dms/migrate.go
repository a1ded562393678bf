package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newMigrate() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to this version",
		Long: "Brings the database's schema to what this version needs. Stop all processes that use the database, and take a backup, first.\n" +
			"An empty database needs no migrate: serve, controlplane and bootstrap prepare it.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			return app.Migrate(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	}
}

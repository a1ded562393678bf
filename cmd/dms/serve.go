package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run control plane, one node and the console in one process",
		Long: "Runs everything in one process on one address, on SQLite and Pebble under the data folder; nothing else needs to be\n" +
			"installed. With --database-url postgres://... the control plane's data lives in Postgres.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			return app.Serve(cmd.Context(), cfg, log)
		},
	}
	tenantFlags(cmd)
	cmd.Flags().String("region", app.Default().Region, "the node's region")
	return cmd
}

// tenantFlags are those of every subcommand that listens for tenants.
func tenantFlags(cmd *cobra.Command) {
	cmd.Flags().String("listen", app.Default().Listen, "address for tenants")
	cmd.Flags().String("tls-cert", "", "certificate chain (PEM), read again when it changes")
	cmd.Flags().String("tls-key", "", "key of the certificate (PEM)")
	cmd.Flags().String("public-url", "", "how tenants reach this address, for the catalog and links")
}

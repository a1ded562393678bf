package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newNode() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "node",
		Short: "Run one data-plane node",
		Long: "Runs a node of a region: it keeps messages and answers tenants, with facts from the control plane's directory. It goes on\n" +
			"while the control plane is away.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := configure(cmd, app.Config.ValidateNode)
			if err != nil {
				return err
			}
			return app.Node(cmd.Context(), cfg, log)
		},
	}
	tenantFlags(cmd)
	cmd.Flags().String("region", app.Default().Region, "the node's region")
	cmd.Flags().String("control-plane", "", "URL of the control plane's address for nodes (its --node-listen)")
	nodeTokenFlag(cmd)
	return cmd
}

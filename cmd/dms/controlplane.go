package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newControlPlane() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "controlplane",
		Short: "Run the control plane and the console, without a node",
		Long: "Runs the control plane and the console. Nodes (dms node) reach it at --node-listen; both sides hold the same node token.\n" +
			"The token file is made when it is missing: copy it to the nodes.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			return app.ControlPlane(cmd.Context(), cfg, log)
		},
	}
	tenantFlags(cmd)
	cmd.Flags().String("node-listen", app.Default().NodeListen, "address for nodes; keep it inside your network")
	nodeTokenFlag(cmd)
	return cmd
}

func nodeTokenFlag(cmd *cobra.Command) {
	cmd.Flags().String("node-token-file", "", "the secret that control plane and nodes share (default DATA-DIR/node.token)")
}

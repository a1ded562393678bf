package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newConfig() *cobra.Command {
	return group("config", "Look at the configuration", newConfigCheck())
}

func newConfigCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Print the configuration that is in effect, or all that is wrong with it",
		Long: "Prints the configuration that follows from file, environment, flags and defaults, with passwords hidden, in the form of a\n" +
			"configuration file; or every violation, and exits with 1.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, warnings, err := app.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			for _, w := range warnings {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+w)
			}
			if err := cfg.Validate(); err != nil {
				return fmt.Errorf("the configuration is not valid:\n%w", err)
			}
			return cfg.Print(cmd.OutOrStdout())
		},
	}
	tenantFlags(cmd)
	cmd.Flags().String("region", app.Default().Region, "the node's region")
	cmd.Flags().String("node-listen", app.Default().NodeListen, "address for nodes")
	cmd.Flags().String("control-plane", "", "URL of the control plane's address for nodes")
	nodeTokenFlag(cmd)
	return cmd
}

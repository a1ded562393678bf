package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newIAM() *cobra.Command {
	return group("iam", "Keys that sign tokens", newRotateKeys())
}

func newRotateKeys() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate-keys",
		Short: "Let the next key sign tokens, now",
		Long: "Makes the next key sign tokens and makes another next one. Tokens of the key that signed until now stay good until they expire.\n" +
			"A server does so by itself each 30 days. It works on the database of a stopped or a running server.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			return app.RotateKeys(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	}
}

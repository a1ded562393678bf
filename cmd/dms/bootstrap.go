package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

func newBootstrap() *cobra.Command {
	var in app.BootstrapInput
	var passwordFile, output string
	cmd := &cobra.Command{
		Use:   "bootstrap --account NAME --user NAME --password-file FILE",
		Short: "Create a region, an account ready to use, its administrator and an access key",
		Long: "Creates what is missing of: the region, an account with DMS activated, its project (named after the region), its administrator\n" +
			"and an access key; migrates an empty database first. Repeating it changes nothing: an existing password stays. The secret\n" +
			"key is printed only by the run that makes the key, afterwards it is null; --new-key makes another key.\n" +
			"It works on the database of a stopped or a running server.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "json" {
				return usagef(cmd, "--output is %q: want json", output)
			}
			cfg, _, err := configure(cmd, app.Config.Validate)
			if err != nil {
				return err
			}
			in.Password, err = readPassword(passwordFile)
			if err != nil {
				return err
			}
			return app.Bootstrap(cmd.Context(), cfg, in, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.AccountName, "account", "", "name of the account")
	f.StringVar(&in.UserName, "user", "", "name of its administrator")
	f.StringVar(&passwordFile, "password-file", "", "file with the administrator's password; one line feed at its end is dropped")
	f.String("region", app.Default().Region, "name of the region")
	f.StringVar(&output, "output", "json", "form of the answer: json")
	f.BoolVar(&in.Operator, "operator", false, "make the user an operator of the platform")
	f.BoolVar(&in.NewKey, "new-key", false, "make another access key even if the user has one")
	required(cmd, "account", "user", "password-file")
	return cmd
}

// required refuses a command line that lacks one of the flags.
func required(cmd *cobra.Command, flags ...string) {
	next := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		for _, name := range flags {
			if !cmd.Flags().Changed(name) {
				return usagef(cmd, "--%s is needed", name)
			}
		}
		return next(cmd, args)
	}
}

func readPassword(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	s := strings.TrimSuffix(string(b), "\n")
	return strings.TrimSuffix(s, "\r"), nil
}

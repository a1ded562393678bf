package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
)

// newRoot returns the command line. Every subcommand takes the persistent flags.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "dms",
		Short: "A message-queue service for many tenants",
		Long: "dms is a message-queue service for many tenants: control plane, data-plane node and console in one binary.\n" +
			"Start with: dms serve",
		SilenceErrors: true, // run prints them, once
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{command: "dms", err: fmt.Errorf("unknown subcommand %q", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{command: cmd.CommandPath(), err: err}
	})
	d := app.Default()
	f := root.PersistentFlags()
	f.String(app.FlagConfig, "", "configuration file (YAML); also "+app.EnvConfig)
	f.String("data-dir", d.DataDir, "folder for everything that is kept on this machine")
	f.String("database-url", "", `"postgres://user:password@host/database" or "sqlite:PATH" (default sqlite:DATA-DIR/dms.db)`)
	f.String("secret-key-file", "", "the control plane's key that seals secrets at rest (default DATA-DIR/secret.key)")
	f.String("log-level", "info", "debug, info, warn or error")
	f.String("log-format", d.Log.Format, "text or json")

	root.AddCommand(newServe(), newControlPlane(), newNode(), newBootstrap(), newMigrate(), newBilling(), newAudit(), newIAM(), newEngine(), newConfig(), newBench(), newVersion())
	return root
}

// usageError is a wrong command line.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usagef says what is wrong with cmd's command line.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{command: cmd.CommandPath(), err: fmt.Errorf(format, args...)}
}

// noArgs is cobra.NoArgs with our kind of error.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef(cmd, "unexpected argument %q", args[0])
	}
	return nil
}

// group returns a command that only holds others.
func group(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef(cmd, "unknown subcommand %q", args[0])
			}
			return usagef(cmd, "a subcommand is needed")
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(children...)
	return cmd
}

// configure loads and validates the configuration and makes the log.
func configure(cmd *cobra.Command, validate func(app.Config) error) (app.Config, *slog.Logger, error) {
	cfg, warnings, err := app.Load(cmd.Flags(), os.Environ())
	if err != nil {
		return app.Config{}, nil, err
	}
	if err := validate(cfg); err != nil {
		return app.Config{}, nil, fmt.Errorf("the configuration is not valid:\n%w", err)
	}
	log := newLog(cfg.Log)
	for _, w := range warnings {
		log.Warn("configuration: " + w)
	}
	return cfg, log, nil
}

func newLog(c app.LogConfig) *slog.Logger {
	opt := &slog.HandlerOptions{Level: c.Level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opt))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opt))
}

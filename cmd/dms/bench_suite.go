package main

import (
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/benchsuite"
)

// newBenchSuite is what `make bench` runs. It is hidden: its rows are the project's own.
func newBenchSuite() *cobra.Command {
	cfg := benchsuite.DefaultConfig()
	var rows string
	cmd := &cobra.Command{
		Use:    "suite",
		Short:  "Measure the product against its ceilings and print one table",
		Hidden: true,
		Args:   noArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if cfg.Rows, err = regexp.Compile(rows); err != nil {
				return usagef(cmd, "--rows: %v", err)
			}
			cfg.Version, cfg.Out, cfg.Log = version, cmd.OutOrStdout(), cmd.ErrOrStderr()
			return benchsuite.Run(cmd.Context(), cfg)
		},
	}
	f := cmd.Flags()
	f.StringVar(&rows, "rows", "", "only rows whose names match this regular expression")
	f.StringVar(&cfg.Dir, "dir", "", "folder for the data (default: the system's temporary folder)")
	f.IntVar(&cfg.Rounds, "rounds", cfg.Rounds, "how often ours and the ceiling take turns")
	f.DurationVar(&cfg.Duration, "duration", cfg.Duration, "of one measurement")
	f.IntVar(&cfg.Queues, "idle-queues", cfg.Queues, "queues of the idle row")
	f.IntVar(&cfg.Polls, "polls", cfg.Polls, "of the row with waiting polls")
	f.Int64Var(&cfg.Backlog, "backlog", 0, "messages of the backlog row; 0: it is left out")
	return cmd
}

// newBenchCeiling is the bare server that the HTTP rows are compared with; the suite starts it.
func newBenchCeiling() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:    "ceiling",
		Short:  "Serve requests without doing anything, to be compared with",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return benchsuite.ServeCeiling(cmd.Context(), listen) },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address")
	return cmd
}

// newBenchSoak is the long part of `make nightly`.
func newBenchSoak() *cobra.Command {
	cfg := benchsuite.SoakConfig{Config: benchsuite.DefaultConfig()}
	cmd := &cobra.Command{
		Use:    "soak",
		Short:  "Keep a service busy at half its top speed and see whether memory, disk and latency stay flat",
		Hidden: true,
		Args:   noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Version, cfg.Out, cfg.Log = version, cmd.OutOrStdout(), cmd.ErrOrStderr()
			return benchsuite.Soak(cmd.Context(), cfg)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Dir, "dir", "", "folder for the data (default: the system's temporary folder)")
	f.DurationVar(&cfg.Length, "length", 30*time.Minute, "how long")
	f.DurationVar(&cfg.Every, "every", 30*time.Second, "how long each line of the table is")
	return cmd
}

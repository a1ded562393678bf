package main

import (
	"github.com/spf13/cobra"

	"dms/cmd/dms/internal/app"
	"dms/internal/clock"
)

func newEngine() *cobra.Command {
	return group("engine", "Check, copy and restore what a node keeps of messages", newEngineCheck(), newEngineCheckpoint(), newEngineRestore())
}

func newEngineCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Recount everything that is stored and name what differs",
		Long: "Reads every message and recounts everything that a node keeps under --data-dir, prints what it counted, and one line for each\n" +
			"thing that differs, with queue and consumer group; then it exits with 1. A running process does it while it works; of a stopped\n" +
			"one nothing is changed, not a byte: it may be a copy, or lie on a disk that is mounted for reading alone. It takes as long as\n" +
			"reading all the data. Ctrl-C ends it without harm.",
		Args: noArgs,
	}
	engineTool(cmd, func(cmd *cobra.Command, t app.EngineTool) error { return t.Check(cmd.Context()) })
	return cmd
}

func newEngineCheckpoint() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "checkpoint [--to DIR]",
		Short: "Copy everything that is stored, also while the node works (hot backup)",
		Long: "Copies what a node keeps of messages under --data-dir to a new directory, from which engine restore makes it again. What was\n" +
			"answered before is in it. A running process does it while it works, as the user it runs as, on its file system; the path\n" +
			"is taken as of the folder that the command is started in. Ctrl-C ends it, and nothing of the copy stays.",
		Args: noArgs,
	}
	cmd.Flags().StringVar(&to, "to", "", "directory to make, which must not exist (default DATA-DIR/checkpoints/TIME in UTC)")
	engineTool(cmd, func(cmd *cobra.Command, t app.EngineTool) error { return t.Checkpoint(cmd.Context(), to) })
	return cmd
}

func newEngineRestore() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "restore --from DIR",
		Short: "Make the engine's data from a checkpoint, in a data folder that has none",
		Long: "Copies a checkpoint into --data-dir, which must have no engine data and no running process, and checks it. The checkpoint stays\n" +
			"as it is. Handlers that were given out before are void; counted calls that had not been delivered to the control plane at the\n" +
			"time of the checkpoint are dropped. Exits with 1 when the check finds problems; what was restored stays then.",
		Args: noArgs,
	}
	cmd.Flags().StringVar(&from, "from", "", "directory that engine checkpoint made")
	engineTool(cmd, func(cmd *cobra.Command, t app.EngineTool) error { return t.Restore(cmd.Context(), from) })
	required(cmd, "from")
	return cmd
}

// engineTool makes cmd run do.
func engineTool(cmd *cobra.Command, do func(*cobra.Command, app.EngineTool) error) {
	var output string
	cmd.Flags().StringVar(&output, "output", "text", "form of the answer: text or json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if output != "text" && output != "json" {
			return usagef(cmd, "--output is %q: want text or json", output)
		}
		cfg, log, err := configure(cmd, app.Config.Validate)
		if err != nil {
			return err
		}
		return do(cmd, app.EngineTool{
			Config: cfg, Log: log, Clock: clock.System{}, Out: cmd.OutOrStdout(), Notes: cmd.ErrOrStderr(), JSON: output == "json",
		})
	}
}

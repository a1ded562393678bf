// Command dms is the whole product: the control plane, the data-plane node and the console, apart or in one process, and the
// tools of their operator. See each subcommand's --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"dms/cmd/dms/internal/app"
)

// Exit codes, fixed because scripts of operators rely on them.
const (
	exitOK    = 0
	exitError = 1 // it was tried and did not work
	exitUsage = 2 // the command line is wrong
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks for a graceful stop; from then on signals have their default effect, so that a second one ends a stop
	// that takes too long.
	context.AfterFunc(ctx, stop)

	app.MakeRoomForSyncs()
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "dms: %v\nSee: %s --help\n", err, usage.command)
		return exitUsage
	default:
		fmt.Fprintf(os.Stderr, "dms: %v\n", err)
		return exitError
	}
}

package app

import (
	"context"
	"errors"
	"log/slog"
)

// Serve runs the subcommand serve until ctx ends.
func Serve(ctx context.Context, cfg Config, log *slog.Logger) error {
	return errors.New("serve is not wired")
}

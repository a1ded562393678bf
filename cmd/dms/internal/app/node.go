package app

import (
	"context"
	"errors"
	"log/slog"
)

// Node runs the subcommand node until ctx ends.
func Node(ctx context.Context, cfg Config, log *slog.Logger) error {
	return errors.New("node is not wired")
}

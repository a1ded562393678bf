package app

import (
	"context"
	"errors"
	"log/slog"
)

// ControlPlane runs the subcommand controlplane until ctx ends.
func ControlPlane(ctx context.Context, cfg Config, log *slog.Logger) error {
	return errors.New("controlplane is not wired")
}

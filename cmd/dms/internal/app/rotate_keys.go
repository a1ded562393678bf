package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
)

// RotateKeys lets the next key sign tokens and says which keys there are then.
func RotateKeys(ctx context.Context, cfg Config, out io.Writer) (err error) {
	cp, err := openControlPlane(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Close()) }()
	r, err := cp.iam.Keys.Rotate(ctx)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

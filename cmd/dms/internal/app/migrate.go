package app

import (
	"context"
	"errors"
	"io"
)

// Migrate brings the database to this program's version and says what it did.
func Migrate(ctx context.Context, cfg Config, out io.Writer) error {
	return errors.New("migrate is not wired")
}

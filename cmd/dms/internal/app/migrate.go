package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"dms/internal/dbx"
	"dms/migrations"
)

// Migrate brings the database to this program's version and says what it did.
func Migrate(ctx context.Context, cfg Config, out io.Writer) (err error) {
	db, err := dbx.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	before, err := migrations.Stand(ctx, db)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, db); err != nil {
		return err
	}
	if before.Version == before.Latest {
		_, err = fmt.Fprintf(out, "The database is at version %d already.\n", before.Latest)
		return err
	}
	_, err = fmt.Fprintf(out, "The database went from version %d to %d.\n", before.Version, before.Latest)
	return err
}

package migrations

import (
	"context"

	"dms/internal/dbx"
)

// UpTo is Up as an older version of the program did it, which knew no migration behind the version.
func UpTo(ctx context.Context, db *dbx.DB, version int64) error {
	p, release, err := provider(db)
	if err != nil {
		return err
	}
	defer release()
	_, err = p.UpTo(ctx, version)
	return err
}

// Package migrations holds the schema of the control plane's database as SQL, in one folder a dialect with the same numbers and
// names, and brings a database up to it.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"dms/internal/dbx"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// ErrNewer says that the database was written by a newer version of the program.
var ErrNewer = errors.New("the database is from a newer version of dms; run that version or a later one, this one would damage it")

// ErrOlder says that the database must be migrated first.
var ErrOlder = errors.New("the database is from an older version of dms; stop all older processes, take a backup and run: dms migrate")

// Status is where a database stands.
type Status struct {
	Version int64 // 0: empty
	Latest  int64 // what this program needs
}

// Prepare makes an empty database ready and checks any other: ErrNewer or ErrOlder when it is not at this program's version.
func Prepare(ctx context.Context, db *dbx.DB) error {
	st, err := Stand(ctx, db)
	switch {
	case err != nil:
		return err
	case st.Version == 0:
		return Up(ctx, db)
	case st.Version > st.Latest:
		return fmt.Errorf("%w (it is at %d, this program knows %d)", ErrNewer, st.Version, st.Latest)
	case st.Version < st.Latest:
		return fmt.Errorf("%w (it is at %d, this program needs %d)", ErrOlder, st.Version, st.Latest)
	}
	return nil
}

// Stand returns where the database stands. It changes nothing but goose's own version table.
func Stand(ctx context.Context, db *dbx.DB) (Status, error) {
	p, release, err := provider(db)
	if err != nil {
		return Status{}, err
	}
	defer release()
	return stand(ctx, p)
}

func stand(ctx context.Context, p *goose.Provider) (Status, error) {
	v, err := p.GetDBVersion(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("read the database's version: %w", err)
	}
	sources := p.ListSources()
	return Status{Version: v, Latest: sources[len(sources)-1].Version}, nil
}

// Up brings the database to this program's version. Processes that do it at once wait for one another.
func Up(ctx context.Context, db *dbx.DB) error {
	p, release, err := provider(db)
	if err != nil {
		return err
	}
	defer release()
	st, err := stand(ctx, p)
	if err != nil {
		return err
	}
	if st.Version > st.Latest {
		return fmt.Errorf("%w (it is at %d, this program knows %d)", ErrNewer, st.Version, st.Latest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// provider returns goose for the database, and what must be called when done.
func provider(db *dbx.DB) (*goose.Provider, func(), error) {
	pool, err := db.SQL()
	if err != nil {
		return nil, nil, err
	}
	dir, err := fs.Sub(files, string(db.Dialect()))
	if err != nil {
		return nil, nil, err
	}
	if db.Dialect() == dbx.Postgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, nil, err
		}
		p, err := goose.NewProvider(goose.DialectPostgres, pool, dir, goose.WithSessionLocker(locker))
		return p, func() {}, err
	}
	release, err := lockFile(db.Path() + ".migrate")
	if err != nil {
		return nil, nil, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, dir)
	if err != nil {
		release()
		return nil, nil, err
	}
	return p, release, nil
}

// lockFile takes an exclusive lock that the system drops when the process dies. SQLite has no advisory locks of its own.
func lockFile(path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database for migration: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the database for migration: %w", err), f.Close())
	}
	return func() { _ = f.Close() }, nil // closing drops the lock; nothing was written
}

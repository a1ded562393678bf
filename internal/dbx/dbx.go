// Package dbx opens the control plane's database, Postgres or SQLite, with the settings that make the two behave alike.
package dbx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Dialect names a database.
type Dialect string

const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. SQLite has one connection that writes and several that read; Postgres one pool for both.
type DB struct {
	dialect Dialect
	path    string // of SQLite's file
	write   *gorm.DB
	read    *gorm.DB
}

// Open opens "postgres://..." (or "postgresql://...") or "sqlite:PATH" and checks that it answers. It creates SQLite's file and
// folder when they are missing. It never changes the schema.
func Open(ctx context.Context, databaseURL string) (*DB, error) {
	switch {
	case strings.HasPrefix(databaseURL, "postgres://"), strings.HasPrefix(databaseURL, "postgresql://"):
		return openPostgres(ctx, databaseURL)
	case strings.HasPrefix(databaseURL, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(strings.TrimPrefix(databaseURL, "sqlite:"), "//"))
	}
	return nil, errors.New(`database URL: want "postgres://user:password@host/database" or "sqlite:PATH"`)
}

var gormConfig = gorm.Config{
	TranslateError:         true, // duplicate keys become gorm.ErrDuplicatedKey on both dialects
	SkipDefaultTransaction: true, // writes run in InTx; a hidden transaction around each statement would only cost
	Logger:                 logger.Discard,
}

const postgresMaxConns = 20 // half of a default server's 100 leaves room for a second process and for operators

func openPostgres(ctx context.Context, dsn string) (*DB, error) {
	cfg := gormConfig
	g, err := gorm.Open(postgres.New(postgres.Config{DSN: dsn}), &cfg)
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	pool, err := g.DB()
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	pool.SetMaxOpenConns(postgresMaxConns)
	pool.SetMaxIdleConns(postgresMaxConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open postgres: %w", err), pool.Close())
	}
	return &DB{dialect: Postgres, write: g, read: g}, nil
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if path == "" {
		return nil, errors.New(`database URL: "sqlite:" needs a path`)
	}
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("open sqlite: %w", err)
		}
	}
	// Immediate transactions take the write lock at BEGIN: a deferred one that upgrades later fails with SQLITE_BUSY at once,
	// whatever the time-out, when somebody else wrote in between.
	write, err := sqlitePool(ctx, path, "immediate", 1)
	if err != nil {
		return nil, err
	}
	read, err := sqlitePool(ctx, path, "deferred", 4)
	if err != nil {
		return nil, errors.Join(err, closePool(write))
	}
	return &DB{dialect: SQLite, path: path, write: write, read: read}, nil
}

func sqlitePool(ctx context.Context, path, txLock string, conns int) (*gorm.DB, error) {
	q := url.Values{"_txlock": {txLock}, "_pragma": {
		"busy_timeout(10000)", // another process (bootstrap, migrate) may be writing
		"journal_mode(WAL)",   // readers never wait for the writer
		"synchronous(FULL)",   // in WAL mode NORMAL may lose the last commits at a power cut
		"foreign_keys(1)",
	}}
	cfg := gormConfig
	g, err := gorm.Open(sqlite.Open("file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode()), &cfg)
	if err != nil {
		return nil, fmt.Errorf("open sqlite %s: %w", path, err)
	}
	pool, err := g.DB()
	if err != nil {
		return nil, fmt.Errorf("open sqlite %s: %w", path, err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite %s: %w", path, err), pool.Close())
	}
	return g, nil
}

// Dialect says which database this is, for the few statements that differ.
func (d *DB) Dialect() Dialect { return d.dialect }

// Path returns SQLite's file, "" on Postgres.
func (d *DB) Path() string { return d.path }

// Read returns a handle for statements that only read.
func (d *DB) Read(ctx context.Context) *gorm.DB { return d.read.WithContext(ctx) }

// InTx runs f in one transaction that may write, and commits unless f returns an error or panics. f must use tx alone: on SQLite
// any other write would wait for this one for ever.
func (d *DB) InTx(ctx context.Context, f func(tx *gorm.DB) error) error {
	return d.write.WithContext(ctx).Transaction(f)
}

// SQL returns the pool that may write, for the migration runner.
func (d *DB) SQL() (*sql.DB, error) { return d.write.DB() }

// Close closes all connections.
func (d *DB) Close() error {
	if d.read == d.write {
		return closePool(d.write)
	}
	return errors.Join(closePool(d.read), closePool(d.write))
}

func closePool(g *gorm.DB) error {
	pool, err := g.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// IsDuplicate reports whether err is the violation of a unique key.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// IsNotFound reports whether err says that a single row was asked for and there was none.
func IsNotFound(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

// Instants are BIGINT microseconds since 1970 in the database, on both dialects.

// Micros turns an instant into its database form.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Time turns the database form into an instant in UTC.
func Time(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

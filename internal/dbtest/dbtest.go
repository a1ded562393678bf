// Package dbtest gives each test a fresh, migrated database: SQLite always, Postgres when a server can be had.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", to create databases
	"github.com/stretchr/testify/require"

	"dms/internal/dbtest/pgserver"
	"dms/internal/dbx"
	"dms/migrations"
)

const (
	// EnvURL names a running Postgres whose user may create databases. Unset: the helper starts a server of its own.
	EnvURL = "DMS_TEST_DATABASE_URL"
	// EnvRequire set to "1" makes the absence of Postgres a failure. make and CI set it.
	EnvRequire = "DMS_TEST_REQUIRE"
)

// Each runs f as a subtest per dialect, "db=sqlite" and "db=postgres", each on an empty database with the present schema.
func Each(t *testing.T, f func(t *testing.T, db *dbx.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, databaseURL string) {
		f(t, Open(t, databaseURL))
	})
}

// EachURL is Each for tests that open the database themselves: the database behind the URL is empty, without a schema.
func EachURL(t *testing.T, f func(t *testing.T, databaseURL string)) {
	t.Helper()
	t.Run("db=sqlite", func(t *testing.T) { f(t, SQLiteURL(t)) })
	pg, ok := PostgresURL(t)
	if !ok {
		t.Log("Postgres was not tested: " + pgserver.ErrNotInstalled.Error())
		return
	}
	t.Run("db=postgres", func(t *testing.T) { f(t, pg) })
}

// Open opens and migrates a database, and closes it when the test ends.
func Open(t testing.TB, databaseURL string) *dbx.DB {
	t.Helper()
	db, err := dbx.Open(context.Background(), databaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, migrations.Up(context.Background(), db))
	return db
}

// SQLiteURL returns a database that does not exist yet, in the test's own folder.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "dms.db")
}

// PostgresURL creates an empty database and drops it when the test ends. Without a server it reports false, or fails the test
// when one is required.
func PostgresURL(t testing.TB) (string, bool) {
	t.Helper()
	base, err := serverURL()
	if err != nil {
		if os.Getenv(EnvRequire) == "1" {
			t.Fatal(err)
		}
		return "", false
	}
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	name := "dms_test_" + hex.EncodeToString(raw[:])
	exec(t, base, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the database was kept: %s", name)
			return
		}
		exec(t, base, "DROP DATABASE "+name+" WITH (FORCE)")
	})
	u, err := url.Parse(base)
	require.NoError(t, err)
	u.Path = "/" + name
	return u.String(), true
}

// serverURL starts the process's server on first use; it dies with the process.
var serverURL = sync.OnceValues(func() (string, error) {
	if u := os.Getenv(EnvURL); u != "" {
		return u, nil
	}
	s, err := pgserver.Start(context.Background())
	if err != nil {
		return "", err
	}
	return s.URL, nil
})

func exec(t testing.TB, serverURL, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", serverURL)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(statement)
	require.NoError(t, err)
}

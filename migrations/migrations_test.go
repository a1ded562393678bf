package migrations_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/migrations"
)

func open(t *testing.T, databaseURL string) *dbx.DB {
	t.Helper()
	db, err := dbx.Open(context.Background(), databaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestEmptyDatabaseIsPreparedAndAPreparedOneIsLeftAlone(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		ctx, db := context.Background(), open(t, url)
		require.NoError(t, migrations.Prepare(ctx, db))
		st, err := migrations.Stand(ctx, db)
		require.NoError(t, err)
		require.Equal(t, st.Latest, st.Version)
		require.NoError(t, migrations.Prepare(ctx, db))
	})
}

func TestOlderAndNewerDatabasesAreRefused(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		ctx, db := context.Background(), open(t, url)
		require.NoError(t, migrations.Up(ctx, db))
		st, err := migrations.Stand(ctx, db)
		require.NoError(t, err)
		exec := func(sql string, args ...any) {
			require.NoError(t, db.InTx(ctx, func(tx *gorm.DB) error { return tx.Exec(sql, args...).Error }))
		}

		exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)", st.Latest+1, true)
		require.ErrorIs(t, migrations.Prepare(ctx, db), migrations.ErrNewer)
		require.ErrorIs(t, migrations.Up(ctx, db), migrations.ErrNewer)

		exec("DELETE FROM goose_db_version WHERE version_id >= ?", st.Latest)
		require.ErrorIs(t, migrations.Prepare(ctx, db), migrations.ErrOlder)
	})
}

func TestRacingProcessesMigrateOnce(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		ctx := context.Background()
		var wg sync.WaitGroup
		errors := make([]error, 4)
		for i := range errors {
			db := open(t, url)
			wg.Go(func() { errors[i] = migrations.Prepare(ctx, db) })
		}
		wg.Wait()
		for _, err := range errors {
			require.NoError(t, err)
		}
	})
}

func TestDialectsHaveTheSameMigrations(t *testing.T) {
	names := func(dir string) (out []string) {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			require.Regexp(t, `^\d{5}_[a-z_]+\.sql$`, e.Name(), filepath.Join(dir, e.Name()))
			out = append(out, e.Name())
		}
		return out
	}
	require.Equal(t, names("postgres"), names("sqlite"))
}

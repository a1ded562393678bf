package migrations_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"dms/internal/dbtest"
	"dms/migrations"
)

// TestNewestSigningKeyGoesOnSigning migrates a database of the time when the newest key signed.
func TestNewestSigningKeyGoesOnSigning(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		ctx, db := context.Background(), open(t, url)
		require.NoError(t, migrations.UpTo(ctx, db, 4))
		for id, createdAt := range map[string]int64{"old": 1, "newest": 3, "middle": 2} {
			require.NoError(t, db.InTx(ctx, func(tx *gorm.DB) error {
				return tx.Exec("INSERT INTO iam_signing_keys (id, public_key, sealed_private, created_at) VALUES (?, ?, 'x', ?)", id, []byte{1}, createdAt).Error
			}))
		}
		require.NoError(t, migrations.Up(ctx, db))
		type key struct {
			ID, State string
			ChangedAt int64
		}
		var got []key
		require.NoError(t, db.Read(ctx).Raw("SELECT id, state, changed_at FROM iam_signing_keys ORDER BY created_at").Scan(&got).Error)
		require.Empty(t, cmp.Diff([]key{{"old", "previous", 1}, {"middle", "previous", 2}, {"newest", "current", 3}}, got))
	})
}

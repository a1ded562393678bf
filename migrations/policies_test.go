package migrations_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"dms/internal/dbtest"
	"dms/migrations"
)

// TestOldAttachmentsBecomeThoseOfSubjects migrates a database of the time when policies were attached to users alone. What the directory said of them is said anew under the new keys,
// no old key is left to go on allowing, and every copy of the directory starts anew.
func TestOldAttachmentsBecomeThoseOfSubjects(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		ctx, db := context.Background(), open(t, url)
		require.NoError(t, migrations.UpTo(ctx, db, 4))
		exec := func(sql string, args ...any) {
			t.Helper()
			require.NoError(t, db.InTx(ctx, func(tx *gorm.DB) error { return tx.Exec(sql, args...).Error }))
		}
		exec("INSERT INTO iam_accounts (id, name, folded_name, first_user_id, policy_version, created_at) VALUES ('a', 'acme', 'acme', 'u', 7, 1)")
		exec("INSERT INTO iam_users (id, account_id, name, folded_name, email, password_hash, enabled, operator, token_epoch, created_at) VALUES ('u', 'a', 'x', 'x', '', '', ?, ?, 0, 1)", true, false)
		exec("INSERT INTO iam_attachments (account_id, user_id, policy_name, document, created_at) VALUES ('a', 'u', 'Tenant Administrator', NULL, 5)")
		exec(`INSERT INTO iam_attachments (account_id, user_id, policy_name, document, created_at) VALUES ('a', 'u', 'odd "one"', '{"Version":"1.1"}', 6)`)
		exec("UPDATE directory_head SET revision = 9")
		for key, kind := range map[string]string{"a/u/Tenant Administrator": "policy", `a/u/odd "one"`: "policy", "a": "account"} {
			exec("INSERT INTO directory_entries (kind, entry_key, revision, deleted, value) VALUES (?, ?, 3, ?, ?)", kind, key, false, []byte(`{}`))
		}
		var before, after struct {
			DirectoryID string
			Revision    int64
		}
		const head = "SELECT directory_id, revision FROM directory_head"
		require.NoError(t, db.Read(ctx).Raw(head).Scan(&before).Error)
		require.NoError(t, migrations.Up(ctx, db))
		require.NoError(t, db.Read(ctx).Raw(head).Scan(&after).Error)
		require.NotEqual(t, before.DirectoryID, after.DirectoryID)
		require.Equal(t, int64(10), after.Revision)

		type attachment struct {
			Subject, PolicyName string
			CreatedAt           int64
		}
		var attached []attachment
		require.NoError(t, db.Read(ctx).Raw("SELECT subject, policy_name, created_at FROM iam_policy_attachments ORDER BY policy_name").Scan(&attached).Error)
		require.Empty(t, cmp.Diff([]attachment{{"u:u", "Tenant Administrator", 5}, {"u:u", `odd "one"`, 6}}, attached))

		var entries []struct {
			Kind, EntryKey string
			Revision       int64
			Value          []byte
		}
		require.NoError(t, db.Read(ctx).Raw("SELECT kind, entry_key, revision, value FROM directory_entries ORDER BY entry_key").Scan(&entries).Error)
		require.Len(t, entries, 3)
		require.Equal(t, "account", entries[0].Kind)
		require.Equal(t, int64(3), entries[0].Revision, "what did not change stays")
		for i, name := range []string{"Tenant Administrator", `odd "one"`} {
			e := entries[i+1]
			require.Equal(t, "a/u:u/"+name, e.EntryKey)
			require.Equal(t, int64(10), e.Revision)
			var fact map[string]string
			require.NoError(t, json.Unmarshal(e.Value, &fact), "%s", e.Value)
			require.Empty(t, cmp.Diff(map[string]string{"account_id": "a", "subject": "u:u", "name": name}, fact))
		}
	})
}

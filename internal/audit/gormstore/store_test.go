package gormstore_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/audit/gormstore"
	"dms/internal/dbtest"
	"dms/internal/dbx"
)

var (
	ctx = context.Background()
	at  = time.Date(2026, 11, 24, 8, 0, 0, 123456789, time.UTC)
)

func event(account string, n int) audit.Event {
	return audit.Event{AccountID: account, Action: access.QueueCreate, Resource: access.QueueResource("r1", account, fmt.Sprint("q", n))}
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func TestRecordsSayWhoDidWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		s := gormstore.New(db)
		call := audit.Call{AccountID: "acme", UserID: "u1", UserName: "alice", Via: access.ViaToken, CredentialID: "jti", ImpersonatorID: "op", ParentUserID: "p",
			Address: "192.0.2.1", UserAgent: "curl/8 \x00\xff", RequestID: "r"}
		e := event("acme", 1)
		e.Before, e.After, e.Detail = []byte("before"), []byte("after"), map[string]string{"mode": "FIFO", "empty": ""}
		require.NoError(t, s.Record(audit.With(ctx, call), at, e))
		rows, err := s.Search(ctx, audit.Query{AccountID: "acme", Limit: 10})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		got, err := rows[0].Record()
		require.NoError(t, err)
		call.UserAgent = "curl/8 \uFFFD"
		require.Equal(t, audit.Record{
			ID: rows[0].ID, AccountID: "acme", Sequence: 1, At: at.Truncate(time.Microsecond), By: call, Action: access.QueueCreate, Resource: e.Resource, Result: audit.OK,
			BeforeHash: sum("before"), AfterHash: sum("after"), Detail: map[string]string{"mode": "FIFO"},
		}, got)
		require.NotContains(t, rows[0].Body, "before\"", "what was there before is hashed, not kept")
	})
}

func TestSearchNarrowsByEachFieldAndPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		s := gormstore.New(db)
		for i := range 5 {
			by := audit.With(ctx, audit.Call{UserID: fmt.Sprint("u", i%2)})
			require.NoError(t, s.Record(by, at.Add(time.Duration(i)*time.Second), event("acme", i), event("other", i)))
		}
		search := func(f func(q *audit.Query)) (out []int64) {
			q := audit.Query{AccountID: "acme", Limit: 100}
			f(&q)
			rows, err := s.Search(ctx, q)
			require.NoError(t, err)
			for _, r := range rows {
				require.Equal(t, "acme", r.AccountID)
				out = append(out, r.Sequence)
			}
			return out
		}
		require.Equal(t, []int64{5, 4, 3, 2, 1}, search(func(*audit.Query) {}))
		require.Equal(t, []int64{5, 4}, search(func(q *audit.Query) { q.Limit = 2 }))
		require.Equal(t, []int64{3, 2, 1}, search(func(q *audit.Query) { q.Before = 4 }))
		require.Equal(t, []int64{4, 2}, search(func(q *audit.Query) { q.UserID = "u1" }))
		require.Equal(t, []int64{3, 2}, search(func(q *audit.Query) { q.From, q.To = at.Add(time.Second), at.Add(3*time.Second) }))
		require.Equal(t, []int64{2}, search(func(q *audit.Query) { q.Resource = string(access.QueueResource("r1", "acme", "q1")) }))
		require.Len(t, search(func(q *audit.Query) { q.Resource = "dms:r1:acme:queue:q*" }), 5)
		require.Empty(t, search(func(q *audit.Query) { q.Resource = "dms:r1:acme:queue:_*" }), "no other wildcards")
		require.Len(t, search(func(q *audit.Query) { q.Action = "dms:queue:*" }), 5)
		require.Empty(t, search(func(q *audit.Query) { q.Action = "iam:*" }))
	})
}

func TestRecordsCannotBeChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		s := gormstore.New(db)
		require.NoError(t, s.Record(ctx, at, event("acme", 1)))
		for _, statement := range []string{"UPDATE audit_records SET result = 'ok'", "DELETE FROM audit_records", "DELETE FROM audit_heads", "UPDATE audit_records SET result = 'ok' WHERE FALSE"} {
			err := db.InTx(ctx, func(tx *gorm.DB) error { return tx.Exec(statement).Error })
			if statement == "UPDATE audit_records SET result = 'ok' WHERE FALSE" && db.Dialect() == dbx.SQLite {
				require.NoError(t, err, "a trigger of SQLite is one of rows")
				continue
			}
			require.ErrorContains(t, err, "only ever added", statement)
		}
		v, err := audit.Verify(ctx, s, "acme")
		require.NoError(t, err)
		require.True(t, v.OK)
	})
}

func TestTransactionThatFailsLeavesNoRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		s := gormstore.New(db)
		no := errors.New("no")
		require.ErrorIs(t, db.InTx(ctx, func(tx *gorm.DB) error {
			return errors.Join(gormstore.Append(tx, at, event("acme", 1)), no)
		}), no)
		head, err := s.Head(ctx, "acme")
		require.NoError(t, err)
		require.Zero(t, head.Sequence)
	})
}

func TestWritersLeaveNoGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		s := gormstore.New(db)
		const writers = 64
		var wg sync.WaitGroup
		failed := make([]error, writers)
		for i := range writers {
			wg.Go(func() { failed[i] = s.Record(ctx, at, event("b", i), event("a", i), event("a", i)) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(failed...))
		for account, want := range map[string]int64{"a": 2 * writers, "b": writers} {
			v, err := audit.Verify(ctx, s, account)
			require.NoError(t, err)
			require.Equal(t, audit.Verdict{AccountID: account, OK: true, Records: want, HeadHash: v.HeadHash}, v)
		}
	})
}

func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		s := gormstore.New(db)
		for _, c := range []struct {
			name, statement string
			brokenAt        int64
		}{
			{"edited", "UPDATE audit_records SET body = replace(body, 'q3', 'q9') WHERE account_id = ? AND sequence = 3", 3},
			{"column", "UPDATE audit_records SET user_id = 'somebody' WHERE account_id = ? AND sequence = 4", 4},
			{"deleted", "DELETE FROM audit_records WHERE account_id = ? AND sequence = 2", 2},
			{"cut", "DELETE FROM audit_records WHERE account_id = ? AND sequence = 5", 5},
			{"first", "DELETE FROM audit_records WHERE account_id = ? AND sequence = 1", 1},
			{"forged", "UPDATE audit_heads SET hash = prev FROM (SELECT prev_hash AS prev FROM audit_records WHERE sequence = 4 LIMIT 1) AS p WHERE account_id = ?", 5},
			{"swapped", "UPDATE audit_records SET sequence = 15 - sequence WHERE account_id = ? AND sequence IN (2, 3)", 2},
		} {
			for i := range 5 {
				require.NoError(t, s.Record(ctx, at, event(c.name, i+1)))
			}
			v, err := audit.Verify(ctx, s, c.name)
			require.NoError(t, err)
			require.True(t, v.OK)
			tamper(t, db, c.statement, c.name)
			if c.name == "swapped" {
				tamper(t, db, "UPDATE audit_records SET sequence = sequence - 10 WHERE account_id = ? AND sequence > 5", c.name)
			}
			v, err = audit.Verify(ctx, s, c.name)
			require.NoError(t, err)
			require.False(t, v.OK, c.name)
			require.Equal(t, c.brokenAt, v.BrokenAt, "%s: %s %s", c.name, v.Problem, hex.EncodeToString(v.HeadHash))
			require.NotEmpty(t, v.Problem)
		}
	})
}

// tamper changes rows as somebody does who owns the database.
func tamper(t *testing.T, db *dbx.DB, statement, account string) {
	t.Helper()
	off, on := []string{"ALTER TABLE audit_records DISABLE TRIGGER ALL"}, []string{"ALTER TABLE audit_records ENABLE TRIGGER ALL"}
	if db.Dialect() == dbx.SQLite {
		off = []string{"DROP TRIGGER IF EXISTS audit_records_no_update", "DROP TRIGGER IF EXISTS audit_records_no_delete"}
		on = nil
	}
	require.NoError(t, db.InTx(ctx, func(tx *gorm.DB) error {
		for _, sql := range off {
			if err := tx.Exec(sql).Error; err != nil {
				return err
			}
		}
		if err := tx.Exec(statement, account).Error; err != nil {
			return err
		}
		for _, sql := range on {
			if err := tx.Exec(sql).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

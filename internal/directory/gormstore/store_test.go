package gormstore_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/directory/directorytest"
	"dms/internal/directory/gormstore"
)

func TestStoreIsADirectoryReader(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		directorytest.Run(t, gormstore.New(db), func(entries ...directory.Entry) { appendEntries(t, db, entries...) })
	})
}

func TestSinceGivesWholeRevisionsInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		ctx := context.Background()
		s := gormstore.New(db)
		appendEntries(t, db, entry("a"), entry("b"))
		appendEntries(t, db, entry("c"), entry("d"), entry("e"))
		last := appendEntries(t, db, directory.Entry{Kind: directory.KindQueue, Key: "a", Deleted: true})

		got, upTo, more, err := s.Since(ctx, 0, 2)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, directory.Revision(2), upTo, "the second revision is not cut")
		require.Equal(t, []string{"b", "c", "d", "e"}, keys(got), "a has moved on to revision 3")

		got, upTo, more, err = s.Since(ctx, upTo, 2)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, last, upTo)
		require.Equal(t, []string{"a"}, keys(got))
		require.True(t, got[0].Deleted)
	})
}

func TestLastRevisionIsTheEndHoweverLargeItIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		last := appendEntries(t, db, entry("a"), entry("b"), entry("c"))
		got, upTo, more, err := gormstore.New(db).Since(context.Background(), 0, 2)
		require.NoError(t, err)
		require.False(t, more, "a node told to come back at once would wait for a change")
		require.Equal(t, last, upTo)
		require.Len(t, got, 3)
	})
}

func TestRolledBackChangeLeavesNoRevision(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		ctx := context.Background()
		err := db.InTx(ctx, func(tx *gorm.DB) error {
			_, err := gormstore.Append(tx, entry("a"))
			require.NoError(t, err)
			return context.Canceled
		})
		require.ErrorIs(t, err, context.Canceled)
		rev, err := gormstore.New(db).Revision(ctx)
		require.NoError(t, err)
		require.Zero(t, rev)
	})
}

func entry(key string) directory.Entry {
	return directory.Entry{Kind: directory.KindQueue, Key: key, Value: []byte(`{}`)}
}

func keys(entries []directory.Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Key
	}
	return out
}

func appendEntries(t *testing.T, db *dbx.DB, entries ...directory.Entry) directory.Revision {
	t.Helper()
	var rev directory.Revision
	require.NoError(t, db.InTx(context.Background(), func(tx *gorm.DB) (err error) {
		rev, err = gormstore.Append(tx, entries...)
		return err
	}))
	return rev
}

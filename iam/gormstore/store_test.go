package gormstore_test

import (
	"strings"
	"testing"

	"dms/iam"
	"dms/iam/gormstore"
	"dms/iam/gormstore/storetest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, databaseURL string) {
		storetest.Run(t, func(t *testing.T) iam.Store {
			return gormstore.New(fresh(t, databaseURL))
		})
	})
}

// fresh returns an empty database of the same dialect.
func fresh(t *testing.T, databaseURL string) *dbx.DB {
	t.Helper()
	if strings.HasPrefix(databaseURL, "sqlite:") {
		return dbtest.Open(t, dbtest.SQLiteURL(t))
	}
	u, ok := dbtest.PostgresURL(t)
	if !ok {
		t.Fatal("Postgres has gone")
	}
	return dbtest.Open(t, u)
}

package gormstore_test

import (
	"testing"

	"dms/controlplane/gormstore"
	"dms/controlplane/storetest"
	"dms/internal/dbtest"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	t.Run("db=sqlite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) storetest.Store { return gormstore.New(dbtest.Open(t, dbtest.SQLiteURL(t))) })
	})
	if _, ok := dbtest.PostgresURL(t); !ok {
		t.Log("Postgres was not tested")
		return
	}
	t.Run("db=postgres", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) storetest.Store {
			u, _ := dbtest.PostgresURL(t)
			return gormstore.New(dbtest.Open(t, u))
		})
	})
}

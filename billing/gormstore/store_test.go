package gormstore_test

import (
	"testing"

	"dms/billing"
	"dms/billing/gormstore"
	"dms/billing/storetest"
	"dms/internal/dbtest"
)

func TestStore(t *testing.T) {
	t.Run("db=sqlite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) billing.Store { return gormstore.New(dbtest.Open(t, dbtest.SQLiteURL(t))) })
	})
	if _, ok := dbtest.PostgresURL(t); !ok {
		t.Log("Postgres was not tested")
		return
	}
	t.Run("db=postgres", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) billing.Store {
			url, _ := dbtest.PostgresURL(t)
			return gormstore.New(dbtest.Open(t, url))
		})
	})
}

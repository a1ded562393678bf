package gormstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/audit/gormstore"
	"dms/internal/dbtest"
	"dms/internal/dbx"
)

func TestCountsOfProcessesAreOneAndARepeatChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		s := gormstore.New(db)
		minute := at.Unix() / 60
		denied := audit.Count{Minute: minute, Kind: audit.CountDenied, AccountID: "acme", UserID: "u", Action: access.QueueCreate, Resource: "r", Calls: 2}
		used := audit.Count{Minute: minute + 1, Kind: audit.CountUsed, AccountID: "acme", UserID: "u", CredentialID: "AK", Calls: 5}
		foreign := used
		foreign.AccountID = "other"
		for range 2 {
			require.NoError(t, s.Count(ctx, audit.CountBatch{Source: "a", Counts: []audit.Count{denied, used, foreign}}))
			require.NoError(t, s.Count(ctx, audit.CountBatch{Source: "b", Counts: []audit.Count{used}}))
		}
		require.NoError(t, s.Count(ctx, audit.CountBatch{Source: "b"}))
		used.Calls = 10
		read := func(q audit.CountQuery) []audit.Count {
			q.AccountID = "acme"
			q.Limit = max(q.Limit, 1)
			got, err := s.Counts(ctx, q)
			require.NoError(t, err)
			return got
		}
		require.Equal(t, []audit.Count{used, denied}, read(audit.CountQuery{Limit: 10}))
		require.Equal(t, []audit.Count{used}, read(audit.CountQuery{Limit: 1}))
		require.Equal(t, []audit.Count{denied}, read(audit.CountQuery{Limit: 10, Kind: audit.CountDenied}))
		require.Equal(t, []audit.Count{used}, read(audit.CountQuery{Limit: 10, From: at.Add(time.Minute)}))
		require.Equal(t, []audit.Count{denied}, read(audit.CountQuery{Limit: 10, To: at.Add(time.Minute).Truncate(time.Minute)}))

		later := audit.CountBatch{Source: "a"}
		for i := range 1200 { // more than one statement takes
			later.Counts = append(later.Counts, audit.Count{Minute: minute + 91*24*60, Kind: audit.CountUsed, AccountID: "acme", CredentialID: fmt.Sprint("AK", i), Calls: 1})
		}
		require.NoError(t, s.Count(ctx, later))
		require.Len(t, read(audit.CountQuery{Limit: 5000}), 1200, "what is older than 90 days is gone")
	})
}

package iam

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/audit"
	"dms/internal/clock/clocktest"
	"dms/internal/directory"
	"dms/internal/errs"
)

// oneTx runs changes in its one transaction.
type oneTx struct {
	Store
	tx Tx
}

func (s oneTx) InTx(_ context.Context, f func(tx Tx) error) error { return f(s.tx) }

// lastSteps knows the last two steps of a change alone.
type lastSteps struct {
	Tx
	appended bool
}

func (s *lastSteps) Audit(context.Context, time.Time, ...audit.Event) error { return nil }

func (s *lastSteps) Append(context.Context, ...directory.Entry) (directory.Revision, error) {
	s.appended = true
	return 1, nil
}

func TestChangeWithoutARecordIsRefused(t *testing.T) {
	for _, recorded := range []bool{false, true} {
		s := new(lastSteps)
		w := writer{store: oneTx{tx: s}, clock: clocktest.New(time.Unix(0, 0))}
		err := w.change(t.Context(), func(_ Tx, out *changes) error {
			out.add(Account{ID: "a"}.entry())
			if recorded {
				out.record(audit.Event{AccountID: "a"})
			}
			return nil
		})
		require.Equal(t, recorded, s.appended)
		if recorded {
			require.NoError(t, err)
			continue
		}
		require.Equal(t, errs.Internal, errs.CodeOf(err))
		require.ErrorContains(t, err, "no audit record")
	}
}

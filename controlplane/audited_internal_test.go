package controlplane

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/audit"
	"dms/internal/directory"
	"dms/internal/errs"
)

// lastSteps knows the last two steps of a change alone.
type lastSteps struct {
	Tx
	published bool
}

func (s *lastSteps) Audit(time.Time, ...audit.Event) error { return nil }

func (s *lastSteps) Publish(...directory.Entry) (directory.Revision, error) {
	s.published = true
	return 1, nil
}

func TestChangeWithoutARecordIsRefused(t *testing.T) {
	s := new(lastSteps)
	tx := &auditedTx{Tx: s}
	_, err := tx.Publish(directory.Entry{Kind: directory.KindQueue, Key: "p/q"})
	require.Equal(t, errs.Internal, errs.CodeOf(err))
	require.False(t, s.published)
	require.NoError(t, tx.Audit(time.Time{}, audit.Event{}))
	_, err = tx.Publish(directory.Entry{Kind: directory.KindQueue, Key: "p/q"})
	require.NoError(t, err)
	require.True(t, s.published)
}

package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/dmswire"
	"dms/internal/id"
)

// setPolicy gives the queue the policy and notes its version in it.
func setPolicy(t *testing.T, s Store, p *controlplane.QueuePolicy) {
	t.Helper()
	inTx(t, s, func(tx controlplane.Tx) (err error) {
		p.Version, err = tx.SetQueuePolicy(*p)
		return err
	})
}

func queuePolicyIsFoundByTheQueue(t *testing.T, s Store) {
	q, other := newQueue(id.NewHex(), id.NewHex(), "orders"), newQueue(id.NewHex(), id.NewHex(), "orders")
	insert(t, s, q)
	insert(t, s, other)
	shared := func() error {
		got, err := s.AcrossAccountsSharedQueue(ctx, q.ProjectID, q.ID)
		if err == nil {
			require.Empty(t, cmp.Diff(q, got))
		}
		return err
	}
	require.Equal(t, dmswire.QueueNotFound(), shared(), "without a policy it is its owner's alone")
	_, err := s.QueuePolicy(ctx, q.AccountID, q.ID)
	require.Equal(t, controlplane.QueuePolicyNotFound(), err)

	p := controlplane.QueuePolicy{QueueID: q.ID, AccountID: q.AccountID, Document: []byte(`{"a":"Bestellungen 订单"}`), UpdatedAt: 1_700_000_000_000_001, UpdatedBy: id.NewHex()}
	inTx(t, s, func(tx controlplane.Tx) error {
		q.Tags = []dataplane.Tag{{Key: "k", Value: "v"}}
		return tx.SetTags(q.AccountID, q.ID, q.Tags)
	})
	for _, version := range []int64{1, 2, 3} { // versions go on behind a removal: what was decided by one must never hold for another policy
		setPolicy(t, s, &p)
		require.Equal(t, version, p.Version)
		q.PolicyVersion = version
		require.NoError(t, shared())
		got, err := s.QueuePolicy(ctx, q.AccountID, q.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(p, got))
		read, err := s.Queue(ctx, q.AccountID, q.ProjectID, q.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(q, read))
		p.Document = append(p.Document, ' ')
		if version == 2 {
			inTx(t, s, func(tx controlplane.Tx) error { return tx.DeleteQueuePolicy(q.AccountID, q.ID) })
			q.PolicyVersion = 0
			require.Equal(t, dmswire.QueueNotFound(), shared())
			_, err = s.QueuePolicy(ctx, q.AccountID, q.ID)
			require.Equal(t, controlplane.QueuePolicyNotFound(), err)
		}
	}
	for _, at := range [][2]string{{other.ProjectID, q.ID}, {q.ProjectID, other.ID}, {other.ProjectID, other.ID}} {
		_, err := s.AcrossAccountsSharedQueue(ctx, at[0], at[1])
		require.Equal(t, dmswire.QueueNotFound(), err)
	}
	inTx(t, s, func(tx controlplane.Tx) error { return tx.DeleteQueue(q.AccountID, q.ID) })
	_, err = s.QueuePolicy(ctx, q.AccountID, q.ID)
	require.Equal(t, controlplane.QueuePolicyNotFound(), err, "it went with the queue")
}

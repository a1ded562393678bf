package nodestore_test

import (
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/dataplane/nodestore"
	"dms/internal/access"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/usage"
)

func batch(source string, first, last uint64) usage.Batch {
	k := usage.Key{AccountID: "a", ProjectID: "p", UserID: "u", QueueID: "q", Action: access.MessageSend, Hour: 5}
	return usage.Batch{Source: source, First: first, Last: last, Counts: []usage.Count{{Key: k, Calls: int64(first)}}}
}

func TestOutboxGivesTheBatchesOfASourceInOrder(t *testing.T) {
	s, _ := open(t, vfs.NewMem())
	_, ok, err := s.OldestBatch()
	require.NoError(t, err)
	require.False(t, ok)

	want := []usage.Batch{batch("b", 1, 255), batch("b", 256, 256), batch("b", 257, 70000)}
	for _, b := range want {
		require.NoError(t, s.PutBatch(b))
	}
	require.Equal(t, 3, s.OutboxSize())
	for _, w := range want {
		got, ok, err := s.OldestBatch()
		require.NoError(t, err)
		require.True(t, ok)
		require.Empty(t, cmp.Diff(w, got))
		require.NoError(t, s.RemoveBatch(got))
	}
	require.Zero(t, s.OutboxSize())

	// A source whose keys lie before what was removed is found all the same.
	require.NoError(t, s.PutBatch(batch("a", 1, 1)))
	got, ok, err := s.OldestBatch()
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "a", got.Source)
}

func TestSequenceNumbersAreCutOnce(t *testing.T) {
	s, _ := open(t, vfs.NewMem())
	require.NoError(t, s.PutBatch(batch("s", 1, 10)))
	for _, b := range []usage.Batch{batch("s", 1, 10), batch("s", 5, 12), batch("s", 10, 10), batch("s", 12, 11)} {
		require.Equal(t, errs.Invalid, errs.CodeOf(s.PutBatch(b)))
	}
	require.NoError(t, s.PutBatch(batch("s2", 1, 1)), "sources are counted apart")
	require.NoError(t, s.RemoveBatch(batch("s", 1, 10)))
	last, err := s.LastCut("s")
	require.NoError(t, err)
	require.Equal(t, uint64(10), last, "also after the batch has left")
	require.Equal(t, errs.Invalid, errs.CodeOf(s.PutBatch(batch("s", 1, 10))))
}

func TestBatchInTheOutboxSurvivesAPowerCut(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s, _ := open(t, fs)
	require.NoError(t, s.PutBatch(batch("s", 1, 4)))
	s, _ = open(t, fs.CrashClone(vfs.CrashCloneCfg{}))
	require.Equal(t, 1, s.OutboxSize())
	got, ok, err := s.OldestBatch()
	require.NoError(t, err)
	require.True(t, ok)
	require.Empty(t, cmp.Diff(batch("s", 1, 4), got))
	last, err := s.LastCut("s")
	require.NoError(t, err)
	require.Equal(t, uint64(4), last)
}

func TestErasuresAreOwedUntilDone(t *testing.T) {
	fs := vfs.NewMem()
	s, closeNow := open(t, fs)
	_, err := s.Apply(changes(1, put(directory.KindQueue, "p/q1", `{}`), put(directory.KindGroup, "q1/g1", `{}`), put(directory.KindGroup, "q2/g2", `{}`)), contactAt)
	require.NoError(t, err)
	a, err := s.Apply(changes(2, gone(directory.KindQueue, "p/q1"), gone(directory.KindGroup, "q1/g1"), gone(directory.KindGroup, "q2/g2"), gone(directory.KindUser, "u")), contactAt)
	require.NoError(t, err)
	require.True(t, a.Erasures)
	closeNow()

	s, _ = open(t, fs)
	list := func() (out []string) {
		owed, err := s.Erasures(10)
		require.NoError(t, err)
		for _, e := range owed {
			out = append(out, strings.TrimSuffix(e.QueueID+"/"+e.GroupID, "/"))
		}
		return out
	}
	require.Equal(t, []string{"q1/g1", "q2/g2", "q1"}, list())
	owed, err := s.Erasures(1)
	require.NoError(t, err)
	require.NoError(t, s.Erased(owed[0]))
	require.Equal(t, []string{"q2/g2", "q1"}, list())

	_, err = s.Apply(changes(3, put(directory.KindQueue, "p/q1", `{}`)), contactAt)
	require.NoError(t, err)
	require.Equal(t, []string{"q2/g2"}, list(), "what exists again is not erased")
}

func TestStoreOfANewerFormatAndASecondProcessAreRefused(t *testing.T) {
	fs := vfs.NewMem()
	o := nodestore.DefaultOptions("node")
	o.FS = fs
	s, err := nodestore.Open(o)
	require.NoError(t, err)
	_, err = nodestore.Open(o)
	require.ErrorContains(t, err, "node", "one process at a time")
	require.NoError(t, nodestore.SetFormat(s, 2))
	require.NoError(t, s.Close())
	_, err = nodestore.Open(o)
	require.ErrorContains(t, err, "newer version")

	o.Dir, o.CacheFacts = "", 0
	_, err = nodestore.Open(o)
	require.ErrorContains(t, err, "Dir")
	require.ErrorContains(t, err, "CacheFacts")
}

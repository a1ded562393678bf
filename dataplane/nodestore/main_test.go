package nodestore_test

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/dataplane/nodestore"
	"dms/internal/directory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a store on fs and closes it when the test ends, unless the test has done so.
func open(t testing.TB, fs vfs.FS) (s *nodestore.Store, closeNow func()) {
	t.Helper()
	o := nodestore.DefaultOptions("node")
	o.FS = fs
	s, err := nodestore.Open(o)
	require.NoError(t, err)
	closed := false
	closeNow = func() {
		if !closed {
			closed = true
			require.NoError(t, s.Close())
		}
	}
	t.Cleanup(closeNow)
	return s, closeNow
}

var contactAt = time.UnixMicro(1_700_000_000_000_000)

// changes makes changes of directory "d" that lead to rev.
func changes(rev directory.Revision, entries ...directory.Entry) directory.Changes {
	for i := range entries {
		entries[i].Revision = rev
	}
	return directory.Changes{Position: directory.Position{Directory: "d", Revision: rev}, Entries: entries}
}

func put(kind directory.Kind, key, value string) directory.Entry {
	return directory.Entry{Kind: kind, Key: key, Value: []byte(value)}
}

func gone(kind directory.Kind, key string) directory.Entry {
	return directory.Entry{Kind: kind, Key: key, Deleted: true}
}

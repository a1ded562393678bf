package nodestore_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/nodestore"
	"dms/internal/directory"
	"dms/internal/errs"
)

// Whatever write, sync or create fails, and whenever: the store says so, loses nothing that it has answered for, and the process lives.
func TestStoreThatCannotWriteSaysSoAndLosesNothing(t *testing.T) {
	big := `"` + strings.Repeat("x", 300_000) + `"` // some of the writes begin a new log and flush a table
	const last = 24
	failures := 0
	for nth := int64(1); nth < 300; nth += 9 {
		t.Run(fmt.Sprint("operation=", nth), func(t *testing.T) {
			disk := vfs.NewCrashableMem()
			var armed atomic.Bool
			var seen atomic.Int64
			fs := errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
				if !armed.Load() || op.Kind.ReadOrWrite() != errorfs.OpIsWrite || op.Kind == errorfs.OpRemove {
					return nil
				}
				if seen.Add(1) >= nth {
					return errors.New("no space left on device")
				}
				return nil
			}))
			o := nodestore.DefaultOptions("node")
			o.FS, o.Log = fs, slog.New(slog.DiscardHandler)
			s, err := nodestore.Open(o)
			require.NoError(t, err)
			armed.Store(true)
			answered := directory.Revision(0)
			for rev := directory.Revision(1); rev <= last; rev++ {
				if _, err = s.Apply(changes(rev, put(directory.KindUser, fmt.Sprint(rev), big)), contactAt); err != nil {
					break
				}
				answered = rev
			}
			failed := err != nil
			if failed {
				failures++
				require.Equal(t, errs.Unavailable, errs.CodeOf(err))
				require.Equal(t, errs.Unavailable, errs.CodeOf(s.Ready()))
				require.Equal(t, answered, s.Position().Revision)
				for range 3 {
					_, err = s.Apply(changes(answered+1), contactAt)
					require.Equal(t, errs.Unavailable, errs.CodeOf(err), "never tried again")
					require.Equal(t, errs.Unavailable, errs.CodeOf(s.PutBatch(batch("s", 1, 1))))
				}
				rev, err := s.Revision(context.Background())
				require.NoError(t, err)
				require.Equal(t, answered, rev, "it goes on answering from what it has")
			}
			ready := s.Ready()
			require.Equal(t, ready == nil, s.Close() == nil)

			s, _ = open(t, disk.CrashClone(vfs.CrashCloneCfg{}))
			require.GreaterOrEqual(t, s.Position().Revision, answered)
			for rev := directory.Revision(1); rev <= answered; rev++ {
				_, err := s.Get(context.Background(), directory.KindUser, fmt.Sprint(rev))
				require.NoError(t, err, rev)
			}
		})
	}
	require.Greater(t, failures, 10)
}

func TestStoreThatCannotBeOpenedSaysWhy(t *testing.T) {
	for nth := int64(1); nth < 30; nth++ {
		var seen atomic.Int64
		o := nodestore.DefaultOptions("node")
		o.Log = slog.New(slog.DiscardHandler)
		o.FS = errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
			// A file that could not be removed costs its space and nothing else.
			if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && op.Kind != errorfs.OpRemove && seen.Add(1) == nth {
				return errors.New("no space left on device")
			}
			return nil
		}))
		s, err := nodestore.Open(o)
		if err == nil {
			require.Less(t, seen.Load(), nth, "a failed write is never passed over")
			require.NoError(t, s.Close())
			continue
		}
		require.ErrorContains(t, err, "no space left on device")
	}
}

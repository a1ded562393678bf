package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/errs"
)

func testDiskFull(t *testing.T, open Factory) {
	t.Run("SendsAreRefusedAndReceivesGoOn", func(t *testing.T) {
		f := newFixture(t, open, func(s *Setup) { s.MinFreeBytes = 1 << 20 })
		usage := func(free uint64) {
			f.disk.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: free, TotalBytes: 1 << 30, UsedBytes: 1<<30 - free})
			f.clock.Advance(time.Second)
		}
		usage(1 << 20)
		f.send("a", "b")
		usage(1<<20 - 1)
		_, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{message("c")}, nil)
		require.Equal(t, errs.Unavailable, errs.CodeOf(err))
		require.Equal(t, errs.Unavailable, errs.CodeOf(f.e.Ready()))
		f.ack(f.receive()...)
		require.Equal(t, int64(2), f.queueStats().Messages)
		usage(2 << 20)
		require.NoError(t, f.e.Ready())
		f.send("d")
		require.Equal(t, []string{"d"}, bodies(f.receive()))
	})
}

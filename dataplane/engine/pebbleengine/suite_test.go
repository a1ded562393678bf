package pebbleengine_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"dms/dataplane/engine"
	"dms/dataplane/engine/enginetest"
	"dms/dataplane/engine/pebbleengine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small returns options whose limits are near, so that the tests come across them.
func small(s enginetest.Setup) pebbleengine.Options {
	opt := pebbleengine.DefaultOptions(s.Dir)
	opt.FS, opt.Clock, opt.Log = s.FS, s.Clock, nil
	opt.Parked, opt.StateChanged = s.Parked, s.StateChanged
	opt.CacheBytes, opt.MemTableBytes, opt.MinFreeBytes = 1<<20, 1<<20, s.MinFreeBytes
	opt.MaxLoadedQueues = 16
	opt.SegmentBytes, opt.TailBytes, opt.SpareSegments = 64<<10, 32<<10, 0
	return opt
}

func open(s enginetest.Setup) (engine.Engine, error) {
	e, err := pebbleengine.Open(small(s))
	if err != nil {
		return nil, err
	}
	return e, nil
}

func TestGuarantees(t *testing.T) {
	enginetest.Run(t, enginetest.Features{Durable: true}, open)
}

func TestModel(t *testing.T) { enginetest.Model(t, open) }

func BenchmarkEngine(b *testing.B) {
	enginetest.Benchmark(b,
		func(b *testing.B) enginetest.Setup { return enginetest.Setup{FS: vfs.Default, Dir: b.TempDir()} },
		func(s enginetest.Setup) (engine.Engine, error) {
			opt := pebbleengine.DefaultOptions(s.Dir)
			opt.FS, opt.Clock, opt.Log = s.FS, s.Clock, nil
			return pebbleengine.Open(opt)
		})
}

package enginetest

import (
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"

	"dms/dataplane/engine"
	"dms/dataplane/engine/memengine"
	"dms/internal/clock"
)

// InMemory opens the reference engine. Its memory belongs to the setup's clock: whoever opens it again on the same disk finds what was there,
// as does an engine on what a crash left of the disk, since it loses nothing in a crash.
func InMemory() Factory {
	type place struct {
		disk   vfs.FS
		memory *memengine.Memory
		last   *memengine.Engine
	}
	var mu sync.Mutex
	places := make(map[clock.Clock]*place)
	return func(s Setup) (engine.Engine, error) {
		mu.Lock()
		defer mu.Unlock()
		p := places[s.Clock]
		if p == nil {
			p = &place{disk: s.FS, memory: memengine.NewMemory()}
			places[s.Clock] = p
		}
		if p.disk != s.FS { // the process that had the old disk is dead
			p.disk = s.FS
			_ = p.last.Close()
		}
		e, err := memengine.Open(p.memory, memengine.Options{Clock: s.Clock, Parked: s.Parked})
		if err != nil {
			return nil, err
		}
		p.last = e
		return e, nil
	}
}

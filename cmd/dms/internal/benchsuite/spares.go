package benchsuite

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"dms/dataplane/engine/pebbleengine"
)

// Loads that only send are measured on a log that has segments to write again for all of it, as one in use has and as the bare log has: a fresh one
// is made longer with each message, and the disk works twice. One of a service in use gets them from messages that were given up.

// spareBytes is the room that a load of bytesPerSecond is written into. A log uses half of its spares before it makes others.
func (s *Suite) spareBytes(bytesPerSecond float64) int64 {
	return int64(2 * bytesPerSecond * (s.cfg.Duration + s.cfg.Duration/4).Seconds())
}

// What the rows write at most, in bytes a second: twice of what was seen where they were written.
const (
	fastestEngine  = 500e6
	fastestService = 200e6
)

// sparesMade waits until the log below an engine's folder has that many bytes.
func (s *Suite) sparesMade(ctx context.Context, engineDir string, bytes int64) error {
	const step = 50 * time.Millisecond
	for range 2 * time.Minute / step {
		size, err := folderSize(filepath.Join(engineDir, "log"))
		if err != nil {
			return err
		}
		if size >= bytes {
			return nil
		}
		if !s.pause(ctx, step) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("%d bytes of the log were not made ready within two minutes: has the disk room for them?", bytes)
}

// segmentsFor returns how many segments have that many bytes.
func segmentsFor(bytes int64) int {
	size := pebbleengine.DefaultOptions("").SegmentBytes
	return int((bytes + size - 1) / size)
}

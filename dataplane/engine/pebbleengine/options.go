package pebbleengine

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"dms/internal/clock"
)

// Options says where and how an engine keeps its data. Start from DefaultOptions.
type Options struct {
	Dir   string      // the directory of the data; made when it does not exist
	FS    vfs.FS      // nil: the operating system's
	Clock clock.Clock // every time and timer of the engine
	// Source names the engine in usage batches. "": a random id, made at the first open and kept. A Source that differs
	// from the kept one is refused: the control plane tells batches apart by it.
	Source string
	Log    *slog.Logger

	CacheBytes    int64  // of Pebble's block cache
	MemTableBytes uint64 // of one Pebble memtable
	SegmentBytes  int64  // of one segment of the log; a restart reads a few of them again
	// ReclaimAbove is how long the log may be before messages that every group has settled are given up early.
	ReclaimAbove int64
	// SpareSegments is how many segments are made ready at the opening, half as many later, and how many of those that are given up are kept to
	// be written again, 4 at least. They take room on the disk. A burst is written into them at full speed: making segments longer, or
	// making them ready, costs about as much again.
	SpareSegments   int
	TailBytes       int64  // of the newest messages that are kept in memory
	MinFreeBytes    uint64 // sends are refused while the disk has less; 0: never
	MaxQueuedBytes  int64  // of sends that wait for the commit; more wait for their turn
	MaxLoadedQueues int    // idle queues beyond this many leave memory
	// MaxPending bounds the messages of one group that are delivered and not settled. Beyond it a group is given only what it
	// was given before, until it settles some.
	MaxPending int

	// DedupWindow is how long after the first a send with the same deduplication id is a duplicate; 24 hours at most.
	DedupWindow time.Duration

	SyncDelay    time.Duration // after how long a lease is synced at the latest
	CountDelay   time.Duration // after how long a Count is durable at the latest
	TrimInterval time.Duration // expired messages of a queue are erased from the disk at most this often
	ReopenDelay  time.Duration // between the tries to reopen after the first, doubled each time
	ReopenMax    time.Duration // at most

	// NewCommitter, when not nil, makes what commits in place of the local log, on top of it: once for each life of the log, when it is opened and
	// before anything is committed. Its errors end the opening.
	NewCommitter func(local *LocalLog) (Committer, error)

	restored bool // the data is a copy of another engine's

	// Parked, when not nil, is called each time a poll starts to wait. For tests, which step the clock then.
	Parked func()
	// StateChanged, when not nil, is called when the engine stops taking writes (with the cause) and when it takes them again (nil).
	StateChanged func(cause error)
}

// DefaultOptions returns the options of an engine under dir.
func DefaultOptions(dir string) Options {
	return Options{
		Dir:             dir,
		FS:              vfs.Default,
		Clock:           clock.System{},
		Log:             slog.Default(),
		CacheBytes:      64 << 20,
		MemTableBytes:   32 << 20,
		SegmentBytes:    64 << 20,
		ReclaimAbove:    1 << 30,
		SpareSegments:   2,
		TailBytes:       64 << 20,
		MinFreeBytes:    512 << 20,
		MaxQueuedBytes:  64 << 20,
		MaxLoadedQueues: 4096,
		MaxPending:      65536,
		DedupWindow:     5 * time.Minute,
		SyncDelay:       50 * time.Millisecond,
		CountDelay:      time.Second,
		TrimInterval:    time.Minute,
		ReopenDelay:     100 * time.Millisecond,
		ReopenMax:       10 * time.Second,
	}
}

// Validate returns every violation.
func (o Options) Validate() error {
	var errs []error
	bad := func(ok bool, name string, value any, want string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s is %v: must be %s", name, value, want))
		}
	}
	bad(o.Dir != "", "Dir", `""`, "a directory")
	bad(o.Clock != nil, "Clock", nil, "a clock")
	bad(o.CacheBytes >= 1<<20, "CacheBytes", o.CacheBytes, "at least 1 MiB")
	bad(o.MemTableBytes >= 1<<20 && o.MemTableBytes < 4<<30, "MemTableBytes", o.MemTableBytes, "between 1 MiB and 4 GiB")
	bad(o.SegmentBytes >= 64<<10, "SegmentBytes", o.SegmentBytes, "at least 64 KiB")
	bad(o.ReclaimAbove >= 0, "ReclaimAbove", o.ReclaimAbove, "not negative")
	bad(o.SpareSegments >= 0, "SpareSegments", o.SpareSegments, "not negative")
	bad(o.TailBytes >= 0, "TailBytes", o.TailBytes, "not negative")
	bad(o.MaxQueuedBytes >= 1<<20, "MaxQueuedBytes", o.MaxQueuedBytes, "at least 1 MiB")
	bad(o.MaxLoadedQueues >= 1, "MaxLoadedQueues", o.MaxLoadedQueues, "at least 1")
	bad(o.MaxPending >= 1, "MaxPending", o.MaxPending, "at least 1")
	bad(o.DedupWindow > 0 && o.DedupWindow <= 24*time.Hour, "DedupWindow", o.DedupWindow, "positive and at most 24 hours")
	bad(o.SyncDelay > 0, "SyncDelay", o.SyncDelay, "positive")
	bad(o.CountDelay > 0, "CountDelay", o.CountDelay, "positive")
	bad(o.TrimInterval > 0, "TrimInterval", o.TrimInterval, "positive")
	bad(o.ReopenDelay > 0, "ReopenDelay", o.ReopenDelay, "positive")
	bad(o.ReopenMax >= o.ReopenDelay, "ReopenMax", o.ReopenMax, "at least ReopenDelay")
	return errors.Join(errs...)
}

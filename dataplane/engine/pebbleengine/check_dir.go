package pebbleengine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"dms/dataplane/engine/seglog"
)

// CheckDir checks what is stored in opt.Dir as Engine.Check does, while no engine is at work there, and changes not a byte of it: it may be a copy, lie on
// a disk that can only be read, or be evidence. What the index does not know yet of the log, after a crash, is told to a view of it in memory.
// Of the options it takes the directory, the file system, the log and the size of the cache.
//
// An engine of another process that has the directory open is an error, as far as the file system tells. This process must have none open on it: its
// lock would be lost.
func CheckDir(ctx context.Context, opt Options) (r CheckReport, err error) {
	if opt.FS == nil {
		opt.FS = vfs.Default
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if err := opt.Validate(); err != nil {
		return r, fmt.Errorf("options of the engine: %w", err)
	}
	if _, err := opt.FS.Stat(opt.Dir); err != nil {
		return r, err
	}
	lock, err := lockForReading(opt.FS, opt.FS.PathJoin(opt.Dir, lockFile))
	if err != nil {
		return r, fmt.Errorf("%s is in use by another process, or cannot be locked: %w", opt.Dir, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	disk := readOnlyFS{opt.FS}
	o := pebbleOptions(&opt, disk, func(err error) { opt.Log.Error("the index cannot be read", "error", err) })
	o.ReadOnly = true
	db, err := pebble.Open(opt.Dir, o)
	if err != nil {
		return r, fmt.Errorf("open %s: %w", opt.Dir, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := checkFormat(db); err != nil {
		return r, err
	}
	view := db.NewIndexedBatch() // never committed
	defer func() { err = errors.Join(err, view.Close()) }()
	x, err := newIndex(db, view, func(b *pebble.Batch) error { return view.Apply(b, nil) })
	if err != nil {
		return r, err
	}
	segments, err := seglog.Open(seglog.Options{FS: disk, Dir: disk.PathJoin(opt.Dir, logDir), From: x.applied, ReadOnly: true}, x.replay)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, segments.Close()) }()
	c := &checker{ctx: ctx, s: &store{opt: &opt, log: opt.Log, db: db, segments: segments}, snap: view, wanted: make(map[uint64]int64)}
	if err := c.run(); err != nil {
		return r, err
	}
	return c.report, nil
}

// lockFile is what an engine at work holds a lock on, in its directory.
const lockFile = "LOCK"

type noLock struct{}

func (noLock) Close() error { return nil }

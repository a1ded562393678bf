package pebbleengine

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"

	"dms/dataplane/engine/seglog"
)

// Checkpoint copies everything that is stored into dir, which must not exist, while the engine goes on. What was answered before the
// call is in it. Restore reads it. When it fails or ctx ends, nothing of dir stays.
func (e *Engine) Checkpoint(ctx context.Context, dir string) error {
	e.copying.Lock() // one at a time
	defer e.copying.Unlock()
	s, err := e.current()
	if err != nil {
		return err
	}
	if _, err := e.opt.FS.Stat(dir); err == nil {
		return fmt.Errorf("%s exists already: choose a directory that does not", dir)
	}
	if err := s.checkpoint(ctx, dir); err != nil {
		return errors.Join(s.explain(err), e.opt.FS.RemoveAll(dir))
	}
	return nil
}

// checkpoint lets the applying goroutine copy the index between two groups, and then copies the log up to there.
func (s *store) checkpoint(ctx context.Context, dir string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.exit()
	defer s.space.pin()()
	// What fails on the disk of the copy is no failed write of the engine.
	s.fence.Exempt(dir)
	defer s.fence.Exempt("")
	fs := s.opt.FS
	if parent := fs.PathDir(dir); parent != dir {
		if err := fs.MkdirAll(parent, 0o755); err != nil {
			return err
		}
	}
	var (
		copyErr error
		end     seglog.Position
	)
	c := &change{batch: s.newBatch(), alone: true, done: make(chan error, 1), applied: func() {
		end = s.index.applied
		if copyErr = s.db.Flush(); copyErr == nil {
			copyErr = s.db.Checkpoint(dir)
		}
	}}
	s.commits.enqueue(c)
	if err := s.answerOf(c); err != nil {
		return err
	}
	if copyErr != nil {
		return fmt.Errorf("copy the index: %w", copyErr)
	}
	logs := fs.PathJoin(dir, logDir)
	if err := fs.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	for _, n := range s.segments.Segments() {
		if n > end.Segment {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		length := s.segments.Size(n)
		if n == end.Segment {
			length = end.Offset
		}
		if err := s.copySegment(n, length, fs.PathJoin(logs, seglog.Name(n))); err != nil {
			return fmt.Errorf("copy segment %d: %w", n, err)
		}
	}
	return syncDirs(fs, logs, dir, fs.PathDir(dir))
}

// copySegment copies the first bytes of a segment.
func (s *store) copySegment(n uint64, length int64, to string) (err error) {
	out, err := s.opt.FS.Create(to, vfs.DiskWriteCategory("dms-checkpoint"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buf := make([]byte, 1<<20)
	for at := int64(0); at < length; {
		b := buf[:min(int64(len(buf)), length-at)]
		if err := s.segments.Read(seglog.Position{Segment: n, Offset: at}, b); err != nil {
			return err
		}
		at += int64(len(b))
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return out.Sync()
}

func syncDirs(fs vfs.FS, dirs ...string) error {
	for _, dir := range dirs {
		d, err := fs.OpenDir(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Restore makes the directory of opt, which must be empty or absent, an engine as it was when the checkpoint `from` was made, and checks it. Handlers
// that were given out are void, and counted calls that were not delivered are dropped: the engine that the checkpoint is of may have gone on and
// delivered them. For the same reason it gets another usage source. When it fails, nothing of the directory stays.
func Restore(ctx context.Context, opt Options, from string) (CheckReport, error) {
	if opt.FS == nil {
		opt.FS = vfs.Default
	}
	fs := opt.FS
	if names, err := fs.List(opt.Dir); err == nil && len(names) > 0 {
		return CheckReport{}, fmt.Errorf("%s is not empty: choose another directory", opt.Dir)
	}
	if names, err := fs.List(fs.PathJoin(from, logDir)); err != nil || len(names) == 0 {
		return CheckReport{}, fmt.Errorf("%s is not a checkpoint: it has no log", from)
	}
	r, err := restore(ctx, opt, from)
	if err != nil {
		return r, errors.Join(err, fs.RemoveAll(opt.Dir))
	}
	return r, nil
}

func restore(ctx context.Context, opt Options, from string) (CheckReport, error) {
	fs := opt.FS
	if err := makeDir(fs, opt.Dir); err != nil {
		return CheckReport{}, err
	}
	for _, sub := range []string{"", logDir} {
		if err := copyFiles(ctx, fs, fs.PathJoin(from, sub), fs.PathJoin(opt.Dir, sub)); err != nil {
			return CheckReport{}, err
		}
	}
	opt.restored = true
	e, err := Open(opt)
	if err != nil {
		return CheckReport{}, err
	}
	r, err := e.Check(ctx)
	return r, errors.Join(err, e.Close())
}

// copyFiles copies the files of a directory, not those of its directories.
func copyFiles(ctx context.Context, fs vfs.FS, from, to string) error {
	if err := fs.MkdirAll(to, 0o755); err != nil {
		return err
	}
	names, err := fs.List(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		info, err := fs.Stat(fs.PathJoin(from, name))
		if err != nil {
			return err
		}
		if info.IsDir() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := copyFile(fs, fs.PathJoin(from, name), fs.PathJoin(to, name)); err != nil {
			return fmt.Errorf("copy %s: %w", name, err)
		}
	}
	return syncDirs(fs, to)
}

func copyFile(fs vfs.FS, from, to string) (err error) {
	in, err := fs.Open(from, vfs.SequentialReadsOption)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := fs.Create(to, vfs.DiskWriteCategory("dms-restore"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 1<<20)); err != nil {
		return err
	}
	return out.Sync()
}

// disown makes what was restored an engine of its own: its counts begin anew, under its own source.
func disown(b *batch) {
	b.deleteRange([]byte{tableUsage}, []byte{tableUsage + 1})
	b.delete(metaKey(metaForgotten))
}

package pebbleengine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
	"dms/dataplane/engine/seglog"
	"dms/internal/errs"
	"dms/internal/id"
)

// twin is a second machine: a disk to which committers copy the groups of an engine, life after life.
type twin struct {
	t        *testing.T
	disk     *vfs.MemFS
	lives    atomic.Int64 // committers that were made
	closed   atomic.Int64 // and closed
	groups   []seglog.Group
	refuse   atomic.Bool // to make a committer
	fail     atomic.Bool // the next commit, after the group is on both disks
	between  func()      // called when a group is on the first disk and not on the second
	tookBack atomic.Int64
}

var errTwin = errors.New("the twin does not answer")

func newTwin(t *testing.T) *twin {
	w := &twin{t: t, disk: vfs.NewCrashableMem(), between: func() {}}
	require.NoError(t, w.disk.MkdirAll("data/log", 0o755))
	for _, dir := range []string{"", "data"} {
		d, err := w.disk.OpenDir(dir)
		require.NoError(t, err)
		require.NoError(t, d.Sync())
		require.NoError(t, d.Close())
	}
	return w
}

// twinCommitter is one life.
type twinCommitter struct {
	*pebbleengine.LocalLog
	w     *twin
	log   *seglog.Log
	group seglog.Group
}

// open begins a life: the twin's log is cut where the local one ends.
func (w *twin) open(local *pebbleengine.LocalLog) (pebbleengine.Committer, error) {
	if w.refuse.Load() {
		return nil, errTwin
	}
	end := seglog.Position{}
	segments := local.Segments()
	for _, n := range segments[:len(segments)-1] { // the last one was begun just now
		end = seglog.Position{Segment: n, Offset: 28}
		if err := local.Groups(n, func(g seglog.Group) error { end = g.End; return nil }); err != nil {
			return nil, err
		}
	}
	opt := seglog.Options{FS: w.disk, Dir: "data/log", SegmentBytes: 64 << 10}
	if end != (seglog.Position{}) {
		opt.Cut = &end
	}
	kept := 0
	log, err := seglog.Open(opt, func(seglog.Group) error { kept++; return nil })
	for err == nil && log.End() != local.End() { // each opening begins a segment, also one that failed
		require.NoError(w.t, log.Close())
		opt.Cut = nil
		log, err = seglog.Open(opt, func(seglog.Group) error { return nil })
	}
	if err != nil {
		return nil, err
	}
	w.tookBack.Add(int64(len(w.groups) - kept))
	w.groups = w.groups[:kept]
	w.lives.Add(1)
	return &twinCommitter{LocalLog: local, w: w, log: log}, nil
}

func (c *twinCommitter) Start(size int64) error {
	c.group = seglog.Group{}
	return errors.Join(c.LocalLog.Start(size), c.log.Start(size))
}

func (c *twinCommitter) Append(parts ...[]byte) seglog.Position {
	at := c.LocalLog.Append(parts...)
	if there := c.log.Append(parts...); there != at {
		c.w.t.Errorf("a record is at %s, and at %s on the twin", at, there)
	}
	c.group.Records = append(c.group.Records, seglog.Record{At: at, Bytes: bytes.Join(parts, nil)})
	return at
}

func (c *twinCommitter) Commit() error {
	if err := c.LocalLog.Commit(); err != nil {
		return err
	}
	c.w.between()
	if err := c.log.Commit(); err != nil {
		return err
	}
	c.group.End = c.log.End()
	c.w.groups = append(c.w.groups, c.group)
	if c.w.fail.Swap(false) {
		return errTwin
	}
	return nil
}

func (c *twinCommitter) Close() error {
	c.w.closed.Add(1)
	return errors.Join(c.LocalLog.Close(), c.log.Close())
}

// groupsOn returns what the log of an engine that is closed holds.
func groupsOn(t *testing.T, disk *vfs.MemFS) (groups []seglog.Group) {
	t.Helper()
	disk = disk.CrashClone(vfs.CrashCloneCfg{}) // opening begins a segment
	log, err := seglog.Open(seglog.Options{FS: disk, Dir: "data/log", SegmentBytes: 64 << 10}, func(g seglog.Group) error {
		for i := range g.Records {
			g.Records[i].Bytes = bytes.Clone(g.Records[i].Bytes)
		}
		groups = append(groups, g)
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, log.Close())
	return groups
}

// TestAnEngineOnTheGroupsOfItsCommitterIsTheSameEngine copies every group to a second disk while everything happens, lets the first disk
// be lost at any commit, and goes on with the second, which has nothing but the groups.
func TestAnEngineOnTheGroupsOfItsCommitterIsTheSameEngine(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	c := &crashBench{rng: rand.New(rand.NewPCG(seed, 1))}
	c.j = journal{sent: map[string]bool{}, acked: map[string]bool{}, unsure: map[string]bool{}, first: map[string]string{}, prepared: map[string]preparedEntry{}}
	w := newTwin(t)
	w.between = func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.bench != nil {
			j := c.j.clone()
			c.points = append(c.points, crashPoint{w.disk.CrashClone(vfs.CrashCloneCfg{}), j, c.clock.Now(), fmt.Sprint("group ", len(w.groups))})
		}
	}
	c.bench = newBench(t, func(o *pebbleengine.Options) { o.DedupWindow, o.NewCommitter = 24*time.Hour, w.open })
	c.q.Mode, c.q.MaxConsumeCount = "FIFO", 2
	require.NoError(t, c.AddGroup(context.Background(), c.q.ID, c.group))
	require.NoError(t, c.AddGroup(context.Background(), c.q.ID, id.NewGroup()))
	for i := range 120 {
		c.step()
		if i == 60 {
			c.reopen()
		}
	}
	require.NoError(t, c.Close())
	require.Equal(t, int64(2), w.lives.Load())
	require.Equal(t, int64(2), w.closed.Load())
	require.Greater(t, len(w.groups), 60)
	require.Equal(t, w.groups, groupsOn(t, c.opt.FS.(*vfs.MemFS)), "the same bytes in the same places")
	require.Equal(t, w.groups, groupsOn(t, w.disk))

	c.opt.NewCommitter = nil
	points := append(c.points, crashPoint{w.disk, c.j.clone(), c.clock.Now(), "the end"})
	for i, p := range points {
		if i%5 != int(seed%5) && i < len(points)-1 {
			continue
		}
		t.Logf("the first disk is lost at %s", p.op)
		c.opt.FS = p.disk
		c.clock.Set(p.now)
		e, err := pebbleengine.Open(c.opt)
		require.NoError(t, err)
		c.Engine = e
		c.check(p.j)
		require.NoError(t, e.Close())
	}
}

func TestACommitterThatFailsHasStoredNothing(t *testing.T) {
	ctx := context.Background()
	w := newTwin(t)
	changes := make(chan error, 10)
	b := newBench(t, func(o *pebbleengine.Options) {
		o.NewCommitter, o.StateChanged = w.open, func(err error) { changes <- err }
	})
	b.send("a")
	w.fail.Store(true)
	_, err := b.Send(ctx, b.q, []engine.NewMessage{{Body: []byte("on both disks, and never answered")}}, nil)
	require.Equal(t, errs.Unavailable, errs.CodeOf(err))
	require.ErrorIs(t, <-changes, errTwin)
	require.NoError(t, <-changes)
	require.Equal(t, int64(2), w.lives.Load())
	require.Equal(t, int64(1), w.closed.Load())
	require.Equal(t, int64(1), w.tookBack.Load(), "the next life sees it behind the end of the local log")
	b.gets(10, "a")
	b.send("b")
	b.gets(10, "b")
	require.NoError(t, b.Close())
	require.Equal(t, w.groups, groupsOn(t, w.disk))
	require.Equal(t, w.groups, groupsOn(t, b.opt.FS.(*vfs.MemFS)))

	b.opt.FS, b.opt.NewCommitter = w.disk, nil
	e, err := pebbleengine.Open(b.opt)
	require.NoError(t, err)
	b.Engine = e
	b.clock.Advance(time.Hour)
	b.gets(10, "a", "b")
}

// brokenLog cannot write to the log while it is broken.
type brokenLog struct {
	*vfs.MemFS
	broken *atomic.Bool
}

func (f brokenLog) ReuseForWrite(o, n string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.wrap(f.MemFS.ReuseForWrite(o, n, c))
}

func (f brokenLog) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.wrap(f.MemFS.Create(name, c))
}

func (f brokenLog) wrap(file vfs.File, err error) (vfs.File, error) {
	return brokenFile{file, f.broken}, err
}

type brokenFile struct {
	vfs.File
	broken *atomic.Bool
}

var errBroken = errors.New("broken")

func (f brokenFile) Write(b []byte) (int, error) {
	if f.broken.Load() {
		return 0, errBroken
	}
	return f.File.Write(b)
}

func TestACommitterIsToldThatTheLocalLogFailed(t *testing.T) {
	w := newTwin(t)
	var broken atomic.Bool
	changes := make(chan error, 10)
	b := newBench(t, func(o *pebbleengine.Options) {
		o.FS = brokenLog{vfs.NewCrashableMem(), &broken}
		o.NewCommitter, o.StateChanged = w.open, func(err error) { changes <- err }
	})
	b.send("a")
	var copied atomic.Int64
	w.between = func() { copied.Add(1) }
	broken.Store(true)
	_, err := b.Send(context.Background(), b.q, []engine.NewMessage{{Body: []byte("lost")}}, nil)
	require.Equal(t, errs.Unavailable, errs.CodeOf(err))
	require.ErrorIs(t, <-changes, errBroken)
	require.Zero(t, copied.Load(), "nothing was given away that is not on this disk")
}

func TestAnEngineWithoutACommitterDoesNotOpen(t *testing.T) {
	w := newTwin(t)
	b := newBench(t, func(o *pebbleengine.Options) { o.NewCommitter = w.open })
	b.send("a")
	require.NoError(t, b.Close())
	w.refuse.Store(true)
	_, err := pebbleengine.Open(b.opt)
	require.ErrorIs(t, err, errTwin)
	w.refuse.Store(false)
	b.reopen()
	b.gets(10, "a")
}

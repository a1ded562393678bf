package pebbleengine

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// fenceFS stands between Pebble and the disk for one life of the database. It makes "a failed write or sync is the end" true
// whatever Pebble does about the error.
//
// The first failed write, sync, create, rename or link trips the fence: onTrip is told once, before Pebble goes on; Pebble is told that
// all is well; and from then on nothing reaches the disk any more. The lie is the point. Pebble panics with locks held ("unlock of
// unlocked mutex" cannot even be recovered from), exits the process, or, while it opens, tries the same failed file for ever: so it must
// not see an error. Nobody else is lied to: whoever opens or commits asks the fence before it answers. And what Pebble still does
// afterwards in the background cannot touch files under the feet of the next life.
type fenceFS struct {
	vfs.FS
	onTrip func(error)

	tripped atomic.Bool
	mu      sync.Mutex // guards: the rest
	opened  bool
	err     error
}

func newFenceFS(fs vfs.FS, onTrip func(error)) *fenceFS { return &fenceFS{FS: fs, onTrip: onTrip} }

// errFenced is what reads of files that were never written get.
var errFenced = errors.New("the storage is closed after a failed write")

// Err returns what tripped the fence, or what failed while opening.
func (f *fenceFS) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// open ends the opening, unless something failed in it.
func (f *fenceFS) open() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened = f.err == nil
	return f.err
}

// Trip ends this life of the database; while it is being opened, it is opening that will fail, and onTrip is not told.
func (f *fenceFS) Trip(err error) {
	f.mu.Lock()
	first := f.err == nil
	if first {
		f.err = err
	}
	opened := f.opened
	f.mu.Unlock()
	f.tripped.Store(true)
	if first && opened {
		f.onTrip(err)
	}
}

// check swallows err, after tripping the fence.
func (f *fenceFS) check(err error) error {
	if err != nil {
		f.Trip(err)
	}
	return nil
}

func (f *fenceFS) wrap(file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		f.Trip(err)
		file = nil // as behind a tripped fence
	}
	return &fenceFile{File: file, fs: f}, nil
}

func (f *fenceFS) Unwrap() vfs.FS { return f.FS }

func (f *fenceFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	// A marker names the file that counts, and Pebble syncs the directory once for both. A file system that keeps entries in any order
	// could keep the marker alone, and the store could not be opened: so what is named is made durable first.
	if !f.tripped.Load() && strings.HasPrefix(f.FS.PathBase(name), "marker.") {
		_ = f.check(f.syncDir(f.FS.PathDir(name)))
	}
	if f.tripped.Load() {
		return &fenceFile{fs: f}, nil
	}
	return f.wrap(f.FS.Create(name, c))
}

func (f *fenceFS) syncDir(dir string) error {
	d, err := f.FS.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *fenceFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	if f.tripped.Load() {
		return &fenceFile{fs: f}, nil
	}
	return f.wrap(f.FS.OpenReadWrite(name, c, opts...))
}

func (f *fenceFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if f.tripped.Load() {
		return &fenceFile{fs: f}, nil
	}
	return f.wrap(f.FS.ReuseForWrite(oldname, newname, c))
}

// OpenDir is for syncing the directory.
func (f *fenceFS) OpenDir(name string) (vfs.File, error) {
	if f.tripped.Load() {
		return &fenceFile{fs: f}, nil
	}
	return f.wrap(f.FS.OpenDir(name))
}

func (f *fenceFS) Link(oldname, newname string) error {
	if f.tripped.Load() {
		return nil
	}
	return f.check(f.FS.Link(oldname, newname))
}

func (f *fenceFS) Rename(oldname, newname string) error {
	if f.tripped.Load() {
		return nil
	}
	return f.check(f.FS.Rename(oldname, newname))
}

func (f *fenceFS) MkdirAll(dir string, perm os.FileMode) error {
	if f.tripped.Load() {
		return nil
	}
	return f.check(f.FS.MkdirAll(dir, perm))
}

// Remove passes errors on: a file that stays behind costs space and is tried again, nothing else.
func (f *fenceFS) Remove(name string) error {
	if f.tripped.Load() {
		return nil
	}
	return f.FS.Remove(name)
}

func (f *fenceFS) RemoveAll(name string) error {
	if f.tripped.Load() {
		return nil
	}
	return f.FS.RemoveAll(name)
}

// fenceFile is a file opened for writing; File is nil when it was opened behind a tripped fence.
type fenceFile struct {
	vfs.File
	fs *fenceFS
}

func (f *fenceFile) dead() bool { return f.File == nil || f.fs.tripped.Load() }

func (f *fenceFile) Write(p []byte) (int, error) {
	if f.dead() {
		return len(p), nil
	}
	n, err := f.File.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return len(p), f.fs.check(err)
}

func (f *fenceFile) WriteAt(p []byte, off int64) (int, error) {
	if f.dead() {
		return len(p), nil
	}
	_, err := f.File.WriteAt(p, off)
	return len(p), f.fs.check(err)
}

func (f *fenceFile) Sync() error {
	if f.dead() {
		return nil
	}
	return f.fs.check(f.File.Sync())
}

func (f *fenceFile) SyncData() error {
	if f.dead() {
		return nil
	}
	return f.fs.check(f.File.SyncData())
}

func (f *fenceFile) SyncTo(length int64) (bool, error) {
	if f.dead() {
		return false, nil
	}
	full, err := f.File.SyncTo(length)
	return full, f.fs.check(err)
}

func (f *fenceFile) Preallocate(offset, length int64) error {
	if f.dead() {
		return nil
	}
	return f.File.Preallocate(offset, length)
}

func (f *fenceFile) Close() error {
	if f.File == nil {
		return nil
	}
	return f.fs.check(f.File.Close())
}

func (f *fenceFile) Read(p []byte) (int, error) {
	if f.File == nil {
		return 0, errFenced
	}
	return f.File.Read(p)
}

func (f *fenceFile) ReadAt(p []byte, off int64) (int, error) {
	if f.File == nil {
		return 0, errFenced
	}
	return f.File.ReadAt(p, off)
}

func (f *fenceFile) Prefetch(offset, length int64) error {
	if f.File == nil {
		return nil
	}
	return f.File.Prefetch(offset, length)
}

func (f *fenceFile) Stat() (vfs.FileInfo, error) {
	if f.File == nil {
		return nil, errFenced
	}
	return f.File.Stat()
}

func (f *fenceFile) Fd() uintptr {
	if f.File == nil {
		return vfs.InvalidFd
	}
	return f.File.Fd()
}

// Package fence is a file system that ends at the first failed write: behind it Pebble can neither go on nor take the process down.
package fence

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// FS stands between Pebble and the disk for one life of the database. It makes "a failed write or sync is the end" true
// whatever Pebble does about the error.
//
// The first failed write, sync, create, rename or link trips the fence: onTrip is told once, before Pebble goes on; Pebble is told that
// all is well; and from then on nothing reaches the disk any more. The lie is the point. Pebble panics with locks held ("unlock of
// unlocked mutex" cannot even be recovered from), exits the process, or, while it opens, tries the same failed file for ever: so it must
// not see an error. Nobody else is lied to: whoever opens or commits asks the fence before it answers. And what Pebble still does
// afterwards in the background cannot touch files under the feet of the next life.
type FS struct {
	vfs.FS
	onTrip func(error)

	tripped atomic.Bool
	exempt  atomic.Pointer[string]
	mu      sync.Mutex // guards: the rest
	opened  bool
	err     error
}

// New returns a fence around fs. onTrip is called once, from whatever goroutine wrote, when a write fails after Opened.
func New(fs vfs.FS, onTrip func(error)) *FS { return &FS{FS: fs, onTrip: onTrip} }

// ErrFenced is what reads of files that were never written get.
var ErrFenced = errors.New("the storage is closed after a failed write")

// Err returns what tripped the fence, or what failed while opening.
func (f *FS) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// Exempt lets what happens under dir pass by the fence: a copy on another disk that cannot be written is no failed write of the store.
// "" ends it.
func (f *FS) Exempt(dir string) { f.exempt.Store(&dir) }

func (f *FS) outside(name string) bool {
	dir := f.exempt.Load()
	return dir != nil && *dir != "" && (name == *dir || strings.HasPrefix(name, *dir+"/"))
}

// Opened ends the opening of the database, unless something failed in it.
func (f *FS) Opened() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened = f.err == nil
	return f.err
}

// Trip ends this life of the database; while it is being opened, it is opening that will fail, and onTrip is not told.
func (f *FS) Trip(err error) {
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
func (f *FS) check(err error) error {
	if err != nil {
		f.Trip(err)
	}
	return nil
}

func (f *FS) wrap(v vfs.File, err error) (vfs.File, error) {
	if err != nil {
		f.Trip(err)
		v = nil // as behind a tripped fence
	}
	return &file{File: v, fs: f}, nil
}

func (f *FS) Unwrap() vfs.FS { return f.FS }

func (f *FS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if f.outside(name) {
		return f.FS.Create(name, c)
	}
	// A marker names the file that counts, and Pebble syncs the directory once for both. A file system that keeps entries in any order
	// could keep the marker alone, and the store could not be opened: so what is named is made durable first.
	if !f.tripped.Load() && strings.HasPrefix(f.FS.PathBase(name), "marker.") {
		_ = f.check(f.syncDir(f.FS.PathDir(name)))
	}
	if f.tripped.Load() {
		return &file{fs: f}, nil
	}
	return f.wrap(f.FS.Create(name, c))
}

func (f *FS) syncDir(dir string) error {
	d, err := f.FS.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *FS) OpenReadWrite(name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	if f.outside(name) {
		return f.FS.OpenReadWrite(name, c, opts...)
	}
	if f.tripped.Load() {
		return &file{fs: f}, nil
	}
	return f.wrap(f.FS.OpenReadWrite(name, c, opts...))
}

func (f *FS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if f.tripped.Load() {
		return &file{fs: f}, nil
	}
	return f.wrap(f.FS.ReuseForWrite(oldname, newname, c))
}

// OpenDir is for syncing the directory.
func (f *FS) OpenDir(name string) (vfs.File, error) {
	if f.outside(name) {
		return f.FS.OpenDir(name)
	}
	if f.tripped.Load() {
		return &file{fs: f}, nil
	}
	return f.wrap(f.FS.OpenDir(name))
}

func (f *FS) Link(oldname, newname string) error {
	if f.outside(newname) {
		return f.FS.Link(oldname, newname)
	}
	if f.tripped.Load() {
		return nil
	}
	return f.check(f.FS.Link(oldname, newname))
}

func (f *FS) Rename(oldname, newname string) error {
	if f.outside(newname) {
		return f.FS.Rename(oldname, newname)
	}
	if f.tripped.Load() {
		return nil
	}
	return f.check(f.FS.Rename(oldname, newname))
}

func (f *FS) MkdirAll(dir string, perm os.FileMode) error {
	if f.outside(dir) {
		return f.FS.MkdirAll(dir, perm)
	}
	if f.tripped.Load() {
		return nil
	}
	return f.check(f.FS.MkdirAll(dir, perm))
}

// Remove passes errors on: a file that stays behind costs space and is tried again, nothing else.
func (f *FS) Remove(name string) error {
	if f.tripped.Load() {
		return nil
	}
	return f.FS.Remove(name)
}

func (f *FS) RemoveAll(name string) error {
	if f.tripped.Load() {
		return nil
	}
	return f.FS.RemoveAll(name)
}

// file is a file opened for writing; File is nil when it was opened behind a tripped fence.
type file struct {
	vfs.File
	fs *FS
}

func (f *file) dead() bool { return f.File == nil || f.fs.tripped.Load() }

func (f *file) Write(p []byte) (int, error) {
	if f.dead() {
		return len(p), nil
	}
	n, err := f.File.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return len(p), f.fs.check(err)
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	if f.dead() {
		return len(p), nil
	}
	_, err := f.File.WriteAt(p, off)
	return len(p), f.fs.check(err)
}

func (f *file) Sync() error {
	if f.dead() {
		return nil
	}
	return f.fs.check(f.File.Sync())
}

func (f *file) SyncData() error {
	if f.dead() {
		return nil
	}
	return f.fs.check(f.File.SyncData())
}

func (f *file) SyncTo(length int64) (bool, error) {
	if f.dead() {
		return false, nil
	}
	full, err := f.File.SyncTo(length)
	return full, f.fs.check(err)
}

func (f *file) Preallocate(offset, length int64) error {
	if f.dead() {
		return nil
	}
	return f.File.Preallocate(offset, length)
}

func (f *file) Close() error {
	if f.File == nil {
		return nil
	}
	return f.fs.check(f.File.Close())
}

func (f *file) Read(p []byte) (int, error) {
	if f.File == nil {
		return 0, ErrFenced
	}
	return f.File.Read(p)
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if f.File == nil {
		return 0, ErrFenced
	}
	return f.File.ReadAt(p, off)
}

func (f *file) Prefetch(offset, length int64) error {
	if f.File == nil {
		return nil
	}
	return f.File.Prefetch(offset, length)
}

func (f *file) Stat() (vfs.FileInfo, error) {
	if f.File == nil {
		return nil, ErrFenced
	}
	return f.File.Stat()
}

func (f *file) Fd() uintptr {
	if f.File == nil {
		return vfs.InvalidFd
	}
	return f.File.Fd()
}

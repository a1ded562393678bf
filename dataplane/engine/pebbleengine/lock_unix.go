//go:build unix

package pebbleengine

import (
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// lockForReading keeps engines of other processes from opening the directory of the lock file, without writing to it. Where no engine ever was, or
// where the file system has no locks, there is nothing to keep off.
func lockForReading(fs vfs.FS, name string) (io.Closer, error) {
	f, err := fs.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return noLock{}, nil
	}
	if err != nil {
		return nil, err
	}
	if f.Fd() == vfs.InvalidFd {
		return noLock{}, f.Close()
	}
	err = syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_RDLCK, Whence: io.SeekStart})
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

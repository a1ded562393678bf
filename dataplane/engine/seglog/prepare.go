package seglog

import (
	"errors"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// preparer writes spare segments full of zeros, ahead of their use, so that the log never has to sync a file that grows: then each sync would
// wait for the file system's journal as well. It works on the disk directly, not through the file system of the log: a spare
// that cannot be made is no failed write of the log.
type preparer struct {
	wake chan struct{} // holds one signal
	stop chan struct{}
	done chan struct{}
}

const prepareChunk = 1 << 20

// prepare makes opt.Prepare spares ready, and then keeps half as many until stop: while the log is being written a spare costs its writers as
// much of the disk as what they write, so that a burst is first written into what there is.
func (l *Log) prepare(p *preparer) {
	defer close(p.done)
	for want := l.opt.Prepare; ; want = (l.opt.Prepare + 1) / 2 {
		for l.spares() < want && l.prepareOne(p) {
		}
		select {
		case <-p.wake:
		case <-p.stop:
			return
		}
	}
}

func (l *Log) spares() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.spare)
}

// prepareOne makes one spare and reports whether to go on.
func (l *Log) prepareOne(p *preparer) bool {
	if l.opt.Room != nil && !l.opt.Room(l.opt.SegmentBytes) {
		return false
	}
	l.mu.Lock()
	l.prepared++
	name := preparedName(l.prepared)
	l.mu.Unlock()
	path := l.opt.Disk.PathJoin(l.opt.Dir, name)
	ok, err := l.fill(path, p)
	if err != nil || !ok {
		_ = l.opt.Disk.Remove(path)
		return false
	}
	l.mu.Lock()
	l.spare = append(l.spare, name)
	l.mu.Unlock()
	return true
}

// fill writes a file of zeros that is on the disk when it returns; ok is false when it was stopped.
func (l *Log) fill(path string, p *preparer) (ok bool, err error) {
	f, err := l.opt.Disk.Create(path, prepareCategory)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_ = f.Preallocate(0, l.opt.SegmentBytes)
	zeros := make([]byte, min(prepareChunk, l.opt.SegmentBytes))
	for written := int64(0); written < l.opt.SegmentBytes; written += int64(len(zeros)) {
		select {
		case <-p.stop:
			return false, nil
		default:
		}
		// The zeros must be handed over anew: a file may change what it is given to write.
		clear(zeros)
		if _, err := f.Write(zeros); err != nil {
			return false, err
		}
		// Little by little: one large sync would hold up those of the log.
		if err := f.SyncData(); err != nil {
			return false, err
		}
	}
	return true, f.Sync()
}

const prepareCategory = vfs.DiskWriteCategory("dms-log-spare")

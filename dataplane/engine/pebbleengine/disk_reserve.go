package pebbleengine

import (
	"errors"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"dms/internal/errs"
)

// diskReserve refuses sends while the disk has less free space than the reserve, before the log is touched: so receives and
// acknowledgements, which make room, can go on.
type diskReserve struct {
	opt *Options

	mu      sync.Mutex // guards: checked, err
	checked time.Time
	err     error
}

// reserveInterval is how old the last look at the disk may be. A node that takes in 1 GB/s fills half the default reserve meanwhile.
const reserveInterval = 250 * time.Millisecond

func newDiskReserve(opt *Options) *diskReserve { return &diskReserve{opt: opt} }

// room reports whether the disk has that many bytes beyond the reserve.
func (r *diskReserve) room(bytes int64) bool {
	usage, err := r.opt.FS.GetDiskUsage(r.opt.Dir)
	return errors.Is(err, vfs.ErrUnsupported) || err == nil && usage.AvailBytes >= r.opt.MinFreeBytes+uint64(bytes)
}

// check returns errs.Unavailable while the reserve is touched.
func (r *diskReserve) check() error {
	if r.opt.MinFreeBytes == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.opt.Clock.Now()
	if age := now.Sub(r.checked); age >= 0 && age < reserveInterval {
		return r.err
	}
	r.checked, r.err = now, nil
	usage, err := r.opt.FS.GetDiskUsage(r.opt.Dir)
	switch {
	case errors.Is(err, vfs.ErrUnsupported):
	case err != nil:
		r.err = errUnavailable(err)
	case usage.AvailBytes < r.opt.MinFreeBytes:
		r.err = errs.New(errs.Unavailable, "", "the message storage is full: sends are refused until messages expire or space is added")
		r.opt.Log.Error("the disk is nearly full: sends are refused", "free_bytes", usage.AvailBytes, "reserve_bytes", r.opt.MinFreeBytes)
	}
	return r.err
}

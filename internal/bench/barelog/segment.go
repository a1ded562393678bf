package barelog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// SegmentBytes is the size of a segment file.
const SegmentBytes = 64 << 20

// segment is one file. It is written from its beginning to its end once in each of its lives.
type segment struct {
	f      *os.File
	number int
	used   int64 // by the committer alone
	unread int   // batches that are not acknowledged; guarded by Log.mu
	sealed bool  // nothing is appended any more; guarded by Log.mu
}

// makeSegment makes a file whose blocks are written: the sync of a write into it has no blocks to allocate, and no size to change.
func makeSegment(dir string, number int) (_ *segment, err error) {
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%06d.log", number)), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < SegmentBytes; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros, at); err != nil {
			return nil, err
		}
	}
	return &segment{f: f, number: number}, f.Sync()
}

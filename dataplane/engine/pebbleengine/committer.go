package pebbleengine

import (
	"dms/dataplane/engine/seglog"
	"dms/dataplane/fence"
)

// Committer is the one seam through which state changes: it makes groups of records durable, or fails. LocalLog is that of this machine. Another one
// (Options.NewCommitter) may give the same bytes to other machines before it returns: whatever an engine knows follows from the groups, so
// one that is opened on a log of the same groups is the same engine.
//
// A Committer guarantees:
//
//   - Here: when Commit has returned nil, the group is in the local log as well, and its records are where Append said. The engine reads
//     messages from there.
//   - Durable: that group, and every one before it, survives power loss of this machine, and whatever else the committer promises to survive.
//   - Whole and in order: of a group all records or none, groups in the order of their commits, none behind one that has failed.
//   - An error is the end: after one from Start or Commit nothing is known about the group, and nothing but Close is called any more. The engine
//     answers everybody who waits with errs.Unavailable, cuts the local log behind the last group that was answered, and asks for the
//     committer of its next life.
//   - One history: a committer that is being made looks at where the local log ends, and brings the others there before it returns. What they hold
//     behind that was never answered, and is taken back; what they lack of it counts, whether it was answered or not. One that cannot do that
//     returns an error, and the engine does not open.
//
// Start, Append, Commit and End are called by one goroutine at a time, Close once, after the last of them. What Append is given must not be changed, nor
// kept beyond Commit. Everybody who sends or settles waits for Commit. A Committer must not call the engine.
type Committer interface {
	// Start begins a group of about that many bytes.
	Start(size int64) error
	// Append adds a record to the group and returns where it begins, which is decided then and there.
	Append(parts ...[]byte) seglog.Position
	// Commit returns once the group, and everything committed before it, would survive power loss.
	Commit() error
	// End is where the next group will begin.
	End() seglog.Position
	// Close ends the committer, also one that has failed. It must not wait for others long: the engine may be about to open again.
	Close() error
}

// LocalLog is the committer of this machine, for one life of the log.
type LocalLog struct {
	log   *seglog.Log
	fence *fence.FS
}

var _ Committer = (*LocalLog)(nil)

// Start implements Committer.
func (l *LocalLog) Start(size int64) error {
	if err := l.log.Start(size); err != nil {
		return err
	}
	return l.fence.Err() // it swallows what fails
}

// Append implements Committer.
func (l *LocalLog) Append(parts ...[]byte) seglog.Position { return l.log.Append(parts...) }

// Commit implements Committer.
func (l *LocalLog) Commit() error {
	if err := l.log.Commit(); err != nil {
		return err
	}
	return l.fence.Err()
}

// End implements Committer. Opening begins a segment, so a log that was just opened ends at the beginning of one.
func (l *LocalLog) End() seglog.Position { return l.log.End() }

// Close implements Committer. The log stays open for reading until the engine closes it.
func (l *LocalLog) Close() error { return nil }

// Segments returns the numbers of the segments that are kept, in order; the last is the one that is written.
func (l *LocalLog) Segments() []uint64 { return l.log.Segments() }

// Groups hands the groups of a segment that has ended to visit, in order; they are good during the call.
func (l *LocalLog) Groups(segment uint64, visit func(seglog.Group) error) error {
	return l.log.Groups(segment, visit)
}

package audit

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Query asks for records of an account's trail. Zero fields ask for nothing. Action and Resource may end in "*", for all that begin so.
type Query struct {
	AccountID string
	From, To  time.Time // [From, To)
	UserID    string
	Action    string
	Resource  string
	Before    int64 // sequences below this alone: the page that follows the one whose last record has it
	Limit     int
}

// Reader reads trails. Package audit/gormstore has the implementation.
type Reader interface {
	// Search returns the newest matching records first.
	Search(ctx context.Context, q Query) ([]Row, error)
	// After returns up to limit records of the account's trail behind the sequence, the oldest first.
	After(ctx context.Context, accountID string, sequence int64, limit int) ([]Row, error)
	// Counts returns counts, the newest minutes first; those of several processes are one.
	Counts(ctx context.Context, q CountQuery) ([]Count, error)
	// Head returns the end of the account's trail.
	Head(ctx context.Context, accountID string) (Head, error)
}

// CountQuery asks for counts of an account. Zero fields ask for nothing.
type CountQuery struct {
	AccountID string
	From, To  time.Time // whole minutes that begin in [From, To)
	Kind      CountKind
	Limit     int
}

// Verdict says whether a trail is whole.
type Verdict struct {
	AccountID string `json:"account_id"`
	OK        bool   `json:"ok"`
	Records   int64  `json:"records"`             // that were found good
	BrokenAt  int64  `json:"broken_at,omitempty"` // sequence of the first that is not
	Problem   string `json:"problem,omitempty"`
	HeadHash  []byte `json:"-"`
}

// verifyPage is how many records are read at once.
const verifyPage = 1000

// Verify reads the account's whole trail, and names the first record that was changed, moved, dropped or put in. Records that are added meanwhile are no fault.
func Verify(ctx context.Context, r Reader, accountID string) (Verdict, error) {
	end, err := r.Head(ctx, accountID)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{AccountID: accountID, HeadHash: end.Hash}
	at := Head{AccountID: accountID}
	broken := func(sequence int64, format string, args ...any) (Verdict, error) {
		v.BrokenAt, v.Problem = sequence, fmt.Sprintf(format, args...)
		return v, nil
	}
	for at.Sequence < end.Sequence {
		rows, err := r.After(ctx, accountID, at.Sequence, verifyPage)
		if err != nil {
			return Verdict{}, err
		}
		if len(rows) == 0 {
			return broken(at.Sequence+1, "The records from %d to %d are missing.", at.Sequence+1, end.Sequence)
		}
		for _, row := range rows {
			switch {
			case row.Sequence != at.Sequence+1:
				return broken(at.Sequence+1, "The record %d is missing.", at.Sequence+1)
			case !bytes.Equal(row.PrevHash, at.Hash):
				return broken(row.Sequence, "The record %d does not follow the one before it.", row.Sequence)
			case !bytes.Equal(row.Hash, Chain(at.Hash, []byte(row.Body))):
				return broken(row.Sequence, "The record %d is not what was written.", row.Sequence)
			case !row.columns():
				return broken(row.Sequence, "The columns of the record %d are not what was written.", row.Sequence)
			}
			at.Sequence, at.Hash = row.Sequence, row.Hash
			v.Records++
			if at.Sequence == end.Sequence && !bytes.Equal(at.Hash, end.Hash) {
				return broken(row.Sequence, "The record %d is not the one that the trail's end names.", row.Sequence)
			}
		}
	}
	if end.Sequence == 0 {
		if rows, err := r.After(ctx, accountID, 0, 1); err != nil {
			return Verdict{}, err
		} else if len(rows) > 0 {
			if again, err := r.Head(ctx, accountID); err != nil {
				return Verdict{}, err
			} else if again.Sequence == 0 {
				return broken(rows[0].Sequence, "The trail's end is missing.")
			}
		}
	}
	v.OK = true
	return v, nil
}

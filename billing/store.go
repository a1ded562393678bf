package billing

import (
	"context"

	"dms/internal/usage"
)

// MeterState says which hours are closed: [First, Next). It is not started before there is anything to measure.
type MeterState struct {
	Started bool
	First   usage.Hour
	Next    usage.Hour // the first open hour
}

// Closed reports whether the hour is closed.
func (s MeterState) Closed(h usage.Hour) bool { return s.Started && h < s.Next }

// BookedCount is a count and the hour in which it is billed.
type BookedCount struct {
	usage.Count
	BilledHour usage.Hour
	Billable   bool // decided when it arrived: a later change of the rules does not reach back
}

// SequenceRange is the sequence numbers First to Last, inclusive.
type SequenceRange struct{ First, Last uint64 }

// SourceState is how far a source of usage has come: everything up to Last is stored, except what is missing.
type SourceState struct {
	Source  string
	Last    uint64
	Missing []SequenceRange // ordered, not touching
}

// AccountCalls is an account's number of billable calls in an hour.
type AccountCalls struct {
	AccountID string
	Calls     int64
}

// Store keeps counts, closed hours and published prices. One suite (storetest) holds for all implementations.
type Store interface {
	// InTx runs f in one transaction, committed unless f fails.
	InTx(ctx context.Context, f func(Tx) error) error

	// Meter returns which hours are closed.
	Meter(ctx context.Context) (MeterState, error)
	// HourlyCalls returns the account's billable calls billed in [from, to), summed over actions, ordered by hour, project, queue, user.
	HourlyCalls(ctx context.Context, accountID string, from, to usage.Hour) ([]HourlyCalls, error)
	// ClosedHours returns the account's records of [from, to), ordered by hour.
	ClosedHours(ctx context.Context, accountID string, from, to usage.Hour) ([]ClosedHour, error)
	// Prices returns every published price version by its id.
	Prices(ctx context.Context) (map[string]PriceVersion, error)
}

// Tx is one transaction. Before it changes anything it calls LockMeter, which orders all changes.
type Tx interface {
	// LockMeter returns which hours are closed and keeps others from changing that until the transaction ends.
	LockMeter() (MeterState, error)
	// SaveMeter moves the boundary.
	SaveMeter(MeterState) error

	// AcrossAccountsFirstHour returns the first hour in which anything is billed, false when there is nothing.
	AcrossAccountsFirstHour() (usage.Hour, bool, error)
	// AcrossAccountsCalls returns the billable calls billed in the hour, by account, ordered.
	AcrossAccountsCalls(h usage.Hour) ([]AccountCalls, error)
	// ChainHeads returns the hash of the last record before the hour of those of the accounts that have one.
	ChainHeads(accountIDs []string, before usage.Hour) (map[string]Hash, error)
	// InsertClosedHours stores records and returns how many were new. One that exists for (account, hour) stays as it is.
	InsertClosedHours(records []ClosedHour) (int, error)
	// PublishPrices stores the version under its id unless it is there.
	PublishPrices(PriceVersion) error

	// Source returns the state of a source; the zero state of one that is new.
	Source(source string) (SourceState, error)
	// SaveSource stores it.
	SaveSource(SourceState) error
	// AddCounts adds to what is stored under the same (key, billed hour). No such pair occurs twice in counts.
	AddCounts(counts []BookedCount) error
}

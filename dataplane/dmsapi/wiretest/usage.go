package wiretest

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/usage"
)

// Sink keeps the usage that the node has delivered.
type Sink struct {
	mu    sync.Mutex // guards: the rest
	last  map[string]uint64
	calls map[usage.Key]int64
}

// Deliver implements usage.Sink.
func (k *Sink) Deliver(_ context.Context, b usage.Batch) (uint64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil {
		k.last, k.calls = map[string]uint64{}, map[usage.Key]int64{}
	}
	if b.Last > k.last[b.Source] {
		k.last[b.Source] = b.Last
		for _, c := range b.Counts {
			k.calls[c.Key] += c.Calls
		}
	}
	return k.last[b.Source], nil
}

// Calls returns how often each action was counted for the account.
func (k *Sink) Calls(accountID string) map[access.Action]int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := map[access.Action]int64{}
	for key, n := range k.calls {
		if key.AccountID == accountID {
			out[key.Action] += n
		}
	}
	return out
}

// AwaitCalls moves the clock, a second at a time, until the account's counts are want.
func (s *Service) AwaitCalls(t testing.TB, accountID string, want map[access.Action]int64) {
	t.Helper()
	deadline := time.After(Patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !maps.Equal(want, s.Usage.Calls(accountID)) {
		s.Clock.Advance(time.Second)
		select {
		case <-tick.C: // the node's loops work beside us
		case <-deadline:
			require.Equal(t, want, s.Usage.Calls(accountID), "the counts that came")
		}
	}
}

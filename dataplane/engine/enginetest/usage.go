package enginetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane/engine"
	"dms/internal/usage"
)

// usageAfter returns the batch after a sequence number and the total of its calls per user.
func (f *fixture) usageAfter(after uint64, limit int) (usage.Batch, map[string]int64) {
	f.Helper()
	b, ok, err := f.e.Usage(context.Background(), after, limit)
	require.NoError(f, err)
	total := map[string]int64{}
	if !ok {
		return usage.Batch{}, total
	}
	require.Equal(f, after+1, b.First)
	require.GreaterOrEqual(f, b.Last, b.First)
	seen := map[usage.Key]bool{}
	for _, c := range b.Counts {
		require.False(f, seen[c.Key], "a key stands once in a batch")
		seen[c.Key] = true
		total[c.UserID] += c.Calls
	}
	return b, total
}

func (f *fixture) meteredSend(user string) {
	f.Helper()
	_, err := f.e.Send(context.Background(), f.q, []engine.NewMessage{message("m")}, usageKey(user))
	require.NoError(f, err)
}

func testUsage(t *testing.T, open Factory) {
	t.Run("CountsWhatSucceeded", func(t *testing.T) {
		f := newFixture(t, open)
		_, ok, err := f.e.Usage(context.Background(), 0, 10)
		require.NoError(t, err)
		require.False(t, ok)
		f.meteredSend("u")
		f.meteredSend("v")
		f.meteredSend("u")
		ds := f.receive()
		n, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, settlements(false, ds), usageKey("u"))
		require.NoError(t, err)
		require.Equal(t, 3, n)
		b, total := f.usageAfter(0, 1000)
		require.Equal(t, map[string]int64{"u": 3, "v": 1}, total)
		require.NotEmpty(t, b.Source)
		_, total = f.usageAfter(b.Last, 1000)
		require.Empty(t, total)
	})
	t.Run("DoesNotCountWhatFailed", func(t *testing.T) {
		f := newFixture(t, open)
		_, err := f.e.Settle(context.Background(), f.q, f.group, engine.Live, []engine.Settlement{{Handler: "x"}}, usageKey("u"))
		require.Error(t, err)
		_, err = f.e.Send(context.Background(), f.q, nil, usageKey("u"))
		require.Error(t, err)
		f.reopen()
		_, total := f.usageAfter(0, 1000)
		require.Empty(t, total)
	})
	t.Run("BeginsBehindWhatIsForgotten", func(t *testing.T) {
		f := newFixture(t, open)
		for range 3 {
			f.meteredSend("u")
		}
		require.NoError(t, f.e.ForgetUsage(context.Background(), 2))
		b, ok, err := f.e.Usage(context.Background(), 0, 1000)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, []uint64{3, 3}, []uint64{b.First, b.Last}, "asked as somebody who has lost where it was")
		require.NoError(t, f.e.ForgetUsage(context.Background(), 3))
		_, ok, err = f.e.Usage(context.Background(), 0, 1000)
		require.NoError(t, err)
		require.False(t, ok)
	})
	t.Run("RangesAreTheSameAfterRestart", func(t *testing.T) {
		f := newFixture(t, open)
		for i := range 10 {
			f.meteredSend(string(rune('a' + i)))
		}
		all, _ := f.usageAfter(0, 1000)
		require.Equal(t, uint64(10), all.Last)
		first, _ := f.usageAfter(0, 3)
		second, _ := f.usageAfter(3, 4)
		require.Equal(t, uint64(3), first.Last)
		require.Equal(t, uint64(7), second.Last)
		f.reopen()
		for _, want := range []usage.Batch{all, first, second} {
			got, _ := f.usageAfter(want.First-1, int(want.Last-want.First+1))
			require.Equal(t, want, got)
		}
		f.crash()
		got, _ := f.usageAfter(0, 1000)
		require.Equal(t, all, got)
	})
	t.Run("ForgottenIsNeverGivenAgain", func(t *testing.T) {
		f := newFixture(t, open)
		for range 5 {
			f.meteredSend("u")
		}
		require.NoError(t, f.e.ForgetUsage(context.Background(), 3))
		require.NoError(t, f.e.ForgetUsage(context.Background(), 2))
		b, total := f.usageAfter(3, 100)
		require.Equal(t, map[string]int64{"u": 2}, total)
		require.NoError(t, f.e.ForgetUsage(context.Background(), b.Last))
		for range 2 {
			_, ok, err := f.e.Usage(context.Background(), b.Last, 100)
			require.NoError(t, err)
			require.False(t, ok)
			f.crash()
		}
		f.meteredSend("v")
		b2, total := f.usageAfter(b.Last, 100)
		require.Equal(t, map[string]int64{"v": 1}, total)
		require.Equal(t, b.Last+1, b2.First, "numbers are never used again")
	})
	t.Run("ForgetsNoMoreThanThereIs", func(t *testing.T) {
		f := newFixture(t, open)
		f.meteredSend("u")
		require.NoError(t, f.e.ForgetUsage(context.Background(), 1<<40))
		f.meteredSend("v")
		_, total := f.usageAfter(1, 100)
		require.Equal(t, map[string]int64{"v": 1}, total)
	})
	t.Run("CountIsDurableWithinASecond", func(t *testing.T) {
		f := newFixture(t, open)
		f.e.Count(*usageKey("r"), 2)
		f.e.Count(*usageKey("r"), 3)
		f.clock.Advance(time.Second)
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"r": 5}, total)
		f.crash()
		_, total = f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"r": 5}, total)
		f.e.Count(*usageKey("r"), 1)
		f.clock.Advance(time.Second)
		_, total = f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"r": 6}, total)
	})
	t.Run("CountRidesWithTheNextCommit", func(t *testing.T) {
		f := newFixture(t, open)
		f.e.Count(*usageKey("r"), 1)
		f.meteredSend("u")
		f.crash()
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"r": 1, "u": 1}, total)
	})
	t.Run("CountIsFlushedByClose", func(t *testing.T) {
		f := newFixture(t, open)
		f.e.Count(*usageKey("r"), 1)
		f.reopen()
		_, total := f.usageAfter(0, 100)
		require.Equal(t, map[string]int64{"r": 1}, total)
		f.e.Count(*usageKey("r"), 0)
		f.e.Count(*usageKey("r"), -5)
		f.reopen()
		_, total = f.usageAfter(1, 100)
		require.Empty(t, total)
	})
	t.Run("KeysAreTuples", func(t *testing.T) {
		f := newFixture(t, open)
		keys := []usage.Key{
			{AccountID: "a/b", ProjectID: "c"}, {AccountID: "a", ProjectID: "b/c"}, {AccountID: "a\x00b", ProjectID: "c"},
			{AccountID: "a", ProjectID: "\x00bc"}, {Hour: -1}, {Hour: 1}, {Action: "x"}, {QueueID: "x"}, {UserID: "x"},
		}
		for i, k := range keys {
			f.e.Count(k, int64(i+1))
		}
		f.reopen()
		b, _ := f.usageAfter(0, 100)
		require.Len(t, b.Counts, len(keys))
		for i, k := range keys {
			require.True(t, slices.Contains(b.Counts, usage.Count{Key: k, Calls: int64(i + 1)}), "%+v", k)
		}
	})
	t.Run("SourceIsStable", func(t *testing.T) {
		f := newFixture(t, open)
		f.meteredSend("u")
		a, _ := f.usageAfter(0, 1)
		f.reopen()
		b, _ := f.usageAfter(0, 1)
		require.Equal(t, a.Source, b.Source)
		other := newFixture(t, open)
		other.meteredSend("u")
		c, _ := other.usageAfter(0, 1)
		require.NotEqual(t, a.Source, c.Source)
	})
}

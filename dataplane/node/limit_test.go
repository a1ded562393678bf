package node_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/internal/errs"
)

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// admitted returns how many of n requests in the same instant are let in, and the last refusal.
func (f *fixture) admitted(q dataplane.Queue, n int) (in int, refused error) {
	for range n {
		if err := f.node.Admit(q); err != nil {
			refused = err
		} else {
			in++
		}
	}
	return in, refused
}

func TestRequestRateOfAQueueIsLimited(t *testing.T) {
	f := newFixture(t)
	te, q, _ := f.queueWithGroup()
	in, _ := f.admitted(q, 1000)
	require.Equal(t, 1000, in, "no limit")

	q.Limits.RequestsPerSecond = 5
	in, refused := f.admitted(q, 5)
	require.Equal(t, 5, in, "a second's worth at once")
	require.NoError(t, refused)
	in, refused = f.admitted(q, 1)
	require.Zero(t, in)
	require.Equal(t, errs.Throttled, errs.CodeOf(refused))
	require.Equal(t, 200*time.Millisecond, errs.As(refused).RetryAfter)
	require.Equal(t, 1, errs.RetryAfterSeconds(refused))

	other := te.queue()
	other.Limits.RequestsPerSecond = 5
	in, _ = f.admitted(other, 6)
	require.Equal(t, 5, in, "queues are limited apart")

	f.clock.Advance(199 * time.Millisecond)
	in, _ = f.admitted(q, 1)
	require.Zero(t, in, "and what was refused cost nothing")
	f.clock.Advance(time.Millisecond)
	in, _ = f.admitted(q, 2)
	require.Equal(t, 1, in)
	f.clock.Advance(time.Hour)
	in, _ = f.admitted(q, 100)
	require.Equal(t, 5, in, "never more than a second's worth")
}

func TestRequestRateChangesWhileRunning(t *testing.T) {
	f := newFixture(t)
	_, q, _ := f.queueWithGroup()
	for _, step := range []struct{ perSecond, want int }{{5, 5}, {20, 20}, {1, 1}, {0, 100}, {3, 3}} {
		q.Limits.RequestsPerSecond = step.perSecond
		f.clock.Advance(time.Second)
		_, _ = f.admitted(q, 1) // takes notice of the new limit
		f.clock.Advance(time.Second)
		in, _ := f.admitted(q, 100)
		require.Equal(t, step.want, in, step.perSecond)
	}
}

func TestRequestRatesOfManyQueuesAreBoundedInMemory(t *testing.T) {
	f := newFixture(t)
	f.opt.MaxLimitedQueues = 2
	f.restart()
	te := newTenant()
	f.follow()
	var queues []dataplane.Queue
	for range 3 {
		q := te.queue()
		q.Limits.RequestsPerSecond = 1
		queues = append(queues, q)
		in, _ := f.admitted(q, 2)
		require.Equal(t, 1, in)
	}
	in, _ := f.admitted(queues[2], 1)
	require.Zero(t, in)
	in, _ = f.admitted(queues[0], 2)
	require.Equal(t, 1, in, "one that dropped out begins anew, which is all that it costs")
}

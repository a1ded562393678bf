package clocktest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/clock/clocktest"
)

func TestTimersFireInOrderAndSeeTheirTime(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := clocktest.New(start)
	var fired []time.Duration
	note := func() { fired = append(fired, m.Now().Sub(start)) }
	m.AfterFunc(2*time.Second, note)
	m.AfterFunc(time.Second, func() { note(); m.AfterFunc(time.Second/2, note) })
	stopped := m.AfterFunc(time.Second, note)
	require.True(t, stopped.Stop())
	require.False(t, stopped.Stop())

	m.Advance(time.Minute)
	require.Equal(t, []time.Duration{time.Second, 1500 * time.Millisecond, 2 * time.Second}, fired)
	require.Equal(t, start.Add(time.Minute), m.Now())
	require.Zero(t, m.Waiting())
}

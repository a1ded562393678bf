package usage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/usage"
)

func TestHoursAreHalfOpen(t *testing.T) {
	start := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	h := usage.HourOf(start)
	require.Equal(t, start, h.Start())
	require.Equal(t, h, usage.HourOf(start.Add(time.Hour-time.Nanosecond)))
	require.Equal(t, h+1, usage.HourOf(start.Add(time.Hour)))
	require.Equal(t, h-1, usage.HourOf(start.Add(-time.Nanosecond)))
}

func TestHoursBefore1970RoundDown(t *testing.T) {
	require.Equal(t, usage.Hour(-1), usage.HourOf(time.Unix(-1, 0)))
	require.Equal(t, usage.Hour(-1), usage.HourOf(time.Unix(-3600, 0)))
	require.Equal(t, usage.Hour(-2), usage.HourOf(time.Unix(-3601, 0)))
}

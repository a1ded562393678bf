package benchsuite

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTableSaysWhichTargetsWereMet(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteTable(&b, []Line{
		{Row: "fast", Ours: 123456, Ceiling: 200000, Unit: "msgs/s", Target: 0.5},
		{Row: "slow", Ours: 1000, Ceiling: 200000, Unit: "msgs/s", Target: 0.5},
		{Row: "small", Ours: 1.5, Unit: "s", Target: 2, Most: true},
		{Row: "large", Ours: 2.5, Unit: "s", Target: 2, Most: true},
		{Row: "told", Ours: 7, Note: "for information"},
	}))
	var got [][]string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Fields(line))
	}
	require.Equal(t, [][]string{
		{"ROW", "OURS", "CEILING", "RATIO", "TARGET", "MET"},
		{"fast", "123,456", "msgs/s", "200,000", "0.62", ">=", "0.5", "yes"},
		{"slow", "1,000", "msgs/s", "200,000", "0.01", ">=", "0.5", "no"},
		{"small", "1.50", "s", "<=", "2", "yes"},
		{"large", "2.50", "s", "<=", "2", "no"},
		{"told", "7.00", "for", "information"},
	}, got)
}

func TestMedianIsTheMiddle(t *testing.T) {
	require.Equal(t, 2.0, median([]float64{9, 1, 2}))
	require.Equal(t, 1.5, median([]float64{2, 1}))
}

func TestFlatFindsWhatGrows(t *testing.T) {
	soak := func(change func(i int, l *soakLine)) (lines []soakLine) {
		for i := range 8 {
			l := soakLine{send: 10 * time.Millisecond, memory: 100e6, disk: 500e6}
			change(i, &l)
			lines = append(lines, l)
		}
		return lines
	}
	require.NoError(t, flat(soak(func(int, *soakLine) {})))
	require.NoError(t, flat(soak(func(i int, l *soakLine) { l.memory += int64(i) * 2e6 })), "a little is no growth")
	require.ErrorContains(t, flat(soak(func(i int, l *soakLine) { l.memory += int64(i) * 20e6 })), "resident memory is not flat")
	require.ErrorContains(t, flat(soak(func(i int, l *soakLine) { l.disk *= int64(i + 1) })), "disk is not flat")
	require.ErrorContains(t, flat(soak(func(i int, l *soakLine) { l.send *= time.Duration(i + 1) })), "p99 of send is not flat")
}

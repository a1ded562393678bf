package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHistogramIsAtMostOneSixtyFourthOff(t *testing.T) {
	rnd := newRand(7, 0)
	var whole, first, second Histogram
	var all []time.Duration
	for i := range 50_000 {
		d := time.Duration(rnd.Int64N(1 << (1 + rnd.IntN(40))))
		all = append(all, d)
		whole.Record(d)
		if i%2 == 0 {
			first.Record(d)
		} else {
			second.Record(d)
		}
	}
	slices.Sort(all)
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		exact := all[max(int(q*float64(len(all))+0.999999), 1)-1]
		got := whole.Quantile(q)
		require.GreaterOrEqual(t, got, exact, "q=%v", q)
		require.LessOrEqual(t, got, exact+exact/64+1, "q=%v", q)
	}
	require.Equal(t, all[len(all)-1], whole.Summary().Max)
	first.Merge(&second)
	require.Equal(t, whole, first, "merging parts gives the whole")
}

func TestEveryDurationHasABucket(t *testing.T) {
	for _, v := range []uint64{0, 1, 127, 128, 129, 255, 256, 1<<20 - 1, 1 << 20, 1<<62 + 12345, 1<<63 - 1} {
		b := bucketOf(v)
		require.Less(t, b, histogramBuckets, "%d", v)
		require.GreaterOrEqual(t, highest(b), v)
		if b > 0 {
			require.Less(t, highest(b-1), v)
		}
	}
}

func TestAnEmptyHistogramHasZeroes(t *testing.T) {
	require.Equal(t, Summary{}, new(Histogram).Summary())
}

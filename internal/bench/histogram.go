package bench

import (
	"math/bits"
	"time"
)

// Histogram counts durations in buckets that are at most 1/64 wide of what they hold: log-linear, as HDR histograms are. The zero value is
// empty. Not safe for concurrent use: each worker has its own, and they are merged at the end.
//
//	bucket of v (nanoseconds): v < 128: v itself; else its highest 7 bits say where within its power of two
type Histogram struct {
	counts [histogramBuckets]int64
	n      int64
	sum    time.Duration
	max    time.Duration
}

const (
	subBits          = 6
	histogramBuckets = (64 - subBits) << subBits
)

func bucketOf(v uint64) int {
	if v < 1<<(subBits+1) {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return shift<<subBits + int(v>>shift)
}

// highest returns the largest value of a bucket.
func highest(bucket int) uint64 {
	if bucket < 1<<(subBits+1) {
		return uint64(bucket)
	}
	shift := bucket>>subBits - 1
	return uint64(bucket-shift<<subBits+1)<<shift - 1
}

// Record counts d; less than zero counts as zero.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d))]++
	h.n++
	h.sum += d
	h.max = max(h.max, d)
}

// Merge adds what o holds.
func (h *Histogram) Merge(o *Histogram) {
	for i, c := range o.counts {
		h.counts[i] += c
	}
	h.n += o.n
	h.sum += o.sum
	h.max = max(h.max, o.max)
}

// Quantile returns a duration that the share q of all is not above, at most 1/64 too large.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := int64(q*float64(h.n) + 0.999999)
	rank = min(max(rank, 1), h.n)
	for i, c := range h.counts {
		if rank -= c; rank <= 0 {
			return min(time.Duration(highest(i)), h.max)
		}
	}
	return h.max
}

// Summary is what one reads of a histogram.
type Summary struct {
	Count int64         `json:"count"`
	Mean  time.Duration `json:"mean_ns"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P99   time.Duration `json:"p99_ns"`
	P999  time.Duration `json:"p99_9_ns"`
	Max   time.Duration `json:"max_ns"`
}

// Summary returns the figures of h.
func (h *Histogram) Summary() Summary {
	s := Summary{Count: h.n, P50: h.Quantile(0.5), P90: h.Quantile(0.9), P99: h.Quantile(0.99), P999: h.Quantile(0.999), Max: h.max}
	if h.n > 0 {
		s.Mean = h.sum / time.Duration(h.n)
	}
	return s
}

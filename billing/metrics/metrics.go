// Package metrics shows billing's counters to Prometheus.
package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"dms/billing"
)

// Register adds the counters to the registry.
func Register(r prometheus.Registerer, c *billing.Counters) error {
	for _, m := range []struct {
		name, help string
		n          *atomic.Int64
	}{
		{"dms_billing_usage_batches_total", "Usage batches that were stored.", &c.Batches},
		{"dms_billing_usage_batches_duplicate_total", "Usage batches that were delivered again and changed nothing.", &c.DuplicateBatches},
		{"dms_billing_usage_gaps_total", "Usage batches that left a gap of sequence numbers before them.", &c.SequenceGaps},
		{"dms_billing_usage_late_calls_total", "Calls of a closed hour, booked in the first open one.", &c.LateCalls},
		{"dms_billing_usage_misdated_calls_total", "Calls dated in the future or a distant past, booked in the hour of their arrival.", &c.MisdatedCalls},
		{"dms_billing_closed_hours_total", "Clock hours that this process closed.", &c.ClosedHours},
		{"dms_billing_closed_records_duplicate_total", "Closed records that were there already.", &c.DuplicateClosings},
	} {
		read := func() float64 { return float64(m.n.Load()) }
		if err := r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: m.name, Help: m.help}, read)); err != nil {
			return err
		}
	}
	return nil
}

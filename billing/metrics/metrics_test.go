package metrics_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/billing/metrics"
)

func TestCountersAreShown(t *testing.T) {
	r := prometheus.NewRegistry()
	c := &billing.Counters{}
	require.NoError(t, metrics.Register(r, c))
	c.LateCalls.Add(7)
	got, err := r.Gather()
	require.NoError(t, err)
	require.Len(t, got, 7)
	shown := make(map[string]string)
	for _, f := range got {
		shown[f.GetName()] = f.GetMetric()[0].GetCounter().String()
	}
	require.Equal(t, "value:7", shown["dms_billing_usage_late_calls_total"])
	require.Error(t, metrics.Register(r, c), "twice is a mistake of the caller")
}

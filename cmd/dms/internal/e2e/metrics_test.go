package e2e

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// metric returns the value of a metric without labels, "" when there is none.
func (d *deployment) metric(t testing.TB, name string) string {
	t.Helper()
	c := &client{base: d.tenant.url}
	a, err := c.send(t.Context(), request{method: "GET", path: "/metrics"})
	require.NoError(t, err)
	require.Equal(t, 200, a.status)
	for sc := bufio.NewScanner(bytes.NewReader(a.body)); sc.Scan(); {
		if value, ok := strings.CutPrefix(sc.Text(), name+" "); ok {
			return value
		}
	}
	return ""
}

func TestHealthReadinessAndMetricsAreOnTheSameAddress(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		for _, p := range []*process{d.tenant, d.control} {
			require.NoError(t, get(p.url+"/healthz"))
			require.NoError(t, get(p.url+"/readyz"))
			require.NoError(t, get(p.url+"/metrics"))
		}
		require.NotEmpty(t, d.metric(t, "dms_directory_revision"))
	})
}

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/bench"
	"dms/internal/dbtest"
)

func benchReport(t *testing.T, args ...string) bench.Report {
	t.Helper()
	out := succeed(t, append([]string{"bench", "--output", "json"}, args...)...)
	var r bench.Report
	require.NoError(t, json.Unmarshal([]byte(out), &r), out)
	require.Empty(t, r.Errors)
	return r
}

// TestBenchMeasuresAServiceAndLeavesNothingBehind uses both wires and both kinds of credentials.
func TestBenchMeasuresAServiceAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	password := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(password, []byte(d.first.password), 0o600))
	token := []string{"--account", d.first.AccountName, "--user", d.first.UserName, "--password-file", password}
	signature := []string{"--access-key", d.first.AccessKey, "--secret-key", *d.first.SecretKey}
	for name, args := range map[string][]string{
		"token, api": token, "signature, api": signature,
		"token, dms": append(token, "--wire", "dms"), "signature, dms": append(signature, "--wire", "dms"),
	} {
		r := benchReport(t, append(args, "--endpoint", d.tenant.url, "--project", region, "--messages", "203", "--queues", "3", "--groups", "2")...)
		require.Equal(t, []int64{203, 406, 406}, []int64{r.Sent, r.Received, r.Acked}, name)
		require.Equal(t, "http", r.Target)
		require.Positive(t, r.Send.P99, name)
		require.Positive(t, r.EndToEnd.Max, name)
	}
	keyed := benchReport(t, append(token, "--endpoint", d.tenant.url, "--project", region, "--messages", "203", "--mode", "FIFO", "--ordering-keys", "5")...)
	require.Equal(t, int64(203), keyed.Acked)

	c := d.token(t, d.first)
	var list struct{ Total int }
	c.do(t, http.StatusOK, http.MethodGet, c.project()+"/queues", nil).json(t, &list)
	require.Zero(t, list.Total, "its queues are deleted")
}

func TestBenchMeasuresAnEngineInAnEmptyDirectoryOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "engine")
	r := benchReport(t, "--engine", dir, "--messages", "500", "--queues", "20")
	require.Equal(t, []int64{500, 500, 500}, []int64{r.Sent, r.Received, r.Acked})
	require.Equal(t, "engine", r.Target)
	require.Equal(t, dir, r.Machine.Dir)
	require.Positive(t, r.Machine.Sync)

	_, stderr, code := command(t, "bench", "--engine", dir)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "is not empty")
}

func TestBenchRefusesAWrongCommandLine(t *testing.T) {
	t.Parallel()
	_, stderr, code := command(t, "bench", "--batch", "11", "--size", "3", "--mode", "LIFO")
	require.Equal(t, 2, code)
	for _, want := range []string{"no credentials", "--batch is 11", "size is 3", `--mode is "LIFO"`} {
		require.Contains(t, stderr, want)
	}
}

// TestBenchSuitePrintsItsTable runs every row on a small scale: the figures mean nothing, but that there are figures does.
func TestBenchSuitePrintsItsTable(t *testing.T) {
	t.Parallel()
	out := succeed(t, "bench", "suite", "--dir", t.TempDir(), "--rounds", "1", "--duration", "100ms", "--idle-queues", "50", "--polls", "20", "--backlog", "2000",
		"--rows", "^(engine cycle 1 queue|engine send batches of 10|engine receive and ack|http token|idle queues|waiting polls|backlog)$")
	for _, want := range []string{
		"ROW", "engine cycle 1 queue", "http send of 10 (token)", "http receive of 10 + ack of 10 (token)", "start after kill -9", "resident memory", "waiting polls", "backlog of 2,000",
	} {
		require.Contains(t, out, want)
	}
	require.NotContains(t, out, "failed")
}

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/dbtest"
)

// topology says how the planes are put into processes.
type topology string

const (
	oneProcess   topology = "one process"
	twoProcesses topology = "two processes"
)

const region = "test-1"

// deployment is a running service.
type deployment struct {
	topology    topology
	databaseURL string
	dataDir     string   // of the control plane
	tenant      *process // what tenants talk to: serve, or the node
	control     *process // the control plane; the same process as tenant in one process
	nodeDir     string   // data folder of the process that keeps messages
	nodeListen  string   // the control plane's address for nodes, "" in one process
	first       *account // made before the service ran
}

// eachDeployment runs f for {SQLite, Postgres} x {one process, two processes}, each on an empty database.
func eachDeployment(t *testing.T, f func(t *testing.T, d *deployment)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, databaseURL string) {
		for _, top := range []topology{oneProcess, twoProcesses} {
			// A subtest has a database of its own: the second must not find what the first left.
			t.Run("topology="+string(top), func(t *testing.T) {
				t.Parallel()
				f(t, boot(t, top, freshDatabase(t, databaseURL)))
			})
		}
	})
}

// eachTopology is eachDeployment on SQLite alone, for what does not depend on the database.
func eachTopology(t *testing.T, f func(t *testing.T, d *deployment)) {
	t.Helper()
	t.Parallel()
	for _, top := range []topology{oneProcess, twoProcesses} {
		t.Run("topology="+string(top), func(t *testing.T) {
			t.Parallel()
			f(t, boot(t, top, dbtest.SQLiteURL(t)))
		})
	}
}

// freshDatabase returns another empty database of the same kind.
func freshDatabase(t *testing.T, like string) string {
	t.Helper()
	if like[:7] == "sqlite:" {
		return dbtest.SQLiteURL(t)
	}
	u, ok := dbtest.PostgresURL(t)
	require.True(t, ok)
	return u
}

// boot bootstraps the empty database and starts the processes.
func boot(t *testing.T, top topology, databaseURL string) *deployment {
	t.Helper()
	d := &deployment{topology: top, databaseURL: databaseURL, dataDir: filepath.Join(t.TempDir(), "control")}
	d.first = d.bootstrap(t, "first-account", "admin")
	listen := freeAddress(t)
	if top == oneProcess {
		d.nodeDir = d.dataDir
		d.tenant = startProcess(t, "serve", listen, "serve", "--listen", listen, "--data-dir", d.dataDir, "--database-url", databaseURL, "--region", region)
		d.control = d.tenant
		return d
	}
	d.nodeListen = freeAddress(t)
	token := filepath.Join(d.dataDir, "node.token")
	d.control = startProcess(t, "controlplane", listen, "controlplane", "--listen", listen, "--node-listen", d.nodeListen,
		"--data-dir", d.dataDir, "--database-url", databaseURL, "--node-token-file", token)
	d.startNode(t, token, "http://"+d.nodeListen)
	return d
}

// startNode starts the node, with the control plane's address for nodes at url.
func (d *deployment) startNode(t *testing.T, token, url string) {
	t.Helper()
	d.nodeDir = filepath.Join(t.TempDir(), "node")
	listen := freeAddress(t)
	d.tenant = startProcess(t, "node", listen, "node", "--listen", listen, "--data-dir", d.nodeDir, "--control-plane", url,
		"--node-token-file", token, "--region", region)
}

// account is what bootstrap made, and how to use it.
type account struct {
	AccountID   string  `json:"account_id"`
	AccountName string  `json:"account_name"`
	ProjectID   string  `json:"project_id"`
	ProjectName string  `json:"project_name"`
	UserID      string  `json:"user_id"`
	UserName    string  `json:"user_name"`
	Region      string  `json:"region"`
	AccessKey   string  `json:"access_key"`
	SecretKey   *string `json:"secret_key"`

	password string
}

// bootstrap makes an account, against a running server or none.
func (d *deployment) bootstrap(t *testing.T, name, user string, more ...string) *account {
	t.Helper()
	password := "correct horse " + name
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte(password+"\n"), 0o600))
	out := succeed(t, append([]string{"bootstrap", "--account", name, "--user", user, "--password-file", file, "--region", region, "--output", "json",
		"--data-dir", d.dataDir, "--database-url", d.databaseURL}, more...)...)
	a := &account{password: password}
	require.NoError(t, json.Unmarshal([]byte(out), a), out)
	return a
}

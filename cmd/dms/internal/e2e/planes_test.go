package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/dbtest"
)

// TestQueueWorksOnTheNodeWhenItsCreationReturns: no try again, no waiting.
func TestQueueWorksOnTheNodeWhenItsCreationReturns(t *testing.T) {
	t.Parallel()
	d := boot(t, twoProcesses, dbtest.SQLiteURL(t))
	c := d.token(t, d.first)
	for n := range 20 {
		q := c.createQueue(t, map[string]any{"name": fmt.Sprintf("fresh-%d", n)})
		c.sendText(t, q, "at once")
		g := c.createGroup(t, q, "g")
		require.Len(t, c.receiveAll(t, q, g, 1), 1)
		c.do(t, 204, "DELETE", c.project()+"/queues/"+q, nil)
		c.refuse(t, 404, 10240401, "POST", c.project()+"/queues/"+q+"/messages", map[string]any{"messages": []any{map[string]any{"body": "late"}}})
	}
}

// TestNodeGoesOnWithoutTheControlPlane: tokens, signatures, messages, and what is in the directory, also after a restart of the node.
func TestNodeGoesOnWithoutTheControlPlane(t *testing.T) {
	t.Parallel()
	d := boot(t, twoProcesses, dbtest.SQLiteURL(t))
	c, signed := d.token(t, d.first), d.signed(d.first)
	q := c.createQueue(t, map[string]any{"name": "alone"})
	g := c.createGroup(t, q, "g")
	d.control.stop(t)

	work := func(c *client) {
		c.sendText(t, q, "while it is away")
		got := c.receiveAll(t, q, g, 1)
		c.ack(t, q, g, "success", got...)
		c.do(t, 200, "GET", c.project()+"/queues/"+q, nil)
		c.do(t, 200, "GET", c.project()+"/queues/"+q+"/groups", nil)
	}
	work(c)
	work(signed)
	d.tenant.kill()
	d.tenant = d.tenant.again(t)
	work(c)
	work(signed)
	a, err := c.send(t.Context(), request{method: "POST", path: c.project() + "/queues", body: map[string]any{"name": "impossible"}})
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, a.status, "what only the control plane can do is refused, and is no lie: %s", a.body)

	d.control = d.control.again(t)
	eventually(t, "the node has found the control plane again", func() error {
		a, err := c.send(t.Context(), request{method: "POST", path: c.project() + "/queues", body: map[string]any{"name": "possible"}})
		if err != nil {
			return err
		}
		if a.status != http.StatusCreated {
			return fmt.Errorf("%d %s", a.status, a.body)
		}
		return nil
	})
}

// TestNoSecretCrossesTheWireOrRestsOnTheNode records every byte between the planes and then looks through it and the node's disk.
func TestNoSecretCrossesTheWireOrRestsOnTheNode(t *testing.T) {
	t.Parallel()
	d := &deployment{topology: twoProcesses, databaseURL: dbtest.SQLiteURL(t), dataDir: filepath.Join(t.TempDir(), "control"), nodeListen: freeAddress(t)}
	d.first = d.bootstrap(t, "first-account", "admin")
	listen := freeAddress(t)
	token := filepath.Join(d.dataDir, "node.token")
	d.control = startProcess(t, "controlplane", listen, "controlplane", "--listen", listen, "--node-listen", d.nodeListen,
		"--data-dir", d.dataDir, "--database-url", d.databaseURL, "--node-token-file", token)
	wire := listenIn(t, d.nodeListen)
	d.startNode(t, token, "http://"+wire.address)

	signed := d.signed(d.first)
	q := signed.createQueue(t, map[string]any{"name": "watched"})
	signed.sendText(t, q, "the node can check signatures")
	require.Contains(t, wire.recorded(), d.first.AccessKey, "the record holds the directory")
	d.tenant.stop(t)

	nodeToken, err := os.ReadFile(token)
	require.NoError(t, err)
	platform, err := os.ReadFile(filepath.Join(d.dataDir, "secret.key"))
	require.NoError(t, err)
	for name, secret := range map[string]string{
		"secret key": *d.first.SecretKey, "password": d.first.password, "node token": strings.TrimSpace(string(nodeToken)), "platform key": strings.TrimSpace(string(platform)),
	} {
		for _, form := range forms(secret) {
			require.NotContains(t, wire.recorded(), form, "the %s crossed the wire", name)
			require.NoError(t, filepath.WalkDir(d.nodeDir, func(path string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				b, err := os.ReadFile(path)
				if err == nil && bytes.Contains(b, []byte(form)) {
					return fmt.Errorf("the %s is in %s", name, path)
				}
				return err
			}))
		}
	}
}

// forms returns the ways in which a secret may hide: plain, hexadecimal, and base64 at each of three offsets.
func forms(secret string) []string {
	out := []string{secret, hex.EncodeToString([]byte(secret))}
	for offset := range 3 {
		s := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + secret))
		out = append(out, s[4:len(s)-4]) // the ends mix with what stands beside
	}
	return out
}

// tap passes connections on and records what is said.
type tap struct {
	address string
	mu      sync.Mutex // guards log
	log     bytes.Buffer
}

func listenIn(t *testing.T, to string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	x := &tap{address: l.Addr().String()}
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go x.pass(from, to)
		}
	}()
	return x
}

func (x *tap) pass(from net.Conn, address string) {
	defer from.Close()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer to.Close()
	done := make(chan struct{}, 2) // both directions end without a reader
	for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() {
			_, _ = io.Copy(io.MultiWriter(pair[1], x), pair[0])
			done <- struct{}{}
		}()
	}
	<-done
}

// Write records.
func (x *tap) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.log.Write(p)
}

func (x *tap) recorded() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.log.String()
}

// TestRunningServerNoticesBootstrap: a key that another process made opens the node soon.
func TestRunningServerNoticesBootstrap(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		newer := d.bootstrap(t, "first-account", "admin", "--new-key")
		require.NotEqual(t, d.first.AccessKey, newer.AccessKey)
		begin := time.Now()
		c := d.signed(newer)
		eventually(t, "the new key works", func() error {
			a, err := c.send(t.Context(), request{method: "GET", path: c.project() + "/queues"})
			if err != nil {
				return err
			}
			if a.status != http.StatusOK {
				return fmt.Errorf("%d %s", a.status, a.body)
			}
			return nil
		})
		require.Less(t, time.Since(begin), 5*time.Second, "promised are 200 ms; a slow machine gets more")
		t.Logf("noticed after %s", time.Since(begin))
		d.signed(d.first).do(t, 200, "GET", c.project()+"/queues", nil)
	})
}

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/dbtest"
)

// promises is what a loop knew at one moment.
type promises struct{ answered, tried, acked map[string]bool }

func (l *loop) promises() promises {
	l.mu.Lock()
	defer l.mu.Unlock()
	return promises{maps.Clone(l.answered), maps.Clone(l.tried), maps.Clone(l.acked)}
}

// TestCheckpointUnderLoadIsRestoredWithEverythingThatWasAnsweredBefore makes a checkpoint of a node at work, loses the node, and goes on with another one.
func TestCheckpointUnderLoadIsRestoredWithEverythingThatWasAnsweredBefore(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		c := d.token(t, d.first)
		var loops []*loop
		for name, mode := range map[string]string{"saved-normal": "NORMAL", "saved-fifo": "FIFO"} {
			q := c.createQueue(t, map[string]any{"name": name, "queue_mode": mode})
			loops = append(loops, newLoop(c, q, c.createGroup(t, q, "g")))
		}
		var workers sync.WaitGroup
		for _, l := range loops {
			for w := range 2 {
				workers.Go(func() { l.produce(t, w) })
			}
			workers.Go(func() { l.consume(t) })
		}
		busy := func(more int) {
			t.Helper()
			var from []int
			for _, l := range loops {
				sent, _ := l.counts()
				from = append(from, sent)
			}
			eventually(t, "there is load", func() error {
				for i, l := range loops {
					if sent, acked := l.counts(); sent < from[i]+more || acked < 3 {
						return fmt.Errorf("%d sent, %d acknowledged", sent, acked)
					}
				}
				return nil
			})
		}
		busy(60)
		waiting := c.createQueue(t, map[string]any{"name": "waiting"})
		waiters := c.createGroup(t, waiting, "g")
		c.sendText(t, waiting, "given out before")
		void := c.receive(t, waiting, waiters, "time_wait=10&ack_wait=15")
		require.Len(t, void, 1)
		var before, after []promises
		for _, l := range loops {
			before = append(before, l.promises())
		}
		copied := filepath.Join(t.TempDir(), "backups", "copy")
		out := succeed(t, "engine", "checkpoint", "--data-dir", d.nodeDir, "--to", copied)
		require.Contains(t, out, copied)
		for _, l := range loops {
			after = append(after, l.promises())
		}
		busy(30) // what comes now is lost with the node
		d.tenant.kill()
		workers.Wait()

		d.replaceNode(t, copied)
		restarted := time.Now()
		c.refuse(t, 400, 10542209, "POST", c.project()+"/queues/"+waiting+"/groups/"+waiters+"/ack", settlement("success", void...))
		came := make([]map[string]int, len(loops))
		for i := range came {
			came[i] = map[string]int{}
		}
		// A lease of the time of the checkpoint hides its message for 15 seconds at most.
		for empty := false; !empty || time.Since(restarted) < 16*time.Second; {
			empty = true
			for i, l := range loops {
				empty = l.round(t, came[i]) && empty
			}
		}
		for i := range loops {
			for name := range before[i].answered {
				switch {
				case before[i].acked[name]:
					require.Zero(t, came[i][name], "%s was acknowledged before the checkpoint and came back", name)
				case !after[i].tried[name]:
					require.Equal(t, 1, came[i][name], "%s was answered before the checkpoint and is lost", name)
				}
			}
		}
		require.Regexp(t, `queues +3\n(.*\n)*.*problems +0\n`, succeed(t, "engine", "check", "--data-dir", d.nodeDir))
		require.Equal(t, []string{"given out before"}, texts(t, c.receiveAll(t, waiting, waiters, 1)), "the lease is over")
		loops[0].sendText(t, loops[0].queue, "work goes on")
		require.Equal(t, "work goes on", loops[0].receiveAll(t, loops[0].queue, loops[0].group, 1)[0].text(t))
		d.tenant.stop(t)
	})
}

// replaceNode puts a node in another folder, restored from a checkpoint, in the place of the one that keeps messages.
func (d *deployment) replaceNode(t *testing.T, checkpoint string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	out := succeed(t, "engine", "restore", "--from", checkpoint, "--data-dir", dir)
	require.Regexp(t, `problems +0\n`, out)
	require.Contains(t, out, "Handlers that were given out before are void")
	if d.topology == oneProcess {
		for _, name := range []string{"secret.key", "node.token"} {
			key, err := os.ReadFile(filepath.Join(d.dataDir, name))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), key, 0o600))
		}
	}
	for i, arg := range d.tenant.args {
		if arg == "--data-dir" {
			d.tenant.args[i+1] = dir
		}
	}
	d.nodeDir = dir
	d.tenant = d.tenant.again(t)
}

// checked is what engine check prints as JSON.
type checked struct {
	Queues, Groups, Messages, Bytes, Segments int64
	Problems                                  []struct{ Queue, Group, What string }
}

func TestCheckFindsAFlippedByteAndNamesTheQueue(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	c := d.token(t, d.first)
	good, bad := c.createQueue(t, map[string]any{"name": "good"}), c.createQueue(t, map[string]any{"name": "bad"})
	g := c.createGroup(t, bad, "g")
	c.sendText(t, good, "one", "two")
	c.sendText(t, bad, "three", "a body that is easy to find")
	check := func(code int) (out checked, stderr string) {
		t.Helper()
		text, stderr, got := command(t, "engine", "check", "--data-dir", d.nodeDir, "--output", "json")
		require.Equal(t, code, got, stderr)
		require.NoError(t, json.Unmarshal([]byte(text), &out), text)
		return out, stderr
	}
	whole, stderr := check(0)
	require.Equal(t, []int64{2, 4, 0}, []int64{whole.Queues, whole.Messages, int64(len(whole.Problems))})
	require.Contains(t, stderr, fmt.Sprintf("Process %d holds the engine", d.tenant.cmd.Process.Pid))
	d.tenant.stop(t)

	stopped, stderr := check(0)
	require.Equal(t, []int64{2, 4, 0}, []int64{stopped.Queues, stopped.Messages, int64(len(stopped.Problems))})
	require.NotContains(t, stderr, "holds the engine")
	flip(t, filepath.Join(d.nodeDir, "engine", "log"), "easy to find")

	found, stderr := check(1)
	require.Contains(t, stderr, "found")
	require.NotEmpty(t, found.Problems)
	for _, p := range found.Problems {
		require.Equal(t, bad, p.Queue, p.What)
	}
	text, _, code := command(t, "engine", "check", "--data-dir", d.nodeDir)
	require.Equal(t, 1, code)
	require.Contains(t, text, "\nqueue "+bad+": ")

	d.tenant = d.tenant.again(t)
	found, _ = check(1)
	require.Equal(t, bad, found.Problems[0].Queue, "found while it runs, too")
	c = d.token(t, d.first)
	for _, m := range c.receive(t, bad, g, "time_wait=1") {
		require.Equal(t, "three", m.text(t), "a damaged message is never delivered")
	}
	require.Equal(t, []string{"one", "two"}, texts(t, c.receiveAll(t, good, c.createGroup(t, good, "g"), 2)), "other queues go on")
}

func texts(t *testing.T, list []delivery) (out []string) {
	for _, d := range list {
		out = append(out, d.text(t))
	}
	return out
}

// flip changes one bit of the only file of the folder that holds the text.
func flip(t *testing.T, dir, text string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	flipped := 0
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		if at := bytes.Index(b, []byte(text)); at >= 0 {
			b[at] ^= 1
			require.NoError(t, os.WriteFile(path, b, 0o600))
			flipped++
		}
	}
	require.Equal(t, 1, flipped, "files that hold the message")
}

func TestEngineCommandsRefuseWhatWouldDoHarm(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	c := d.token(t, d.first)
	c.sendText(t, c.createQueue(t, map[string]any{"name": "q"}), "kept")
	copied := filepath.Join(t.TempDir(), "copy")
	succeed(t, "engine", "checkpoint", "--data-dir", d.nodeDir, "--to", copied)
	empty := t.TempDir()
	refused := func(code int, want string, args ...string) {
		t.Helper()
		_, stderr, got := command(t, append([]string{"engine"}, args...)...)
		require.Equal(t, code, got, stderr)
		require.Contains(t, stderr, want)
	}

	refused(1, "exists already", "checkpoint", "--data-dir", d.nodeDir, "--to", copied)
	refused(1, "inside the engine's own data", "checkpoint", "--data-dir", d.nodeDir, "--to", filepath.Join(d.nodeDir, "engine", "copy"))
	refused(1, fmt.Sprintf("process %d is running", d.tenant.cmd.Process.Pid), "restore", "--from", copied, "--data-dir", d.nodeDir)
	d.tenant.stop(t)
	require.NoFileExists(t, filepath.Join(d.nodeDir, "control.sock"))

	refused(1, "exists already", "checkpoint", "--data-dir", d.nodeDir, "--to", copied)
	refused(1, "holds engine data already", "restore", "--from", copied, "--data-dir", d.nodeDir)
	refused(1, "is not a checkpoint", "restore", "--from", d.nodeDir, "--data-dir", empty)
	refused(1, "is not a checkpoint", "restore", "--from", filepath.Join(empty, "nothing"), "--data-dir", empty)
	refused(1, "holds no engine data", "check", "--data-dir", empty)
	refused(1, "holds no engine data", "checkpoint", "--data-dir", empty)
	refused(2, "--from is needed", "restore", "--data-dir", empty)
	refused(2, "want text or json", "check", "--data-dir", d.nodeDir, "--output", "xml")
	left, err := os.ReadDir(empty)
	require.NoError(t, err)
	require.Empty(t, left, "what is refused leaves nothing")

	require.Regexp(t, `messages +1\n`, succeed(t, "engine", "check", "--data-dir", d.nodeDir), "and changes nothing")
	require.Regexp(t, `messages +1\n`, succeed(t, "engine", "restore", "--from", copied, "--data-dir", empty), "the checkpoint is good, and may be used again")
}

func TestSocketThatAKilledProcessLeftIsInNobodysWay(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	c := d.token(t, d.first)
	c.sendText(t, c.createQueue(t, map[string]any{"name": "q"}), "kept")
	d.tenant.kill()
	require.FileExists(t, filepath.Join(d.nodeDir, "control.sock"))
	require.Regexp(t, `messages +1\n`, succeed(t, "engine", "check", "--data-dir", d.nodeDir))

	out := succeed(t, "engine", "checkpoint", "--data-dir", d.nodeDir, "--output", "json")
	var made struct{ Dir string }
	require.NoError(t, json.Unmarshal([]byte(out), &made))
	require.Equal(t, filepath.Join(d.nodeDir, "checkpoints"), filepath.Dir(made.Dir), "the default")

	d.tenant = d.tenant.again(t)
	_, stderr, code := command(t, "engine", "check", "--data-dir", d.nodeDir)
	require.Zero(t, code)
	require.Contains(t, stderr, fmt.Sprintf("Process %d holds the engine", d.tenant.cmd.Process.Pid))
	d.tenant.stop(t)
}

// TestFIFOQueueThatStoppedAtDamageGoesOnBehindIt is what the runbook tells operators to do.
func TestFIFOQueueThatStoppedAtDamageGoesOnBehindIt(t *testing.T) {
	t.Parallel()
	d := boot(t, oneProcess, dbtest.SQLiteURL(t))
	c := d.token(t, d.first)
	q := c.createQueue(t, map[string]any{"name": "ordered", "queue_mode": "FIFO"})
	g := c.createGroup(t, q, "g")
	c.sendText(t, q, "before", "a body that is easy to find")
	c.sendText(t, q, "behind")
	d.tenant.stop(t)
	flip(t, filepath.Join(d.nodeDir, "engine", "log"), "easy to find")
	text, _, code := command(t, "engine", "check", "--data-dir", d.nodeDir)
	require.Equal(t, 1, code)
	require.Contains(t, text, "queue "+q+": message 2 is damaged")

	d.tenant = d.tenant.again(t)
	c = d.token(t, d.first)
	for _, m := range c.receiveAll(t, q, g, 1) {
		require.Equal(t, "before", m.text(t))
		c.ack(t, q, g, "success", m)
	}
	c.do(t, 500, "GET", c.project()+"/queues/"+q+"/groups/"+g+"/messages", nil)
	c.do(t, 204, "POST", "/api/v1/projects/"+c.account.ProjectID+"/queues/"+q+"/groups/"+g+"/seek", map[string]any{"position": 3})
	require.Equal(t, []string{"behind"}, texts(t, c.receiveAll(t, q, g, 1)))
}

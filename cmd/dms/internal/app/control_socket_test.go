package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/cmd/dms/internal/app"
	"dms/dataplane/engine/pebbleengine"
	"dms/internal/clock"
)

// node is an engine with its control socket, as a running node has them.
type node struct {
	cfg  app.Config
	stop func()
}

func startNode(t *testing.T, dataDir string, disk vfs.FS) node {
	t.Helper()
	n := node{cfg: app.Default()}
	n.cfg.DataDir = dataDir
	opt := pebbleengine.DefaultOptions(n.cfg.EngineDir())
	opt.FS, opt.Log, opt.SpareSegments, opt.MinFreeBytes = disk, slog.New(slog.DiscardHandler), 0, 0
	e, err := pebbleengine.Open(opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	stop, err := app.OpenControlSocket(n.cfg, e)
	require.NoError(t, err)
	n.stop = sync.OnceFunc(stop)
	t.Cleanup(n.stop)
	return n
}

// tool returns the operator's commands for the node.
func (n node) tool() (tool app.EngineTool, out *bytes.Buffer) {
	out = new(bytes.Buffer)
	return app.EngineTool{Config: n.cfg, Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, Out: out, Notes: new(bytes.Buffer)}, out
}

// haltingDisk stops in the middle of a checkpoint.
type haltingDisk struct {
	vfs.FS
	at      string // the directory whose making halts
	reached chan struct{}
	goOn    chan struct{}
}

func haltAt(dir string) *haltingDisk {
	return &haltingDisk{FS: vfs.Default, at: dir, reached: make(chan struct{}), goOn: make(chan struct{})}
}

func (d *haltingDisk) MkdirAll(dir string, mode os.FileMode) error {
	if dir == d.at {
		close(d.reached)
		<-d.goOn
	}
	return d.FS.MkdirAll(dir, mode)
}

func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(time.Minute):
		t.Fatal("in vain waited until " + what)
	}
}

func TestControlSocketIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	n := startNode(t, t.TempDir(), vfs.Default)
	info, err := os.Stat(n.cfg.ControlSocket())
	require.NoError(t, err)
	require.Equal(t, os.ModeSocket|0o600, info.Mode())
	names, err := filepath.Glob(filepath.Join(n.cfg.DataDir, "control*"))
	require.NoError(t, err)
	require.Equal(t, []string{n.cfg.ControlSocket()}, names, "what it was made with is gone")

	n.stop()
	require.NoFileExists(t, n.cfg.ControlSocket())
}

func TestControlSocketTakesThePlaceOfAStaleOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "control.sock.new"), 0o700), "left by a start that was killed")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "control.sock"), nil, 0o600))
	n := startNode(t, dir, vfs.Default)
	tool, out := n.tool()
	require.NoError(t, tool.Check(t.Context()))
	require.Regexp(t, `problems +0`, out.String())
}

func TestControlSocketWorksInAFolderWithALongName(t *testing.T) {
	t.Parallel()
	n := startNode(t, filepath.Join(t.TempDir(), strings.Repeat("long", 40)), vfs.Default)
	tool, _ := n.tool()
	require.NoError(t, tool.Check(t.Context()))
}

func TestSecondCheckpointIsRefusedWhileOneIsBeingMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	disk := haltAt(filepath.Join(first, "log"))
	n := startNode(t, filepath.Join(dir, "data"), disk)

	done := make(chan error, 1)
	go func() {
		tool, _ := n.tool()
		done <- tool.Checkpoint(t.Context(), first)
	}()
	await(t, "the first checkpoint is under way", disk.reached)
	tool, _ := n.tool()
	require.ErrorContains(t, tool.Checkpoint(t.Context(), second), "another checkpoint is being made")
	require.NoDirExists(t, second)

	close(disk.goOn)
	require.NoError(t, <-done)
	require.DirExists(t, first)
	require.NoError(t, tool.Checkpoint(t.Context(), second), "it is the next one's turn")
}

func TestStopEndsACheckpointAndNothingOfItStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := filepath.Join(dir, "copy")
	disk := haltAt(filepath.Join(to, "log"))
	n := startNode(t, filepath.Join(dir, "data"), disk)

	done, stopped := make(chan error, 1), make(chan struct{})
	go func() {
		tool, _ := n.tool()
		done <- tool.Checkpoint(t.Context(), to)
	}()
	await(t, "the checkpoint is under way", disk.reached)
	go func() {
		defer close(stopped)
		n.stop()
	}()
	require.Eventually(t, func() bool { // the name goes once the work was told to end
		_, err := os.Stat(n.cfg.ControlSocket())
		return os.IsNotExist(err)
	}, time.Minute, time.Millisecond)
	close(disk.goOn)
	require.ErrorContains(t, <-done, "the process is being stopped")
	await(t, "the socket is closed", stopped)
	require.NoDirExists(t, to)
}

func TestInterruptedCommandReturnsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := filepath.Join(dir, "copy")
	disk := haltAt(filepath.Join(to, "log"))
	n := startNode(t, filepath.Join(dir, "data"), disk)

	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		tool, _ := n.tool()
		done <- tool.Checkpoint(ctx, to)
	}()
	await(t, "the checkpoint is under way", disk.reached)
	interrupt()
	require.ErrorIs(t, <-done, context.Canceled)
	close(disk.goOn)
}

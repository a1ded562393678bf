package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"

	"dms/dataplane/engine/pebbleengine"
)

// controlClient asks the process that holds the engine.
type controlClient struct {
	path string
	http *http.Client
	pid  int
}

// runningProcess returns the process that listens on the control socket, nil when there is none.
func runningProcess(ctx context.Context, cfg Config) (*controlClient, error) {
	path := cfg.ControlSocket()
	c := &controlClient{path: path}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		short, done, err := shortSocketPath(path)
		if err != nil {
			return nil, err
		}
		defer done()
		return new(net.Dialer).DialContext(ctx, "unix", short)
	}
	// Without a time limit: checks and checkpoints of much data take long. Who does not want to wait ends ctx.
	c.http = &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	var p controlProcess
	err := c.call(ctx, http.MethodGet, pathProcess, nil, &p)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		return nil, nil // never made, or left by a process that was killed
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("a process may be running on %s, and this user may not ask it (%w): run the command as the user that the process runs as", cfg.DataDir, err)
	case err != nil:
		return nil, err
	}
	c.pid = p.PID
	return c, nil
}

func (c *controlClient) check(ctx context.Context) (r pebbleengine.CheckReport, err error) {
	return r, c.call(ctx, http.MethodPost, pathCheck, struct{}{}, &r)
}

func (c *controlClient) checkpoint(ctx context.Context, dir string) error {
	var done controlCheckpoint
	return c.call(ctx, http.MethodPost, pathCheckpoint, controlCheckpoint{Dir: dir}, &done)
}

func (c *controlClient) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	// The host is a placeholder: the connection goes to the socket.
	r, err := http.NewRequestWithContext(ctx, method, "http://control"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := c.http.Do(r)
	if err != nil {
		if cause := ctx.Err(); cause != nil {
			return cause
		}
		return fmt.Errorf("ask the running process: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	dec := json.NewDecoder(res.Body)
	if res.StatusCode != http.StatusOK {
		var e controlError
		if dec.Decode(&e) != nil || e.Message == "" {
			return fmt.Errorf("the running process answers %s: it may be of another version than this command", res.Status)
		}
		return errors.New(e.Message)
	}
	if err := dec.Decode(out); err != nil {
		if cause := ctx.Err(); cause != nil {
			return cause
		}
		return fmt.Errorf("the answer of the running process was cut off: %w", err)
	}
	return nil
}

// refuseRunning is the error of a command that needs the process stopped.
func (c *controlClient) refuseRunning(cfg Config) error {
	return fmt.Errorf("process %d is running on %s: stop it first", c.pid, cfg.DataDir)
}

// isLocked reports whether err says that another process has the engine open.
func isLocked(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && errno == syscall.EAGAIN
}

// hasEntries reports whether dir is there and not empty.
func hasEntries(dir string) (bool, error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return len(list) > 0, err
}

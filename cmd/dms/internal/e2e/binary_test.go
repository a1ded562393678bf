package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds everything that is waited for. It is long, because machines that run tests are slow at times.
const patience = time.Minute

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "dms-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(buildDir)
	os.Exit(code)
}

var buildOnce = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "dms")
	cmd := exec.Command("go", "build", "-o", path, "dms/cmd/dms")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
})

// binary returns the path of the binary, built once.
func binary(t testing.TB) string {
	t.Helper()
	path, err := buildOnce()
	require.NoError(t, err)
	return path
}

// environment is the tests' own without settings of the program.
func environment(extra ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "DMS_") {
			env = append(env, e)
		}
	}
	return append(env, extra...)
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// output is what a process wrote. Safe for concurrent use.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// process is one running binary.
type process struct {
	name string
	args []string
	url  string // where it listens for tenants
	cmd  *exec.Cmd
	log  *output
	done chan struct{} // closed when it has ended
	err  error         // how; read after done
}

// startProcess starts the binary and waits until it is ready. It is killed when the test ends, and its log shown if that failed.
func startProcess(t testing.TB, name, listen string, args ...string) *process {
	t.Helper()
	p := launch(t, name, listen, args...)
	p.awaitReady(t)
	return p
}

func launch(t testing.TB, name, listen string, args ...string) *process {
	t.Helper()
	p := &process{name: name, args: args, url: "http://" + listen, log: new(output), done: make(chan struct{})}
	p.cmd = exec.Command(binary(t), args...)
	p.cmd.Env = environment()
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	// The process dies with the tests. The death signal follows the thread that started it, so that thread must stay.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
		}
		close(p.done)
	}()
	require.NoError(t, <-started)
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of %s:\n%s", p.name, p.log.String())
		}
	})
	return p
}

// awaitReady waits until the process says that it serves.
func (p *process) awaitReady(t testing.TB) {
	t.Helper()
	eventually(t, p.name+" is ready", func() error {
		select {
		case <-p.done:
			t.Fatalf("%s ended: %v\n%s", p.name, p.err, p.log.String())
		default:
		}
		return get(p.url + "/readyz")
	})
}

func get(url string) error {
	res, err := http1.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		return fmt.Errorf("%s answers %s", url, res.Status)
	}
	return nil
}

// kill ends the process as a power cut would. It may be called twice.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// stop asks the process to stop and returns once it has, with exit code 0.
func (p *process) stop(t testing.TB) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.done:
		require.NoError(t, p.err, "%s after SIGTERM\n%s", p.name, p.log.String())
	case <-time.After(patience):
		t.Fatalf("%s did not stop\n%s", p.name, p.log.String())
	}
}

// again starts the same process on the same folders and addresses.
func (p *process) again(t testing.TB) *process {
	t.Helper()
	return startProcess(t, p.name, strings.TrimPrefix(p.url, "http://"), p.args...)
}

// command runs the binary to its end and returns what it wrote and its exit code.
func command(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path := binary(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = environment()
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("dms %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

// succeed runs the binary and requires exit code 0.
func succeed(t testing.TB, args ...string) string {
	t.Helper()
	out, errOut, code := command(t, args...)
	require.Zero(t, code, "dms %s\n%s", strings.Join(args, " "), errOut)
	return out
}

// eventually asks again and again until there is no error, and fails the test when that takes too long.
func eventually(t testing.TB, what string, ask func() error) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("in vain waited until %s: %v", what, err)
		}
	}
}

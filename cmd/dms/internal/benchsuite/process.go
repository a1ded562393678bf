package benchsuite

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is this binary, running one of its own subcommands.
type process struct {
	cmd *exec.Cmd
	url string
	log *logTail
	end chan struct{} // closed when it has ended
	err error         // how; read after end
}

// logTail keeps the last of what a process wrote.
type logTail struct {
	mu sync.Mutex // guards: b
	b  []byte
}

func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	if over := len(l.b) - 4096; over > 0 {
		l.b = append(l.b[:0], l.b[over:]...)
	}
	return len(p), nil
}

func (l *logTail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(bytes.TrimSpace(l.b))
}

// start runs the binary with args, more environment, and --listen on a free address of this machine. It returns at once; ctx kills it.
func start(ctx context.Context, env []string, args ...string) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{url: "http://" + address, log: new(logTail), end: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, exe, append(args, "--listen", address)...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.end)
	}()
	return p, nil
}

// ready waits until the process answers at path.
func (p *process) ready(ctx context.Context, path string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		res, err := client.Get(p.url + path)
		if err == nil {
			err = res.Body.Close()
			if err == nil && res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.end:
			return fmt.Errorf("%s ended: %w\n%s", p.cmd.Args[1], errors.Join(p.err, errors.New("it was not asked to")), p.log)
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// stop asks the process to end and waits for it.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.end
	if p.err != nil {
		return fmt.Errorf("%s after SIGTERM: %w\n%s", p.cmd.Args[1], p.err, p.log)
	}
	return nil
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.end
}

// resident returns the bytes of memory that the process has. Only Linux says.
func (p *process) resident() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		if rest, ok := strings.CutPrefix(sc.Text(), "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the process has no VmRSS")
}

// metric returns a value of the process's /metrics.
func (p *process) metric(name string) (float64, error) {
	res, err := http.Get(p.url + "/metrics")
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	for sc := bufio.NewScanner(res.Body); sc.Scan(); {
		if rest, ok := strings.CutPrefix(sc.Text(), name+" "); ok {
			return strconv.ParseFloat(rest, 64)
		}
	}
	return 0, fmt.Errorf("there is no metric %s", name)
}

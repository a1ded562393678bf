package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"dms/dataplane/engine/pebbleengine"
)

// The control socket is how the operator's commands reach the process that holds the engine, whose directory no other process may open: HTTP with
// JSON over a Unix socket in the data folder. Who may open the file (mode 0600) may do everything, as with the data themselves.
//
//	GET  /process            -> controlProcess
//	POST /engine/check       -> pebbleengine.CheckReport
//	POST /engine/checkpoint  controlCheckpoint -> controlCheckpoint
//
// Errors are controlError. Work lasts as long as its request: who goes away, ends it.
const (
	socketName         = "control.sock"
	pathProcess        = "/process"
	pathCheck          = "/engine/check"
	pathCheckpoint     = "/engine/checkpoint"
	maxControlBody     = 64 << 10
	controlHeaderTime  = 10 * time.Second
	maxSocketPathBytes = 100 // Linux takes 107, macOS 103
)

// controlProcess is who listens.
type controlProcess struct {
	PID int `json:"pid"`
}

// controlCheckpoint names the directory of a checkpoint, absolute: the process has another working directory than the command.
type controlCheckpoint struct {
	Dir string `json:"dir"`
}

// controlError says what went wrong, for the operator, so nothing is held back.
type controlError struct {
	Message string `json:"message"`
}

// controlSocket answers on the socket.
type controlSocket struct {
	path   string
	engine *pebbleengine.Engine
	log    *slog.Logger
	http   *http.Server
	cancel context.CancelCauseFunc // ends the requests
	served chan struct{}           // closed when the server has returned

	checkpointing sync.Mutex // one checkpoint at a time: two with one directory would spoil each other's
}

var errProcessStops = errors.New("the process is being stopped; start it again, or repeat the command when it has ended")

// openControlSocket begins to listen. Requires: this process holds the lock of the engine's directory, so a socket that is there is stale.
func openControlSocket(cfg Config, e *pebbleengine.Engine, log *slog.Logger) (*controlSocket, error) {
	l, err := listenUnix(cfg.ControlSocket())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &controlSocket{path: cfg.ControlSocket(), engine: e, log: log, cancel: cancel, served: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathProcess, answer(s, s.process))
	mux.HandleFunc("POST "+pathCheck, answer(s, s.check))
	mux.HandleFunc("POST "+pathCheckpoint, answer(s, s.checkpoint))
	// Checks and checkpoints take as long as they take: nothing but the header has a time limit.
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: controlHeaderTime,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.served)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("control socket failed", slog.String("error", err.Error()))
		}
	}()
	return s, nil
}

// listenUnix makes the socket, with mode 0600 from the first moment on that it can be reached: it is made in a directory that is the owner's
// alone, and takes the place of a stale one by a rename.
func listenUnix(path string) (l *net.UnixListener, err error) {
	private := path + ".new"
	if err := os.RemoveAll(private); err != nil {
		return nil, err
	}
	if err := os.Mkdir(private, 0o700); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(private)) }()
	born := filepath.Join(private, socketName)
	short, done, err := shortSocketPath(born)
	if err != nil {
		return nil, err
	}
	l, err = net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: short})
	done()
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it would look for the name that it was made under
	if err := errors.Join(os.Chmod(born, 0o600), os.Rename(born, path)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// shortSocketPath returns a name of the socket that is not too long for the system, good until done is called. Long ones go over an open
// directory, which Linux has names for.
func shortSocketPath(path string) (short string, done func(), err error) {
	if len(path) <= maxSocketPathBytes {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { _ = dir.Close() }, nil
}

// close ends what is being done and removes the socket. It may be called on nil.
func (s *controlSocket) close() {
	if s == nil {
		return
	}
	s.cancel(errProcessStops)
	// The name goes before the engine is closed: whoever takes the lock next makes a socket of its own.
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("control socket not removed", slog.String("error", err.Error()))
	}
	// Without a limit: the engine waits for them, too.
	_ = s.http.Shutdown(context.Background())
	<-s.served
}

func (s *controlSocket) process(context.Context, struct{}) (controlProcess, error) {
	return controlProcess{PID: os.Getpid()}, nil
}

func (s *controlSocket) check(ctx context.Context, _ struct{}) (pebbleengine.CheckReport, error) {
	return s.engine.Check(ctx)
}

func (s *controlSocket) checkpoint(ctx context.Context, in controlCheckpoint) (controlCheckpoint, error) {
	if !filepath.IsAbs(in.Dir) {
		return in, fmt.Errorf("the directory %q is not absolute", in.Dir)
	}
	if !s.checkpointing.TryLock() {
		return in, errors.New("another checkpoint is being made: repeat the command when it is done")
	}
	defer s.checkpointing.Unlock()
	s.log.Info("checkpoint begun", slog.String("dir", in.Dir))
	if err := s.engine.Checkpoint(ctx, in.Dir); err != nil {
		s.log.Warn("checkpoint not made", slog.String("dir", in.Dir), slog.String("error", err.Error()))
		return in, err
	}
	s.log.Info("checkpoint made", slog.String("dir", in.Dir))
	return in, nil
}

// answer makes a handler of f. It is the one place that writes errors.
func answer[In, Out any](s *controlSocket, f func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		reply := func(status int, v any) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			if err := json.NewEncoder(w).Encode(v); err != nil {
				s.log.Debug("control socket: the client has gone", slog.String("error", err.Error()))
			}
		}
		var in In
		if r.Method == http.MethodPost {
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControlBody)).Decode(&in); err != nil {
				reply(http.StatusBadRequest, controlError{Message: "the request is not what this version expects: " + err.Error()})
				return
			}
		}
		out, err := f(r.Context(), in)
		if err != nil {
			if cause := context.Cause(r.Context()); errors.Is(cause, errProcessStops) {
				err = cause
			}
			reply(http.StatusInternalServerError, controlError{Message: err.Error()})
			return
		}
		reply(http.StatusOK, out)
	}
}

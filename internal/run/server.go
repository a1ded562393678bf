package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// What a client may hold on to. A client that sends its request a byte a minute costs a connection, so every phase has an end.
const (
	readHeaderTimeout = 10 * time.Second
	maxHeaderBytes    = 64 << 10
	idleTimeout       = 2 * time.Minute
	// readTimeout bounds header and body. It also ends a request that waits (the server reads ahead to notice a client that has
	// gone), so it must be longer than the longest long poll, which is a minute.
	readTimeout = 90 * time.Second
	// writeTimeout runs from the end of the header: the wait of a long poll, then the answer.
	writeTimeout = 2 * time.Minute
	// DefaultDrain is how long a stop waits for requests that are being handled.
	DefaultDrain = 15 * time.Second
)

// ServerOptions says what to serve.
type ServerOptions struct {
	Listen  string // host:port
	Handler http.Handler
	TLS     *Certificate // nil: plain HTTP
	// BeforeShutdown runs once when the stop begins, before the server stops taking connections: it ends what would keep
	// requests waiting (long polls), and turns readiness off. May be nil.
	BeforeShutdown func()
	Drain          time.Duration // 0: DefaultDrain
	Log            *slog.Logger
}

// Server is an HTTP server with bounded patience. It is a Service.
type Server struct {
	opt      ServerOptions
	listener net.Listener
	http     *http.Server
}

var _ Service = (*Server)(nil)

// Listen opens the address, so that an address in use is an error before anything runs, and port 0 has its number.
func Listen(opt ServerOptions) (*Server, error) {
	l, err := net.Listen("tcp", opt.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if opt.Drain == 0 {
		opt.Drain = DefaultDrain
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{opt: opt, listener: l, http: &http.Server{
		Handler:           opt.Handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// Broken connections and bad handshakes are the client's doing: of interest to who looks for them only.
		ErrorLog: slog.NewLogLogger(opt.Log.Handler(), slog.LevelDebug),
	}}
	if opt.TLS != nil {
		s.http.TLSConfig = opt.TLS.TLS()
	}
	return s, nil
}

// Addr returns the address it listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL returns the address as the start of a URL.
func (s *Server) URL() string {
	scheme := "http"
	if s.opt.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + s.Addr().String()
}

// Close gives the address back if Run is never called.
func (s *Server) Close() error { return s.http.Close() }

// Run serves until ctx ends. Then it calls BeforeShutdown, takes no more connections, waits for the requests that are being
// handled, Drain at most, and cuts off what is left.
func (s *Server) Run(ctx context.Context) error {
	served := make(chan error, 1) // Serve returns also when nobody reads it
	go func() {
		if s.opt.TLS != nil {
			served <- s.http.ServeTLS(s.listener, "", "")
		} else {
			served <- s.http.Serve(s.listener)
		}
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", s.Addr(), err)
	case <-ctx.Done():
	}
	if s.opt.BeforeShutdown != nil {
		s.opt.BeforeShutdown()
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opt.Drain)
	defer cancel()
	err := s.http.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		s.opt.Log.Warn("requests cut off by the stop", slog.Duration("waited", s.opt.Drain))
		err = s.http.Close()
	}
	<-served // http.ErrServerClosed, now that Shutdown was called
	if err != nil {
		return fmt.Errorf("stop %s: %w", s.Addr(), err)
	}
	return nil
}

package nodelink

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"dms/internal/audit"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/usage"
)

// ServerOptions is what the control plane's end needs.
type ServerOptions struct {
	Token  []byte // the node token
	Source directory.Source
	Sink   usage.Sink
	Counts audit.CountSink
	Log    *slog.Logger
	// OwnSource names the control plane's own usage, which no node may deliver; "" when there is none.
	OwnSource string
}

// Server is the control plane's end. It is an http.Handler for a listener of its own.
type Server struct {
	o       ServerOptions
	bearer  [sha256.Size]byte // its hash: comparing hashes tells neither the content nor the length by time
	mux     *http.ServeMux
	stop    chan struct{}
	stopped sync.Once
}

// NewServer returns the control plane's end, or an error when the token is too short.
func NewServer(o ServerOptions) (*Server, error) {
	bearer, err := bearerOf(o.Token)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, bearer: sha256.Sum256([]byte(bearer)), mux: http.NewServeMux(), stop: make(chan struct{})}
	s.mux.HandleFunc("POST "+pathDirectory, s.handle(s.directory))
	s.mux.HandleFunc("POST "+pathUsage, s.handle(s.usage))
	s.mux.HandleFunc("POST "+pathCounts, s.handle(s.counts))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// StopPolls ends all waiting requests with an empty answer, and those that come later at once. Call it before the HTTP server's Shutdown,
// which waits for them. Safe to call twice.
func (s *Server) StopPolls() { s.stopped.Do(func() { close(s.stop) }) }

// handle authenticates, and writes what f returns.
func (s *Server) handle(f func(r *http.Request, n directory.Node) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequestBytes)
		n, err := s.authenticate(r)
		var answer any
		if err == nil {
			answer, err = f(r, n)
		}
		if err != nil {
			s.fail(w, r, n, err)
			return
		}
		write(w, http.StatusOK, answer)
	}
}

func (s *Server) authenticate(r *http.Request) (directory.Node, error) {
	got, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	hash := sha256.Sum256([]byte(got))
	if subtle.ConstantTimeCompare(hash[:], s.bearer[:]) != 1 {
		return directory.Node{}, errs.New(errs.Unauthenticated, "", "The node token is not this control plane's.")
	}
	n := directory.Node{ID: r.Header.Get(headerNodeID), Region: r.Header.Get(headerNodeRegion)}
	if n.ID == "" || len(n.ID) > maxNodeIDChars || n.Region == "" {
		return directory.Node{}, errs.New(errs.Invalid, "", "The request does not say which node it is from.")
	}
	return n, nil
}

func (s *Server) directory(r *http.Request, n directory.Node) (any, error) {
	var req changesRequest
	if err := decode(r, &req); err != nil {
		return nil, err
	}
	wait := min(max(time.Duration(req.WaitMS)*time.Millisecond, 0), PollWait)
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-s.stop:
			cancel()
		case <-done:
		}
	}()
	changes, err := s.o.Source.Changes(ctx, n, req.Since)
	if err != nil {
		return nil, err
	}
	if changes.Position == (directory.Position{}) && !changes.Reset { // the source saw only that its time was over
		changes.Position = req.Since
	}
	return changes, nil
}

func (s *Server) usage(r *http.Request, _ directory.Node) (any, error) {
	var b usage.Batch
	if err := decode(r, &b); err != nil {
		return nil, err
	}
	if b.Source == "" || b.Source == s.o.OwnSource || b.First < 1 || b.Last < b.First {
		return nil, errs.New(errs.Invalid, "", "The usage batch %q %d to %d is not one of a node.", b.Source, b.First, b.Last)
	}
	stored, err := s.o.Sink.Deliver(r.Context(), b)
	if err != nil {
		return nil, err
	}
	return deliveredAnswer{Stored: stored}, nil
}

// counts takes a node's counts. The source names the node, so that none writes over another's.
func (s *Server) counts(r *http.Request, n directory.Node) (any, error) {
	var b audit.CountBatch
	if err := decode(r, &b); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(b.Source, n.ID+"/") || len(b.Counts) > maxCounts {
		return nil, errs.New(errs.Invalid, "", "The counts of %q are not ones of the node %s.", b.Source, n.ID)
	}
	if err := s.o.Counts.Count(r.Context(), b); err != nil {
		return nil, err
	}
	return countedAnswer{}, nil
}

func decode(r *http.Request, into any) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return errs.New(errs.TooLarge, "", "The request is larger than %d bytes.", tooLarge.Limit)
		}
		return errs.Wrap(err, errs.Invalid, "", "The request could not be read to its end.")
	}
	if err := json.Unmarshal(b, into); err != nil {
		return errs.Wrap(err, errs.Invalid, "", "The request is not what this control plane understands.")
	}
	return nil
}

var statusOf = map[errs.Code]int{
	errs.Invalid:          http.StatusBadRequest,
	errs.Unauthenticated:  http.StatusUnauthorized,
	errs.Forbidden:        http.StatusForbidden,
	errs.NotFound:         http.StatusNotFound,
	errs.MethodNotAllowed: http.StatusMethodNotAllowed,
	errs.Conflict:         http.StatusConflict,
	errs.TooLarge:         http.StatusRequestEntityTooLarge,
	errs.Quota:            http.StatusUnprocessableEntity,
	errs.Throttled:        http.StatusTooManyRequests,
	errs.Unavailable:      http.StatusServiceUnavailable,
	errs.Internal:         http.StatusInternalServerError,
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, n directory.Node, err error) {
	code := errs.CodeOf(err)
	if code == errs.Internal && r.Context().Err() == nil {
		s.o.Log.ErrorContext(r.Context(), "node request failed", slog.String("path", r.URL.Path), slog.String("node", n.ID), slog.String("error", err.Error()))
	}
	write(w, statusOf[code], errorAnswer{Code: code, Reason: errs.ReasonOf(err), Message: errs.MessageOf(err)})
}

func write(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("nodelink: an answer is not JSON: " + err.Error()) // the types hold strings, numbers and bytes only
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the node has gone; it will ask again
}

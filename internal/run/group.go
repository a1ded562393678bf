package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Service is a long-lived part of a process.
type Service interface {
	// Run works until ctx ends, then stops in good order and returns nil. Any other return is a failure of the process.
	Run(ctx context.Context) error
}

// Func is a function that is a Service.
type Func func(ctx context.Context) error

// Run implements Service.
func (f Func) Run(ctx context.Context) error { return f(ctx) }

// StopTimeout bounds the stop of one service. Passing it is an error that names the service; the process then ends anyway.
const StopTimeout = 30 * time.Second

// Group runs services together. The zero value is an empty group.
type Group struct {
	Log     *slog.Logger  // nil: no log
	Timeout time.Duration // of the stop of one service; 0: StopTimeout
	members []*member
}

type member struct {
	name    string
	service Service
	cancel  context.CancelFunc
	done    chan struct{} // closed once the service has returned
	err     error         // what it returned; read after done
}

// Add adds a service. Services start in the order in which they were added and stop in the reverse order, one after the other:
// add first what others rely on. Requires: Run was not called.
func (g *Group) Add(name string, s Service) {
	g.members = append(g.members, &member{name: name, service: s, done: make(chan struct{})})
}

// Run starts all services and returns when all have stopped: because ctx ended (then nil, unless a stop failed), or because one of
// them failed, which stops the others. A service that returns nil before it was asked to stop has failed, too.
func (g *Group) Run(ctx context.Context) error {
	log := g.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ended := make(chan *member, len(g.members)) // each sends once and must not wait for a reader
	// A service's own context outlives ctx: it ends when it is that service's turn to stop.
	base := context.WithoutCancel(ctx)
	for _, m := range g.members {
		var mctx context.Context
		mctx, m.cancel = context.WithCancel(base)
		go func() {
			m.err = m.service.Run(mctx)
			close(m.done)
			ended <- m
		}()
		log.Debug("service started", slog.String("service", m.name))
	}
	var first error
	if len(g.members) > 0 {
		select {
		case <-ctx.Done():
		case m := <-ended:
			if m.err == nil {
				m.err = errors.New("ended without being asked to")
			}
			first = fmt.Errorf("%s: %w", m.name, m.err)
			m.err = nil // it is reported
			log.Error("service failed", slog.String("service", m.name), slog.String("error", first.Error()))
		}
	}
	return errors.Join(first, g.stop(log))
}

func (g *Group) stop(log *slog.Logger) error {
	timeout := g.Timeout
	if timeout == 0 {
		timeout = StopTimeout
	}
	var failures []error
	for _, m := range slices.Backward(g.members) {
		m.cancel()
		timer := time.NewTimer(timeout)
		select {
		case <-m.done:
			if m.err != nil {
				failures = append(failures, fmt.Errorf("%s: %w", m.name, m.err))
			}
			log.Debug("service stopped", slog.String("service", m.name))
		case <-timer.C:
			failures = append(failures, fmt.Errorf("%s did not stop within %s", m.name, timeout))
		}
		timer.Stop()
	}
	return errors.Join(failures...)
}

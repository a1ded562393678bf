package run_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/internal/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a service that reports its stop.
type recorder struct {
	name    string
	started chan struct{}
	stopped chan<- string
	fail    chan error // what is sent is what Run returns
}

func newRecorder(name string, stopped chan<- string) *recorder {
	return &recorder{name: name, started: make(chan struct{}), stopped: stopped, fail: make(chan error)}
}

func (r *recorder) Run(ctx context.Context) error {
	close(r.started)
	select {
	case <-ctx.Done():
		r.stopped <- r.name
		return nil
	case err := <-r.fail:
		return err
	}
}

func start(ctx context.Context, g *run.Group) <-chan error {
	result := make(chan error, 1)
	go func() { result <- g.Run(ctx) }()
	return result
}

func TestGroupStopsInReverseOrderWhenTheContextEnds(t *testing.T) {
	stopped := make(chan string, 3)
	var g run.Group
	var all []*recorder
	for _, name := range []string{"first", "second", "third"} {
		r := newRecorder(name, stopped)
		all = append(all, r)
		g.Add(name, r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result := start(ctx, &g)
	for _, r := range all {
		<-r.started
	}
	cancel()
	require.NoError(t, <-result)
	require.Equal(t, []string{"third", "second", "first"}, []string{<-stopped, <-stopped, <-stopped})
}

func TestGroupStopsAllWhenOneFailsAndNamesIt(t *testing.T) {
	stopped := make(chan string, 2)
	var g run.Group
	a, b := newRecorder("a", stopped), newRecorder("b", stopped)
	g.Add("a", a)
	g.Add("b", b)
	result := start(t.Context(), &g)
	<-a.started
	<-b.started
	cause := errors.New("disk on fire")
	a.fail <- cause
	err := <-result
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "a: disk on fire")
	require.Equal(t, "b", <-stopped)
}

func TestGroupTakesAnUnaskedReturnForAFailure(t *testing.T) {
	stopped := make(chan string, 1)
	var g run.Group
	a, b := newRecorder("a", stopped), newRecorder("b", stopped)
	g.Add("a", a)
	g.Add("b", b)
	result := start(t.Context(), &g)
	<-a.started
	b.fail <- nil
	require.ErrorContains(t, <-result, "b: ended without being asked to")
}

func TestGroupReportsAStopThatFailsOrHangs(t *testing.T) {
	release := make(chan struct{})
	hung := make(chan struct{})
	g := run.Group{Timeout: time.Millisecond}
	g.Add("hangs", run.Func(func(context.Context) error {
		defer close(hung)
		<-release
		return nil
	}))
	g.Add("fails", run.Func(func(ctx context.Context) error {
		<-ctx.Done()
		return errors.New("could not flush")
	}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := g.Run(ctx)
	require.ErrorContains(t, err, "fails: could not flush")
	require.ErrorContains(t, err, "hangs did not stop within 1ms")
	close(release)
	<-hung
}

func TestEmptyGroupReturns(t *testing.T) {
	var g run.Group
	require.NoError(t, g.Run(t.Context()))
}

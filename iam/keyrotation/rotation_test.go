package keyrotation_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/iam"
	"dms/iam/keyrotation"
)

// step hands each call to the test.
type step func(ctx context.Context) (iam.Rotation, bool, error)

func (s step) RotateWhenDue(ctx context.Context) (iam.Rotation, bool, error) { return s(ctx) }

// often is a schedule that ticks each few milliseconds.
type often struct{}

func (often) Next(t time.Time) time.Time { return t.Add(3 * time.Millisecond) }

type lockedBuffer struct {
	mu sync.Mutex // guards: b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func TestFailingAndPanickingTicksDoNotStopIt(t *testing.T) {
	defer goleak.VerifyNone(t)
	var out lockedBuffer
	calls := make(chan int, 100)
	n := 0
	tt := keyrotation.New(step(func(context.Context) (iam.Rotation, bool, error) {
		n++ // ticks never overlap
		calls <- n
		switch n {
		case 1: // at the start
			panic("the first one")
		case 2:
			return iam.Rotation{}, false, errors.New("database is gone")
		case 3:
			return iam.Rotation{}, false, nil
		}
		return iam.Rotation{Current: "k2", Next: "k3"}, true, nil
	}), slog.New(slog.NewTextHandler(&out, nil)))
	tt.SetSchedule(often{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- tt.Run(ctx) }()
	for <-calls < 5 {
	}
	cancel()
	require.NoError(t, <-done)
	log := out.b.String()
	require.Contains(t, log, "the first one")
	require.Contains(t, log, "database is gone")
	require.Contains(t, log, "current=k2 next=k3")
}

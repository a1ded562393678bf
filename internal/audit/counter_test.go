package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/audit"
	"dms/internal/clock/clocktest"
	"dms/internal/errs"
	"dms/internal/reason"
)

// sink keeps the batches that it took, and refuses while err is set.
type sink struct {
	err   error
	took  chan audit.CountBatch
	tried chan struct{}
}

func (s *sink) Count(_ context.Context, b audit.CountBatch) error {
	if s.err != nil {
		err := s.err
		s.err = nil
		s.tried <- struct{}{}
		return err
	}
	s.took <- audit.CountBatch{Source: b.Source, Counts: slices.Clone(b.Counts)}
	return nil
}

// judge refuses the actions that it holds.
type judge struct {
	access.Authorizer
	denied access.Action
}

func (j judge) Authorize(_ context.Context, _ access.Actor, action access.Action, _ access.Object) error {
	if action == j.denied {
		return errs.New(errs.Forbidden, reason.PolicyDenied, "No.")
	}
	return nil
}

var start = time.Date(2026, 11, 24, 8, 0, 20, 0, time.UTC)

func run(t *testing.T) (*audit.Counter, *sink, *clocktest.Manual, context.CancelFunc) {
	s := &sink{took: make(chan audit.CountBatch, 10), tried: make(chan struct{}, 10)}
	c := clocktest.New(start)
	counter := audit.NewCounter("node-1", s, c, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = counter.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return counter, s, c, cancel
}

func TestDenialsAndUsesOfKeysAreCountedByTheMinute(t *testing.T) {
	t.Parallel()
	counter, s, c, cancel := run(t)
	decide := audit.Counting{Authorizer: judge{denied: access.QueueDelete}, Counter: counter}
	alice := access.Actor{AccountID: "acme", UserID: "alice", Via: access.ViaSignature, CredentialID: "AK1"}
	token := access.Actor{AccountID: "acme", UserID: "alice", Via: access.ViaToken, CredentialID: "jti"}
	o := access.QueueResource("r1", "acme", "q").Object()
	for range 3 {
		require.NoError(t, decide.Authorize(t.Context(), alice, access.QueueGet, o))
		require.NoError(t, decide.Authorize(t.Context(), token, access.QueueGet, o))
		require.Error(t, decide.Authorize(t.Context(), token, access.QueueDelete, o))
	}
	advance(t, c, 40*time.Second)
	first := <-s.took
	minute := start.Unix() / 60
	require.ElementsMatch(t, []audit.Count{
		{Minute: minute, Kind: audit.CountUsed, AccountID: "acme", UserID: "alice", CredentialID: "AK1", Calls: 3},
		{Minute: minute, Kind: audit.CountDenied, AccountID: "acme", UserID: "alice", Action: access.QueueDelete, Resource: o.Resource, Calls: 3},
	}, first.Counts)
	require.True(t, strings.HasPrefix(first.Source, "node-1/"))

	require.NoError(t, decide.Authorize(t.Context(), alice, access.QueueGet, o))
	cancel()
	last := <-s.took
	require.Equal(t, []audit.Count{{Minute: minute + 1, Kind: audit.CountUsed, AccountID: "acme", UserID: "alice", CredentialID: "AK1", Calls: 1}}, last.Counts, "the end delivers what is left")
}

// advance moves the clock once somebody waits on it.
func advance(t *testing.T, c *clocktest.Manual, d time.Duration) {
	t.Helper()
	require.Eventually(t, func() bool { return c.Waiting() == 1 }, 10*time.Second, time.Millisecond)
	c.Advance(d)
}

func TestCountsWaitForTheirSink(t *testing.T) {
	t.Parallel()
	counter, s, c, _ := run(t)
	s.err = errors.New("not in reach")
	a := access.Actor{AccountID: "acme", Via: access.ViaSignature, CredentialID: "AK1"}
	counter.Used(&a)
	advance(t, c, time.Minute)
	<-s.tried
	counter.Used(&a)
	advance(t, c, time.Minute)
	got := <-s.took
	require.Len(t, got.Counts, 2)
	require.Equal(t, got.Counts[0].Minute+1, got.Counts[1].Minute)
}

func TestNobodyMakesTheTableGrow(t *testing.T) {
	t.Parallel()
	counter, s, c, _ := run(t)
	const tries = 10_000
	for i := range tries {
		loud := access.Actor{AccountID: "loud", UserID: "u", Via: access.ViaSignature, CredentialID: fmt.Sprint("AK", i)}
		counter.Used(&loud)
		counter.Denied(&loud, access.QueueCreate, access.Resource(fmt.Sprint("dms:r1:loud:queue:", i)))
	}
	quiet := access.Actor{AccountID: "quiet", UserID: "u"}
	counter.Denied(&quiet, access.QueueCreate, "dms:r1:quiet:queue:q")
	advance(t, c, time.Minute)
	got := <-s.took
	require.LessOrEqual(t, len(got.Counts), 256+2+1)
	sum := map[string]int64{}
	for _, n := range got.Counts {
		sum[n.AccountID+" "+string(n.Kind)] += n.Calls
		if n.AccountID == "quiet" {
			require.EqualValues(t, "dms:r1:quiet:queue:q", n.Resource, "another account is not pushed aside")
		}
	}
	require.Equal(t, map[string]int64{"loud used": tries, "loud denied": tries, "quiet denied": 1}, sum, "nothing is lost")
}

func TestCountingAKnownKeyAllocatesNothing(t *testing.T) {
	counter := audit.NewCounter("node-1", nil, clocktest.New(start), slog.New(slog.DiscardHandler))
	decide := audit.Counting{Authorizer: judge{}, Counter: counter}
	a := access.Actor{AccountID: "acme", UserID: "alice", Via: access.ViaSignature, CredentialID: "AK1"}
	o := access.QueueResource("r1", "acme", "q").Object()
	ctx := t.Context()
	require.NoError(t, decide.Authorize(ctx, a, access.QueueGet, o))
	require.Zero(t, testing.AllocsPerRun(1000, func() { _ = decide.Authorize(ctx, a, access.QueueGet, o) }))
}

func BenchmarkCountOfAKnownKey(b *testing.B) {
	counter := audit.NewCounter("node-1", nil, clocktest.New(start), slog.New(slog.DiscardHandler))
	decide := audit.Counting{Authorizer: judge{}, Counter: counter}
	a := access.Actor{AccountID: "acme", UserID: "alice", Via: access.ViaSignature, CredentialID: "AK1"}
	o := access.QueueResource("r1", "acme", "q").Object()
	b.ReportAllocs()
	for b.Loop() {
		_ = decide.Authorize(b.Context(), a, access.QueueGet, o)
	}
}

package enginetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/clock/clocktest"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/usage"
)

// epoch is when every test begins: on a full hour.
var epoch = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

const (
	ackWait  = 30 * time.Second
	longWait = 20 * time.Second
	patience = 30 * time.Second // how long a test waits for a signal before it fails
)

// fixture is an engine on a crashable disk in memory, under a clock that stands still, with a queue and a group.
type fixture struct {
	testing.TB
	open    Factory
	setup   Setup
	disk    *vfs.MemFS
	clock   *clocktest.Manual
	e       engine.Engine
	parked  chan struct{}
	changes chan error
	q       engine.Queue
	group   string
}

func newFixture(t testing.TB, open Factory, change ...func(*Setup)) *fixture {
	t.Helper()
	f := &fixture{
		TB: t, open: open, disk: vfs.NewCrashableMem(), clock: clocktest.New(epoch),
		parked: make(chan struct{}, 10000), changes: make(chan error, 10000),
		q: newQueue(dataplane.ModeNormal), group: id.NewGroup(),
	}
	f.setup = Setup{
		FS: f.disk, Dir: "node/engine", Clock: f.clock,
		Parked:       func() { f.parked <- struct{}{} },
		StateChanged: func(err error) { f.changes <- err },
	}
	for _, c := range change {
		c(&f.setup)
	}
	f.start()
	t.Cleanup(func() { _ = f.e.Close() })
	return f
}

func newQueue(mode dataplane.Mode) engine.Queue {
	return engine.Queue{ID: id.NewQueue(), Mode: mode, Retention: dataplane.StandardRetention}
}

func (f *fixture) start() {
	f.Helper()
	e, err := f.open(f.setup)
	require.NoError(f, err)
	f.e = e
}

// reopen closes the engine and opens it again.
func (f *fixture) reopen() {
	f.Helper()
	require.NoError(f, f.e.Close())
	f.start()
}

// crash goes on with what a power failure now would leave on the disk: what was synced, and nothing else.
func (f *fixture) crash() {
	f.Helper()
	f.resume(f.disk.CrashClone(vfs.CrashCloneCfg{}))
}

// resume goes on with an engine on another disk.
func (f *fixture) resume(disk *vfs.MemFS) {
	f.Helper()
	old := f.e
	f.disk, f.setup.FS = disk, disk
	f.start()
	_ = old.Close()
}

// throughRestarts checks, and checks again after a clean restart and after a crash.
func (f *fixture) throughRestarts(check func()) {
	f.Helper()
	check()
	f.reopen()
	check()
	f.crash()
	check()
}

// aside does something in another queue or group and comes back.
func (f *fixture) aside(q engine.Queue, group string, do func()) {
	f.Helper()
	oldQueue, oldGroup := f.q, f.group
	f.q, f.group = q, group
	do()
	f.q, f.group = oldQueue, oldGroup
}

func message(body string) engine.NewMessage { return engine.NewMessage{Body: []byte(body)} }

// send sends one batch to the fixture's queue.
func (f *fixture) send(bodies ...string) []string {
	f.Helper()
	return f.sendTo(f.q, bodies...)
}

func (f *fixture) sendTo(q engine.Queue, bodies ...string) []string {
	f.Helper()
	msgs := make([]engine.NewMessage, len(bodies))
	for i, b := range bodies {
		msgs[i] = message(b)
	}
	return f.sendMessages(q, msgs...)
}

func (f *fixture) sendMessages(q engine.Queue, msgs ...engine.NewMessage) []string {
	f.Helper()
	sent, err := f.e.Send(context.Background(), q, msgs, nil)
	require.NoError(f, err)
	require.Len(f, sent, len(msgs))
	ids := make([]string, len(sent))
	for i := range sent {
		ids[i] = sent[i].ID
	}
	return ids
}

// numbered returns n bodies, "prefix-0" and so on.
func numbered(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return out
}

func options(n int) engine.ReceiveOptions {
	return engine.ReceiveOptions{MaxMessages: n, MaxBytes: dataplane.DMSLimits.MaxRequestBytes, AckWait: ackWait}
}

func labelled(match engine.LabelMatch, labels ...string) engine.ReceiveOptions {
	o := options(10)
	o.Match, o.Labels = match, labels
	return o
}

// receive takes what is there, ten at most.
func (f *fixture) receive() []engine.Delivery {
	f.Helper()
	return f.receiveFrom(f.q, f.group, engine.Live, options(10))
}

func (f *fixture) receiveDead() []engine.Delivery {
	f.Helper()
	return f.receiveFrom(f.q, f.group, engine.Dead, options(10))
}

func (f *fixture) receiveFrom(q engine.Queue, group string, kind engine.Kind, opt engine.ReceiveOptions) []engine.Delivery {
	f.Helper()
	ds, err := f.e.Receive(context.Background(), q, group, kind, opt)
	require.NoError(f, err)
	return ds
}

// drain receives until there is nothing more, without settling.
func (f *fixture) drain(q engine.Queue, group string, kind engine.Kind) []engine.Delivery {
	f.Helper()
	var all []engine.Delivery
	for {
		ds := f.receiveFrom(q, group, kind, options(10))
		if len(ds) == 0 {
			return all
		}
		all = append(all, ds...)
	}
}

func bodies(ds []engine.Delivery) []string {
	out := make([]string, len(ds))
	for i := range ds {
		out[i] = string(ds[i].Body)
	}
	return out
}

func counts(ds []engine.Delivery) []int {
	out := make([]int, len(ds))
	for i := range ds {
		out[i] = ds[i].ReceiveCount
	}
	return out
}

func handlers(ds []engine.Delivery) []string {
	out := make([]string, len(ds))
	for i := range ds {
		out[i] = ds[i].Handler
	}
	return out
}

func settlements(failed bool, ds []engine.Delivery) []engine.Settlement {
	out := make([]engine.Settlement, len(ds))
	for i := range ds {
		out[i] = engine.Settlement{Handler: ds[i].Handler, Failed: failed}
	}
	return out
}

// ack acknowledges all.
func (f *fixture) ack(ds ...engine.Delivery) {
	f.Helper()
	f.settle(engine.Live, settlements(false, ds)...)
}

// fail reports all as failed.
func (f *fixture) fail(ds ...engine.Delivery) {
	f.Helper()
	f.settle(engine.Live, settlements(true, ds)...)
}

func (f *fixture) settle(kind engine.Kind, list ...engine.Settlement) {
	f.Helper()
	n, err := f.e.Settle(context.Background(), f.q, f.group, kind, list, nil)
	require.NoError(f, err)
	require.Equal(f, len(list), n)
}

// refused requires that a single handler is not accepted, for that reason.
func (f *fixture) refused(why errs.Reason, q engine.Queue, group string, kind engine.Kind, handler string) {
	f.Helper()
	for _, failed := range []bool{false, true} {
		n, err := f.e.Settle(context.Background(), q, group, kind, []engine.Settlement{{Handler: handler, Failed: failed}}, nil)
		require.Equal(f, errs.Invalid, errs.CodeOf(err), "error: %v", err)
		require.Equal(f, why, errs.ReasonOf(err))
		require.Zero(f, n)
	}
}

func (f *fixture) queueStats() engine.QueueStats {
	f.Helper()
	st, err := f.e.QueueStats(context.Background(), f.q)
	require.NoError(f, err)
	return st
}

func (f *fixture) groupStats() engine.GroupStats {
	f.Helper()
	st, err := f.e.GroupStats(context.Background(), f.q, f.group)
	require.NoError(f, err)
	return st
}

// poll is a Receive that waits in a goroutine of its own.
type poll struct {
	f      *fixture
	cancel context.CancelFunc
	result chan pollResult
}

type pollResult struct {
	ds  []engine.Delivery
	err error
}

// poll starts a poll of the fixture's queue and returns when it waits.
func (f *fixture) poll() *poll {
	f.Helper()
	return f.pollFrom(f.q, f.group, engine.Live, 10)
}

func (f *fixture) pollFrom(q engine.Queue, group string, kind engine.Kind, n int) *poll {
	f.Helper()
	opt := options(n)
	opt.Wait = longWait
	ctx, cancel := context.WithCancel(context.Background())
	p := &poll{f: f, cancel: cancel, result: make(chan pollResult, 1)}
	go func() {
		ds, err := f.e.Receive(ctx, q, group, kind, opt)
		p.result <- pollResult{ds, err}
	}()
	f.Cleanup(cancel)
	f.await(f.parked, "a poll to wait")
	return p
}

func (f *fixture) await(signal <-chan struct{}, what string) {
	f.Helper()
	select {
	case <-signal:
	case <-time.After(patience):
		require.FailNow(f, "waited in vain for "+what)
	}
}

// returns waits for the end of the poll.
func (p *poll) returns() pollResult {
	p.f.Helper()
	select {
	case r := <-p.result:
		return r
	case <-time.After(patience):
		require.FailNow(p.f, "a poll did not return")
		return pollResult{}
	}
}

// gets waits for the end of the poll and returns what it was given.
func (p *poll) gets() []engine.Delivery {
	p.f.Helper()
	r := p.returns()
	require.NoError(p.f, r.err)
	return r.ds
}

// waits requires that the poll has not returned. Only useful where its return would have been caused before the call.
func (p *poll) waits() {
	p.f.Helper()
	select {
	case r := <-p.result:
		require.FailNow(p.f, "a poll returned", "%v %v", bodies(r.ds), r.err)
	default:
	}
}

// usageKey returns a key to count under.
func usageKey(user string) *usage.Key {
	return &usage.Key{AccountID: "a", ProjectID: "p", UserID: user, QueueID: "q", Action: "dms:message:send", Hour: usage.HourOf(epoch)}
}

package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/dataplane/engine/pebbleengine"
	"dms/dataplane/node"
	"dms/dataplane/nodestore"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/directory/gormstore"
	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const region = "local-1"

var epoch = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// fixture is a node with a real engine, a real directory and a control plane that a test can cut off.
type fixture struct {
	t       *testing.T
	clock   *clocktest.Manual
	engine  *pebbleengine.Engine
	store   *nodestore.Store
	source  *source
	sink    *sink
	metrics *prometheus.Registry
	opt     node.Options
	node    *node.Node
	parked  chan struct{} // a poll of the engine waits
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixtureOn(t, newSource(t), vfs.NewMem(), vfs.NewMem())
}

// newFixtureOn is newFixture with given disks, and a directory that several nodes may share.
func newFixtureOn(t *testing.T, src *source, engineFS, storeFS vfs.FS) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clocktest.New(epoch), source: src, sink: newSink(), parked: make(chan struct{}, 100)}
	f.engine = openEngine(t, engineFS, f.clock, f.parked)
	f.store = openStore(t, storeFS)
	f.opt = node.DefaultOptions()
	f.opt.Engine, f.opt.Store, f.opt.Source, f.opt.Sink = f.engine, f.store, f.source, f.sink
	f.opt.Region, f.opt.Clock, f.opt.Log, f.opt.Metrics = region, f.clock, slog.New(slog.DiscardHandler), f.metrics
	f.restart()
	return f
}

// restart makes a node with f.opt on the same disk.
func (f *fixture) restart() {
	f.t.Helper()
	f.metrics = prometheus.NewRegistry()
	f.opt.Metrics = f.metrics
	n, err := node.New(f.opt)
	require.NoError(f.t, err)
	f.node = n
}

func openEngine(t *testing.T, fs vfs.FS, c *clocktest.Manual, parked chan struct{}) *pebbleengine.Engine {
	t.Helper()
	o := pebbleengine.DefaultOptions("engine")
	o.FS, o.Clock, o.Log = fs, c, slog.New(slog.DiscardHandler)
	o.MinFreeBytes = 0 // a disk in memory does not know how full it is
	o.CacheBytes, o.MemTableBytes = 1<<20, 1<<20
	if parked != nil {
		o.Parked = func() { parked <- struct{}{} }
	}
	e, err := pebbleengine.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func openStore(t *testing.T, fs vfs.FS) *nodestore.Store {
	t.Helper()
	o := nodestore.DefaultOptions("node")
	o.FS, o.Log = fs, slog.New(slog.DiscardHandler)
	s, err := nodestore.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// run starts Run, and ends it with the test.
func (f *fixture) run() {
	f.t.Helper()
	done := make(chan error, 1)
	n := f.node
	go func() { done <- n.Run(f.t.Context()) }()
	f.t.Cleanup(func() {
		n.Stop()
		require.NoError(f.t, <-done)
	})
}

// follow applies everything that the directory has.
func (f *fixture) follow() {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 10*time.Second)
	defer cancel()
	for more := false; more || f.store.Position() != f.source.position(); {
		var err error
		more, err = f.node.Follow(ctx)
		require.NoError(f.t, err)
	}
}

// tenant is an account with an actor in its project.
type tenant struct {
	actor access.Actor
}

func newTenant() tenant {
	return tenant{access.Actor{AccountID: id.NewHex(), ProjectID: id.NewHex(), UserID: id.NewHex(), CredentialID: id.NewHex(), Via: access.ViaSignature}}
}

func (te tenant) queue() dataplane.Queue {
	return dataplane.Queue{
		ID: id.NewQueue(), AccountID: te.actor.AccountID, ProjectID: te.actor.ProjectID, Region: region,
		Name: "orders", Mode: dataplane.ModeNormal, CreatedAt: epoch.UnixMicro(),
	}
}

func (te tenant) group(q dataplane.Queue) dataplane.Group {
	return dataplane.Group{ID: id.NewGroup(), QueueID: q.ID, ProjectID: q.ProjectID, AccountID: q.AccountID, Name: "billing", CreatedAt: epoch.UnixMicro()}
}

func (te tenant) activation(s dataplane.ActivationState) directory.Entry {
	return entry(directory.KindActivation, te.actor.AccountID, dataplane.Activation{AccountID: te.actor.AccountID, State: s})
}

func queueEntry(q dataplane.Queue) directory.Entry {
	return entry(directory.KindQueue, q.ProjectID+"/"+q.ID, q)
}

func groupEntry(g dataplane.Group) directory.Entry {
	return entry(directory.KindGroup, g.QueueID+"/"+g.ID, g)
}

func entry(kind directory.Kind, key string, v any) directory.Entry {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return directory.Entry{Kind: kind, Key: key, Value: raw}
}

func deleted(e directory.Entry) directory.Entry {
	return directory.Entry{Kind: e.Kind, Key: e.Key, Deleted: true}
}

// queueWithGroup puts an activated tenant with a queue and a group into the directory and onto the node.
func (f *fixture) queueWithGroup() (tenant, dataplane.Queue, dataplane.Group) {
	f.t.Helper()
	te := newTenant()
	q := te.queue()
	g := te.group(q)
	f.source.append(te.activation(dataplane.ActivationActive), queueEntry(q), groupEntry(g))
	f.follow()
	return te, q, g
}

func (f *fixture) send(te tenant, q dataplane.Queue, bodies ...string) {
	f.t.Helper()
	msgs := make([]engine.NewMessage, len(bodies))
	for i, b := range bodies {
		msgs[i].Body = []byte(b)
	}
	_, err := f.node.Send(f.t.Context(), te.actor, q, msgs)
	require.NoError(f.t, err)
}

func receiveOptions(wait time.Duration) engine.ReceiveOptions {
	return engine.ReceiveOptions{MaxMessages: 10, MaxBytes: 512 << 10, Wait: wait, AckWait: 30 * time.Second}
}

// reception is a receive by the tenant.
func (te tenant) reception(q dataplane.Queue, g dataplane.Group, wait time.Duration) *node.Reception {
	return &node.Reception{Actor: te.actor, Queue: q, Group: g, Kind: engine.Live, Options: receiveOptions(wait)}
}

// receive takes what is there, and counts it as delivered.
func (f *fixture) receive(te tenant, q dataplane.Queue, g dataplane.Group) []engine.Delivery {
	f.t.Helper()
	r := te.reception(q, g, 0)
	got, err := f.node.Receive(f.t.Context(), r)
	require.NoError(f.t, err)
	if len(got) > 0 {
		f.node.Delivered(r)
	}
	return got
}

func bodies(ds []engine.Delivery) []string {
	out := []string{}
	for _, d := range ds {
		out = append(out, string(d.Body))
	}
	return out
}

// source serves a real directory in the same process, as a control plane would.
type source struct {
	t     *testing.T
	db    *dbx.DB
	store *gormstore.Store

	mu     sync.Mutex // guards: the rest
	page   int
	moved  chan struct{} // closed and replaced when the directory changed
	down   error         // why the control plane cannot be reached
	asked  int
	onAsk  func() // called at each question, without mu
	latest []directory.Position
}

func newSource(t *testing.T) *source {
	t.Helper()
	db := dbtest.Open(t, dbtest.SQLiteURL(t))
	return &source{t: t, db: db, store: gormstore.New(db), page: 500, moved: make(chan struct{})}
}

func (s *source) append(entries ...directory.Entry) {
	s.t.Helper()
	require.NoError(s.t, s.db.InTx(context.Background(), func(tx *gorm.DB) error {
		_, err := gormstore.Append(tx, entries...)
		return err
	}))
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.moved)
	s.moved = make(chan struct{})
}

func (s *source) position() directory.Position {
	s.t.Helper()
	p, err := s.store.Position(context.Background())
	require.NoError(s.t, err)
	return p
}

func (s *source) setDown(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err
}

func (s *source) questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *source) Changes(ctx context.Context, n directory.Node, since directory.Position) (directory.Changes, error) {
	s.mu.Lock()
	s.asked++
	onAsk := s.onAsk
	s.latest = append(s.latest, since)
	s.mu.Unlock()
	if onAsk != nil {
		onAsk()
	}
	for {
		s.mu.Lock()
		moved, down, page := s.moved, s.down, s.page
		s.mu.Unlock()
		if down != nil {
			return directory.Changes{}, down
		}
		// Not ctx: a question whose time is over is still answered with what there is.
		pos, err := s.store.Position(context.Background())
		if err != nil {
			return directory.Changes{}, err
		}
		reset := pos.Directory != since.Directory || since.Revision > pos.Revision
		if reset {
			since.Revision = 0
		}
		entries, upTo, more, err := s.store.Since(context.Background(), since.Revision, page)
		if err != nil {
			return directory.Changes{}, err
		}
		if len(entries) > 0 || reset {
			if !more {
				upTo = max(upTo, pos.Revision)
			}
			return directory.Changes{Position: directory.Position{Directory: pos.Directory, Revision: upTo}, Reset: reset, More: more, Entries: entries}, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return directory.Changes{Position: since}, nil
		}
	}
}

// sink stores batches as usage.Sink promises. before and after are called around the storing, and may lose request or reply.
type sink struct {
	mu            sync.Mutex // guards: stored, calls, repeats
	stored        map[string]uint64
	calls         map[usage.Key]int64
	repeats       int
	before, after func() error
}

func newSink() *sink {
	return &sink{stored: make(map[string]uint64), calls: make(map[usage.Key]int64)}
}

var errLost = errors.New("the connection was lost")

func (s *sink) Deliver(_ context.Context, b usage.Batch) (uint64, error) {
	if s.before != nil {
		if err := s.before(); err != nil {
			return 0, err
		}
	}
	stored, err := s.store(b)
	if err == nil && s.after != nil {
		err = s.after()
	}
	return stored, err
}

func (s *sink) store(b usage.Batch) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.stored[b.Source]
	switch {
	case b.Last <= have:
		s.repeats++
		return have, nil
	case b.First <= have:
		return have, errs.New(errs.Invalid, "", "batch %d to %d overlaps %d", b.First, b.Last, have)
	}
	s.stored[b.Source] = b.Last
	for _, c := range b.Counts {
		s.calls[c.Key] += c.Calls
	}
	return b.Last, nil
}

// clone returns a sink with the same memory and no faults.
func (s *sink) clone() *sink {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newSink()
	for k, v := range s.stored {
		c.stored[k] = v
	}
	for k, v := range s.calls {
		c.calls[k] = v
	}
	return c
}

// counted returns the calls, in order of their action.
func (s *sink) counted() []usage.Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []usage.Count{}
	for k, v := range s.calls {
		out = append(out, usage.Count{Key: k, Calls: v})
	}
	slices.SortFunc(out, func(a, b usage.Count) int {
		if a.Action != b.Action {
			if a.Action < b.Action {
				return -1
			}
			return 1
		}
		return int(a.Hour - b.Hour)
	})
	return out
}

package wiretest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/engine/pebbleengine"
	"dms/dataplane/node"
	"dms/dataplane/nodestore"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/directory"
	"dms/internal/httpserve"
	"dms/internal/id"
)

// Region is where the node stands.
const Region = "local-1"

// Start is when the clock begins: 2026-11-24T08:00:00Z.
var Start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// Patience is how long a test waits for what should happen at once, before it fails.
const Patience = 20 * time.Second

// Service is a running node and what the test holds of its surroundings.
type Service struct {
	Node      *node.Node
	Directory *Directory
	Callers   *Callers
	Clock     *clocktest.Manual
	Usage     *Sink
	parked    chan struct{}
}

// Tenant is an account with a project, a user and a token.
type Tenant struct {
	Token string
	access.Actor
}

// New starts a service that ends with the test, on a disk in memory.
func New(t testing.TB) *Service {
	t.Helper()
	return start(t, vfs.NewMem(), "")
}

// NewOnDisk is New on the machine's disk, for measurements that must include its syncs.
func NewOnDisk(t testing.TB) *Service {
	t.Helper()
	return start(t, vfs.Default, t.TempDir())
}

func start(t testing.TB, disk vfs.FS, dir string) *Service {
	t.Helper()
	s := &Service{Directory: NewDirectory(), Callers: NewCallers(), Clock: clocktest.New(Start), Usage: &Sink{}, parked: make(chan struct{}, 1024)}
	log := slog.New(slog.DiscardHandler)

	opt := pebbleengine.DefaultOptions(disk.PathJoin(dir, "engine"))
	opt.FS, opt.Clock, opt.Log, opt.MinFreeBytes = disk, s.Clock, log, 0
	opt.Parked = func() { s.parked <- struct{}{} }
	e, err := pebbleengine.Open(opt)
	require.NoError(t, err)

	storeOpt := nodestore.DefaultOptions(disk.PathJoin(dir, "node"))
	storeOpt.FS, storeOpt.Log = disk, log
	store, err := nodestore.Open(storeOpt)
	require.NoError(t, err)

	nodeOpt := node.DefaultOptions()
	nodeOpt.Engine, nodeOpt.Store, nodeOpt.Source, nodeOpt.Sink = e, store, s.Directory, s.Usage
	nodeOpt.Region, nodeOpt.Clock, nodeOpt.Log = Region, s.Clock, log
	s.Node, err = node.New(nodeOpt)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Node.Run(ctx) }()
	t.Cleanup(func() {
		s.Node.Stop()
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, e.Close())
		require.NoError(t, store.Close())
	})
	return s
}

// Gate returns what stands before the routes.
func (s *Service) Gate() httpserve.Gate {
	return httpserve.Gate{Authenticator: s.Callers, Authorizer: s.Callers}
}

// AwaitPoll waits until one more receive waits for messages.
func (s *Service) AwaitPoll(t testing.TB) {
	t.Helper()
	select {
	case <-s.parked:
	case <-time.After(Patience):
		t.Fatal("no receive began to wait")
	}
}

// Tenant makes an account that has activated the service.
func (s *Service) Tenant(t testing.TB, name string) Tenant {
	t.Helper()
	a := access.Actor{AccountID: id.NewHex(), AccountName: name, UserID: id.NewHex(), UserName: name, ProjectID: id.NewHex(), ProjectName: Region, Via: access.ViaToken}
	s.Callers.Add(name, a)
	s.Activate(t, a.AccountID, dataplane.ActivationActive)
	return Tenant{Token: name, Actor: a}
}

// Activate writes the state of the service for an account.
func (s *Service) Activate(t testing.TB, accountID string, state dataplane.ActivationState) {
	t.Helper()
	s.Directory.Put(t, directory.KindActivation, accountID, dataplane.Activation{AccountID: accountID, State: state, ActivatedAt: Start.UnixMicro()})
}

// Queue makes a queue of the tenant; change may alter the fact before it is written.
func (s *Service) Queue(t testing.TB, of Tenant, name string, mode dataplane.Mode, change func(*dataplane.Queue)) dataplane.Queue {
	t.Helper()
	q := dataplane.Queue{ID: id.NewQueue(), AccountID: of.AccountID, ProjectID: of.ProjectID, Region: Region, Name: name, Mode: mode, CreatedAt: s.created()}
	if change != nil {
		change(&q)
	}
	s.Directory.PutQueue(t, q)
	return q
}

// Group makes a consumer group of the queue.
func (s *Service) Group(t testing.TB, q dataplane.Queue, name string) dataplane.Group {
	t.Helper()
	g := dataplane.Group{ID: id.NewGroup(), QueueID: q.ID, ProjectID: q.ProjectID, AccountID: q.AccountID, Name: name, CreatedAt: s.created()}
	s.Directory.PutGroup(t, g)
	return g
}

// created is a time of creation, in the order of the calls.
func (s *Service) created() int64 {
	return Start.UnixMicro() + int64(s.Directory.revision())*1000
}

package benchsuite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"dms/controlplane"
	controlplanestore "dms/controlplane/gormstore"
	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/bench"
	"dms/internal/bench/httpload"
	"dms/internal/clock"
	"dms/internal/dbx"
	"dms/internal/directory"
	"dms/internal/id"
	"dms/internal/lifecycle"
)

func idleRows() []row {
	return []row{{"idle queues", (*Suite).idle}, {"waiting polls", (*Suite).polls}}
}

// idle measures a service with very many queues that nobody uses: how soon it answers, and what it takes.
func (s *Suite) idle(ctx context.Context) (_ []Line, err error) {
	dir, done, err := s.folder()
	if err != nil {
		return nil, err
	}
	defer done()
	svc, err := prepare(ctx, dir)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(s.cfg.Log, "making %d queues with a consumer group and a message each\n", s.cfg.Queues)
	queues, err := s.makeQueues(ctx, svc, s.cfg.Queues)
	if err != nil {
		return nil, fmt.Errorf("make the queues: %w", err)
	}
	// The first start takes the directory over; it is not what is measured.
	if err := svc.serve(ctx); err != nil {
		return nil, err
	}
	if _, err := s.firstAnswer(ctx, svc, queues[0]); err != nil {
		return nil, errors.Join(err, svc.stop())
	}
	if err := svc.stop(); err != nil {
		return nil, err
	}

	clean, err := s.startAndAsk(ctx, svc, queues[0])
	if err != nil {
		return nil, err
	}
	if !s.pause(ctx, 2*time.Second) {
		svc.kill()
		return nil, ctx.Err()
	}
	rss, err := svc.resident()
	if err != nil {
		svc.kill()
		return nil, err
	}
	goroutines, err := svc.metric("go_goroutines")
	if err != nil {
		svc.kill()
		return nil, err
	}
	svc.kill()
	killed, err := s.startAndAsk(ctx, svc, queues[0])
	if err != nil {
		return nil, err
	}
	name := "idle, " + number(float64(s.cfg.Queues)) + " queues: "
	return []Line{
		{Row: name + "start after a clean stop", Ours: clean.Seconds(), Unit: "s", Target: 2, Most: true, Note: "to the first answered send"},
		{Row: name + "start after kill -9", Ours: killed.Seconds(), Unit: "s", Target: 5, Most: true},
		{Row: name + "resident memory", Ours: float64(rss) / 1e6, Unit: "MB", Target: 300, Most: true, Note: "2 s after the start"},
		{Row: name + "goroutines", Ours: goroutines},
	}, svc.stop()
}

// startAndAsk starts the service and returns how long it took to the first answered send. The service runs on unless there is an error.
func (s *Suite) startAndAsk(ctx context.Context, svc *service, q httpload.Queue) (time.Duration, error) {
	begin := s.clk.Now()
	if err := svc.launch(ctx); err != nil {
		return 0, err
	}
	at, err := s.firstAnswer(ctx, svc, q)
	if err != nil {
		svc.kill()
	}
	return at.Sub(begin), err
}

// firstAnswer sends until a send is answered, and returns when that was.
func (s *Suite) firstAnswer(ctx context.Context, svc *service, q httpload.Queue) (time.Time, error) {
	t, err := svc.target(httpload.WireDMS, svc.account)
	if err != nil {
		return time.Time{}, err
	}
	t.Queues = []httpload.Queue{q}
	p, err := t.Producer()
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = p.Close() }()
	for start := s.clk.Now(); ; {
		err := p.Send(ctx, 0, []bench.Message{{Body: []byte(`"first"`)}})
		now := s.clk.Now()
		if err == nil {
			return now, nil
		}
		if now.Sub(start) > time.Minute || !s.pause(ctx, 2*time.Millisecond) {
			return now, fmt.Errorf("no send was answered: %w\n%s", err, svc.log)
		}
	}
}

// makeQueues writes queues into the database and the engine of a service that does not run: by its API it would take long, and its quota
// would have to be changed.
func (s *Suite) makeQueues(ctx context.Context, svc *service, n int) ([]httpload.Queue, error) {
	made, queues, err := s.writeQueues(ctx, svc, n)
	if err != nil {
		return nil, err
	}
	e, err := openEngine(svc.cfg.EngineDir())
	if err != nil {
		return nil, err
	}
	body := make([]byte, 0, 1<<10)
	body = append(append(append(body, '"'), make([]byte, 1000)...), '"')
	for i := range body[1:1001] {
		body[1+i] = 'x'
	}
	var workers sync.WaitGroup
	failed := make(chan error, connections)
	for w := range connections {
		workers.Go(func() {
			for i := w; i < n; i += connections {
				if _, err := e.Send(ctx, engine.QueueOf(queues[i]), []engine.NewMessage{{Body: body}}, nil); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	workers.Wait()
	close(failed)
	return made, errors.Join(<-failed, e.Close())
}

// writeQueues writes the facts in large transactions.
func (s *Suite) writeQueues(ctx context.Context, svc *service, n int) (_ []httpload.Queue, _ []dataplane.Queue, err error) {
	db, err := dbx.Open(ctx, svc.cfg.DatabaseURL)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store := controlplanestore.New(db)
	made, queues := make([]httpload.Queue, n), make([]dataplane.Queue, n)
	const together = 200
	for from := 0; from < n; from += together {
		err := store.InTx(ctx, func(tx controlplane.Tx) error {
			var entries []directory.Entry
			for i := from; i < min(from+together, n); i++ {
				now := clock.System{}.Now()
				q := dataplane.Queue{
					ID: id.NewQueue(), AccountID: svc.accountID, ProjectID: svc.project, Region: svc.cfg.Region,
					Name: "idle-" + strconv.Itoa(i), Mode: dataplane.ModeNormal, CreatedAt: now.UnixMicro(),
				}
				g := dataplane.Group{ID: id.NewGroup(), QueueID: q.ID, ProjectID: q.ProjectID, AccountID: q.AccountID, Name: "g", CreatedAt: q.CreatedAt}
				if err := tx.InsertQueue(controlplane.Queue{Queue: q, UserID: svc.userID}); err != nil {
					return err
				}
				if err := tx.InsertGroups([]dataplane.Group{g}); err != nil {
					return err
				}
				if err := tx.LogLifecycle(lifecycle.Event{
					At: now, Kind: lifecycle.Created, QueueID: q.ID, AccountID: q.AccountID, ProjectID: q.ProjectID, UserID: svc.userID, Region: q.Region,
				}); err != nil {
					return err
				}
				queueFact, err := fact(directory.KindQueue, q.ProjectID+"/"+q.ID, q)
				if err != nil {
					return err
				}
				groupFact, err := fact(directory.KindGroup, q.ID+"/"+g.ID, g)
				if err != nil {
					return err
				}
				entries = append(entries, queueFact, groupFact)
				made[i], queues[i] = httpload.Queue{ID: q.ID, Groups: []string{g.ID}}, q
			}
			_, err := tx.Publish(entries...)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return made, queues, nil
}

func fact(kind directory.Kind, key string, v any) (directory.Entry, error) {
	value, err := json.Marshal(v)
	return directory.Entry{Kind: kind, Key: key, Value: value}, err
}

// pollsOfQueue spreads the polls: so many wait at each queue.
const pollsOfQueue = 500

// polls measures what waiting receives take, and how soon one of them wakes.
func (s *Suite) polls(ctx context.Context) (lines []Line, err error) {
	err = s.withService(ctx, func(svc *service) error {
		credentials, err := svc.token(ctx)
		if err != nil {
			return err
		}
		t, err := svc.target(httpload.WireDMS, credentials)
		if err != nil {
			return err
		}
		if err := t.Create(ctx, string(dataplane.ModeNormal), (s.cfg.Polls+pollsOfQueue-1)/pollsOfQueue+1, 1); err != nil {
			return err
		}
		busy := *t
		busy.Queues, t.Queues = t.Queues[:1], t.Queues[1:]
		wake := s.load(1, 1)
		wake.Batch, wake.Rate, wake.Duration, wake.WarmUp = 1, 100, 3*time.Second, time.Second
		alone, err := s.measure(ctx, &busy, wake)
		if err != nil {
			return err
		}
		before, err := svc.resident()
		if err != nil {
			return err
		}
		waiting, err := s.openPolls(ctx, t, svc)
		defer func() {
			for _, c := range waiting {
				_ = c.Close() // the poll ends with it
			}
		}()
		if err != nil {
			return err
		}
		after, err := svc.resident()
		if err != nil {
			return err
		}
		r, err := s.measure(ctx, &busy, wake)
		if err != nil {
			return err
		}
		name := number(float64(s.cfg.Polls)) + " waiting polls: "
		lines = []Line{
			{Row: name + "memory of each", Ours: float64(after-before) / 1024 / float64(s.cfg.Polls), Unit: "KiB", Target: 25, Most: true},
			{
				Row: name + "a send wakes its poll (p99)", Ours: float64(r.EndToEnd.P99) / 1e6, Unit: "ms", Target: 5, Most: true,
				Note: fmt.Sprintf("from the send's begin, its sync included, to the receive's end; alone %.2f ms", float64(alone.EndToEnd.P99)/1e6),
			},
		}
		return nil
	})
	return lines, err
}

// openPolls opens the polls and waits until the service has all of them.
func (s *Suite) openPolls(ctx context.Context, t *httpload.Target, svc *service) ([]net.Conn, error) {
	var all []net.Conn
	for i := range s.cfg.Polls {
		c, err := t.OpenPoll(ctx, i/pollsOfQueue, 0, time.Minute)
		if err != nil {
			return all, fmt.Errorf("poll %d: %w", i, err)
		}
		all = append(all, c)
	}
	for range 300 {
		n, err := svc.metric("dms_open_polls")
		if err != nil {
			return all, err
		}
		if int(n) >= s.cfg.Polls {
			return all, nil
		}
		if !s.pause(ctx, 100*time.Millisecond) {
			return all, ctx.Err()
		}
	}
	return all, errors.New("the service did not take all polls")
}

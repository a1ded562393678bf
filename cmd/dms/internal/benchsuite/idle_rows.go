package benchsuite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/internal/bench"
	"dms/internal/bench/httpload"
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
	e, err := openEngine(svc.cfg.EngineDir(), 0)
	if err != nil {
		return nil, err
	}
	body := make([]byte, 0, 1<<10)
	body = append(append(append(body, '"'), make([]byte, 1000)...), '"')
	for i := range body[1:1001] {
		body[1+i] = 'x'
	}
	var workers sync.WaitGroup
	const together = 256 // share each sync
	failed := make(chan error, together)
	for w := range together {
		workers.Go(func() {
			for i := w; i < n; i += together {
				if _, err := e.Send(ctx, engine.QueueOf(queues[i]), []engine.NewMessage{{Body: body}}, nil); err != nil {
					failed <- err
					return
				}
				// A node tells its engine of every group when it starts, most of which the engine knows.
				if err := e.AddGroup(ctx, made[i].ID, made[i].Groups[0]); err != nil {
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

// writeQueues writes the facts as the control plane would. Through its store, row by row, it would take minutes.
func (s *Suite) writeQueues(ctx context.Context, svc *service, n int) (_ []httpload.Queue, _ []dataplane.Queue, err error) {
	db, err := dbx.Open(ctx, svc.cfg.DatabaseURL)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	pool, err := db.SQL()
	if err != nil {
		return nil, nil, err
	}
	made, queues := make([]httpload.Queue, n), make([]dataplane.Queue, n)
	const together = 500
	for from := 0; from < n; from += together {
		var queueRows, groupRows, events, entries [][]any
		for i := from; i < min(from+together, n); i++ {
			q := dataplane.Queue{
				ID: id.NewQueue(), AccountID: svc.accountID, ProjectID: svc.project, Region: svc.cfg.Region,
				Name: "idle-" + strconv.Itoa(i), Mode: dataplane.ModeNormal, CreatedAt: s.clk.Now().UnixMicro(),
			}
			g := dataplane.Group{ID: id.NewGroup(), QueueID: q.ID, ProjectID: q.ProjectID, AccountID: q.AccountID, Name: "g", CreatedAt: q.CreatedAt}
			queueFact, err := json.Marshal(q)
			if err != nil {
				return nil, nil, err
			}
			groupFact, err := json.Marshal(g)
			if err != nil {
				return nil, nil, err
			}
			queueRows = append(queueRows, []any{q.ID, q.AccountID, q.ProjectID, svc.userID, q.Region, q.Name, "", string(q.Mode), 0, 0, 0, 0, q.CreatedAt})
			groupRows = append(groupRows, []any{g.ID, g.AccountID, g.ProjectID, g.QueueID, g.Name, g.CreatedAt})
			events = append(events, []any{q.CreatedAt, string(lifecycle.Created), q.ID, q.AccountID, q.ProjectID, svc.userID, q.Region})
			entries = append(entries,
				[]any{string(directory.KindQueue), q.ProjectID + "/" + q.ID, nil, false, queueFact},
				[]any{string(directory.KindGroup), q.ID + "/" + g.ID, nil, false, groupFact})
			made[i], queues[i] = httpload.Queue{ID: q.ID, Groups: []string{g.ID}}, q
		}
		if err := writeRows(ctx, pool, queueRows, groupRows, events, entries); err != nil {
			return nil, nil, err
		}
	}
	return made, queues, nil
}

// writeRows writes what belongs together in one transaction. The entries get the directory's next revision.
func writeRows(ctx context.Context, pool *sql.DB, queues, groups, events, entries [][]any) (err error) {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	var revision int64
	if err := tx.QueryRowContext(ctx, "UPDATE directory_head SET revision = revision + 1 RETURNING revision").Scan(&revision); err != nil {
		return err
	}
	for _, e := range entries {
		e[2] = revision
	}
	for _, t := range []struct {
		into string
		rows [][]any
	}{
		{"cp_queues (id, account_id, project_id, user_id, region, name, description, mode, max_consume_count, retention_hours, requests_per_second, open_polls, created_at)", queues},
		{"cp_groups (id, account_id, project_id, queue_id, name, created_at)", groups},
		{"cp_lifecycle (at, kind, queue_id, account_id, project_id, user_id, region)", events},
		{"directory_entries (kind, entry_key, revision, deleted, value)", entries},
	} {
		one := "(?" + strings.Repeat(",?", len(t.rows[0])-1) + ")"
		var values []any
		for _, r := range t.rows {
			values = append(values, r...)
		}
		insert := "INSERT INTO " + t.into + " VALUES " + one + strings.Repeat(","+one, len(t.rows)-1)
		if _, err := tx.ExecContext(ctx, insert, values...); err != nil {
			return fmt.Errorf("insert into %s: %w", t.into, err)
		}
	}
	return tx.Commit()
}

// pollsOfQueue spreads the polls: so many wait at each queue.
const pollsOfQueue = 500

// polls measures what waiting receives take, and how soon one of them wakes.
func (s *Suite) polls(ctx context.Context) (lines []Line, err error) {
	err = s.withService(ctx, 0, func(svc *service) error {
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

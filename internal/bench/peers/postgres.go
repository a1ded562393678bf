package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dms/internal/bench"
	"dms/internal/dbtest/pgserver"
)

// postgres is a table that is used as a queue.
type postgres struct{ server *pgserver.Server }

func startPostgres(ctx context.Context, _ string) (running, error) {
	s, err := pgserver.Start(ctx, "fsync=on", "full_page_writes=on", "synchronous_commit=on", "shared_buffers=256MB")
	if errors.Is(err, pgserver.ErrNotInstalled) {
		return nil, fmt.Errorf("postgres: %w", errNotInstalled)
	}
	if err != nil {
		return nil, err
	}
	p := &postgres{s}
	c, err := p.connect()
	if err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	defer c.Close()
	if _, err := c.c.Exec(ctx, "CREATE TABLE q (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body BYTEA NOT NULL)"); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (p *postgres) Stop() error {
	p.server.Stop()
	return nil
}

type pgConn struct {
	c  *pgx.Conn
	tx pgx.Tx // holds the rows that were received
}

func (p *postgres) connect() (*pgConn, error) {
	c, err := pgx.Connect(context.Background(), p.server.URL)
	return &pgConn{c: c}, err
}

func (p *postgres) Producer() (bench.Producer, error) { return p.connect() }

func (p *postgres) Consumer(int) (bench.Consumer, error) { return p.connect() }

func (c *pgConn) Close() error { return c.c.Close(context.Background()) }

// Send implements bench.Producer.
func (c *pgConn) Send(ctx context.Context, _ int, batch []bench.Message) error {
	bodies := make([][]byte, len(batch))
	for i, m := range batch {
		bodies[i] = m.Body
	}
	_, err := c.c.Exec(ctx, "INSERT INTO q (body) SELECT unnest($1::bytea[])", bodies)
	return err
}

// Receive implements bench.Consumer: the rows stay locked until they are acknowledged. It does not wait.
func (c *pgConn) Receive(ctx context.Context, _, most int, _ time.Duration, stamps []int64) (_ []int64, err error) {
	if c.tx, err = c.c.Begin(ctx); err != nil {
		return stamps, err
	}
	rows, err := c.tx.Query(ctx, "DELETE FROM q WHERE id IN (SELECT id FROM q ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING body", most)
	if err != nil {
		return stamps, errors.Join(err, c.tx.Rollback(ctx))
	}
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&body}, func() error {
		stamp, err := bench.StampOf(body)
		stamps = append(stamps, stamp)
		return err
	})
	if err != nil || len(stamps) == 0 {
		return stamps, errors.Join(err, c.tx.Rollback(ctx))
	}
	return stamps, nil
}

// Ack implements bench.Consumer.
func (c *pgConn) Ack(ctx context.Context, _ int) error { return c.tx.Commit(ctx) }

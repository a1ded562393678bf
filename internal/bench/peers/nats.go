package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"dms/internal/bench"
)

// natsServer is a JetStream server in this process, with one stream and one durable consumer.
type natsServer struct{ server *server.Server }

func startNATS(ctx context.Context, dir string) (_ running, err error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: dir, SyncAlways: true, NoSigs: true, NoLog: true})
	if err != nil {
		return nil, err
	}
	n := &natsServer{server: s}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return nil, errors.Join(errors.New("the server did not start"), n.Stop())
	}
	c, err := n.connect()
	if err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	defer c.nc.Close()
	stream, err := c.js.CreateStream(ctx, jetstream.StreamConfig{Name: "q", Subjects: []string{"q"}, Storage: jetstream.FileStorage, Retention: jetstream.WorkQueuePolicy})
	if err == nil {
		_, err = stream.CreateConsumer(ctx, jetstream.ConsumerConfig{Durable: "g", AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 100_000})
	}
	if err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

func (n *natsServer) Stop() error {
	n.server.Shutdown()
	n.server.WaitForShutdown()
	return nil
}

type natsConn struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	from jetstream.Consumer
	got  []jetstream.Msg
}

func (n *natsServer) connect() (*natsConn, error) {
	nc, err := nats.Connect(n.server.ClientURL())
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	return &natsConn{nc: nc, js: js}, err
}

func (n *natsServer) Producer() (bench.Producer, error) { return n.connect() }

func (n *natsServer) Consumer(int) (bench.Consumer, error) {
	c, err := n.connect()
	if err != nil {
		return nil, err
	}
	c.from, err = c.js.Consumer(context.Background(), "q", "g")
	return c, err
}

func (c *natsConn) Close() error {
	c.nc.Close()
	return nil
}

// Send implements bench.Producer.
func (c *natsConn) Send(ctx context.Context, _ int, batch []bench.Message) error {
	waiting := make([]jetstream.PubAckFuture, len(batch))
	for i, m := range batch {
		var err error
		if waiting[i], err = c.js.PublishAsync("q", m.Body); err != nil {
			return err
		}
	}
	for _, w := range waiting {
		select {
		case <-w.Ok():
		case err := <-w.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Receive implements bench.Consumer.
func (c *natsConn) Receive(_ context.Context, _, most int, wait time.Duration, stamps []int64) ([]int64, error) {
	c.got = c.got[:0]
	batch, err := c.from.Fetch(most, jetstream.FetchMaxWait(max(wait, 100*time.Millisecond)))
	if err != nil {
		return stamps, err
	}
	for m := range batch.Messages() {
		stamp, err := bench.StampOf(m.Data())
		if err != nil {
			return stamps, err
		}
		stamps = append(stamps, stamp)
		c.got = append(c.got, m)
	}
	return stamps, batch.Error()
}

// Ack implements bench.Consumer.
func (c *natsConn) Ack(context.Context, int) error {
	for _, m := range c.got {
		if err := m.Ack(); err != nil {
			return fmt.Errorf("acknowledge: %w", err)
		}
	}
	return nil
}

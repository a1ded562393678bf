// Package httpload puts a load on a running service over HTTP. The workers write requests that are nearly ready onto connections of their own
// and look into answers for no more than what they need, because client and server often share the same cores.
package httpload

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"dms/internal/bench"
	"dms/internal/clock"
)

// Target is queues and groups of a service that exist already.
type Target struct {
	Endpoint    *url.URL
	Project     string
	Queues      []Queue
	Wire        Wire
	Credentials Credentials
	Clock       clock.Clock
}

// Queue is a queue's id and its groups' ids.
type Queue struct {
	ID     string
	Groups []string
}

var _ bench.Target = (*Target)(nil)

// Producer implements bench.Target.
func (t *Target) Producer() (bench.Producer, error) { return &producer{worker: t.worker()}, nil }

// Consumer implements bench.Target.
func (t *Target) Consumer(group int) (bench.Consumer, error) {
	return &consumer{worker: t.worker(), group: group}, nil
}

// worker is one connection and the buffers of its requests.
type worker struct {
	t       *Target
	conn    *conn
	request []byte
	body    []byte
}

func (t *Target) worker() *worker { return &worker{t: t, conn: newConn(t.Endpoint)} }

// compose writes a request with the body w.body.
func (w *worker) compose(method, path, query string) []byte {
	b := append(w.request[:0], method...)
	b = append(b, ' ')
	b = append(b, path...)
	if query != "" {
		b = append(b, '?')
		b = append(b, query...)
	}
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, w.t.Endpoint.Host...)
	b = append(b, "\r\nContent-Type: application/json\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(w.body)), 10)
	b = append(b, "\r\n"...)
	b = w.t.Credentials.authorize(b, w.t.Clock, method, path, query, w.body)
	b = append(b, "\r\n"...)
	w.request = append(b, w.body...)
	return w.request
}

// call sends a request with the body w.body.
func (w *worker) call(ctx context.Context, want int, method, path, query string) ([]byte, error) {
	status, answer, err := w.conn.do(ctx, w.compose(method, path, query))
	if err != nil {
		return nil, err
	}
	if status != want {
		return nil, refused(status, answer)
	}
	return answer, nil
}

// refused is an answer that is not the one that was hoped for.
func refused(status int, answer []byte) error {
	if len(answer) > 300 {
		answer = answer[:300]
	}
	return &callError{kind: "HTTP " + strconv.Itoa(status), err: fmt.Errorf("HTTP %d: %s", status, answer)}
}

// Close closes the connection.
func (w *worker) Close() error { return w.conn.close() }

type producer struct{ *worker }

// Send implements bench.Producer.
func (p *producer) Send(ctx context.Context, queue int, batch []bench.Message) error {
	p.body = p.t.Wire.sendBody(p.body[:0], batch)
	_, err := p.call(ctx, 201, "POST", p.t.Wire.queuePath(p.t.Project, p.t.Queues[queue].ID)+"/messages", "")
	return err
}

type consumer struct {
	*worker
	group int
	acks  []byte
}

func (c *consumer) path(queue int) string {
	q := &c.t.Queues[queue]
	return c.t.Wire.queuePath(c.t.Project, q.ID) + "/groups/" + q.Groups[c.group]
}

// Receive implements bench.Consumer.
func (c *consumer) Receive(ctx context.Context, queue, most int, wait time.Duration, stamps []int64) ([]int64, error) {
	method, path, query, body := c.t.Wire.receive(c.path(queue), most, wait)
	c.body = append(c.body[:0], body...)
	answer, err := c.call(ctx, 200, method, path, query)
	if err != nil {
		return stamps, err
	}
	c.acks = c.t.Wire.ackBody(c.acks[:0], answer)
	return stampsOf(answer, stamps)
}

// OpenPoll begins to receive and returns the connection without waiting for the answer. The poll ends when the connection is closed.
func (t *Target) OpenPoll(ctx context.Context, queue, group int, wait time.Duration) (net.Conn, error) {
	w := &consumer{worker: t.worker(), group: group}
	method, path, query, body := t.Wire.receive(w.path(queue), 1, wait)
	w.body = body
	if err := w.conn.connect(ctx); err != nil {
		return nil, err
	}
	if _, err := w.conn.c.Write(w.compose(method, path, query)); err != nil {
		return nil, errors.Join(err, w.conn.close())
	}
	return w.conn.c, nil
}

// Ack implements bench.Consumer.
func (c *consumer) Ack(ctx context.Context, queue int) error {
	path := c.path(queue) + "/settle"
	if c.t.Wire == WireDMS {
		path = c.path(queue) + "/ack"
	}
	c.body = append(c.body[:0], c.acks...)
	answer, err := c.call(ctx, 200, "POST", path, "")
	if err != nil {
		return err
	}
	if !c.t.Wire.settledAll(answer) {
		return &callError{kind: "handler refused", err: errors.New(string(answer))}
	}
	return nil
}

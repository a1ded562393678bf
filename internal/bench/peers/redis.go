package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"time"

	"dms/internal/bench"
)

// redis is a stream with one group. Its protocol is simple enough to speak without a client library.
type redis struct {
	process *process
	address string
}

func startRedis(ctx context.Context, dir string) (_ running, err error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("redis-server: %w", errNotInstalled)
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	p, err := launch(ctx, path, "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--appendonly", "yes", "--appendfsync", "always", "--save", "")
	if err != nil {
		return nil, err
	}
	r := &redis{process: p, address: address}
	err = p.await(ctx, func() error {
		c, err := r.dial()
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.ask("XGROUP", "CREATE", "q", "g", "0", "MKSTREAM")
		return err
	})
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return r, nil
}

func (r *redis) Stop() error { return r.process.stop() }

func (r *redis) Producer() (bench.Producer, error) { return r.dial() }

func (r *redis) Consumer(int) (bench.Consumer, error) { return r.dial() }

func (r *redis) dial() (*redisConn, error) {
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		return nil, err
	}
	return &redisConn{c: c, r: bufio.NewReaderSize(c, 64<<10)}, nil
}

type redisConn struct {
	c   net.Conn
	r   *bufio.Reader
	out []byte
	ids []string // of the last receive
}

func (c *redisConn) Close() error { return c.c.Close() }

// command appends a command to what is sent next.
func (c *redisConn) command(args ...string) {
	c.out = fmt.Appendf(c.out, "*%d\r\n", len(args))
	for _, a := range args {
		c.argument([]byte(a))
	}
}

func (c *redisConn) argument(a []byte) {
	c.out = append(c.out, '$')
	c.out = strconv.AppendInt(c.out, int64(len(a)), 10)
	c.out = append(c.out, "\r\n"...)
	c.out = append(c.out, a...)
	c.out = append(c.out, "\r\n"...)
}

func (c *redisConn) flush() error {
	_, err := c.c.Write(c.out)
	c.out = c.out[:0]
	return err
}

func (c *redisConn) ask(args ...string) (any, error) {
	c.command(args...)
	if err := c.flush(); err != nil {
		return nil, err
	}
	return c.reply()
}

// reply reads one reply: nil, string, int64 or []any.
func (c *redisConn) reply() (any, error) {
	line, err := c.r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if len(line) < 3 {
		return nil, fmt.Errorf("not a reply: %q", line)
	}
	text := line[1 : len(line)-2]
	switch line[0] {
	case '+':
		return text, nil
	case '-':
		return nil, errors.New(text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("not a reply: %q", line)
	}
	switch {
	case line[0] == ':':
		return n, nil
	case n < 0:
		return nil, nil
	case line[0] == '$':
		b := make([]byte, n+2)
		_, err := io.ReadFull(c.r, b)
		return string(b[:n]), err
	case line[0] == '*':
		list := make([]any, n)
		for i := range list {
			if list[i], err = c.reply(); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("not a reply: %q", line)
}

// Send implements bench.Producer: the commands of a batch go out together, and all answers are waited for.
func (c *redisConn) Send(_ context.Context, _ int, batch []bench.Message) error {
	for _, m := range batch {
		c.out = append(c.out, "*5\r\n$4\r\nXADD\r\n$1\r\nq\r\n$1\r\n*\r\n$1\r\nb\r\n"...)
		c.argument(m.Body)
	}
	if err := c.flush(); err != nil {
		return err
	}
	for range batch {
		if _, err := c.reply(); err != nil {
			return err
		}
	}
	return nil
}

// Receive implements bench.Consumer.
func (c *redisConn) Receive(_ context.Context, _, most int, wait time.Duration, stamps []int64) ([]int64, error) {
	c.ids = c.ids[:0]
	// A BLOCK of 0 would wait for ever.
	answer, err := c.ask("XREADGROUP", "GROUP", "g", "c", "COUNT", strconv.Itoa(most), "BLOCK", strconv.Itoa(max(int(wait.Milliseconds()), 1)), "STREAMS", "q", ">")
	if err != nil || answer == nil {
		return stamps, err
	}
	// [[stream, [[id, [field, value]], ...]]]
	entries, err := at[[]any](answer, 0, 1)
	if err != nil {
		return stamps, err
	}
	for _, e := range entries {
		id, err := at[string](e, 0)
		if err != nil {
			return stamps, err
		}
		body, err := at[string](e, 1, 1)
		if err != nil {
			return stamps, err
		}
		stamp, err := bench.StampOf([]byte(body[:min(len(body), 32)]))
		if err != nil {
			return stamps, err
		}
		c.ids = append(c.ids, id)
		stamps = append(stamps, stamp)
	}
	return stamps, nil
}

// at goes down into a reply.
func at[T any](v any, path ...int) (T, error) {
	for _, i := range path {
		list, ok := v.([]any)
		if !ok || i >= len(list) {
			var none T
			return none, errors.New("the reply has another form")
		}
		v = list[i]
	}
	t, ok := v.(T)
	if !ok {
		return t, errors.New("the reply has another form")
	}
	return t, nil
}

// Ack implements bench.Consumer.
func (c *redisConn) Ack(context.Context, int) error {
	n, err := c.ask(append([]string{"XACK", "q", "g"}, c.ids...)...)
	if err == nil && n != int64(len(c.ids)) {
		err = fmt.Errorf("%v of %d acknowledgements were accepted", n, len(c.ids))
	}
	return err
}

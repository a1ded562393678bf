package httpload

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"
)

// conn is one kept-alive HTTP/1.1 connection of one worker. It does what a load needs of HTTP and no more: net/http's client costs as much
// processor time as the service that is measured, on the same cores. After an error it dials anew.
type conn struct {
	address string
	tls     *tls.Config // nil: plain
	c       net.Conn
	r       *bufio.Reader
	body    []byte // of the last answer
}

func newConn(endpoint *url.URL) *conn {
	c := &conn{address: endpoint.Host}
	port := "80"
	if endpoint.Scheme == "https" {
		c.tls, port = &tls.Config{ServerName: endpoint.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, "443"
	}
	if endpoint.Port() == "" {
		c.address = net.JoinHostPort(endpoint.Hostname(), port)
	}
	return c
}

// do sends a request and returns the status and the body of the answer, which is good until the next call.
func (c *conn) do(ctx context.Context, request []byte) (status int, body []byte, err error) {
	defer func() {
		if err != nil {
			_ = c.close()
			err = &callError{kind: "connection", err: err}
		}
	}()
	if c.c == nil {
		if err := c.dial(ctx); err != nil {
			return 0, nil, err
		}
	}
	defer context.AfterFunc(ctx, func(n net.Conn) func() { return func() { _ = n.SetDeadline(time.Unix(1, 0)) } }(c.c))()
	if _, err := c.c.Write(request); err != nil {
		return 0, nil, err
	}
	return c.answer()
}

func (c *conn) dial(ctx context.Context) error {
	if err := c.connect(ctx); err != nil {
		return err
	}
	c.r = bufio.NewReaderSize(c.c, 64<<10)
	return nil
}

// connect opens the connection without a buffer for answers.
func (c *conn) connect(ctx context.Context) (err error) {
	d := &net.Dialer{Timeout: 10 * time.Second}
	if c.tls != nil {
		c.c, err = (&tls.Dialer{NetDialer: d, Config: c.tls}).DialContext(ctx, "tcp", c.address)
	} else {
		c.c, err = d.DialContext(ctx, "tcp", c.address)
	}
	if err != nil {
		c.c = nil
	}
	return err
}

// answer reads one answer.
func (c *conn) answer() (status int, body []byte, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	// HTTP/1.1 200 OK
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return 0, nil, fmt.Errorf("not an answer of HTTP/1: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, fmt.Errorf("not a status: %q", line)
	}
	length, chunked, last := -1, false, false
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, nil, fmt.Errorf("not a length: %q", value)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		case bytes.EqualFold(name, []byte("Connection")):
			last = bytes.EqualFold(value, []byte("close"))
		}
	}
	c.body = c.body[:0]
	switch {
	case status == 204 || status == 304:
	case chunked:
		err = c.chunks()
	case length >= 0:
		err = c.read(length)
	default:
		err = errors.New("an answer without a length")
	}
	if err == nil && last {
		err = c.close()
	}
	return status, c.body, err
}

func (c *conn) read(n int) error {
	from := len(c.body)
	if need := from + n; need > cap(c.body) {
		c.body = append(make([]byte, 0, need+need/2), c.body...)
	}
	c.body = c.body[:from+n]
	_, err := io.ReadFull(c.r, c.body[from:])
	return err
}

func (c *conn) chunks() error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(";"))
		n, err := strconv.ParseUint(string(size), 16, 31)
		if err != nil {
			return fmt.Errorf("not the size of a chunk: %q", line)
		}
		if err := c.read(int(n)); err != nil {
			return err
		}
		for n == 0 { // trailers, up to the empty line
			if line, err = c.r.ReadSlice('\n'); err != nil {
				return err
			}
			if len(bytes.TrimRight(line, "\r\n")) == 0 {
				return nil
			}
		}
		if _, err := c.r.Discard(len("\r\n")); err != nil {
			return err
		}
	}
}

func (c *conn) close() error {
	if c.c == nil {
		return nil
	}
	err := c.c.Close()
	c.c = nil
	return err
}

// callError is a call that failed.
type callError struct {
	kind string
	err  error
}

func (e *callError) Error() string { return e.err.Error() }
func (e *callError) Unwrap() error { return e.err }
func (e *callError) Kind() string  { return e.kind }

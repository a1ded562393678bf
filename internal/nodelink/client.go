package nodelink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dms/internal/audit"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/usage"
)

const (
	dialTimeout    = 5 * time.Second
	answerTimeout  = 10 * time.Second       // beyond the time that a request may wait
	deliverTimeout = 15 * time.Second       // of a whole delivery
	answerMargin   = 500 * time.Millisecond // an answer must come this long before the caller's deadline
)

// ClientOptions is what a node's end needs.
type ClientOptions struct {
	URL    string // of the control plane's node listener
	Token  []byte // the node token
	NodeID string
	Region string
	// Transport carries the requests; nil: one with sensible time-outs.
	Transport http.RoundTripper
}

// Client is a node's end. It never tries again by itself: what to do after a failure is the caller's to decide.
type Client struct {
	base   string
	bearer string
	node   directory.Node
	http   *http.Client
}

var (
	_ directory.Source = (*Client)(nil)
	_ usage.Sink       = (*Client)(nil)
	_ audit.CountSink  = (*Client)(nil)
)

// NewClient returns a node's end, or an error when the URL or the token cannot be right. It does not connect.
func NewClient(o ClientOptions) (*Client, error) {
	bearer, err := bearerOf(o.Token)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(o.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("control plane URL %q: want http://HOST:PORT or https://HOST:PORT", o.URL)
	}
	tr := o.Transport
	if tr == nil {
		tr = &http.Transport{
			DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: PollWait + answerTimeout,
			MaxIdleConnsPerHost:   4, // a poll and a delivery at once, and one of each that is being replaced
			IdleConnTimeout:       90 * time.Second,
		}
	}
	return &Client{
		base:   strings.TrimSuffix(o.URL, "/"),
		bearer: bearer,
		node:   directory.Node{ID: o.NodeID, Region: o.Region},
		http: &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the control plane does not redirect")
		}},
	}, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Changes implements directory.Source. It waits PollWait at most, and less when ctx has an earlier deadline; then it returns the position
// without entries, and the caller knows that the control plane is there. When ctx is cancelled before there was an answer, the
// position is empty too. n must be the client's own node.
func (c *Client) Changes(ctx context.Context, n directory.Node, since directory.Position) (directory.Changes, error) {
	if n != c.node {
		return directory.Changes{}, fmt.Errorf("node %s in %s asks by the link of node %s in %s", n.ID, n.Region, c.node.ID, c.node.Region)
	}
	wait := PollWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = max(min(wait, time.Until(deadline)-answerMargin), 0)
	}
	asking, cancel := context.WithTimeout(ctx, wait+answerTimeout)
	defer cancel()
	var out directory.Changes
	err := c.post(asking, pathDirectory, changesRequest{Since: since, WaitMS: wait.Milliseconds()}, &out)
	switch {
	case err == nil:
		return out, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return directory.Changes{}, nil
	}
	return directory.Changes{}, err
}

// Deliver implements usage.Sink.
func (c *Client) Deliver(ctx context.Context, b usage.Batch) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel()
	var out deliveredAnswer
	if err := c.post(ctx, pathUsage, b, &out); err != nil {
		return 0, err
	}
	return out.Stored, nil
}

// Count implements audit.CountSink.
func (c *Client) Count(ctx context.Context, b audit.CountBatch) error {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel()
	return c.post(ctx, pathCounts, b, new(countedAnswer))
}

// post sends in and decodes the answer into out. Errors of the other end come back as they were; those of the way are errs.Unavailable.
func (c *Client) post(ctx context.Context, path string, in, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.bearer)
	req.Header.Set(headerNodeID, c.node.ID)
	req.Header.Set(headerNodeRegion, c.node.Region)
	resp, err := c.http.Do(req)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "", "The control plane at %s cannot be reached.", c.base)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return errs.Wrap(err, errs.Unavailable, "", "The answer of the control plane at %s broke off.", c.base)
	case len(body) > maxAnswerBytes:
		return errs.New(errs.Unavailable, "", "The answer of the control plane at %s is larger than %d bytes.", c.base, maxAnswerBytes)
	case resp.StatusCode != http.StatusOK:
		return c.remoteError(resp.StatusCode, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return errs.Wrap(err, errs.Unavailable, "", "What answers at %s is not a control plane's node listener.", c.base)
	}
	return nil
}

func (c *Client) remoteError(status int, body []byte) error {
	var e errorAnswer
	if err := json.Unmarshal(body, &e); err != nil || statusOf[e.Code] != status {
		return errs.New(errs.Unavailable, "", "What answers at %s is not a control plane's node listener (status %d).", c.base, status)
	}
	if e.Code == errs.Internal {
		// A failure of the control plane is no failure of this process: to the caller it is simply not available.
		return errs.New(errs.Unavailable, "", "The control plane at %s failed to answer; its log says why.", c.base)
	}
	return errs.New(e.Code, e.Reason, "%s", e.Message)
}

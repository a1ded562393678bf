package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
	"dms/dataplane/httpapi"
	"dms/dataplane/httpapi/gen"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
)

// api is the API of a running node, and a tenant with a queue and a group to try it on.
type api struct {
	*wiretest.Service
	server *httptest.Server
	doc    *openapi3.T
	broken atomic.Bool // the next write to a client fails
	tenant wiretest.Tenant
	queue  dataplane.Queue
	group  dataplane.Group
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{Service: wiretest.New(t)}
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), dmswire.MaxBodyBytes)
	httpapi.Register(e, a.Node, a.Gate())
	e.NoRoute(httpserve.NotFound)
	e.NoMethod(httpserve.MethodNotAllowed)
	a.server = httptest.NewUnstartedServer(e)
	a.server.Listener = listener{a.server.Listener, &a.broken}
	a.server.Start()
	t.Cleanup(a.server.Close)
	var err error
	a.doc, err = gen.GetSpec()
	require.NoError(t, err)
	a.tenant = a.Tenant(t, "acme")
	a.queue = a.Queue(t, a.tenant, "orders", dataplane.ModeNormal, func(q *dataplane.Queue) { q.MaxConsumeCount = 1 })
	a.group = a.Group(t, a.queue, "workers")
	return a
}

func (a *api) projectPath() string { return "/api/v1/projects/" + a.tenant.ProjectID }
func (a *api) queuePath() string   { return a.projectPath() + "/queues/" + a.queue.ID }
func (a *api) groupPath() string   { return a.queuePath() + "/groups/" + a.group.ID }

type answer struct {
	status int
	header http.Header
	body   string
}

type call struct{ method, path, token, body, contentType string }

// do sends a request and requires that the answer fits the document.
func (a *api) do(t testing.TB, k call) answer {
	t.Helper()
	out, err := a.try(t.Context(), k)
	require.NoError(t, err)
	a.fits(t, k, out)
	return out
}

func (a *api) try(ctx context.Context, k call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, wiretest.Patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, k.method, a.server.URL+k.path, bytes.NewReader([]byte(k.body)))
	if err != nil {
		return answer{}, err
	}
	if k.token == "" {
		k.token = a.tenant.Token
	}
	if k.contentType == "" {
		k.contentType = "application/json"
	}
	r.Header.Set("X-Auth-Token", k.token)
	if k.body != "" {
		r.Header.Set("Content-Type", k.contentType)
	}
	resp, err := a.server.Client().Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}, err
}

// fits requires that the answer is one that the document promises.
func (a *api) fits(t testing.TB, k call, got answer) {
	t.Helper()
	for path, item := range a.doc.Paths.Map() {
		op := item.GetOperation(k.method)
		bare, _, _ := bytes.Cut([]byte(k.path), []byte("?"))
		if op == nil || !template(path).Match(bare) {
			continue
		}
		r := httptest.NewRequest(k.method, k.path, nil)
		in := &openapi3filter.RequestValidationInput{Request: r, Route: &routers.Route{Spec: a.doc, Path: path, PathItem: item, Method: k.method, Operation: op}}
		err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: in, Status: got.status, Header: got.header, Body: io.NopCloser(bytes.NewReader([]byte(got.body))),
		})
		require.NoError(t, err, got.body)
		return
	}
}

var parameter = regexp.MustCompile(`\{[a-z_]+\}`)

func template(path string) *regexp.Regexp {
	return regexp.MustCompile("^" + parameter.ReplaceAllString(path, "[^/]+") + "$")
}

func (a *api) get(t testing.TB, path string) answer {
	t.Helper()
	return a.do(t, call{method: http.MethodGet, path: path})
}

func (a *api) post(t testing.TB, path, body string) answer {
	t.Helper()
	return a.do(t, call{method: http.MethodPost, path: path, body: body})
}

func (a *api) send(t testing.TB, messages string) []message {
	t.Helper()
	got := a.post(t, a.queuePath()+"/messages", `{"messages":[`+messages+`]}`)
	require.Equal(t, 201, got.status, got.body)
	var out struct{ Messages []message }
	require.NoError(t, json.Unmarshal([]byte(got.body), &out))
	return out.Messages
}

// ask sends a request that is to succeed, and decodes its answer.
func (a *api) ask(t testing.TB, method, path, body string, into any) {
	t.Helper()
	got := a.do(t, call{method: method, path: path, body: body})
	require.Less(t, got.status, 300, "%s %s: %s", method, path, got.body)
	if into != nil {
		a.decode(t, got, into)
	}
}

func (a *api) decode(t testing.TB, got answer, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(got.body), into), got.body)
}

// receive takes what is there for the group.
func (a *api) receive(t testing.TB) []message {
	t.Helper()
	return a.post(t, a.groupPath()+"/receive", `{"wait_seconds":0}`).messages(t)
}

// fail reports failed consumptions.
func (a *api) fail(t testing.TB, messages ...message) {
	t.Helper()
	items := make([]string, len(messages))
	for i, m := range messages {
		items[i] = fmt.Sprintf(`{"handler":%q,"failed":true}`, m.Handler)
	}
	a.ask(t, http.MethodPost, a.groupPath()+"/settle", `{"messages":[`+strings.Join(items, ",")+`]}`, nil)
}

// bury makes dead letters of n messages, with the bodies 1 to n, and returns them as the group received them.
func (a *api) bury(t testing.TB, n int) []message {
	t.Helper()
	for i := range n {
		a.send(t, fmt.Sprintf(`{"body":%d}`, i+1))
	}
	got := a.receive(t)
	require.Len(t, got, n)
	a.fail(t, got...)
	return got
}

func contents(messages []message) []string {
	out := []string{}
	for _, m := range messages {
		out = append(out, string(m.Body))
	}
	return out
}

type message struct {
	ID              string          `json:"id"`
	Body            json.RawMessage `json:"body"`
	Attributes      json.RawMessage `json:"attributes"`
	Labels          []string        `json:"labels"`
	Handler         string          `json:"handler"`
	ReceiveCount    int             `json:"receive_count"`
	OrderingKey     string          `json:"ordering_key"`
	Position        uint64          `json:"position"`
	SentAt          string          `json:"sent_at"`
	AvailableAt     string          `json:"available_at"`
	ExpiresAt       string          `json:"expires_at"`
	FirstReceivedAt string          `json:"first_received_at"`
	Death           *death          `json:"death"`
	Duplicate       bool            `json:"duplicate"`
}

type death struct {
	Failures       int    `json:"failures"`
	FirstFailureAt string `json:"first_failure_at"`
	LastFailureAt  string `json:"last_failure_at"`
	Reason         string `json:"reason"`
	Redriven       int    `json:"redriven"`
}

func (g answer) messages(t testing.TB) []message {
	t.Helper()
	require.Equal(t, 200, g.status, g.body)
	var out struct{ Messages []message }
	require.NoError(t, json.Unmarshal([]byte(g.body), &out))
	require.NotNil(t, out.Messages, "an array, also when it is empty")
	return out.Messages
}

// problem returns the code of a problem.
func (g answer) problem(t testing.TB) string {
	t.Helper()
	require.Equal(t, "application/problem+json", g.header.Get("Content-Type"), g.body)
	var p struct {
		Status    int    `json:"status"`
		Code      string `json:"code"`
		RequestID string `json:"request_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(g.body), &p))
	require.Equal(t, g.status, p.Status)
	require.Equal(t, g.header.Get(httpserve.HeaderRequestID), p.RequestID)
	return p.Code
}

// listener makes connections that break at the next write once broken is set.
type listener struct {
	net.Listener
	broken *atomic.Bool
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn{c, l.broken}, nil
}

type conn struct {
	net.Conn
	broken *atomic.Bool
}

func (c conn) Write(p []byte) (int, error) {
	if c.broken.CompareAndSwap(true, false) {
		_ = c.Conn.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

package dmsapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi"
	"dms/dataplane/dmsapi/wiretest"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
)

// wire is the wire of a running node, and a tenant with a queue and a group to try it on.
type wire struct {
	*wiretest.Service
	url    string
	server *httptest.Server
	tenant wiretest.Tenant
	queue  dataplane.Queue
	group  dataplane.Group
}

func newWire(t testing.TB) *wire {
	t.Helper()
	w := &wire{Service: wiretest.New(t)}
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), dmswire.MaxBodyBytes)
	dmsapi.Register(e, w.Node, w.Gate())
	e.NoRoute(dmsapi.NotFound)
	e.NoMethod(dmsapi.MethodNotAllowed)
	w.serve(t, e)
	w.tenant = w.Tenant(t, "acme")
	w.queue = w.Queue(t, w.tenant, "orders", dataplane.ModeNormal, nil)
	w.group = w.Group(t, w.queue, "workers")
	return w
}

func (w *wire) serve(t testing.TB, h *gin.Engine) {
	w.server = httptest.NewServer(h)
	w.url = w.server.URL
	t.Cleanup(w.server.Close)
}

// path returns a path of v2 below the tenant's project.
func (w *wire) path(rest string) string { return "/v2/" + w.tenant.ProjectID + rest }

func (w *wire) messagesPath() string { return w.path("/queues/" + w.queue.ID + "/messages") }
func (w *wire) groupPath() string    { return w.path("/queues/" + w.queue.ID + "/groups/" + w.group.ID) }

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// call is a request that a test builds up.
type call struct {
	method, path, token, body string
	header                    http.Header
}

func (w *wire) do(t testing.TB, k call) answer {
	t.Helper()
	a, err := w.try(t.Context(), k)
	require.NoError(t, err)
	return a
}

func (w *wire) try(ctx context.Context, k call) (answer, error) {
	if k.token == "" {
		k.token = w.tenant.Token
	}
	// A poll whose message was lost would wait for ever: the clock stands still.
	ctx, cancel := context.WithTimeout(ctx, wiretest.Patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, k.method, w.url+k.path, bytes.NewReader([]byte(k.body)))
	if err != nil {
		return answer{}, err
	}
	for name, values := range k.header {
		r.Header[name] = values
	}
	r.Header.Set("X-Auth-Token", k.token)
	r.Header.Set("Content-Type", "application/json") // clients send it with every method
	resp, err := w.server.Client().Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}, err
}

func (w *wire) get(t testing.TB, path string) answer {
	t.Helper()
	return w.do(t, call{method: http.MethodGet, path: path})
}

func (w *wire) post(t testing.TB, path, body string) answer {
	t.Helper()
	return w.do(t, call{method: http.MethodPost, path: path, body: body})
}

// send stores one message and requires that it worked.
func (w *wire) send(t testing.TB, message string) {
	t.Helper()
	a := w.post(t, w.messagesPath(), `{"messages":[`+message+`]}`)
	require.Equal(t, http.StatusCreated, a.status, a.body)
}

// consumed is one element of the answer of a consume.
type consumed struct {
	Message struct {
		Body       json.RawMessage `json:"body"`
		Attributes json.RawMessage `json:"attributes"`
		Tags       []string        `json:"tags"`
	} `json:"message"`
	Handler string `json:"handler"`
}

// consume requires that a consume works, and returns what it gave.
func (w *wire) consume(t testing.TB, path string) []consumed {
	t.Helper()
	a := w.get(t, path)
	require.Equal(t, http.StatusOK, a.status, a.body)
	return a.consumed(t)
}

func (a answer) consumed(t testing.TB) []consumed {
	t.Helper()
	var out []consumed
	require.NoError(t, json.Unmarshal([]byte(a.body), &out), a.body)
	require.NotNil(t, out, "an array, also when it is empty")
	return out
}

// code returns the code of an error, which must be there as a number and as a string.
func (a answer) code(t testing.TB) int {
	t.Helper()
	var e struct {
		ErrorCode string `json:"error_code"`
		ErrorMsg  string `json:"error_msg"`
		Code      int    `json:"code"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &e), a.body)
	n, err := json.Number(e.ErrorCode).Int64()
	require.NoError(t, err)
	require.EqualValues(t, e.Code, n)
	require.Equal(t, e.Message, e.ErrorMsg)
	require.NotEmpty(t, e.Message)
	require.Equal(t, a.header.Get(httpserve.HeaderRequestID), e.RequestID)
	require.NotEmpty(t, e.RequestID)
	return e.Code
}

var requestID = regexp.MustCompile(`"request_id":"[0-9a-f]{32}"`)

// bare returns the answer without what differs in every request.
func (a answer) bare() answer {
	h := a.header.Clone()
	h.Del(httpserve.HeaderRequestID)
	h.Del("Date")
	return answer{a.status, h, requestID.ReplaceAllString(a.body, `"request_id":""`)}
}

// within runs f and returns its answer; it fails when none comes.
func within(t testing.TB, f func() answer) <-chan answer {
	t.Helper()
	out := make(chan answer, 1)
	go func() { out <- f() }()
	return out
}

func await(t testing.TB, c <-chan answer) answer {
	t.Helper()
	select {
	case a := <-c:
		return a
	case <-time.After(wiretest.Patience):
		t.Fatal("no answer")
		return answer{}
	}
}

// countingReader never ends.
type countingReader struct{ n atomic.Int64 }

func (r *countingReader) Read(p []byte) (int, error) {
	r.n.Add(int64(len(p)))
	return len(p), nil
}

// breakWrites serves the wire anew, on connections whose next write fails once "next" is stored in what it returns.
func (w *wire) breakWrites(t testing.TB) *sync.Map {
	t.Helper()
	broken := &sync.Map{}
	s := httptest.NewUnstartedServer(w.server.Config.Handler)
	s.Listener = brokenListener{s.Listener, broken}
	s.Start()
	t.Cleanup(s.Close)
	w.server, w.url = s, s.URL
	return broken
}

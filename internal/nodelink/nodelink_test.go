package nodelink_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/internal/access"
	"dms/internal/directory"
	"dms/internal/errs"
	"dms/internal/nodelink"
	"dms/internal/seal"
	"dms/internal/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ctx   = context.Background()
	token = []byte("the node token, at least sixteen bytes")
	node  = directory.Node{ID: "node-1", Region: "local-1"}
)

// source is a directory.Source whose answer the test decides.
type source struct {
	mu      sync.Mutex
	asked   []directory.Position
	nodes   []directory.Node
	waiting chan struct{} // receives when a request waits
	answer  func(ctx context.Context, since directory.Position) (directory.Changes, error)
}

func (s *source) Changes(ctx context.Context, n directory.Node, since directory.Position) (directory.Changes, error) {
	s.mu.Lock()
	s.asked, s.nodes = append(s.asked, since), append(s.nodes, n)
	s.mu.Unlock()
	if s.answer != nil {
		return s.answer(ctx, since)
	}
	s.waiting <- struct{}{}
	<-ctx.Done()
	return directory.Changes{Position: since}, nil
}

// sink keeps usage.Sink's promises for one source.
type sink struct {
	mu      sync.Mutex
	batches []usage.Batch
	stored  uint64
}

func (s *sink) Deliver(_ context.Context, b usage.Batch) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case b.Last <= s.stored:
	case b.First <= s.stored:
		return 0, errs.New(errs.Invalid, "overlap", "The batch overlaps.")
	default:
		s.batches, s.stored = append(s.batches, b), b.Last
	}
	return s.stored, nil
}

type link struct {
	source *source
	sink   *sink
	server *nodelink.Server
	http   *httptest.Server
	wire   *wire
}

// wire records every byte in both directions.
type wire struct {
	net.Listener
	mu   sync.Mutex
	dump bytes.Buffer
}

func (w *wire) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	return &wireConn{Conn: c, w: w}, err
}

func (w *wire) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dump.String()
}

type wireConn struct {
	net.Conn
	w *wire
}

func (c *wireConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.dump.Write(b[:n])
	return n, err
}

func (c *wireConn) Write(b []byte) (int, error) {
	c.w.mu.Lock()
	c.w.dump.Write(b)
	c.w.mu.Unlock()
	return c.Conn.Write(b)
}

func newLink(t *testing.T) *link {
	l := &link{source: &source{waiting: make(chan struct{}, 10)}, sink: &sink{}}
	var err error
	l.server, err = nodelink.NewServer(nodelink.ServerOptions{Token: token, Source: l.source, Sink: l.sink, OwnSource: "controlplane", Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	l.http = httptest.NewUnstartedServer(l.server)
	l.wire = &wire{Listener: l.http.Listener}
	l.http.Listener = l.wire
	l.http.Start()
	t.Cleanup(l.http.Close)
	t.Cleanup(l.server.StopPolls)
	return l
}

func (l *link) client(t *testing.T, change func(*nodelink.ClientOptions)) *nodelink.Client {
	o := nodelink.ClientOptions{URL: l.http.URL + "/", Token: token, NodeID: node.ID, Region: node.Region}
	if change != nil {
		change(&o)
	}
	c, err := nodelink.NewClient(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestChangesArriveAsTheyWereSent(t *testing.T) {
	l := newLink(t)
	want := directory.Changes{
		Position: directory.Position{Directory: "d.k", Revision: 9}, Reset: true, More: true,
		Entries: []directory.Entry{
			{Kind: directory.KindQueue, Key: "p/q", Revision: 8, Value: []byte("{\"a\": 1}")},
			{Kind: directory.KindUser, Key: "ü", Revision: 9, Deleted: true},
		},
	}
	l.source.answer = func(context.Context, directory.Position) (directory.Changes, error) { return want, nil }
	since := directory.Position{Directory: "d.k", Revision: 7}
	got, err := l.client(t, nil).Changes(ctx, node, since)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(want, got))
	require.Equal(t, []directory.Position{since}, l.source.asked)
	require.Equal(t, []directory.Node{node}, l.source.nodes)
}

func TestErrorsOfTheOtherEndComeBackAsTheyWere(t *testing.T) {
	l := newLink(t)
	for _, c := range []struct {
		err, want error
	}{
		{errs.New(errs.Invalid, "region_unknown", "The region %q does not exist; these do: %s.", "x", "local-1"), errs.New(errs.Invalid, "region_unknown", `The region "x" does not exist; these do: local-1.`)},
		{errs.New(errs.Unavailable, "", "Later."), errs.New(errs.Unavailable, "", "Later.")},
		{errors.New("secret detail"), errs.New(errs.Unavailable, "", "The control plane at %s failed to answer; its log says why.", l.http.URL)},
	} {
		l.source.answer = func(context.Context, directory.Position) (directory.Changes, error) {
			return directory.Changes{}, c.err
		}
		_, err := l.client(t, nil).Changes(ctx, node, directory.Position{})
		require.Equal(t, c.want, err)
	}
}

func TestWrongTokenIsRefused(t *testing.T) {
	l := newLink(t)
	c := l.client(t, func(o *nodelink.ClientOptions) { o.Token = []byte("another token of sixteen bytes") })
	_, err := c.Changes(ctx, node, directory.Position{})
	require.Equal(t, errs.Unauthenticated, errs.CodeOf(err))
	_, err = c.Deliver(ctx, usage.Batch{Source: "s", First: 1, Last: 1})
	require.Equal(t, errs.Unauthenticated, errs.CodeOf(err))
	require.Empty(t, l.source.asked)
	require.Zero(t, l.sink.stored)

	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer " + string(token), "Basic " + hex.EncodeToString(token)} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.http.URL+"/nodelink/v1/usage", strings.NewReader("{}"))
		require.NoError(t, err)
		req.Header.Set("Authorization", header)
		req.Header.Set("Dms-Node-Id", "n")
		req.Header.Set("Dms-Node-Region", "r")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, header)
		require.NoError(t, resp.Body.Close())
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestShortTokenAndBadURLAreRefusedAtStart(t *testing.T) {
	_, err := nodelink.NewServer(nodelink.ServerOptions{Token: []byte("short")})
	require.ErrorContains(t, err, "16 bytes")
	_, err = nodelink.NewClient(nodelink.ClientOptions{URL: "http://a", Token: []byte("short")})
	require.ErrorContains(t, err, "16 bytes")
	for _, bad := range []string{"", "127.0.0.1:8081", "ftp://a", "http://"} {
		_, err := nodelink.NewClient(nodelink.ClientOptions{URL: bad, Token: token})
		require.ErrorContains(t, err, "want http://HOST:PORT", bad)
	}
}

func TestUsageWithALostReplyIsStoredOnce(t *testing.T) {
	l := newLink(t)
	lossy := &lossyTransport{lose: 2}
	c := l.client(t, func(o *nodelink.ClientOptions) { o.Transport = lossy })
	b := usage.Batch{Source: "node-1/0", First: 1, Last: 3, Counts: []usage.Count{
		{Key: usage.Key{AccountID: "a", ProjectID: "p", UserID: "u", QueueID: "q", Action: access.MessageSend, Hour: 42}, Calls: 3},
	}}
	for range 2 {
		_, err := c.Deliver(ctx, b)
		require.Equal(t, errs.Unavailable, errs.CodeOf(err))
	}
	for range 2 {
		stored, err := c.Deliver(ctx, b)
		require.NoError(t, err)
		require.Equal(t, uint64(3), stored)
	}
	require.Empty(t, cmp.Diff([]usage.Batch{b}, l.sink.batches))
	_, err := c.Deliver(ctx, usage.Batch{Source: "node-1/0", First: 2, Last: 4})
	require.Equal(t, errs.New(errs.Invalid, "overlap", "The batch overlaps."), err)
}

// lossyTransport sends requests and loses the first answers.
type lossyTransport struct {
	http.Transport
	lose int
}

func (l *lossyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.Transport.RoundTrip(r)
	if err == nil && l.lose > 0 {
		l.lose--
		return nil, errors.Join(io.ErrUnexpectedEOF, resp.Body.Close())
	}
	return resp, err
}

func TestNodeCannotDeliverWhatIsNotANodes(t *testing.T) {
	c := newLink(t).client(t, nil)
	for _, b := range []usage.Batch{
		{Source: "controlplane", First: 1, Last: 1},
		{Source: "", First: 1, Last: 1},
		{Source: "s", First: 0, Last: 1},
		{Source: "s", First: 2, Last: 1},
	} {
		_, err := c.Deliver(ctx, b)
		require.Equal(t, errs.Invalid, errs.CodeOf(err))
	}
}

func TestPollEndsWithItsDeadlineAsASign(t *testing.T) {
	l := newLink(t)
	at := directory.Position{Directory: "d", Revision: 3}
	bounded, cancel := context.WithTimeout(ctx, 600*time.Millisecond) // of which the poll may take 100
	defer cancel()
	got, err := l.client(t, nil).Changes(bounded, node, at)
	require.NoError(t, err)
	require.Equal(t, directory.Changes{Position: at}, got, "the control plane has answered: it is there")
}

func TestHungControlPlaneIsNotTakenForASilentOne(t *testing.T) {
	hung := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hung }))
	defer server.Close()
	defer close(hung)
	c, err := nodelink.NewClient(nodelink.ClientOptions{URL: server.URL, Token: token, NodeID: node.ID, Region: node.Region})
	require.NoError(t, err)
	defer c.Close()
	bounded, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = c.Changes(bounded, node, directory.Position{})
	require.Equal(t, errs.Unavailable, errs.CodeOf(err))
}

func TestCancelledPollEndsAtOnceOnBothEnds(t *testing.T) {
	l := newLink(t)
	ended := make(chan struct{})
	l.source.answer = func(ctx context.Context, since directory.Position) (directory.Changes, error) {
		l.source.waiting <- struct{}{}
		<-ctx.Done()
		close(ended)
		return directory.Changes{Position: since}, nil
	}
	asking, cancel := context.WithCancel(ctx)
	go func() {
		<-l.source.waiting
		cancel()
	}()
	got, err := l.client(t, nil).Changes(asking, node, directory.Position{Directory: "d", Revision: 1})
	require.NoError(t, err)
	require.Equal(t, directory.Changes{}, got, "no answer, so no sign of life")
	<-ended
}

func TestShutdownEndsPolls(t *testing.T) {
	l := newLink(t)
	at := directory.Position{Directory: "d", Revision: 3}
	c := l.client(t, nil)
	got := make(chan directory.Changes)
	go func() {
		ch, err := c.Changes(ctx, node, at)
		require.NoError(t, err)
		got <- ch
	}()
	<-l.source.waiting
	l.server.StopPolls()
	l.server.StopPolls()
	require.Equal(t, directory.Changes{Position: at}, <-got)
	require.NoError(t, l.http.Config.Shutdown(ctx), "no request is left to wait for")
}

func TestUnreachableControlPlaneSaysWhere(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, ln.Close())
	c, err := nodelink.NewClient(nodelink.ClientOptions{URL: "http://" + ln.Addr().String(), Token: token, NodeID: node.ID, Region: node.Region})
	require.NoError(t, err)
	_, err = c.Changes(ctx, node, directory.Position{})
	require.Equal(t, errs.Unavailable, errs.CodeOf(err))
	require.Contains(t, errs.MessageOf(err), ln.Addr().String())
}

func TestSomethingElseAtTheAddressIsNamedSo(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a page":        func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"not found":     http.NotFound,
		"a redirect":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"its own error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"code":"invalid"}`, http.StatusTeapot) },
	} {
		server := httptest.NewServer(h)
		c, err := nodelink.NewClient(nodelink.ClientOptions{URL: server.URL, Token: token, NodeID: node.ID, Region: node.Region})
		require.NoError(t, err)
		_, err = c.Changes(ctx, node, directory.Position{})
		require.Equal(t, errs.Unavailable, errs.CodeOf(err), name)
		c.Close()
		server.Close()
	}
}

func TestOversizedAndBrokenRequestsAreRefused(t *testing.T) {
	l := newLink(t)
	c := l.client(t, nil)
	_, err := c.Deliver(ctx, usage.Batch{Source: strings.Repeat("s", 9<<20), First: 1, Last: 1})
	require.Error(t, err)
	require.Zero(t, l.sink.stored)
	_, err = l.client(t, func(o *nodelink.ClientOptions) { o.NodeID = "" }).Deliver(ctx, usage.Batch{Source: "s", First: 1, Last: 1})
	require.Equal(t, errs.Invalid, errs.CodeOf(err))
	_, err = c.Changes(ctx, directory.Node{ID: "another", Region: "local-1"}, directory.Position{})
	require.Error(t, err, "a link is one node's")
}

func TestWireHoldsNoSecret(t *testing.T) {
	l := newLink(t)
	key, err := nodelink.RegionKey(token, "local-1")
	require.NoError(t, err)
	value, err := json.Marshal(map[string]string{"secret": key.Seal([]byte("the secret key of a tenant"), "AK")})
	require.NoError(t, err)
	l.source.answer = func(context.Context, directory.Position) (directory.Changes, error) {
		return directory.Changes{Position: directory.Position{Directory: "d." + key.Fingerprint(), Revision: 1}, Entries: []directory.Entry{{Kind: directory.KindAccessKey, Key: "AK", Revision: 1, Value: value}}}, nil
	}
	c := l.client(t, nil)
	got, err := c.Changes(ctx, node, directory.Position{})
	require.NoError(t, err)
	_, err = c.Deliver(ctx, usage.Batch{Source: "s", First: 1, Last: 1})
	require.NoError(t, err)

	dump := l.wire.String()
	require.Contains(t, dump, "Dms-Node-Id: node-1")
	require.Contains(t, dump, base64.StdEncoding.EncodeToString(value), "the dump has the entry")
	raw, err := seal.DeriveBytes(token, "region key local-1")
	require.NoError(t, err)
	for _, secret := range [][]byte{token, raw, []byte("the secret key of a tenant")} {
		for _, form := range []string{string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret), base64.RawStdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret)} {
			require.NotContains(t, dump, form)
		}
	}
	for _, part := range strings.FieldsFunc(dump, func(r rune) bool { return strings.ContainsRune(" \r\n\"{},:", r) }) {
		if b, err := base64.StdEncoding.DecodeString(part); err == nil {
			require.NotContains(t, string(b), "the secret key of a tenant")
		}
	}

	node, err := nodelink.RegionKey(token, "local-1")
	require.NoError(t, err)
	var sealed struct{ Secret string }
	require.NoError(t, json.Unmarshal(got.Entries[0].Value, &sealed))
	plain, err := node.Open(sealed.Secret, "AK")
	require.NoError(t, err)
	require.Equal(t, "the secret key of a tenant", string(plain), "the node has the key by itself")
	other, err := nodelink.RegionKey(token, "west-1")
	require.NoError(t, err)
	_, err = other.Open(sealed.Secret, "AK")
	require.Error(t, err, "another region's nodes do not")
}

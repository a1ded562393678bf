package httpload

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/bench"
)

func serve(t *testing.T, h http.HandlerFunc) *conn {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	c := newConn(u)
	t.Cleanup(func() { _ = c.close() })
	return c
}

const request = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"

func TestAnswersOfEveryFormAreReadToTheirEnd(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		switch r.Header.Get("Form") {
		case "chunked":
			for part := range strings.SplitSeq(long, "9") {
				_, _ = io.WriteString(w, part+"9")
				_ = http.NewResponseController(w).Flush()
			}
		case "close":
			w.Header().Set("Connection", "close")
			_, _ = w.Write(b)
		case "empty":
			w.WriteHeader(http.StatusNoContent)
		case "refused":
			http.Error(w, "no", http.StatusTooManyRequests)
		default:
			_, _ = w.Write(b)
		}
	})
	for _, tc := range []struct {
		form   string
		status int
		body   string
	}{
		{"", 200, "hi"}, {"chunked", 200, long + "9"}, {"close", 200, "hi"}, {"", 200, "hi"}, {"empty", 204, ""}, {"refused", 429, "no\n"}, {"", 200, "hi"},
	} {
		status, body, err := c.do(t.Context(), []byte(strings.Replace(request, "\r\n\r\n", "\r\nForm: "+tc.form+"\r\n\r\n", 1)))
		require.NoError(t, err, tc.form)
		require.Equal(t, tc.status, status, tc.form)
		require.Equal(t, tc.body, string(body), tc.form)
	}
}

func TestAConnectionThatBreaksIsDialledAnew(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if broken.CompareAndSwap(true, false) {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "here")
	})
	_, _, err := c.do(t.Context(), []byte(request))
	var kind bench.KindError
	require.ErrorAs(t, err, &kind)
	require.Equal(t, "connection", kind.Kind())
	_, body, err := c.do(t.Context(), []byte(request))
	require.NoError(t, err)
	require.Equal(t, "here", string(body))
}

func TestTheEndOfTheContextEndsACall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // only then the server looks whether the client is still there
		cancel()
		<-r.Context().Done()
	})
	_, _, err := c.do(ctx, []byte(request))
	require.Error(t, err)
}

// TestSignatureIsTheDocumentedOne uses values that were computed with openssl.
func TestSignatureIsTheDocumentedOne(t *testing.T) {
	c := Credentials{AccessKey: "AK", SecretKey: "SK"}
	require.Equal(t, "930022f5a8abe48e87b2fb478dc435fb3bfe4c784fd49406e5c7cd560f14c204", c.sign("GET", "/v2/p/queues", "", "20261124T080000Z", nil))
}

func TestAnAcknowledgementNamesEveryHandlerOfAnAnswer(t *testing.T) {
	received := []byte(`{"messages":[{"id":"1","body":"000000000000000aAAAA","handler":"h1","receive_count":1},{"id":"2","body":"000000000000000bBBBB","handler":"h2"}]}`)
	require.JSONEq(t, `{"messages":[{"handler":"h1"},{"handler":"h2"}]}`, string(WireAPI.ackBody(nil, received)))
	require.JSONEq(t, `{"message":[{"handler":"h1","status":"success"},{"handler":"h2","status":"success"}]}`, string(WireDMS.ackBody(nil, received)))
	stamps, err := stampsOf(received, nil)
	require.NoError(t, err)
	require.Equal(t, []int64{10, 11}, stamps)
}

func TestASendHoldsBodiesAndKeys(t *testing.T) {
	batch := []bench.Message{{Body: []byte(`"a"`), Key: "k1"}, {Body: []byte(`"b"`)}}
	require.JSONEq(t, `{"messages":[{"body":"a","ordering_key":"k1"},{"body":"b"}]}`, string(WireAPI.sendBody(nil, batch)))
}

package httpserve_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/httpserve"
)

func TestProxiesAreBelievedOnlyWhereTheyAreConfigured(t *testing.T) {
	proxies, err := httpserve.ParseProxies("10.0.0.0/8, 192.0.2.1,2001:db8::/32")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		remote  string
		headers http.Header
		address string
		tls     bool
	}{
		"nobody in between":         {"198.51.100.7:1234", nil, "198.51.100.7", false},
		"a stranger's word":         {"198.51.100.7:1234", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https"}}, "198.51.100.7", false},
		"a proxy":                   {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https"}}, "203.0.113.9", true},
		"a proxy that says nothing": {"10.1.2.3:1234", nil, "10.1.2.3", false},
		"two proxies":               {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"203.0.113.9, 192.0.2.1"}}, "203.0.113.9", false},
		"two headers":               {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"203.0.113.9", "192.0.2.1"}}, "203.0.113.9", false},
		"what the client wrote":     {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"192.0.2.99, 203.0.113.9"}}, "203.0.113.9", false},
		"a client that is a proxy":  {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"10.9.9.9"}}, "10.9.9.9", false},
		"not an address":            {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"203.0.113.9, unknown"}}, "10.1.2.3", false},
		"with a port":               {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"203.0.113.9:55"}}, "203.0.113.9", false},
		"over IPv6":                 {"[2001:db8::1]:1234", http.Header{"X-Forwarded-For": {"[2001:4860::8888]:55"}}, "2001:4860::8888", false},
		"http at the last hop":      {"10.1.2.3:1234", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https, http"}}, "203.0.113.9", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header = c.remote, c.headers.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		called := false
		proxies.Behind(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			called = true
			from := access.SourceOf(r)
			require.Equal(t, c.address, from.Address.String(), name)
			require.Equal(t, c.tls, from.TLS, name)
			require.Contains(t, r.RemoteAddr, c.address, "what limits go by: %s", name)
			require.Empty(t, r.Header, "nobody behind shall believe them: %s", name)
		})).ServeHTTP(httptest.NewRecorder(), r)
		require.True(t, called)
	}
}

func TestListsOfProxiesAreChecked(t *testing.T) {
	for _, s := range []string{"proxy", "10.0.0.0/33", "10.0.0.1;10.0.0.2"} {
		_, err := httpserve.ParseProxies(s)
		require.Error(t, err, s)
	}
	none, err := httpserve.ParseProxies(" , ")
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestStrictTransportAndNoSniffAreInEveryAnswer(t *testing.T) {
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
	e.NoRoute(httpserve.NotFound)
	w := httptest.NewRecorder()
	httpserve.StrictTransport(e).ServeHTTP(w, httptest.NewRequest("GET", "/nowhere", nil))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Equal(t, "max-age=31536000", w.Header().Get("Strict-Transport-Security"))
	w = httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/nowhere", nil))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Empty(t, w.Header().Get("Strict-Transport-Security"))
}

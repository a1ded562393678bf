package nodelink_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/nodelink"
)

// seen is what the control plane sees of a forwarded request.
type seen struct {
	Method, URI, Host, From, Body string
	TLS                           bool
	Header                        http.Header
}

func forwarding(t *testing.T, clientToken, serverToken string) *httptest.Server {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	link, err := nodelink.NewServer(nodelink.ServerOptions{Token: []byte(serverToken), Log: log})
	require.NoError(t, err)
	control := httptest.NewServer(link.WithTenants(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("X-Request-Id", "of the control plane")
		_ = json.NewEncoder(w).Encode(seen{r.Method, r.RequestURI, r.Host, r.RemoteAddr, string(b), access.SourceOf(r).TLS, r.Header})
	})))
	t.Cleanup(control.Close)
	return nodeBefore(t, control.URL, clientToken)
}

func nodeBefore(t *testing.T, controlURL, token string) *httptest.Server {
	t.Helper()
	client, err := nodelink.NewClient(nodelink.ClientOptions{URL: controlURL, Token: []byte(token), NodeID: "n", Region: "r"})
	require.NoError(t, err)
	forward := client.Forwarder(slog.New(slog.DiscardHandler), func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, string(errs.CodeOf(err)), http.StatusServiceUnavailable)
	})
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "of the node")
		if r.Header.Get("Came-Encrypted") != "" {
			r = r.WithContext(access.WithSource(r.Context(), access.Source{TLS: true}))
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(node.Close)
	return node
}

const nodeToken = "a token of enough characters"

func TestForwardedRequestArrivesAsItWasSent(t *testing.T) {
	node := forwarding(t, nodeToken, nodeToken)
	r, err := http.NewRequest(http.MethodPost, node.URL+"/v2/a%20b/%E7%A9%BA//x?b=1;2&a=%zz&c", strings.NewReader("{}\n"))
	require.NoError(t, err)
	r.Host = "dms.example.com"
	r.Header.Set("Authorization", "SDK-HMAC-SHA256 ...")
	r.Header.Set("Dms-Node-Client", "192.0.2.1:1") // a tenant claims another address
	r.Header.Set("Dms-Node-Authorization", "forged")
	r.Header.Set("Dms-Node-Client-Tls", "true")
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, []string{"of the control plane"}, res.Header.Values("X-Request-Id"))
	var got seen
	require.NoError(t, json.NewDecoder(res.Body).Decode(&got))
	require.Equal(t, "/v2/a%20b/%E7%A9%BA//x?b=1;2&a=%zz&c", got.URI)
	require.Equal(t, "dms.example.com", got.Host)
	require.Equal(t, "{}\n", got.Body)
	require.Equal(t, "SDK-HMAC-SHA256 ...", got.Header.Get("Authorization"))
	require.Regexp(t, `^127\.0\.0\.1:`, got.From)
	require.Empty(t, got.Header.Values("Dms-Node-Authorization"), "the node's credentials go no further")
	require.Empty(t, got.Header.Values("Dms-Node-Client"))
	require.Empty(t, got.Header.Values("Dms-Node-Client-Tls"))
	require.False(t, got.TLS, "what a tenant says of its own connection is not believed")
	require.Empty(t, got.Header.Values("X-Forwarded-For"))
}

func TestAForwardedRequestCameEncryptedWhenTheTenantsConnectionIs(t *testing.T) {
	node := forwarding(t, nodeToken, nodeToken)
	r, err := http.NewRequest(http.MethodGet, node.URL+"/api/v1/me", nil)
	require.NoError(t, err)
	r.Header.Set("Came-Encrypted", "yes")
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	var got seen
	require.NoError(t, json.NewDecoder(res.Body).Decode(&got))
	require.True(t, got.TLS)
}

func TestNodeListenerServesNobodyWithoutTheNodeToken(t *testing.T) {
	node := forwarding(t, "another token of enough characters", nodeToken)
	res, err := http.Get(node.URL + "/api/v1/me")
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusUnauthorized, res.StatusCode)
}

func TestUnreachableControlPlaneIsSaidSo(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	res, err := http.Get(nodeBefore(t, gone.URL, nodeToken).URL + "/api/v1/me")
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
	require.Equal(t, "of the node", res.Header.Get("X-Request-Id"))
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "unavailable\n", string(b))
}

package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const script = "assets/main-Ab3_x-9Z.js"

func built() fstest.MapFS {
	return fstest.MapFS{
		"index.html":                  {Data: []byte("<!doctype html><title>console</title>")},
		"index.html.br":               {Data: []byte("index as brotli")},
		"boot.js":                     {Data: []byte("boot()")},
		script:                        {Data: []byte("main()")},
		script + ".br":                {Data: []byte("main as brotli")},
		script + ".gz":                {Data: []byte("main as gzip")},
		"assets/sans-0011aabb.woff2":  {Data: []byte("font")},
		"assets/plain-0011aabb.js":    {Data: []byte("plain()")},
		"assets/plain-0011aabb.js.gz": {Data: []byte("plain as gzip")},
		".gitkeep":                    {},
	}
}

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	return do(t, h, http.MethodGet, path, header...)
}

func do(t *testing.T, h http.Handler, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(b)
}

func TestEveryPageOfTheConsoleStartsWithTheIndex(t *testing.T) {
	h := newHandler(built())
	for _, path := range []string{"/", "/sign-in", "/queues", "/queues/0b0a?tab=send", "/bill", "/index.html", "/apiary", "/v20"} {
		res := get(t, h, path, "Accept", "text/html,*/*;q=0.8")
		require.Equal(t, http.StatusOK, res.StatusCode, path)
		require.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"), path)
		require.Equal(t, "no-cache", res.Header.Get("Cache-Control"), path)
		require.Contains(t, body(t, res), "<title>console</title>", path)
	}
}

func TestPathsOfTheAPIsAreNeverAPage(t *testing.T) {
	h := newHandler(built())
	for _, path := range []string{"/api", "/api/v1/me", "/v1.0/p/queues", "/v2/x", "/v3/auth/tokens", "/docs", "/docs/x", "/healthz", "/readyz", "/metrics", "/x/../api/v1/me"} {
		res := get(t, h, path, "Accept", "text/html")
		require.Equal(t, http.StatusNotFound, res.StatusCode, path)
		require.NotContains(t, body(t, res), "console", path)
	}
}

func TestOnlyABrowserIsGivenAPage(t *testing.T) {
	h := newHandler(built())
	require.Equal(t, http.StatusNotFound, get(t, h, "/queues").StatusCode)
	require.Equal(t, http.StatusNotFound, get(t, h, "/queues", "Accept", "application/json").StatusCode)
	require.Equal(t, http.StatusNotFound, get(t, h, "/assets/gone-00112233.js", "Accept", "text/html").StatusCode)
	res := do(t, h, http.MethodPost, "/queues", "Accept", "text/html")
	require.Equal(t, http.StatusMethodNotAllowed, res.StatusCode)
	require.Equal(t, "GET, HEAD", res.Header.Get("Allow"))
	res = do(t, h, http.MethodHead, "/queues", "Accept", "text/html")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Empty(t, body(t, res))
}

func TestFilesWithAHashInTheirNameAreKeptForEver(t *testing.T) {
	h := newHandler(built())
	for path, want := range map[string]string{
		"/" + script:                  "public, max-age=31536000, immutable",
		"/assets/sans-0011aabb.woff2": "public, max-age=31536000, immutable",
		"/boot.js":                    "no-cache",
	} {
		require.Equal(t, want, get(t, h, path).Header.Get("Cache-Control"), path)
	}
}

func TestTheBuildsCompressedCopyIsSentToThoseWhoTakeIt(t *testing.T) {
	h := newHandler(built())
	for accept, want := range map[string][2]string{
		"":                        {"", "main()"},
		"gzip":                    {"gzip", "main as gzip"},
		"gzip, deflate, br, zstd": {"br", "main as brotli"},
		"br;q=0, gzip;q=0.5":      {"gzip", "main as gzip"},
		"br; q=0.0":               {"", "main()"},
		"identity":                {"", "main()"},
	} {
		res := get(t, h, "/"+script, "Accept-Encoding", accept)
		require.Equal(t, want[0], res.Header.Get("Content-Encoding"), accept)
		require.Equal(t, want[1], body(t, res), accept)
		require.Equal(t, "Accept-Encoding", res.Header.Get("Vary"), accept)
		require.Equal(t, "text/javascript; charset=utf-8", res.Header.Get("Content-Type"), accept)
	}
	res := get(t, h, "/assets/plain-0011aabb.js", "Accept-Encoding", "br, gzip")
	require.Equal(t, "plain as gzip", body(t, res), "a copy that the build left out is not offered")
	require.Equal(t, http.StatusNotFound, get(t, h, "/"+script+".br").StatusCode, "copies have no address of their own")
}

func TestUnchangedFileIsNotSentAgain(t *testing.T) {
	h := newHandler(built())
	tag := get(t, h, "/boot.js").Header.Get("ETag")
	require.NotEmpty(t, tag)
	require.Equal(t, http.StatusNotModified, get(t, h, "/boot.js", "If-None-Match", tag).StatusCode)
	brotli := get(t, h, "/"+script, "Accept-Encoding", "br").Header.Get("ETag")
	require.NotEqual(t, get(t, h, "/"+script).Header.Get("ETag"), brotli, "each form has a tag of its own")
}

func TestAnswersCarryTheSecurityHeaders(t *testing.T) {
	h := newHandler(built())
	for _, path := range []string{"/", "/boot.js", "/" + script, "/nothing"} {
		head := get(t, h, path, "Accept", "text/html").Header
		csp := head.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'self'", path)
		require.Contains(t, csp, "frame-ancestors 'none'", path)
		require.NotContains(t, csp, "unsafe", path)
		require.NotContains(t, csp, "data:", path)
		require.Equal(t, "nosniff", head.Get("X-Content-Type-Options"), path)
		require.Equal(t, "same-origin", head.Get("Referrer-Policy"), path)
		require.Equal(t, "same-origin", head.Get("Cross-Origin-Opener-Policy"), path)
	}
}

func TestUnbuiltConsoleSaysHowToBuildIt(t *testing.T) {
	h := newHandler(fstest.MapFS{".gitkeep": {}})
	for _, path := range []string{"/", "/queues"} {
		res := get(t, h, path, "Accept", "text/html")
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.Contains(t, body(t, res), "npm --prefix web run build", path)
	}
	require.Equal(t, http.StatusNotFound, get(t, h, "/.gitkeep").StatusCode)
}

func TestEmbeddedConsoleIsServed(t *testing.T) {
	res := get(t, Handler(), "/", "Accept", "text/html")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.True(t, strings.HasPrefix(body(t, res), "<!doctype html>"), "built or not, there is a page")
}

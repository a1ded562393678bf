package web

import (
	"bytes"
	_ "embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// reserved are the paths of the APIs and of the machine's own pages. The console never answers below them, so that a mistyped
// API path is an error of the API and not a page.
var reserved = []string{"/api", "/v1.0", "/v2", "/v3", "/v3.0", "/.well-known", "/docs", "/healthz", "/readyz", "/metrics"}

// contentSecurityPolicy lets the page load from its own origin and nowhere else. Scripts: no inline, no eval. Styles: the
// component library sets them through the DOM's own objects, which needs no exception.
const contentSecurityPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// hashed matches the names that the build makes from a file's contents: such a file never changes.
var hashed = regexp.MustCompile(`^assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$`)

//go:embed unbuilt.html
var unbuilt []byte

// asset is one file with the copies that the build compressed.
type asset struct {
	contentType  string
	cacheControl string
	etag         string
	plain        []byte
	brotli       []byte
	gzip         []byte
}

type handler struct {
	assets map[string]asset // by path without the leading slash
	index  asset            // what every page of the console begins with
	built  bool
}

// Handler serves the console: its files, and its start page for every path that a browser's address bar may hold. It answers
// 404 below the paths of the APIs and to anything that is not a page.
func Handler() http.Handler { return newHandler(dist()) }

func newHandler(files fs.FS) http.Handler {
	h := &handler{assets: map[string]asset{}}
	read := func(name string) []byte {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil // absent: the build leaves out copies that are not smaller
		}
		return b
	}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		if ext := path.Ext(name); ext == ".br" || ext == ".gz" {
			return nil
		}
		h.assets[name] = newAsset(name, read(name), read(name+".br"), read(name+".gz"))
		return nil
	})
	if err != nil {
		panic("web: " + err.Error()) // embedded files can be walked
	}
	h.index, h.built = h.assets["index.html"]
	delete(h.assets, "index.html")
	if !h.built {
		h.index = newAsset("index.html", unbuilt, nil, nil)
	}
	return h
}

func newAsset(name string, plain, brotli, gzip []byte) asset {
	a := asset{contentType: contentType(name), cacheControl: "no-cache", etag: etag(plain), plain: plain, brotli: brotli, gzip: gzip}
	if hashed.MatchString(name) {
		a.cacheControl = "public, max-age=31536000, immutable"
	}
	return a
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if isReserved(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "405 method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if a, ok := h.assets[strings.TrimPrefix(r.URL.Path, "/")]; ok {
		a.serve(w, r)
		return
	}
	// A missing script or picture must not be answered with a page: only what asks for HTML gets one.
	if !strings.Contains(r.Header.Get("Accept"), "text/html") || strings.HasPrefix(r.URL.Path, "/assets/") {
		http.NotFound(w, r)
		return
	}
	h.index.serve(w, r)
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Type", a.contentType)
	head.Set("Cache-Control", a.cacheControl)
	body, tag := a.plain, a.etag
	if a.brotli != nil || a.gzip != nil {
		head.Add("Vary", "Accept-Encoding")
		switch accept := r.Header.Get("Accept-Encoding"); {
		case a.brotli != nil && accepts(accept, "br"):
			head.Set("Content-Encoding", "br")
			body, tag = a.brotli, a.etag+"-br"
		case a.gzip != nil && accepts(accept, "gzip"):
			head.Set("Content-Encoding", "gzip")
			body, tag = a.gzip, a.etag+"-gz"
		}
	}
	head.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// secure sets the headers that every answer of the console carries.
func secure(head http.Header) {
	head.Set("Content-Security-Policy", contentSecurityPolicy)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "same-origin")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	head.Set("X-Frame-Options", "DENY")
}

func isReserved(p string) bool {
	p = path.Clean("/" + p)
	for _, r := range reserved {
		if p == r || strings.HasPrefix(p, r+"/") {
			return true
		}
	}
	return false
}

// accepts reports whether an Accept-Encoding header names the encoding without refusing it (q=0).
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}

// contentType does not ask the operating system's table: the answer must be the same on every machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json":
		return "application/json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

package nodelink

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dms/internal/access"
	"dms/internal/errs"
)

// A tenant's request that a node passes on carries the node's own credentials, the tenant's address, and whether it came encrypted, in these headers. A tenant
// that sends them is not believed: the node overwrites them, and the control plane takes them off.
const (
	headerForwardAuth = "Dms-Node-Authorization"
	headerForwardFrom = "Dms-Node-Client"
	headerForwardTLS  = "Dms-Node-Client-Tls"
)

// forwardTimeout bounds the wait for the head of a forwarded answer; no managing request waits for anything but the nodes' confirmation.
const forwardTimeout = 60 * time.Second

// Forwarder passes tenants' requests on to the control plane as they are: method, path, query, Host, headers and the body's bytes,
// so that signatures hold and are checked there again. When the control plane cannot be reached, unreachable writes the answer.
func (c *Client) Forwarder(log *slog.Logger, unreachable func(w http.ResponseWriter, r *http.Request, err error)) http.Handler {
	target, err := url.Parse(c.base)
	if err != nil {
		panic("nodelink: " + err.Error()) // NewClient has parsed it
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host                 // links are built from it, and some signatures cover it
			p.Out.URL.RawQuery = p.In.URL.RawQuery // also what cannot be parsed: it is for the control plane to refuse
			p.Out.Header.Set(headerForwardAuth, c.bearer)
			from := access.SourceOf(p.In)
			p.Out.Header.Set(headerForwardFrom, p.In.RemoteAddr)
			p.Out.Header.Set(headerForwardTLS, strconv.FormatBool(from.TLS))
			if _, ok := p.In.Header["User-Agent"]; !ok {
				p.Out.Header.Set("User-Agent", "") // keeps the transport from adding its own
			}
		},
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: forwardTimeout,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       90 * time.Second,
			DisableCompression:    true, // the tenant's Accept-Encoding decides
		},
		// What the control plane answers replaces what the node has set already (the request id): it has written the log.
		ModifyResponse: func(res *http.Response) error {
			own := res.Request.Context().Value(ownHeaders{}).(http.Header)
			for name := range res.Header {
				own.Del(name)
			}
			return nil
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				log.WarnContext(r.Context(), "request could not be passed on to the control plane", slog.String("error", err.Error()))
			}
			unreachable(w, r, errs.Wrap(err, errs.Unavailable, "", "The control plane cannot be reached. Messages can still be sent and received; try again later."))
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), ownHeaders{}, w.Header())))
	})
}

// ownHeaders is the context key of the headers that the node has set on the answer.
type ownHeaders struct{}

// WithTenants returns the handler of the node listener: the link itself, and tenants' requests that a node passed on, which go to
// tenants with the tenant's address as theirs. Requests that no node vouches for are refused.
func (s *Server) WithTenants(tenants http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, pathPrefix) {
			s.ServeHTTP(w, r)
			return
		}
		hash := sha256.Sum256([]byte(r.Header.Get(headerForwardAuth)))
		if subtle.ConstantTimeCompare(hash[:], s.bearer[:]) != 1 {
			http.Error(w, "This address is for nodes.", http.StatusUnauthorized)
			return
		}
		from, encrypted := r.Header.Get(headerForwardFrom), r.Header.Get(headerForwardTLS)
		for _, own := range []string{headerForwardAuth, headerForwardFrom, headerForwardTLS} {
			r.Header.Del(own)
		}
		if _, err := netip.ParseAddrPort(strings.TrimSpace(from)); err == nil {
			r.RemoteAddr = from
		}
		source := access.SourceOf(r)
		source.TLS = encrypted == "true" // the tenant's connection, not the node's
		tenants.ServeHTTP(w, r.WithContext(access.WithSource(r.Context(), source)))
	})
}

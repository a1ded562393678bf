package app

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// baseURL returns the function that links are built with: the public URL where it is configured. Where it is not, the request's
// Host is believed if it names this machine's loopback, and no other: a forged Host must not reach a tenant's catalog. What is
// left is the address that the process listens on.
func baseURL(cfg Config, listenURL string) func(*http.Request) string {
	if cfg.PublicURL != "" {
		public := strings.TrimSuffix(cfg.PublicURL, "/")
		return func(*http.Request) string { return public }
	}
	scheme := "http"
	if cfg.TLS.Cert != "" {
		scheme = "https"
	}
	return func(r *http.Request) string {
		if isLoopback(r.Host) {
			return scheme + "://" + r.Host
		}
		return listenURL
	}
}

// warnWithoutPublicURL says at start what will not work.
func warnWithoutPublicURL(cfg Config, log *slog.Logger) {
	if cfg.PublicURL == "" && !isLoopback(cfg.Listen) {
		log.Warn("public_url is not set: the catalog and links name the address that is listened on", slog.String("listen", cfg.Listen))
	}
}

// isLoopback reports whether a host, or host and port, is this machine alone.
func isLoopback(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

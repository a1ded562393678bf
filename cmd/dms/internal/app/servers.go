package app

import (
	"log/slog"
	"net/http"
	"strings"

	"dms/internal/clock"
	"dms/internal/httpserve"
	"dms/internal/run"
)

// listen opens an address with the configured certificate.
func listen(cfg Config, address string, h http.Handler, beforeShutdown func(), log *slog.Logger) (*run.Server, error) {
	opt := run.ServerOptions{Listen: address, Handler: h, BeforeShutdown: beforeShutdown, Log: log}
	if cfg.TLS.Cert != "" {
		cert, err := run.LoadCertificate(cfg.TLS.Cert, cfg.TLS.Key, clock.System{}, log)
		if err != nil {
			return nil, err
		}
		opt.TLS = cert
	}
	return run.Listen(opt)
}

// secureCookies reports whether browsers reach the console over https.
func (c Config) secureCookies() bool {
	return c.TLS.Cert != "" || strings.HasPrefix(c.PublicURL, "https://")
}

// front is what stands before everything that tenants reach: it believes the configured proxies, and keeps browsers on https where that is how they come.
func (c Config) front(h http.Handler) http.Handler {
	proxies, err := httpserve.ParseProxies(c.TrustedProxies)
	if err != nil {
		panic("trusted_proxies: " + err.Error()) // Validate has read it before
	}
	if c.secureCookies() {
		h = httpserve.StrictTransport(h)
	}
	return proxies.Behind(h)
}

// lateHandler is a handler that is known only after the address is: links name the port, which the system may have chosen.
type lateHandler struct{ http.Handler }

func (h *lateHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.Handler.ServeHTTP(w, r) }

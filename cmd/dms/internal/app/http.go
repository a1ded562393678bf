package app

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dms/iam/keystoneapi"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/httpserve"
)

// newEngine returns a gin engine whose errors, also those for unknown paths and for panics, speak the dialect of their path.
func newEngine(log *slog.Logger) *gin.Engine {
	e := httpserve.NewEngine(log, dmswire.MaxBodyBytes)
	e.Use(func(c *gin.Context) { httpserve.Speak(dialectOf(c.Request.URL.Path))(c) })
	return e
}

func dialectOf(path string) httpserve.Dialect {
	switch {
	case isDMSPath(path):
		return httpserve.DialectFunc(dmswire.WriteError)
	case isKeystonePath(path):
		return keystoneapi.Dialect
	}
	return httpserve.Problem
}

func isDMSPath(path string) bool {
	return under(path, "/v1.0") || under(path, "/v2")
}

func isKeystonePath(path string) bool { return under(path, "/v3") || under(path, "/v3.0") }

func under(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// passOn lets h answer. gin has set 404 for a path without a route; h begins anew.
func passOn(h http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Status(http.StatusOK)
		h.ServeHTTP(c.Writer, c.Request)
		c.Abort()
	}
}

// registerOperations adds what operators' machinery asks: is the process alive, may it be sent requests, how is it doing.
func registerOperations(e *gin.Engine, metrics prometheus.Gatherer, ready func(ctx context.Context) error) {
	e.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "alive"}) })
	e.GET("/readyz", func(c *gin.Context) {
		if err := ready(c.Request.Context()); err != nil {
			c.JSON(http.StatusServiceUnavailable, gin.H{"status": "not ready", "reason": errs.MessageOf(err)})
			return
		}
		c.JSON(http.StatusOK, gin.H{"status": "ready"})
	})
	e.GET("/metrics", gin.WrapH(promhttp.HandlerFor(metrics, promhttp.HandlerOpts{})))
}

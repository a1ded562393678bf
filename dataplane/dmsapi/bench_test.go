package dmsapi

import (
	"bytes"
	"dms/dataplane/engine"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
)

// tenMessages is a send of 10 messages of 1 KiB.
var tenMessages = []byte(`{"messages":[` + strings.TrimSuffix(strings.Repeat(`{"body":"`+strings.Repeat("x", 1024)+`"},`, 10), ",") + `]}`)

// BenchmarkSend measures a send of 10 x 1 KiB through the whole path, from the client's socket to the synced disk and back, next to the same
// gin server that only parses the same body.
func BenchmarkSend(b *testing.B) {
	b.Run("path=whole,disk=machine", func(b *testing.B) { benchmarkWhole(b, wiretest.NewOnDisk(b)) })
	b.Run("path=whole,disk=memory", func(b *testing.B) { benchmarkWhole(b, wiretest.New(b)) })
	b.Run("path=parse,by=scanner", func(b *testing.B) {
		benchmarkParse(b, func(c *gin.Context) error {
			body, err := httpserve.Body(c)
			if err == nil {
				_, err = parseSend(body, dataplane.DMSLimits)
			}
			return err
		})
	})
	b.Run("path=parse,by=encoding_json", func(b *testing.B) {
		benchmarkParse(b, func(c *gin.Context) error {
			var req struct {
				Messages []struct {
					Body       json.RawMessage `json:"body"`
					Attributes json.RawMessage `json:"attributes"`
					Tags       []string        `json:"tags"`
					DelayTime  float64         `json:"delay_time"`
				} `json:"messages"`
				ReturnID bool `json:"return_id"`
			}
			return c.ShouldBindJSON(&req)
		})
	})
}

func benchmarkWhole(b *testing.B, s *wiretest.Service) {
	tenant := s.Tenant(b, "acme")
	q := s.Queue(b, tenant, "orders", dataplane.ModeNormal, nil)
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), dmswire.MaxBodyBytes)
	Register(e, s.Node, s.Gate())
	post(b, e, "/v2/"+tenant.ProjectID+"/queues/"+q.ID+"/messages", tenant.Token)
}

func benchmarkParse(b *testing.B, parse func(c *gin.Context) error) {
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), dmswire.MaxBodyBytes)
	e.POST("/messages", httpserve.Handle(func(c *gin.Context) error {
		if err := parse(c); err != nil {
			return err
		}
		reply(c, http.StatusCreated, appendSent(nil, make([]engine.Sent, 10), false))
		return nil
	}))
	post(b, e, "/messages", "")
}

// post sends from 16 connections at once.
func post(b *testing.B, h http.Handler, path, token string) {
	server := httptest.NewServer(h)
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	b.SetParallelism(16)
	b.SetBytes(int64(len(tenMessages)))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequest(http.MethodPost, server.URL+path, bytes.NewReader(tenMessages))
			require.NoError(b, err)
			r.Header.Set("X-Auth-Token", token)
			resp, err := transport.RoundTrip(r)
			require.NoError(b, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(b, err)
			require.NoError(b, resp.Body.Close())
			require.Equal(b, http.StatusCreated, resp.StatusCode)
		}
	})
}

func BenchmarkParseSend(b *testing.B) {
	b.SetBytes(int64(len(tenMessages)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseSend(tenMessages, dataplane.DMSLimits); err != nil {
			b.Fatal(err)
		}
	}
}

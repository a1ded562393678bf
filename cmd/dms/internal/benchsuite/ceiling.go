package benchsuite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"dms/dataplane/dmsapi"
	"dms/internal/dmswire"
	"dms/internal/httpserve"
)

// ServeCeiling is the server that the HTTP rows are compared with: the same gin engine, which reads and scans a body and answers what the service
// would, and does nothing else. No authentication, no policy, no meter, no storage.
func ServeCeiling(ctx context.Context, address string) error {
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), dmswire.MaxBodyBytes)
	e.GET("/readyz", func(c *gin.Context) { c.Status(http.StatusOK) })
	const queue = "/v2/:project/queues/:queue"
	e.POST(queue+"/messages", httpserve.Handle(func(c *gin.Context) error {
		return scanned(c, dmsapi.ScanSend, http.StatusCreated, func(n int) []byte {
			return []byte(`{"messages":[` + strings.TrimSuffix(strings.Repeat(`{"error":null,"error_code":null,"state":0},`, n), ",") + `]}`)
		})
	}))
	received := cannedMessages()
	e.GET(queue+"/groups/:group/messages", httpserve.Handle(func(c *gin.Context) error {
		return httpserve.Reply(c, http.StatusOK, "application/json", received)
	}))
	e.POST(queue+"/groups/:group/ack", httpserve.Handle(func(c *gin.Context) error {
		return scanned(c, dmsapi.ScanAck, http.StatusOK, func(n int) []byte {
			return []byte(`{"success":` + strconv.Itoa(n) + `,"fail":0}`)
		})
	}))
	server := &http.Server{Addr: address, Handler: e, ReadHeaderTimeout: time.Minute}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() { stopped <- server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func scanned(c *gin.Context, scan func([]byte) (int, error), status int, answer func(n int) []byte) error {
	body, err := httpserve.Body(c)
	if err != nil {
		return err
	}
	n, err := scan(body)
	if err != nil {
		return err
	}
	httpserve.ReuseBody(c)
	return httpserve.Reply(c, status, "application/json", answer(n))
}

// cannedMessages is an answer with ten messages of 1 KiB, with handlers as long as real ones.
func cannedMessages() []byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	rnd := rand.New(rand.NewPCG(1, 1))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[rnd.IntN(len(letters))]
		}
		return string(b)
	}
	var list []string
	for range 10 {
		list = append(list, fmt.Sprintf(`{"message":{"body":"%016x%s","attributes":{},"tags":[]},"handler":"%s"}`, 0, text(1008), text(120)))
	}
	return []byte("[" + strings.Join(list, ",") + "]")
}

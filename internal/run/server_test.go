package run_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/clock"
	"dms/internal/run"
)

func listen(t *testing.T, opt run.ServerOptions) *run.Server {
	t.Helper()
	opt.Listen = "127.0.0.1:0"
	s, err := run.Listen(opt)
	require.NoError(t, err)
	return s
}

func serve(t *testing.T, s *run.Server) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- s.Run(ctx) }()
	return func() error {
		cancel()
		return <-result
	}
}

// client returns a client of its own, whose connections end with the test.
func client(t *testing.T, c *tls.Config) *http.Client {
	t.Helper()
	tr := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestStopEndsWaitingRequestsFirstAndLosesNoAnswer(t *testing.T) {
	polling, endPolls := make(chan struct{}), make(chan struct{})
	s := listen(t, run.ServerOptions{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(polling)
			<-endPolls
			_, _ = io.WriteString(w, "[]")
		}),
		BeforeShutdown: func() { close(endPolls) },
	})
	stop := serve(t, s)
	answer := make(chan string, 1)
	go func() {
		res, err := client(t, nil).Get(s.URL())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		answer <- string(b)
	}()
	<-polling
	require.NoError(t, stop())
	require.Equal(t, "[]", <-answer)
	_, err := client(t, nil).Get(s.URL())
	require.Error(t, err, "the address is given back")
}

func TestStopCutsOffWhatOutlastsTheDrain(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	s := listen(t, run.ServerOptions{
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			defer close(ended)
			close(begun)
			<-r.Context().Done()
		}),
		Drain: time.Millisecond,
	})
	stop := serve(t, s)
	failed := make(chan error, 1)
	go func() {
		_, err := client(t, nil).Get(s.URL())
		failed <- err
	}()
	<-begun
	require.NoError(t, stop())
	require.Error(t, <-failed)
	<-ended
}

func TestSlowHeaderIsCutOff(t *testing.T) {
	s := listen(t, run.ServerOptions{Handler: http.NotFoundHandler()})
	run.SetReadHeaderTimeout(s, 10*time.Millisecond)
	stop := serve(t, s)
	conn, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err = bufio.NewReader(conn).ReadString(0)
	require.ErrorIs(t, err, io.EOF, "the server hangs up")
	require.NoError(t, stop())
}

func TestHugeHeaderIsRefused(t *testing.T) {
	s := listen(t, run.ServerOptions{Handler: http.NotFoundHandler()})
	stop := serve(t, s)
	for header, want := range map[int]int{32 << 10: http.StatusNotFound, 128 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		req, err := http.NewRequest(http.MethodGet, s.URL(), nil)
		require.NoError(t, err)
		req.Header.Set("X-Big", strings.Repeat("a", header))
		res, err := client(t, nil).Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, want, res.StatusCode, "%d bytes", header)
	}
	require.NoError(t, stop())
}

func TestAddressInUseIsAnErrorBeforeAnythingRuns(t *testing.T) {
	s := listen(t, run.ServerOptions{Handler: http.NotFoundHandler()})
	defer s.Close()
	_, err := run.Listen(run.ServerOptions{Listen: s.Addr().String()})
	require.ErrorContains(t, err, "address already in use")
	stop := serve(t, s)
	require.NoError(t, stop())
}

func TestServerSpeaksTLSWithTheCertificate(t *testing.T) {
	files := newCertificate(t, "one")
	cert, err := run.LoadCertificate(files.cert, files.key, clock.System{}, discard)
	require.NoError(t, err)
	s := listen(t, run.ServerOptions{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }),
		TLS:     cert,
	})
	stop := serve(t, s)
	require.True(t, strings.HasPrefix(s.URL(), "https://"))
	res, err := client(t, &tls.Config{RootCAs: files.pool(t), ServerName: "one"}).Get(s.URL())
	require.NoError(t, err)
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, "ok", string(b))
	require.NoError(t, stop())
}

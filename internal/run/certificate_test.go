package run_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/internal/clock/clocktest"
	"dms/internal/run"
)

var discard = slog.New(slog.DiscardHandler)

// certFiles are the two files of a self-signed certificate.
type certFiles struct{ cert, key string }

func newCertificate(t *testing.T, name string) certFiles {
	t.Helper()
	dir := t.TempDir()
	f := certFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	f.replace(t, name)
	return f
}

// replace writes a new pair for the host name.
func (f certFiles) replace(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	rawKey, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(f.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(f.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: rawKey}), 0o600))
}

func (f certFiles) pool(t *testing.T) *x509.CertPool {
	t.Helper()
	b, err := os.ReadFile(f.cert)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(b))
	return pool
}

// served returns the common name that a client would see.
func served(t *testing.T, c *tls.Config) string {
	t.Helper()
	cert, err := c.GetCertificate(&tls.ClientHelloInfo{})
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	require.NoError(t, err)
	return leaf.Subject.CommonName
}

func TestCertificateIsReadAgainWhenItChanges(t *testing.T) {
	files := newCertificate(t, "old")
	clk := clocktest.New(time.Unix(1_000_000, 0))
	cert, err := run.LoadCertificate(files.cert, files.key, clk, discard)
	require.NoError(t, err)
	c := cert.TLS()
	require.Equal(t, "old", served(t, c))
	files.replace(t, "new")
	require.Equal(t, "old", served(t, c), "the files are looked at once a second")
	clk.Advance(time.Second)
	require.Equal(t, "new", served(t, c))
}

func TestUnusableCertificateLeavesTheOldOneUntilItIsWhole(t *testing.T) {
	files := newCertificate(t, "old")
	clk := clocktest.New(time.Unix(1_000_000, 0))
	cert, err := run.LoadCertificate(files.cert, files.key, clk, discard)
	require.NoError(t, err)
	c := cert.TLS()
	for _, spoil := range []func(){
		func() { require.NoError(t, os.WriteFile(files.cert, []byte("half"), 0o600)) },
		func() { require.NoError(t, os.Remove(files.key)) },
	} {
		spoil()
		clk.Advance(time.Second)
		require.Equal(t, "old", served(t, c))
	}
	files.replace(t, "new")
	clk.Advance(time.Second)
	require.Equal(t, "new", served(t, c))
}

func TestCertificateThatIsNotThereIsAnErrorAtStart(t *testing.T) {
	files := newCertificate(t, "one")
	other := newCertificate(t, "two")
	_, err := run.LoadCertificate(files.cert, "/does/not/exist.pem", clocktest.New(time.Unix(0, 0)), discard)
	require.ErrorContains(t, err, "/does/not/exist.pem")
	_, err = run.LoadCertificate(files.cert, other.key, clocktest.New(time.Unix(0, 0)), discard)
	require.ErrorContains(t, err, files.cert)
}

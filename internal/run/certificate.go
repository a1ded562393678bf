package run

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"dms/internal/clock"
)

// certificateCheckInterval bounds how often the files are looked at. They are small and looked at only when a client connects.
const certificateCheckInterval = time.Second

// Certificate is a TLS certificate in two files, read again when they change. Safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	clock             clock.Clock
	log               *slog.Logger

	mu           sync.Mutex // guards what follows
	checked      time.Time
	cert, key    []byte // as last read, whether or not they fit together
	present      *tls.Certificate
	failed       bool // the last change could not be used; said once
	errorMessage string
}

// LoadCertificate reads the certificate chain and the key, both PEM.
func LoadCertificate(certFile, keyFile string, c clock.Clock, log *slog.Logger) (*Certificate, error) {
	cert := &Certificate{certFile: certFile, keyFile: keyFile, clock: c, log: log, checked: c.Now()}
	if err := cert.read(); err != nil {
		return nil, err
	}
	return cert, nil
}

// TLS returns a configuration that serves the certificate.
func (c *Certificate) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}

func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now()
	if age := now.Sub(c.checked); age < 0 || age >= certificateCheckInterval {
		c.checked = now
		// A pair that cannot be used is most likely half-written: the old one goes on, and the next look may find it whole.
		switch err := c.read(); {
		case err == nil && c.failed:
			c.failed = false
			c.log.Info("certificate usable again", slog.String("file", c.certFile))
		case err != nil && !(c.failed && c.errorMessage == err.Error()):
			c.failed, c.errorMessage = true, err.Error()
			c.log.Warn("certificate not reloaded, the old one goes on", slog.String("error", err.Error()))
		}
	}
	return c.present, nil
}

// read takes the files if they have changed. It compares contents, not times: a replaced link or a restored backup may be older
// than what it replaces.
func (c *Certificate) read() error {
	cert, err := os.ReadFile(c.certFile)
	if err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return fmt.Errorf("read key of certificate: %w", err)
	}
	if c.present != nil && bytes.Equal(cert, c.cert) && bytes.Equal(key, c.key) {
		return nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	if c.present != nil {
		c.log.Info("certificate reloaded", slog.String("file", c.certFile))
	}
	c.cert, c.key, c.present = cert, key, &pair
	return nil
}

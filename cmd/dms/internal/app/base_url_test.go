package app

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLinksBelieveTheHostOnLoopbackAlone(t *testing.T) {
	const listen = "http://192.0.2.1:8080"
	for name, c := range map[string]struct {
		cfg        Config
		host, want string
	}{
		"loopback":              {Config{}, "127.0.0.1:9000", "http://127.0.0.1:9000"},
		"loopback, version 6":   {Config{}, "[::1]:9000", "http://[::1]:9000"},
		"localhost":             {Config{}, "localhost", "http://localhost"},
		"forged":                {Config{}, "evil.example.com", listen},
		"looks like loopback":   {Config{}, "127.0.0.1.example.com", listen},
		"public URL":            {Config{PublicURL: "https://dms.example.com/"}, "evil.example.com", "https://dms.example.com"},
		"public URL, loopback":  {Config{PublicURL: "https://dms.example.com"}, "127.0.0.1:9000", "https://dms.example.com"},
		"certificate, loopback": {Config{TLS: TLSConfig{Cert: "c", Key: "k"}}, "localhost:1", "https://localhost:1"},
	} {
		t.Run("case="+name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Host = c.host
			require.Equal(t, c.want, baseURL(c.cfg, listen)(r))
		})
	}
}

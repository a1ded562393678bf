package httpload

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"dms/internal/clock"
)

// Credentials say who sends: an access key, or else a token.
type Credentials struct {
	AccessKey, SecretKey string
	Token                string
}

// authorize appends the header lines that authenticate a request. path and query have nothing to escape, and the query is sorted.
func (c Credentials) authorize(b []byte, clk clock.Clock, method, path, query string, body []byte) []byte {
	if c.AccessKey == "" {
		b = append(b, "X-Auth-Token: "...)
		b = append(b, c.Token...)
		return append(b, "\r\n"...)
	}
	date := clk.Now().UTC().Format("20060102T150405Z")
	b = append(b, "X-Sdk-Date: "...)
	b = append(b, date...)
	b = append(b, "\r\nAuthorization: SDK-HMAC-SHA256 Access="...)
	b = append(b, c.AccessKey...)
	b = append(b, ", SignedHeaders=x-sdk-date, Signature="...)
	b = append(b, c.sign(method, path, query, date, body)...)
	return append(b, "\r\n"...)
}

// Header returns what authorize appends as a header, for those who do not write to a connection themselves.
func (c Credentials) Header(clk clock.Clock, method, path, query string, body []byte) http.Header {
	h := make(http.Header)
	for line := range strings.Lines(string(c.authorize(nil, clk, method, path, query, body))) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		h.Set(name, value)
	}
	return h
}

func (c Credentials) sign(method, path, query, date string, body []byte) string {
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	canonical := strings.Join([]string{method, path, query, "x-sdk-date:" + date + "\n", "x-sdk-date", hash(body)}, "\n")
	mac := hmac.New(sha256.New, []byte(c.SecretKey))
	mac.Write([]byte("SDK-HMAC-SHA256\n" + date + "\n" + hash([]byte(canonical))))
	return hex.EncodeToString(mac.Sum(nil))
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

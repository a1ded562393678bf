package iamtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"
)

// Sign signs a request in the Access variant as the official SDK does (dms-api 5.1): user-agent, x-project-id where there is one, and
// x-sdk-date. It is written apart from package signature, for paths without characters to escape.
func Sign(r *http.Request, body []byte, accessKey, secretKey string, at time.Time) {
	date := at.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Sdk-Date", date)
	r.Header.Set("User-Agent", "iamtest/1.0")
	names := []string{"user-agent", "x-sdk-date"}
	if r.Header.Get("X-Project-Id") != "" {
		names = append(names, "x-project-id")
	}
	sort.Strings(names)
	var headers strings.Builder
	for _, n := range names {
		headers.WriteString(n + ":" + r.Header.Get(n) + "\n")
	}
	path := r.URL.Path
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	query := strings.ReplaceAll(sortedQuery(r.URL.Query()), "+", "%20")
	sum := sha256.Sum256(body)
	canonical := strings.Join([]string{r.Method, path, query, headers.String(), strings.Join(names, ";"), hex.EncodeToString(sum[:])}, "\n")
	hashed := sha256.Sum256([]byte(canonical))
	m := hmac.New(sha256.New, []byte(secretKey))
	m.Write([]byte("SDK-HMAC-SHA256\n" + date + "\n" + hex.EncodeToString(hashed[:])))
	r.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+accessKey+", SignedHeaders="+strings.Join(names, ";")+", Signature="+hex.EncodeToString(m.Sum(nil)))
}

func sortedQuery(q url.Values) string {
	for _, vs := range q {
		sort.Strings(vs)
	}
	return q.Encode()
}

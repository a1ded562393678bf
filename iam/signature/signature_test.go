package signature_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam/signature"
)

const (
	accessKey = "AKTEST0000000000001"
	secretKey = "SKTEST0000000000000000000000000000000001"
)

// vectors are requests byte for byte as real clients sent them.
func vectors(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.http")
	require.NoError(t, err)
	require.Len(t, files, 33)
	out := make(map[string][]byte, len(files))
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		out[f] = b
	}
	return out
}

// read parses wire bytes as the server does.
func read(raw []byte) (r signature.Request, authorization string, body []byte, err error) {
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return signature.Request{}, "", nil, err
	}
	body, err = io.ReadAll(req.Body)
	return signature.Request{Method: req.Method, Path: req.URL.Path, RawQuery: req.URL.RawQuery, Host: req.Host, Header: req.Header}, req.Header.Get("Authorization"), body, err
}

// check does what a server does; now is the moment of signing.
func check(r signature.Request, authorization string, body []byte, secret string) error {
	a, err := signature.Parse(authorization)
	if err != nil {
		return err
	}
	var now time.Time
	if d := r.Header["X-Sdk-Date"]; len(d) > 0 {
		now, _ = time.Parse("20060102T150405Z", d[0])
	}
	if err := a.CheckDate(r, now); err != nil {
		return err
	}
	return a.Verify(secret, r, body)
}

func TestRequestsOfRealClientsVerify(t *testing.T) {
	for file, raw := range vectors(t) {
		t.Run(file, func(t *testing.T) {
			r, auth, body, err := read(raw)
			require.NoError(t, err)
			require.NoError(t, check(r, auth, body, secretKey))
			require.ErrorIs(t, check(r, auth, body, secretKey+"x"), signature.ErrMismatch, "another secret")

			a, err := signature.Parse(auth)
			require.NoError(t, err)
			require.Equal(t, accessKey, a.AccessKey)
		})
	}
}

// A byte of what is signed can not be changed. Headers that a client does not sign can, and so can the access key's name: it
// only says which secret to try.
func TestFlippedByteOfWhatIsSignedIsNoticed(t *testing.T) {
	for file, raw := range vectors(t) {
		r, auth, body, err := read(raw)
		require.NoError(t, err)
		signed := strings.Split(between(auth, "SignedHeaders=", ","), ";")

		refuses := func(what string, r signature.Request, auth string, body []byte) {
			t.Helper()
			require.Error(t, check(r, auth, body, secretKey), "%s: %s", file, what)
		}
		for i := range body {
			changed := bytes.Clone(body)
			changed[i] ^= 1
			refuses("body", r, auth, changed)
		}
		refuses("body grew", r, auth, append(bytes.Clone(body), '\n'))
		for i := range r.Path {
			c := r
			c.Path = flip(r.Path, i)
			refuses("path "+c.Path, c, auth, body)
		}
		for i := range r.RawQuery {
			c := r
			c.RawQuery = flip(r.RawQuery, i)
			refuses("query "+c.RawQuery, c, auth, body)
		}
		for i := range r.Method {
			c := r
			c.Method = flip(r.Method, i)
			refuses("method", c, auth, body)
		}
		for _, name := range signed {
			canonical := http.CanonicalHeaderKey(name)
			if name == "host" {
				for i := range r.Host {
					c := r
					c.Host = flip(r.Host, i)
					refuses("host "+c.Host, c, auth, body)
				}
				continue
			}
			for i := range r.Header[canonical][0] {
				c := r
				c.Header = http.Header(r.Header).Clone()
				c.Header[canonical] = []string{flip(r.Header[canonical][0], i)}
				refuses("header "+name, c, auth, body)
			}
			c := r
			c.Header = http.Header(r.Header).Clone()
			delete(c.Header, canonical)
			refuses("no header "+name, c, auth, body)
			c.Header[canonical] = append(http.Header(r.Header).Values(canonical), "second")
			refuses("second value of "+name, c, auth, body)
		}
		start := strings.Index(auth, "SignedHeaders=")
		for i := start; i < len(auth); i++ {
			refuses("authorization", r, flip(auth, i), body)
		}
	}
}

func flip(s string, i int) string {
	b := []byte(s)
	b[i] ^= 1
	return string(b)
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// signedRequest signs as dms-api 5.1 and 5.2 say, written apart from the code under test. canonical is the whole canonical request.
func sign(t testing.TB, date, scope, signedHeaders, canonical string) string {
	t.Helper()
	h := func(key []byte, s string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(s))
		return m.Sum(nil)
	}
	sum := sha256.Sum256([]byte(canonical))
	if scope == "" {
		sig := h([]byte(secretKey), "SDK-HMAC-SHA256\n"+date+"\n"+hex.EncodeToString(sum[:]))
		return "SDK-HMAC-SHA256 Access=" + accessKey + ", SignedHeaders=" + signedHeaders + ", Signature=" + hex.EncodeToString(sig)
	}
	key := []byte("SDK" + secretKey)
	for _, part := range strings.Split(scope, "/") {
		key = h(key, part)
	}
	sig := h(key, "SDK-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hex.EncodeToString(sum[:]))
	return "SDK-HMAC-SHA256 Credential=" + accessKey + "/" + scope + ", SignedHeaders=" + signedHeaders + ", Signature=" + hex.EncodeToString(sig)
}

const (
	date      = "20261124T080000Z"
	emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

func request() signature.Request {
	return signature.Request{Method: "GET", Path: "/v2/p/queues", Host: "127.0.0.1:8080", Header: map[string][]string{"X-Sdk-Date": {date}}}
}

func TestPathsAndQueriesAgreeWithTheClients(t *testing.T) {
	for _, c := range []struct{ name, path, rawQuery, uri, query string }{
		{"plain", "/v2/p", "", "/v2/p/", ""},
		{"root", "/", "", "/", ""},
		{"no path", "", "", "/", ""},
		{"ends in a slash", "/v2/p/", "", "/v2/p/", ""},
		{"double slash", "/v2//p", "", "/v2//p/", ""},
		{"space and plus", "/a b+c", "x=a+b&y=c%2Bd&z=e%20f", "/a%20b%2Bc/", "x=a%20b&y=c%2Bd&z=e%20f"},
		{"percent", "/100%", "p=100%25", "/100%25/", "p=100%25"},
		{"unicode", "/空格/ü", "名=值", "/%E7%A9%BA%E6%A0%BC/%C3%BC/", "%E5%90%8D=%E5%80%BC"},
		{"unreserved", "/a-b_c.d~e", "k=-_.~", "/a-b_c.d~e/", "k=-_.~"},
		{"reserved", "/a:b@c!$&'()*,;=", "k=/?:@", "/a%3Ab%40c%21%24%26%27%28%29%2A%2C%3B%3D/", "k=%2F%3F%3A%40"},
		{"sorted by key, then value", "/q", "tag=b&a=2&tag=a&A=1", "/q/", "A=1&a=2&tag=a&tag=b"},
		{"key without value", "/q", "flag&x=", "/q/", "flag=&x="},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request()
			r.Path, r.RawQuery = c.path, c.rawQuery
			canonical := "GET\n" + c.uri + "\n" + c.query + "\nx-sdk-date:" + date + "\n\nx-sdk-date\n" + emptyHash
			require.NoError(t, check(r, sign(t, date, "", "x-sdk-date", canonical), nil, secretKey))
			require.NoError(t, check(r, sign(t, date, "20261124/r/dms/sdk_request", "x-sdk-date", canonical), nil, secretKey))
		})
	}
}

func TestUndecodableQueryIsRefused(t *testing.T) {
	for _, q := range []string{"a=%zz", "a=%", "a;b=1"} {
		r := request()
		r.RawQuery = q
		require.ErrorIs(t, check(r, sign(t, date, "", "x-sdk-date", ""), nil, secretKey), signature.ErrMalformed, q)
	}
}

func TestHeaderWhiteSpaceCollapsesInTheCredentialVariantOnly(t *testing.T) {
	r := request()
	r.Header["User-Agent"] = []string{"  a   b\t c "}
	for scope, value := range map[string]string{"": "a   b\t c", "20261124///sdk_request": "a b c"} {
		canonical := "GET\n/v2/p/queues/\n\nuser-agent:" + value + "\nx-sdk-date:" + date + "\n\nuser-agent;x-sdk-date\n" + emptyHash
		require.NoError(t, check(r, sign(t, date, scope, "user-agent;x-sdk-date", canonical), nil, secretKey), "scope %q", scope)
	}
}

func TestHeaderWithSeveralValuesIsSignedLineByLine(t *testing.T) {
	r := request()
	r.Header["X-Many"] = []string{"b", "a"}
	canonical := "GET\n/v2/p/queues/\n\nx-many:a\nx-many:b\nx-sdk-date:" + date + "\n\nx-many;x-sdk-date\n" + emptyHash
	require.NoError(t, check(r, sign(t, date, "", "x-many;x-sdk-date", canonical), nil, secretKey))
}

func TestHostMayBeSignedWithoutItsPort(t *testing.T) {
	for _, c := range []struct {
		sent, signed string
		good         bool
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", "127.0.0.1", true},
		{"127.0.0.1", "127.0.0.1:8080", false},
		{"127.0.0.1:8080", "127.0.0.1:80", false},
		{"127.0.0.1:8080", "127.0.0.2", false},
		{"[::1]:8080", "[::1]", true},
		{"[::1]", "[:", false},
	} {
		r := request()
		r.Host = c.sent
		canonical := "GET\n/v2/p/queues/\n\nhost:" + c.signed + "\nx-sdk-date:" + date + "\n\nhost;x-sdk-date\n" + emptyHash
		err := check(r, sign(t, date, "20261124/r/DMS/sdk_request", "host;x-sdk-date", canonical), nil, secretKey)
		require.Equal(t, c.good, err == nil, "%s signed as %s: %v", c.sent, c.signed, err)
	}
}

func TestContentHashHeaderMustBeSignedAndRight(t *testing.T) {
	body := []byte(`{"a":1}`)
	sum := sha256.Sum256(body)
	right := hex.EncodeToString(sum[:])
	for _, c := range []struct {
		name, value, signedHeaders string
		good                       bool
	}{
		{"signed and right", right, "x-sdk-content-sha256;x-sdk-date", true},
		{"right but not signed", right, "x-sdk-date", false},
		{"signed and wrong", emptyHash, "x-sdk-content-sha256;x-sdk-date", false},
		{"unsigned payload", "UNSIGNED-PAYLOAD", "x-sdk-content-sha256;x-sdk-date", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request()
			r.Header["X-Sdk-Content-Sha256"] = []string{c.value}
			headers := "x-sdk-date:" + date + "\n"
			if strings.Contains(c.signedHeaders, "sha256") {
				headers = "x-sdk-content-sha256:" + c.value + "\n" + headers
			}
			canonical := "GET\n/v2/p/queues/\n\n" + headers + "\n" + c.signedHeaders + "\n" + c.value
			err := check(r, sign(t, date, "", c.signedHeaders, canonical), body, secretKey)
			require.Equal(t, c.good, err == nil, "%v", err)
		})
	}
}

func TestDateIsGoodForFifteenMinutesBothWays(t *testing.T) {
	a, err := signature.Parse(sign(t, date, "", "x-sdk-date", ""))
	require.NoError(t, err)
	at, err := time.Parse("20060102T150405Z", date)
	require.NoError(t, err)
	const limit = 15 * time.Minute
	for _, c := range []struct {
		off  time.Duration
		good bool
	}{
		{0, true}, {limit - time.Second, true}, {limit, true}, {limit + 999*time.Millisecond, true}, {limit + time.Second, false},
		{-limit + time.Second, true}, {-limit, true}, {-limit - time.Second, false}, {24 * time.Hour, false},
	} {
		err := a.CheckDate(request(), at.Add(c.off))
		if c.good {
			require.NoError(t, err, c.off)
		} else {
			require.ErrorIs(t, err, signature.ErrSkew, c.off)
		}
	}
}

func TestDateMustBeOneOfTheRightForm(t *testing.T) {
	at, err := time.Parse("20060102T150405Z", date)
	require.NoError(t, err)
	a, err := signature.Parse(sign(t, date, "", "x-sdk-date", ""))
	require.NoError(t, err)
	for _, dates := range [][]string{nil, {date, date}, {""}, {"2026-11-24T08:00:00Z"}, {"20261124T080000"}, {"20261324T080000Z"}, {"20261124T080000.000Z"}, {" " + date}} {
		r := request()
		r.Header["X-Sdk-Date"] = dates
		require.ErrorIs(t, a.CheckDate(r, at), signature.ErrMalformed, "%q", dates)
	}
	a, err = signature.Parse(sign(t, date, "20261123/r/dms/sdk_request", "x-sdk-date", ""))
	require.NoError(t, err)
	require.ErrorIs(t, a.CheckDate(request(), at), signature.ErrMalformed, "the credential's date is another")
}

func TestMalformedAuthorizationsAreRefused(t *testing.T) {
	sig := strings.Repeat("0", 64)
	for name, v := range map[string]string{
		"empty":             "",
		"algorithm alone":   "SDK-HMAC-SHA256",
		"another algorithm": "SDK-HMAC-SM3 Access=a, SignedHeaders=x-sdk-date, Signature=" + sig,
		"bearer":            "Bearer abc",
		"no access key":     "SDK-HMAC-SHA256 SignedHeaders=x-sdk-date, Signature=" + sig,
		"empty access key":  "SDK-HMAC-SHA256 Access=, SignedHeaders=x-sdk-date, Signature=" + sig,
		"long access key":   "SDK-HMAC-SHA256 Access=" + strings.Repeat("A", 129) + ", SignedHeaders=x-sdk-date, Signature=" + sig,
		"both variants":     "SDK-HMAC-SHA256 Access=a, Credential=a/20261124///sdk_request, Signature=" + sig,
		"part twice":        "SDK-HMAC-SHA256 Access=a, Access=b, SignedHeaders=x-sdk-date, Signature=" + sig,
		"part too many":     "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=" + sig + ", X=1",
		"no signature":      "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date",
		"short signature":   "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=00",
		"upper-case":        "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=" + strings.Repeat("A", 64),
		"not hexadecimal":   "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=" + strings.Repeat("g", 64),
		"date not signed":   "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=" + sig,
		"nothing signed":    "SDK-HMAC-SHA256 Access=a, SignedHeaders=, Signature=" + sig,
		"header twice":      "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date;x-sdk-date, Signature=" + sig,
		"upper-case header": "SDK-HMAC-SHA256 Access=a, SignedHeaders=X-Sdk-Date;x-sdk-date, Signature=" + sig,
		"empty header name": "SDK-HMAC-SHA256 Access=a, SignedHeaders=;x-sdk-date, Signature=" + sig,
		"too many headers":  "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date;" + strings.Join(many(64), ";") + ", Signature=" + sig,
		"short credential":  "SDK-HMAC-SHA256 Credential=a/20261124/sdk_request, SignedHeaders=x-sdk-date, Signature=" + sig,
		"wrong terminator":  "SDK-HMAC-SHA256 Credential=a/20261124/r/s/aws4_request, SignedHeaders=x-sdk-date, Signature=" + sig,
		"too long":          "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date" + strings.Repeat(" ", 5000) + ", Signature=" + sig,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signature.Parse(v)
			require.ErrorIs(t, err, signature.ErrMalformed)
		})
	}
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "h" + strings.Repeat("x", i)
	}
	return out
}

// FuzzVerify feeds whole requests: nothing may panic, and nothing but the vectors as they are may verify.
func FuzzVerify(f *testing.F) {
	good := make(map[string]bool)
	for _, raw := range vectors(f) {
		f.Add(raw)
		r, auth, body, err := read(raw)
		if err != nil {
			f.Fatal(err)
		}
		good[essence(r, auth, body)] = true
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, auth, body, err := read(raw)
		if err != nil {
			return
		}
		if check(r, auth, body, secretKey) == nil && !good[essence(r, auth, body)] {
			t.Fatalf("verified, but nobody signed it:\n%s", raw)
		}
	})
}

// essence is what a signature stands for: equal ones may differ in what no client signs.
func essence(r signature.Request, auth string, body []byte) string {
	q, _ := url.ParseQuery(r.RawQuery)
	return strings.Join([]string{r.Method, strings.TrimSuffix(r.Path, "/"), q.Encode(), between(auth, "Signature=", ","), string(body)}, "\n")
}

func BenchmarkVerify(b *testing.B) {
	for variant, file := range map[string]string{
		"access":     "testdata/access-variant/007_POST__v2_0123456789abcdef0123456789abcdef_queues_9bf46390-38a2-462d-b392-4d5b2d519c55_messages.http",
		"credential": "testdata/credential-variant/006_GET__v1.0_0123456789abcdef0123456789abcdef_queues.http",
	} {
		b.Run("variant="+variant, func(b *testing.B) {
			raw, err := os.ReadFile(file)
			require.NoError(b, err)
			r, auth, body, err := read(raw)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				if err := check(r, auth, body, secretKey); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

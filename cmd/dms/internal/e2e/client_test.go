package e2e

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// http1 keeps no connections: a test that kills the server must not meet a dead one.
var http1 = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Minute}

// client speaks raw HTTP for one account.
type client struct {
	base    string
	account *account
	sign    func(r *http.Request, body []byte) // adds the credentials
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// json decodes the body.
func (a answer) json(t testing.TB, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, into), string(a.body))
}

// code returns the number of a refused DMS request; both forms of it must agree.
func (a answer) code(t testing.TB) int {
	t.Helper()
	var e struct {
		Code      int    `json:"code"`
		Message   string `json:"message"`
		ErrorCode string `json:"error_code"`
		ErrorMsg  string `json:"error_msg"`
		RequestID string `json:"request_id"`
	}
	a.json(t, &e)
	require.Equal(t, fmt.Sprint(e.Code), e.ErrorCode, "the integer and the string pair say the same")
	require.Equal(t, e.Message, e.ErrorMsg)
	require.NotEmpty(t, e.Message)
	require.Equal(t, a.header.Get("X-Request-Id"), e.RequestID)
	return e.Code
}

// request is one call before it is sent.
type request struct {
	method, path string
	body         any // a string is sent as it is, nil not at all, anything else as JSON
	header       http.Header
}

func (c *client) send(ctx context.Context, r request) (answer, error) {
	var body []byte
	switch b := r.body.(type) {
	case nil:
	case string:
		body = []byte(b)
	default:
		var err error
		if body, err = json.Marshal(b); err != nil {
			return answer{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json") // clients send it on GET and DELETE, too
	if c.sign != nil {
		c.sign(req, body)
	}
	res, err := http1.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	return answer{status: res.StatusCode, header: res.Header, body: b}, nil
}

// do sends a request and requires its status.
func (c *client) do(t testing.TB, want int, method, path string, body any) answer {
	t.Helper()
	a, err := c.send(t.Context(), request{method: method, path: path, body: body})
	require.NoError(t, err, "%s %s", method, path)
	require.Equal(t, want, a.status, "%s %s\n%s", method, path, a.body)
	require.NotEmpty(t, a.header.Get("X-Request-Id"), "%s %s", method, path)
	if want == http.StatusNoContent {
		require.Empty(t, a.body)
	}
	return a
}

// refuse sends a DMS request and requires that it is refused with this status and code.
func (c *client) refuse(t testing.TB, status, code int, method, path string, body any) {
	t.Helper()
	a := c.do(t, status, method, path, body)
	require.Equal(t, code, a.code(t), "%s %s\n%s", method, path, a.body)
}

// token signs the account's user in over the Keystone wire and returns a client that uses the token.
func (d *deployment) token(t testing.TB, a *account) *client {
	t.Helper()
	anonymous := &client{base: d.tenant.url}
	res := anonymous.do(t, http.StatusCreated, http.MethodPost, "/v3/auth/tokens", login(a, a.password))
	token := res.header.Get("X-Subject-Token")
	require.NotEmpty(t, token)
	return withToken(d.tenant.url, a, token)
}

func withToken(base string, a *account, token string) *client {
	return &client{base: base, account: a, sign: func(r *http.Request, _ []byte) { r.Header.Set("X-Auth-Token", token) }}
}

// login is the body that keystone clients send.
func login(a *account, password string) any {
	domain := map[string]any{"name": a.AccountName}
	return map[string]any{"auth": map[string]any{
		"identity": map[string]any{
			"methods":  []string{"password"},
			"password": map[string]any{"user": map[string]any{"name": a.UserName, "password": password, "domain": domain}},
		},
		"scope": map[string]any{"project": map[string]any{"name": a.ProjectName, "domain": domain}},
	}}
}

// signed returns a client that signs with the account's access key, as the SDKs of the present generation do.
func (d *deployment) signed(a *account) *client {
	return &client{base: d.tenant.url, account: a, sign: func(r *http.Request, body []byte) {
		date := time.Now().UTC().Format("20060102T150405Z")
		r.Header.Set("X-Sdk-Date", date)
		path := r.URL.EscapedPath()
		if !strings.HasSuffix(path, "/") {
			path += "/"
		}
		query, _ := url.ParseQuery(r.URL.RawQuery)
		canonical := strings.Join([]string{
			r.Method, path, strings.ReplaceAll(query.Encode(), "+", "%20"), "x-sdk-date:" + date + "\n", "x-sdk-date", hexSHA256(body),
		}, "\n")
		mac := hmac.New(sha256.New, []byte(*a.SecretKey))
		mac.Write([]byte("SDK-HMAC-SHA256\n" + date + "\n" + hexSHA256([]byte(canonical))))
		r.Header.Set("Authorization", fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=x-sdk-date, Signature=%s", a.AccessKey, hex.EncodeToString(mac.Sum(nil))))
	}}
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// The few calls that most tests need, on the v2 dialect.

func (c *client) project() string { return "/v2/" + c.account.ProjectID }

func (c *client) createQueue(t testing.TB, body map[string]any) string {
	t.Helper()
	var q struct{ ID, Name string }
	c.do(t, http.StatusCreated, http.MethodPost, c.project()+"/queues", body).json(t, &q)
	return q.ID
}

func (c *client) createGroup(t testing.TB, queue, name string) string {
	t.Helper()
	var res struct{ Groups []struct{ ID, Name string } }
	c.do(t, http.StatusCreated, http.MethodPost, c.project()+"/queues/"+queue+"/groups", map[string]any{"groups": []any{map[string]any{"name": name}}}).json(t, &res)
	require.Len(t, res.Groups, 1)
	return res.Groups[0].ID
}

func (c *client) sendText(t testing.TB, queue string, bodies ...string) {
	t.Helper()
	var messages []any
	for _, b := range bodies {
		messages = append(messages, map[string]any{"body": b})
	}
	c.do(t, http.StatusCreated, http.MethodPost, c.project()+"/queues/"+queue+"/messages", map[string]any{"messages": messages})
}

// delivery is one received message.
type delivery struct {
	Message struct {
		Body       json.RawMessage `json:"body"`
		Attributes json.RawMessage `json:"attributes"`
		Tags       []string        `json:"tags"`
	} `json:"message"`
	Handler string `json:"handler"`
}

func (c *client) receive(t testing.TB, queue, group, query string) []delivery {
	t.Helper()
	a := c.do(t, http.StatusOK, http.MethodGet, c.project()+"/queues/"+queue+"/groups/"+group+"/messages?"+query, nil)
	require.True(t, bytes.HasPrefix(a.body, []byte("[")), "an array even when it is empty: %s", a.body)
	var out []delivery
	a.json(t, &out)
	return out
}

// receiveAll repeats the receive until it holds n messages.
func (c *client) receiveAll(t testing.TB, queue, group string, n int) []delivery {
	t.Helper()
	var all []delivery
	for len(all) < n {
		got := c.receive(t, queue, group, "time_wait=20")
		require.NotEmpty(t, got, "only %d of %d messages came", len(all), n)
		all = append(all, got...)
	}
	require.Len(t, all, n)
	return all
}

func (c *client) ack(t testing.TB, queue, group, status string, deliveries ...delivery) {
	t.Helper()
	var res struct{ Success, Fail int }
	c.do(t, http.StatusOK, http.MethodPost, c.project()+"/queues/"+queue+"/groups/"+group+"/ack", settlement(status, deliveries...)).json(t, &res)
	require.Equal(t, []int{len(deliveries), 0}, []int{res.Success, res.Fail})
}

func settlement(status string, deliveries ...delivery) any {
	var list []any
	for _, d := range deliveries {
		list = append(list, map[string]any{"handler": d.Handler, "status": status})
	}
	return map[string]any{"message": list}
}

// text returns the body of a message that is a string.
func (d delivery) text(t testing.TB) string {
	t.Helper()
	var s string
	require.NoError(t, json.Unmarshal(d.Message.Body, &s), string(d.Message.Body))
	return s
}

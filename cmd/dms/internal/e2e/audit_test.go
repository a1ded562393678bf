package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam/totp"
	"dms/internal/dbx"
)

// auditRecord is one record of a trail, as far as the tests look at it.
type auditRecord struct {
	Sequence int64
	Action   string
	Resource string
	Result   string
	By       struct {
		AccountID      string `json:"account_id"`
		UserID         string `json:"user_id"`
		UserName       string `json:"user_name"`
		Via            string
		CredentialID   string `json:"credential_id"`
		ImpersonatorID string `json:"impersonator_id"`
		Address        string
		RequestID      string `json:"request_id"`
	}
	Detail map[string]string
}

// trail returns the newest records of the client's own account, the newest first.
func (c *client) trail(t testing.TB) []auditRecord {
	t.Helper()
	var page struct{ Records []auditRecord }
	c.do(t, 200, "GET", "/api/v1/audit?page_size=500", nil).json(t, &page)
	return page.Records
}

// browser keeps cookies, as the console does.
type browser struct {
	http *http.Client
	base string
}

func newBrowser(t testing.TB, base string) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{http: &http.Client{Jar: jar, Transport: http1.Transport}, base: base}
}

func (b *browser) call(t testing.TB, want int, method, path, body string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.base+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := b.http.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, want, res.StatusCode, "%s %s\n%s", method, path, raw)
	return raw
}

// cookies returns the values of the browser's cookies.
func (b *browser) cookies(t testing.TB) (values []string) {
	u, err := url.Parse(b.base)
	require.NoError(t, err)
	for _, c := range b.http.Jar.Cookies(u) {
		values = append(values, c.Value)
	}
	return values
}

func TestEveryChangeLeavesOneRecordThatSaysWho(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		c := d.token(t, d.first)
		var queue, group string
		for _, step := range []struct {
			action, resource string
			do               func()
		}{
			{"dms:queue:create", ":queue:audited", func() { queue = c.createQueue(t, map[string]any{"name": "audited"}) }},
			{"dms:group:create", ":queue:audited", func() { group = c.createGroup(t, queue, "g") }},
			{"dms:tag:create", ":queue:audited", func() {
				c.do(t, 204, "POST", c.project()+"/queue/"+queue+"/tags", map[string]any{"tag": map[string]any{"key": "k", "value": "v"}})
			}},
			{"dms:tag:delete", ":queue:audited", func() { c.do(t, 204, "DELETE", c.project()+"/queue/"+queue+"/tags/k", nil) }},
			{"", "", func() { c.sendText(t, queue, "messages are no changes") }},
			{"dms:group:delete", ":queue:audited", func() { c.do(t, 204, "DELETE", c.project()+"/queues/"+queue+"/groups/"+group, nil) }},
			{"dms:queue:delete", ":queue:audited", func() { c.do(t, 204, "DELETE", c.project()+"/queues/"+queue, nil) }},
			{"", "", func() { c.refuse(t, 404, 10240401, "DELETE", c.project()+"/queues/"+queue, nil) }},
			{"iam:accesskey:create", ":accesskey:admin", func() { c.do(t, 201, "POST", "/api/v1/access-keys", map[string]any{}) }},
			{"iam:accesskey:delete", ":accesskey:admin", func() { c.do(t, 204, "DELETE", "/api/v1/access-keys/"+d.first.AccessKey, nil) }},
			{"iam:session:start", ":user:admin", func() {
				newBrowser(t, d.tenant.url).call(t, 201, "POST", "/api/v1/sessions", fmt.Sprintf(`{"login":"first-account/admin","password":%q}`, d.first.password))
			}},
			{"iam:session:start failed", ":user:admin", func() {
				newBrowser(t, d.tenant.url).call(t, 401, "POST", "/api/v1/sessions", `{"login":"first-account/admin","password":"a wrong one"}`)
			}},
		} {
			before := c.trail(t)
			step.do()
			after := c.trail(t)
			if step.action == "" {
				require.Len(t, after, len(before))
				continue
			}
			require.Len(t, after, len(before)+1, step.action)
			got := after[0]
			action, result, _ := strings.Cut(step.action, " ")
			if result == "" {
				result = "ok"
			}
			require.Equal(t, []any{action, result, before[0].Sequence + 1}, []any{got.Action, got.Result, got.Sequence})
			require.True(t, strings.HasSuffix(got.Resource, step.resource), got.Resource)
			require.Equal(t, "127.0.0.1", got.By.Address, "the tenant's address, also behind a node")
			require.NotEmpty(t, got.By.RequestID)
			if action != "iam:session:start" {
				require.Equal(t, []string{d.first.AccountID, d.first.UserID, "token"}, []string{got.By.AccountID, got.By.UserID, got.By.Via})
				require.NotEmpty(t, got.By.CredentialID)
			}
		}
		var v struct {
			OK      bool `json:"ok"`
			Records int
		}
		c.do(t, 200, "GET", "/api/v1/audit/verify", nil).json(t, &v)
		require.True(t, v.OK)
		require.Equal(t, len(c.trail(t)), v.Records)
		require.Equal(t, v.Records, strings.Count(string(c.do(t, 200, "GET", "/api/v1/audit/export", nil).body), "\n"))
		out := succeed(t, "audit", "verify", "--account", d.first.AccountName, "--data-dir", d.dataDir, "--database-url", d.databaseURL)
		require.NoError(t, json.Unmarshal([]byte(out), &v))
		require.True(t, v.OK)
	})
}

func TestSuspendedAccountIsRefusedEverywhereAtOnce(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		root := d.bootstrap(t, "operators", "root", "--operator")
		operator, bystander := d.signed(root), d.token(t, root)
		c, signed := d.token(t, d.first), d.signed(d.first)
		session := newBrowser(t, d.tenant.url)
		session.call(t, 201, "POST", "/api/v1/sessions", fmt.Sprintf(`{"login":"first-account/admin","password":%q}`, d.first.password))
		queue := c.createQueue(t, map[string]any{"name": "suspended"})
		group := c.createGroup(t, queue, "g")
		account := "/api/v1/operator/accounts/" + d.first.AccountID
		for _, tenant := range []*client{c, signed} {
			tenant.do(t, 403, "POST", account+"/suspend", map[string]any{"reason": "not an operator"})
			tenant.do(t, 403, "GET", "/api/v1/operator/accounts", nil)
		}

		type ended struct {
			answer
			err error
			at  time.Time
		}
		polls := make(chan ended, 2)
		for _, tenant := range []*client{c, signed} {
			go func() {
				a, err := tenant.send(t.Context(), request{method: "GET", path: tenant.project() + "/queues/" + queue + "/groups/" + group + "/messages?time_wait=60"})
				polls <- ended{a, err, time.Now()}
			}()
		}
		eventually(t, "the polls wait", func() error {
			if n := d.metric(t, "dms_open_polls"); n != "2" {
				return fmt.Errorf("dms_open_polls is %s", n)
			}
			return nil
		})
		began := time.Now()
		operator.do(t, 204, "POST", account+"/suspend", map[string]any{"reason": "abuse, ticket 17"})
		returned := time.Now()
		c.refuse(t, 403, 10240312, "POST", c.project()+"/queues/"+queue+"/messages", map[string]any{"messages": []any{map[string]any{"body": "x"}}})
		signed.refuse(t, 403, 10240312, "GET", c.project()+"/queues/"+queue, nil)
		signed.refuse(t, 403, 10240312, "POST", c.project()+"/queues", map[string]any{"name": "another"})
		session.call(t, 403, "GET", "/api/v1/me", "")
		for range 2 {
			p := <-polls
			require.NoError(t, p.err)
			require.Equal(t, 403, p.status, "%s", p.body)
			require.Less(t, p.at.Sub(began), 2*time.Second)
			t.Logf("the call took %v, a poll ended %v after it had begun", returned.Sub(began), p.at.Sub(began))
		}
		bystander.createQueue(t, map[string]any{"name": "goes-on"})

		operator.do(t, 204, "POST", account+"/resume", map[string]any{"reason": "sorted out"})
		signed.sendText(t, queue, "again")
		require.Len(t, c.receiveAll(t, queue, group, 1), 1)
		trail := c.trail(t)
		require.Equal(t, []string{"platform:account:resume", "platform:account:suspend"}, []string{trail[0].Action, trail[1].Action})
		require.Equal(t, []string{"abuse, ticket 17", root.UserID, root.AccountID}, []string{trail[1].Detail["reason"], trail[1].By.UserID, trail[1].By.AccountID})
	})
}

func TestImpersonationIsVisibleAndNarrow(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		root := d.bootstrap(t, "operators", "root", "--operator")
		c := d.token(t, d.first)
		accounts := "/api/v1/operator/accounts/"
		login := fmt.Sprintf(`{"login":"operators/root","password":%q}`, root.password)
		operator := newBrowser(t, d.tenant.url)
		operator.call(t, 201, "POST", "/api/v1/sessions", login)
		operator.call(t, 400, "POST", accounts+d.first.AccountID+"/impersonation", `{}`)
		operator.call(t, 403, "POST", accounts+root.AccountID+"/impersonation", `{"reason":"another operator"}`)
		c.do(t, 403, "POST", accounts+root.AccountID+"/impersonation", map[string]any{"reason": "no operator"})
		var in struct {
			UserID    string    `json:"user_id"`
			ExpiresAt time.Time `json:"expires_at"`
		}
		require.NoError(t, json.Unmarshal(operator.call(t, 201, "POST", accounts+d.first.AccountID+"/impersonation", `{"reason":"ticket 18"}`), &in))
		require.Equal(t, d.first.UserID, in.UserID)
		require.WithinDuration(t, time.Now().Add(time.Hour), in.ExpiresAt, time.Minute)

		project := "/api/v1/projects/" + d.first.ProjectID
		operator.call(t, 201, "POST", project+"/queues", `{"name":"helped"}`)
		operator.call(t, 200, "POST", "/api/v1/sessions/refresh", "")
		operator.call(t, 403, "GET", "/api/v1/operator/accounts", "")
		operator.call(t, 403, "POST", accounts+d.first.AccountID+"/impersonation", `{"reason":"again"}`)
		operator.call(t, 403, "PUT", "/api/v1/me/password", `{"current":"x","new":"a long enough secret"}`)
		operator.call(t, 403, "POST", "/api/v1/access-keys", `{}`)

		trail := c.trail(t)
		require.Equal(t, []string{"dms:queue:create", "platform:account:impersonate"}, []string{trail[0].Action, trail[1].Action})
		require.Equal(t, []string{d.first.UserID, root.UserID}, []string{trail[0].By.UserID, trail[0].By.ImpersonatorID})
		require.Equal(t, []string{root.UserID, "", "ticket 18"}, []string{trail[1].By.UserID, trail[1].By.ImpersonatorID, trail[1].Detail["reason"]})

		again := newBrowser(t, d.tenant.url)
		again.call(t, 201, "POST", "/api/v1/sessions", login)
		again.call(t, 204, "POST", accounts+d.first.AccountID+"/suspend", `{"reason":"x"}`)
		operator.call(t, 403, "GET", project+"/queues", "")
	})
}

// TestNoSecretAndNoMessageIsInTrailsLogsOrMetrics runs through what handles secrets, and looks for them where they must not be.
func TestNoSecretAndNoMessageIsInTrailsLogsOrMetrics(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		const password, wrong, body, label = "canary-password-7Q", "canary-wrong-password-7Q", "canary-message-body-7Q", "canary-label-7Q"
		b := newBrowser(t, d.tenant.url)
		b.call(t, 201, "POST", "/api/v1/sign-up", fmt.Sprintf(`{"account_name":"canary","email":"canary@tenant.example","password":%q}`, password))
		secrets := append([]string{password, wrong, body, label, d.first.password, *d.first.SecretKey}, b.cookies(t)...)
		b.call(t, 401, "POST", "/api/v1/sessions", fmt.Sprintf(`{"login":"canary","password":%q}`, wrong))
		b.call(t, 401, "POST", "/api/v1/sessions", fmt.Sprintf(`{"login":%q,"password":%q}`, wrong, password))
		b.call(t, 200, "POST", "/api/v1/sessions/refresh", "")
		secrets = append(secrets, b.cookies(t)...)
		var key struct {
			SecretKey string `json:"secret_key"`
		}
		require.NoError(t, json.Unmarshal(b.call(t, 201, "POST", "/api/v1/access-keys", `{}`), &key))
		require.NotEmpty(t, key.SecretKey)
		secrets = append(secrets, key.SecretKey)
		var lent struct {
			SecretKey     string `json:"secret_key"`
			SecurityToken string `json:"security_token"`
		}
		require.NoError(t, json.Unmarshal(b.call(t, 201, "POST", "/api/v1/temporary-credentials", `{}`), &lent))
		var factor struct{ Secret, URI string }
		require.NoError(t, json.Unmarshal(b.call(t, 201, "POST", "/api/v1/me/totp", ""), &factor))
		code, err := totp.At(factor.Secret, time.Now())
		require.NoError(t, err)
		var recovery struct {
			Codes []string `json:"recovery_codes"`
		}
		require.NoError(t, json.Unmarshal(b.call(t, 200, "POST", "/api/v1/me/totp/confirm", fmt.Sprintf(`{"totp":%q}`, code)), &recovery))
		secrets = append(append(secrets, lent.SecretKey, lent.SecurityToken, factor.Secret, factor.URI), recovery.Codes...)
		secrets = append(secrets, b.cookies(t)...)

		c := d.token(t, d.first)
		probe, err := http.NewRequest("GET", d.tenant.url, nil)
		require.NoError(t, err)
		c.sign(probe, nil)
		secrets = append(secrets, probe.Header.Get("X-Auth-Token"))
		signed := d.signed(d.first)
		queue := signed.createQueue(t, map[string]any{"name": "canary"})
		group := c.createGroup(t, queue, "g")
		signed.do(t, 201, "POST", c.project()+"/queues/"+queue+"/messages", map[string]any{"messages": []any{map[string]any{"body": body, "tags": []string{label}}}})
		got := c.receiveAll(t, queue, group, 1)
		secrets = append(secrets, got[0].Handler)
		c.ack(t, queue, group, "success", got...)
		c.refuse(t, 400, 10240015, "POST", c.project()+"/queues/not-an-id-"+body+"/messages", map[string]any{"messages": []any{map[string]any{"body": body}}})

		places := map[string]string{
			"export":           string(c.do(t, 200, "GET", "/api/v1/audit/export", nil).body),
			"the other export": string(b.call(t, 200, "GET", "/api/v1/audit/export", "")),
			"tables":           d.auditTables(t),
			"log":              d.tenant.log.String() + d.control.log.String(),
			"metrics":          metricsOf(t, d.tenant.url) + metricsOf(t, d.control.url),
		}
		require.Contains(t, places["export"], "dms:queue:create")
		require.Contains(t, places["tables"], "iam:session:start")
		require.Contains(t, places["metrics"], "dms_open_polls")
		for place, text := range places {
			for _, secret := range secrets {
				require.GreaterOrEqual(t, len(secret), 12)
				for _, form := range forms(secret) {
					require.NotContains(t, text, form, place)
				}
			}
		}
	})
}

// auditTables returns all that the tables of the trails hold.
func (d *deployment) auditTables(t testing.TB) string {
	t.Helper()
	db, err := dbx.Open(t.Context(), d.databaseURL)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var rows []string
	require.NoError(t, db.Read(t.Context()).Raw("SELECT account_id || ' ' || id || ' ' || user_id || ' ' || action || ' ' || resource || ' ' || result || ' ' || body FROM audit_records").Scan(&rows).Error)
	return strings.Join(rows, "\n")
}

func metricsOf(t testing.TB, base string) string {
	t.Helper()
	res, err := http1.Get(base + "/metrics")
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(b)
}

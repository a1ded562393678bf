package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThreeStepsFromSignUpToTheFirstMessage makes the calls of the console with its cookies.
func TestThreeStepsFromSignUpToTheFirstMessage(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		browser := &http.Client{Jar: jar, Transport: http1.Transport}
		call := func(want int, method, path, body string, into any) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), method, d.tenant.url+path, strings.NewReader(body))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			res, err := browser.Do(req)
			require.NoError(t, err)
			defer res.Body.Close()
			var raw json.RawMessage
			if want != http.StatusNoContent {
				require.NoError(t, json.NewDecoder(res.Body).Decode(&raw), "%s %s", method, path)
			}
			require.Equal(t, want, res.StatusCode, "%s %s\n%s", method, path, raw)
			if into != nil {
				require.NoError(t, json.Unmarshal(raw, into))
			}
		}

		var me struct {
			Projects []struct{ ID, Region string }
		}
		call(201, "POST", "/api/v1/sign-up", `{"account_name":"new-tenant","email":"new@tenant.example","password":"a long enough secret"}`, &me)
		require.NotEmpty(t, me.Projects)
		project := "/api/v1/projects/" + me.Projects[0].ID
		call(403, "POST", project+"/queues", `{"name":"too-early"}`, nil)
		call(200, "PUT", "/api/v1/service/activation", ``, nil)
		var queue struct{ ID string }
		call(201, "POST", project+"/queues", `{"name":"first","groups":["default"]}`, &queue)
		var groups struct{ Groups []struct{ ID, Name string } }
		call(200, "GET", project+"/queues/"+queue.ID+"/groups", ``, &groups)
		require.Len(t, groups.Groups, 1)
		call(201, "POST", project+"/queues/"+queue.ID+"/messages", `{"messages":[{"body":{"hello":"world"}}]}`, nil)
		group := project + "/queues/" + queue.ID + "/groups/" + groups.Groups[0].ID
		var received struct {
			Messages []struct {
				Handler string
				Body    json.RawMessage
			}
		}
		call(200, "POST", group+"/receive", `{"wait_seconds":20}`, &received)
		require.Len(t, received.Messages, 1)
		require.JSONEq(t, `{"hello":"world"}`, string(received.Messages[0].Body))
		settle, err := json.Marshal(map[string]any{"messages": []any{map[string]any{"handler": received.Messages[0].Handler}}})
		require.NoError(t, err)
		var settled struct{ Accepted, Rejected int }
		call(200, "POST", group+"/settle", string(settle), &settled)
		require.Equal(t, 1, settled.Accepted)
		var bill struct {
			Currency   string
			QueueHours string `json:"queue_hours"`
		}
		call(200, "GET", "/api/v1/bill", ``, &bill)
		require.Equal(t, "CNY", bill.Currency)
		require.NotEqual(t, "0", bill.QueueHours)
		call(400, "POST", project+"/queues", `{"name":"x","colour":"red"}`, nil)
		call(204, "DELETE", "/api/v1/sessions/current", ``, nil)
		call(401, "GET", "/api/v1/me", ``, nil)
	})
}

func TestConsoleAndDocumentsAreServed(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		for path, want := range map[string]string{
			"/": "text/html", "/docs": "text/html", "/api/v1/openapi.json": "application/json", "/docs/dms/openapi.json": "application/json",
		} {
			a, err := (&client{base: d.tenant.url}).send(t.Context(), request{method: "GET", path: path, header: http.Header{"Accept": {"text/html,*/*"}}})
			require.NoError(t, err)
			require.Equal(t, 200, a.status, "%s\n%s", path, a.body)
			require.Contains(t, a.header.Get("Content-Type"), want, path)
		}
	})
}

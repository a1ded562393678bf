package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBothDialectsServeEveryOperation walks the 19 operations of the queue service, with both spellings of the fields that differ.
func TestBothDialectsServeEveryOperation(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		c := d.token(t, d.first)
		for _, w := range []wire{
			{client: c, version: "v1.0", returnID: "returnId", delayTime: "delayTime", quotas: "/quotas/dms"},
			{client: c, version: "v2", returnID: "return_id", delayTime: "delay_time", quotas: "/quotas"},
			{client: c, version: "v1.0", returnID: "return_id", delayTime: "delay_time", quotas: "/quotas"},
			{client: c, version: "v2", returnID: "returnId", delayTime: "delayTime", quotas: "/quotas/dms"},
			{client: d.signed(d.first), version: "v2", returnID: "return_id", delayTime: "delay_time", quotas: "/quotas"},
		} {
			t.Run(w.version+" "+w.returnID, w.walk)
		}
	})
}

// wire is one way to speak the queue service.
type wire struct {
	*client
	version             string
	returnID, delayTime string
	quotas              string
}

func (w wire) walk(t *testing.T) {
	project := "/" + w.version + "/" + w.account.ProjectID
	queues := project + "/queues"

	// 1 create a queue
	var created map[string]any
	w.do(t, 201, "POST", queues, map[string]any{
		"name": "orders", "queue_mode": "FIFO", "description": "Bestellungen", "redrive_policy": "enable", "max_consume_count": 2, "field_of_tomorrow": true,
	}).json(t, &created)
	require.Equal(t, "orders", created["name"])
	require.NotContains(t, created, "kafka_topic")
	id := created["id"].(string)
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`, id)
	queue := queues + "/" + id
	w.refuse(t, 400, 10240017, "POST", queues, map[string]any{"name": "orders"})
	var kafka map[string]any
	w.do(t, 201, "POST", project+"/"+w.account.ProjectID+"/queues", map[string]any{"name": "log", "queue_mode": "KAFKA_HT", "retention_hours": 36}).json(t, &kafka)
	require.Equal(t, "k-"+w.account.ProjectID+"-"+kafka["id"].(string), kafka["kafka_topic"])

	w.showQueues(t, queues, id)
	groups := w.groups(t, queue)
	w.messages(t, queue, groups[0])
	w.deadLetters(t, queue, groups[0])
	w.tags(t, project, id)

	// 13 quotas
	var quotas struct {
		Quotas struct {
			Resources []struct {
				Type             string
				Quota, Used, Min int
				Max              int
			}
		}
	}
	w.do(t, 200, "GET", project+w.quotas, nil).json(t, &quotas)
	require.Len(t, quotas.Quotas.Resources, 1)
	require.Equal(t, "queue", quotas.Quotas.Resources[0].Type)
	require.Equal(t, 30, quotas.Quotas.Resources[0].Quota)
	require.Equal(t, 2, quotas.Quotas.Resources[0].Used)

	// 7 delete a group, 4 delete a queue
	w.do(t, 204, "DELETE", queue+"/groups/"+groups[1], nil)
	w.refuse(t, 404, 10240405, "DELETE", queue+"/groups/"+groups[1], nil)
	for _, q := range []string{id, kafka["id"].(string)} {
		w.do(t, 204, "DELETE", queues+"/"+q, nil)
		w.refuse(t, 404, 10240401, "DELETE", queues+"/"+q, nil)
		w.refuse(t, 404, 10240401, "GET", queues+"/"+q, nil)
	}
	w.refuse(t, 404, 10240401, "POST", queue+"/messages", map[string]any{"messages": []any{map[string]any{"body": "late"}}})

	// What is not there, in the wire's own words.
	w.refuse(t, 400, 10240015, "GET", queues+"/orders", nil)
	w.refuse(t, 404, 10240406, "GET", project+"/nothing/here", nil)
	w.refuse(t, 405, 10240406, "PATCH", queues, nil)
}

func (w wire) showQueues(t *testing.T, queues, id string) {
	// 2 list, 3 show
	var list struct {
		Total  int
		Queues []map[string]any
	}
	w.do(t, 200, "GET", queues, nil).json(t, &list)
	require.Equal(t, 2, list.Total)
	require.Len(t, list.Queues, 2)
	require.NotContains(t, list.Queues[0], "redrive_policy")
	w.do(t, 200, "GET", queues+"?include_deadletter=True", nil).json(t, &list)
	for _, q := range list.Queues {
		if q["id"] == id {
			require.Equal(t, "enable", q["redrive_policy"])
			require.InDelta(t, 2, q["max_consume_count"], 0)
		} else {
			require.NotContains(t, q, "redrive_policy", "never for a Kafka queue")
			require.InDelta(t, 2160, q["reservation"], 0)
		}
	}
	var shown map[string]any
	w.do(t, 200, "GET", queues+"/"+id+"?include_deadletter=true", nil).json(t, &shown)
	require.Equal(t, "orders", shown["name"])
	require.Equal(t, "FIFO", shown["queue_mode"])
	require.Equal(t, "Bestellungen", shown["description"])
	require.InDelta(t, 4320, shown["reservation"], 0)
	require.InDelta(t, 524288, shown["max_msg_size_byte"], 0)
	for _, field := range []string{"created", "eff_date"} {
		ms, ok := shown[field].(float64)
		require.True(t, ok, "%s is a number", field)
		require.WithinDuration(t, time.Now(), time.UnixMilli(int64(ms)), patience)
	}
}

func (w wire) groups(t *testing.T, queue string) []string {
	// 5 create groups, 6 list them
	var made struct{ Groups []struct{ ID, Name string } }
	w.do(t, 201, "POST", queue+"/groups", map[string]any{"groups": []any{map[string]any{"name": "zeta"}, map[string]any{"name": "alpha"}}}).json(t, &made)
	require.Len(t, made.Groups, 2)
	w.refuse(t, 400, 10240019, "POST", queue+"/groups", map[string]any{"groups": []any{map[string]any{"name": "c"}, map[string]any{"name": "d"}}})
	var ids []string
	for _, path := range []string{"/groups", "/resourcePathGroups"} {
		var list struct {
			QueueID   string `json:"queue_id"`
			QueueName string `json:"queue_name"`
			Groups    []struct{ ID, Name string }
		}
		w.do(t, 200, "GET", queue+path, nil).json(t, &list)
		require.Equal(t, "orders", list.QueueName)
		require.Len(t, list.Groups, 2)
		require.Equal(t, []string{"zeta", "alpha"}, []string{list.Groups[0].Name, list.Groups[1].Name}, "in order of creation")
		require.Regexp(t, `^g-[0-9a-f]{8}-`, list.Groups[0].ID)
		ids = []string{list.Groups[0].ID, list.Groups[1].ID}
	}
	return ids
}

func (w wire) messages(t *testing.T, queue, group string) {
	// 8 send: any JSON comes back as it was sent.
	attributes := `{"a":1,"b":[false,null]}`
	body := `{"messages":[{"body":"text ✓","tags":["red"]},{"body":{"n":1.50,"s":"é"},"attributes":` + attributes + `},{"body":7,"` + w.delayTime + `":200.9}],"` + w.returnID + `":true,"later":1}`
	var sent struct {
		Messages []struct {
			Error     *string `json:"error"`
			ErrorCode *int    `json:"error_code"`
			State     *int    `json:"state"`
			ID        string  `json:"id"`
		}
	}
	w.do(t, 201, "POST", queue+"/messages", body).json(t, &sent)
	require.Len(t, sent.Messages, 3)
	for _, m := range sent.Messages {
		require.Nil(t, m.Error)
		require.Nil(t, m.ErrorCode)
		require.Equal(t, 0, *m.State)
		require.NotEmpty(t, m.ID)
	}
	quiet := w.do(t, 201, "POST", queue+"/messages", map[string]any{"messages": []any{map[string]any{"body": "no ids"}}})
	require.NotContains(t, string(quiet.body), `"id"`, "ids only when they were asked for")

	// 9 receive, 10 acknowledge
	path := queue + "/groups/" + group
	var got []delivery
	for len(got) < 4 {
		var more []delivery
		w.do(t, 200, "GET", path+"/messages?max_msgs=10&time_wait=20&ack_wait=", nil).json(t, &more)
		require.NotEmpty(t, more)
		var settled struct{ Success, Fail int }
		w.do(t, 200, "POST", path+"/ack", settlement("success", more...)).json(t, &settled)
		require.Equal(t, len(more), settled.Success)
		got = append(got, more...)
	}
	bodies := map[string]delivery{}
	for _, g := range got {
		bodies[string(g.Message.Body)] = g
	}
	require.Contains(t, bodies, `"text ✓"`)
	require.Equal(t, []string{"red"}, bodies[`"text ✓"`].Message.Tags)
	require.Contains(t, bodies, `{"n":1.50,"s":"é"}`, "byte for byte")
	require.JSONEq(t, attributes, string(bodies[`{"n":1.50,"s":"é"}`].Message.Attributes))
	require.Contains(t, bodies, "7")
	empty := w.do(t, 200, "GET", path+"/messages?time_wait=1", nil)
	require.Equal(t, "[]", strings.TrimSpace(string(empty.body)))
	w.refuse(t, 400, 10542205, "POST", path+"/ack", settlement("success", got[0]))
	w.refuse(t, 400, 10540003, "POST", path+"/ack", settlement("maybe", got[0]))
	w.refuse(t, 400, 10240021, "GET", path+"/messages?time_wait=0", nil)
}

func (w wire) deadLetters(t *testing.T, queue, group string) {
	// 11 receive dead letters, 12 acknowledge them
	path := queue + "/groups/" + group
	w.do(t, 201, "POST", queue+"/messages", map[string]any{"messages": []any{map[string]any{"body": "poison"}}})
	for range 2 {
		var got []delivery
		w.do(t, 200, "GET", path+"/messages?time_wait=20", nil).json(t, &got)
		require.Len(t, got, 1)
		w.do(t, 200, "POST", path+"/ack", settlement("fail", got...))
	}
	var dead []delivery
	w.do(t, 200, "GET", path+"/deadletters?time_wait=20", nil).json(t, &dead)
	require.Len(t, dead, 1)
	require.Equal(t, "poison", dead[0].text(t))
	w.refuse(t, 400, 10542205, "POST", path+"/ack", settlement("success", dead...))
	w.do(t, 200, "POST", path+"/deadletters/ack", settlement("success", dead...))
	gone := w.do(t, 200, "GET", path+"/deadletters?time_wait=1", nil)
	require.Equal(t, "[]", strings.TrimSpace(string(gone.body)))
}

func (w wire) tags(t *testing.T, project, id string) {
	tags := project + "/queue/" + id + "/tags"
	// 14 several, 17 one, 18 delete one
	w.do(t, 204, "POST", tags+"/action", map[string]any{"action": "create", "tags": []any{map[string]any{"key": "stage", "value": "test"}, map[string]any{"key": "队 伍", "value": "甲"}}})
	w.do(t, 204, "POST", tags, map[string]any{"tag": map[string]any{"key": "owner", "value": "me"}})
	w.do(t, 204, "DELETE", tags+"/"+url.PathEscape("队 伍"), nil)
	w.refuse(t, 404, 10240426, "DELETE", tags+"/"+url.PathEscape("队 伍"), nil)
	// 15 of a queue, 16 of a project
	var shown struct{ Tags []struct{ Key, Value string } }
	w.do(t, 200, "GET", tags, nil).json(t, &shown)
	require.Len(t, shown.Tags, 2)
	var all struct {
		Tags []struct {
			Key    string
			Values []string
		}
	}
	w.do(t, 200, "GET", project+"/queue/tags", nil).json(t, &all)
	require.Len(t, all.Tags, 2)
	// 19 search
	search := func(action string) map[string]json.RawMessage {
		var out map[string]json.RawMessage
		w.do(t, 200, "POST", project+"/queue/resource_instances/action", map[string]any{
			"action": action, "tags": []any{map[string]any{"key": "stage", "values": []string{"test"}}}, "limit": "10", "offset": "0",
		}).json(t, &out)
		return out
	}
	found := search("filter")
	require.Equal(t, "1", string(found["total_count"]))
	require.Contains(t, string(found["resources"]), id)
	counted := search("count")
	require.Equal(t, "1", string(counted["total_count"]))
	require.NotContains(t, counted, "resources")
}

func TestRequestsWithoutGoodCredentialsAreRefused(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		a := d.first
		anonymous := &client{base: d.tenant.url, account: a}
		good := d.token(t, a)
		queues := good.project() + "/queues"
		anonymous.refuse(t, 401, 10240103, "GET", queues, nil)
		withToken(d.tenant.url, a, "forged.token.here").refuse(t, 401, 10240101, "GET", queues, nil)
		withToken(d.tenant.url, a, strings.Repeat("x", 9<<10)).refuse(t, 401, 10240101, "GET", queues, nil)
		wrong := *a
		secret := "wrong"
		wrong.SecretKey = &secret
		d.signed(&wrong).refuse(t, 401, 10240101, "GET", queues, nil)
		d.signed(a).do(t, 200, "GET", queues, nil)
		good.refuse(t, 401, 10240104, "GET", "/v2/0123456789abcdef0123456789abcdef/queues", nil)
		good.refuse(t, 400, 10240005, "GET", "/v2/not-a-project/queues", nil)

		res, err := anonymous.send(t.Context(), request{method: "POST", path: "/v3/auth/tokens", body: login(a, "wrong password")})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, res.status)
		var keystone struct {
			Error struct {
				Code           int
				Message, Title string
			}
		}
		res.json(t, &keystone)
		require.Equal(t, 401, keystone.Error.Code)
		require.Equal(t, "Unauthorized", keystone.Error.Title)
	})
}

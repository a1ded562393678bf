package dmsapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/id"
)

func TestManagingOperationsInEachSpelling(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, base := range []string{"/v1.0/{pid}", "/v2/{pid}", "/v1.0/{pid}/{pid}", "/v2/{pid}/{pid}"} {
			c := w.newCaller(t)

			got := c.do(t, http.MethodPost, base+"/queues", `{"name":"orders","queue_mode":"FIFO","description":"d","redrive_policy":"enable","max_consume_count":3,"unknown":{"a":1}}`)
			require.Equal(t, http.StatusCreated, got.status, got.body)
			require.Equal(t, "application/json; charset=utf-8", got.header.Get("Content-Type"))
			var q struct{ ID, Name string }
			require.NoError(t, json.Unmarshal([]byte(got.body), &q))
			require.JSONEq(t, `{"id":"`+q.ID+`","name":"orders"}`, got.body)
			require.True(t, id.IsQueue(q.ID))
			stored, err := w.Queues.Queue(ctx, c.Actor, q.ID)
			require.NoError(t, err)
			require.Equal(t, dataplane.ModeFIFO, stored.Mode)
			require.Equal(t, 3, stored.MaxConsumeCount)
			require.Equal(t, "local-1", stored.Region)

			got = c.do(t, http.MethodPost, base+"/queues/"+q.ID+"/groups", `{"groups":[{"name":"z"},{"name":"a"}]}`)
			require.Equal(t, http.StatusCreated, got.status, got.body)
			var groups struct{ Groups []struct{ ID, Name string } }
			require.NoError(t, json.Unmarshal([]byte(got.body), &groups))
			require.Len(t, groups.Groups, 2)
			require.JSONEq(t, `{"groups":[{"id":"`+groups.Groups[0].ID+`","name":"z"},{"id":"`+groups.Groups[1].ID+`","name":"a"}]}`, got.body)
			require.True(t, id.IsGroup(groups.Groups[0].ID))

			noContent := func(method, path, body string) {
				t.Helper()
				got := c.do(t, method, base+path, body)
				require.Equal(t, http.StatusNoContent, got.status, got.body)
				require.Empty(t, got.body)
			}
			noContent(http.MethodPost, "/queue/"+q.ID+"/tags/action", `{"action":"create","tags":[{"key":"k1","value":"v1"},{"key":"键"}]}`)
			noContent(http.MethodPost, "/queue/"+q.ID+"/tags", `{"tag":{"key":"k2","value":"v2"}}`)
			require.Equal(t, []dataplane.Tag{{Key: "k1", Value: "v1"}, {Key: "k2", Value: "v2"}, {Key: "键"}}, c.tags(t, q.ID))
			noContent(http.MethodPost, "/queue/"+q.ID+"/tags/action", `{"action":"delete","tags":[{"key":"k1"},{"key":"k2","value":"other"},{"key":"none"}]}`)
			noContent(http.MethodDelete, "/queue/"+q.ID+"/tags/%E9%94%AE", "")
			require.Equal(t, []dataplane.Tag{{Key: "k2", Value: "v2"}}, c.tags(t, q.ID))

			noContent(http.MethodDelete, "/queues/"+q.ID+"/groups/"+groups.Groups[0].ID, "")
			noContent(http.MethodDelete, "/queues/"+q.ID, "")
			require.Equal(t, 10240401, c.do(t, http.MethodDelete, base+"/queues/"+q.ID, "").code(t))
		}
	})
}

func TestKafkaQueueHasATopic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		got := c.do(t, http.MethodPost, "/v2/{pid}/queues", `{"name":"log","queue_mode":"KAFKA_HA","retention_hours":36.0}`)
		require.Equal(t, http.StatusCreated, got.status)
		var q struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(got.body), &q))
		require.JSONEq(t, `{"id":"`+q.ID+`","name":"log","kafka_topic":"k-`+c.ProjectID+`-`+q.ID+`"}`, got.body)
		stored, err := w.Queues.Queue(ctx, c.Actor, q.ID)
		require.NoError(t, err)
		require.Equal(t, 36, stored.RetentionHours)
	})
}

func TestErrorOfEachBrokenRule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		q := c.createQueue(t, `{"name":"taken"}`)
		c.createGroup(t, q, "taken")
		c.createGroup(t, q, "two")
		long := func(n int) string { return strings.Repeat("x", n) }
		const queues = "/v1.0/{pid}/queues"
		groups, batch, tags := queues+"/"+q+"/groups", "/v1.0/{pid}/queue/"+q+"/tags/action", "/v1.0/{pid}/queue/"+q+"/tags"
		for _, r := range []struct {
			method, path, body string
			status, code       int
		}{
			{"POST", queues, `{"name":"taken"}`, 400, 10240017},
			{"POST", queues, ``, 400, 10240009},
			{"POST", queues, `{"name":"a"`, 400, 10240009},
			{"POST", queues, `{"name":"a"} x`, 400, 10240009},
			{"POST", queues, "{\"name\":\"a\",\"description\":\"\xff\"}", 400, 10240009},
			{"POST", queues, `[]`, 400, 10540001},
			{"POST", queues, `"a"`, 400, 10540001},
			{"POST", queues, `null`, 400, 10240011},
			{"POST", queues, `{}`, 400, 10240011},
			{"POST", queues, `{"name":null}`, 400, 10240011},
			{"POST", queues, `{"name":""}`, 400, 10240011},
			{"POST", queues, `{"name":"` + long(65) + `"}`, 400, 10240011},
			{"POST", queues, `{"name":"a b"}`, 400, 10240007},
			{"POST", queues, `{"name":1}`, 400, 10540001},
			{"POST", queues, `{"name":"a","queue_mode":1}`, 400, 10540001},
			{"POST", queues, `{"name":"a","queue_mode":"AMQP"}`, 400, 10540010},
			{"POST", queues, `{"name":"a","description":"` + long(161) + `"}`, 400, 10240013},
			{"POST", queues, `{"name":"a","description":"<"}`, 400, 10240010},
			{"POST", queues, `{"name":"a","description":"\u0000"}`, 400, 10240010},
			{"POST", queues, `{"name":"a","description":false}`, 400, 10540001},
			{"POST", queues, `{"name":"a","redrive_policy":"maybe"}`, 400, 10540010},
			{"POST", queues, `{"name":"a","redrive_policy":true}`, 400, 10540001},
			{"POST", queues, `{"name":"a","redrive_policy":"enable"}`, 400, 10240022},
			{"POST", queues, `{"name":"a","redrive_policy":"enable","max_consume_count":0}`, 400, 10240022},
			{"POST", queues, `{"name":"a","redrive_policy":"enable","max_consume_count":101}`, 400, 10240022},
			{"POST", queues, `{"name":"a","redrive_policy":"enable","max_consume_count":1.5}`, 400, 10240022},
			{"POST", queues, `{"name":"a","redrive_policy":"enable","max_consume_count":"3"}`, 400, 10540001},
			{"POST", queues, `{"name":"a","queue_mode":"KAFKA_HA","redrive_policy":"enable","max_consume_count":3}`, 400, 10540010},
			{"POST", queues, `{"name":"a","retention_hours":72}`, 400, 10240028},
			{"POST", queues, `{"name":"a","queue_mode":"KAFKA_HT","retention_hours":0}`, 400, 10240027},
			{"POST", queues, `{"name":"a","queue_mode":"KAFKA_HT","retention_hours":73}`, 400, 10240027},
			{"POST", queues, `{"name":"a","queue_mode":"KAFKA_HT","retention_hours":1.5}`, 400, 10240027},
			{"POST", queues, `{"name":"a","queue_mode":"KAFKA_HT","retention_hours":1e99999}`, 400, 10240027},
			{"POST", queues, `{"name":"a","queue_mode":"KAFKA_HT","retention_hours":[1]}`, 400, 10540001},

			{"DELETE", queues + "/taken", ``, 400, 10240015},
			{"DELETE", queues + "/" + id.NewQueue(), ``, 404, 10240401},
			{"POST", queues + "/taken/groups", `{"groups":[{"name":"a"}]}`, 400, 10240015},
			{"POST", queues + "/" + id.NewQueue() + "/groups", `{"groups":[{"name":"a"}]}`, 404, 10240401},
			{"POST", groups, `{"groups":[{"name":"taken"}]}`, 400, 10240018},
			{"POST", groups, `{"groups":[{"name":"a"},{"name":"a"}]}`, 400, 10240018},
			{"POST", groups, `{"groups":[{"name":"a"},{"name":"b"}]}`, 400, 10240019},
			{"POST", groups, `{"groups":[{"name":""}]}`, 400, 10240012},
			{"POST", groups, `{"groups":[{}]}`, 400, 10240012},
			{"POST", groups, `{"groups":[{"name":"` + long(33) + `"}]}`, 400, 10240012},
			{"POST", groups, `{"groups":[{"name":"a.b"}]}`, 400, 10240007},
			{"POST", groups, `{"groups":[]}`, 400, 10540010},
			{"POST", groups, `{}`, 400, 10540010},
			{"POST", groups, `{"groups":{"name":"a"}}`, 400, 10540001},
			{"POST", groups, `{"groups":[{"name":1}]}`, 400, 10540001},
			{"POST", groups, `{"groups":["a"]}`, 400, 10540001},
			{"DELETE", groups + "/g", ``, 400, 10240016},
			{"DELETE", groups + "/" + id.NewGroup(), ``, 404, 10240405},
			{"DELETE", queues + "/" + id.NewQueue() + "/groups/" + id.NewGroup(), ``, 404, 10240401},

			{"POST", batch, `{"action":"create","tags":[{"key":""}]}`, 400, 10240035},
			{"POST", batch, `{"action":"create","tags":[{"key":"` + long(37) + `"}]}`, 400, 10240035},
			{"POST", batch, `{"action":"create","tags":[{"key":"a=b"}]}`, 400, 10240036},
			{"POST", batch, `{"action":"delete","tags":[{"key":"a=b"}]}`, 400, 10240036},
			{"POST", batch, `{"action":"create","tags":[{"key":"a","value":"` + long(44) + `"}]}`, 400, 10240038},
			{"POST", batch, `{"action":"create","tags":[{"key":"a","value":"|"}]}`, 400, 10240039},
			{"POST", batch, `{"action":"create","tags":[{"key":"a"},{"key":"a"}]}`, 400, 10240045},
			{"POST", batch, `{"action":"update","tags":[{"key":"a"}]}`, 400, 10240040},
			{"POST", batch, `{"tags":[{"key":"a"}]}`, 400, 10240040},
			{"POST", batch, `{"action":1}`, 400, 10540001},
			{"POST", batch, `{"action":"create"}`, 400, 10540010},
			{"POST", batch, `{"action":"create","tags":[` + strings.Repeat(`{"key":"a"},`, 10) + `{"key":"b"}]}`, 400, 10240044},
			{"POST", batch, `nothing`, 400, 10240009},
			{"POST", "/v1.0/{pid}/queue/" + id.NewQueue() + "/tags/action", `{"action":"create","tags":[{"key":"a"}]}`, 404, 10240401},
			{"POST", "/v1.0/{pid}/queue/x/tags/action", `{"action":"create","tags":[{"key":"a"}]}`, 400, 10240015},
			{"POST", tags, `{"tag":{"key":"","value":""}}`, 400, 10240035},
			{"POST", tags, `{"tag":{"key":"a","value":","}}`, 400, 10240039},
			{"POST", tags, `{"tag":[]}`, 400, 10540001},
			{"POST", tags, `{}`, 400, 10540010},
			{"DELETE", tags + "/none", ``, 404, 10240426},
			{"DELETE", tags + "/a%3Db", ``, 400, 10240036},
			{"DELETE", tags + "/" + long(37), ``, 400, 10240035},
			{"DELETE", "/v1.0/{pid}/queue/" + id.NewQueue() + "/tags/none", ``, 404, 10240401},
		} {
			got := c.do(t, r.method, r.path, r.body)
			require.Equal(t, r.code, got.code(t), "%s %s %.100s: %s", r.method, r.path, r.body, got.body)
			require.Equal(t, r.status, got.status, "%s %s %.100s", r.method, r.path, r.body)
		}
		require.Empty(t, c.tags(t, q))
		n := int64(0)
		for {
			b, ok, err := w.store.CutUsage(ctx, 1000)
			require.NoError(t, err)
			if !ok {
				break
			}
			for _, count := range b.Counts {
				n += count.Calls
			}
			require.NoError(t, w.store.UsageDelivered(ctx, b.Last))
		}
		require.Equal(t, int64(3), n, "the queue and its two groups; refused calls cost nothing")
	})
}

func TestLimitsThemselvesAreAccepted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		for _, body := range []string{
			`{"name":"` + strings.Repeat("x", 64) + `"}`,
			`{"name":"a","description":"` + strings.Repeat("描", 160) + `"}`,
			`{"name":"b","redrive_policy":"enable","max_consume_count":1}`,
			`{"name":"c","redrive_policy":"enable","max_consume_count":100,"queue_mode":"FIFO"}`,
			`{"name":"d","queue_mode":"KAFKA_HA","retention_hours":1}`,
			`{"name":"e","queue_mode":"KAFKA_HT","retention_hours":72}`,
			`{"name":"f","queue_mode":"KAFKA_HT","redrive_policy":"disable"}`,
			`{"name":"g","description":null,"queue_mode":null,"redrive_policy":null,"max_consume_count":null,"retention_hours":null}`,
		} {
			c.createQueue(t, body)
		}
	})
}

func TestQuotaOfQueues(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		require.NoError(t, w.Quotas.Set(ctx, c.AccountID, c.ProjectID, dataplane.Quota{Queues: 1, GroupsPerQueue: 1}))
		q := c.createQueue(t, `{"name":"one"}`)
		got := c.do(t, http.MethodPost, "/v1.0/{pid}/queues", `{"name":"two"}`)
		require.Equal(t, http.StatusBadRequest, got.status)
		require.Equal(t, 10240020, got.code(t))
		got = c.do(t, http.MethodPost, "/v1.0/{pid}/queues/"+q+"/groups", `{"groups":[{"name":"a"},{"name":"b"}]}`)
		require.Equal(t, 10240019, got.code(t))
		require.Equal(t, http.StatusNoContent, c.do(t, http.MethodDelete, "/v1.0/{pid}/queues/"+q, "").status)
		c.createQueue(t, `{"name":"two"}`)
	})
}

func TestChecksComeInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		nobody := &caller{w: w, Actor: c.Actor}
		liar := &caller{w: w, Actor: c.Actor, token: "forged"}
		sleeper := w.newCaller(t)
		sleeper.AccountID = id.NewHex()
		w.people.actors[sleeper.token] = sleeper.Actor
		everything := `{"name":"a b"}`
		for _, r := range []struct {
			name         string
			c            *caller
			path, body   string
			status, code int
		}{
			{"nobody with a bad project", nobody, "/v1.0/x/queues", everything, 401, 10240103},
			{"a forged token with a bad project", liar, "/v1.0/x/queues", everything, 401, 10240101},
			{"a bad project", c, "/v1.0/x/queues", everything, 400, 10240005},
			{"a foreign project", c, "/v1.0/" + sleeper.ProjectID + "/queues", everything, 401, 10240104},
			{"an unknown project", c, "/v1.0/" + id.NewHex() + "/queues", everything, 401, 10240104},
			{"two projects", c, "/v1.0/{pid}/" + sleeper.ProjectID + "/queues", everything, 404, 10240406},
			{"not activated", sleeper, "/v1.0/{pid}/queues", everything, 403, 10240309},
			{"the form, before existence", c, "/v1.0/{pid}/queues/" + id.NewQueue() + "/groups", `{"groups":[]}`, 400, 10540010},
			{"the path's form, before the body's", c, "/v1.0/{pid}/queues/x/groups", `{`, 400, 10240015},
		} {
			got := r.c.do(t, http.MethodPost, r.path, r.body)
			require.Equal(t, r.code, got.code(t), r.name)
			require.Equal(t, r.status, got.status, r.name)
		}
	})
}

func TestPoliciesAreAskedAboutTheNamedThing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		q := c.createQueue(t, `{"name":"orders"}`)
		g := c.createGroup(t, q, "billing")
		queue := access.QueueResource("local-1", c.AccountID, "orders")
		for _, r := range []struct {
			action             access.Action
			on                 access.Resource
			method, path, body string
		}{
			{access.QueueCreate, access.QueueResource("local-1", c.AccountID, "new"), "POST", "/v2/{pid}/queues", `{"name":"new"}`},
			{access.GroupCreate, queue, "POST", "/v2/{pid}/queues/" + q + "/groups", `{"groups":[{"name":"x"}]}`},
			{access.TagCreate, queue, "POST", "/v2/{pid}/queue/" + q + "/tags/action", `{"action":"create","tags":[{"key":"k"}]}`},
			{access.TagDelete, queue, "POST", "/v2/{pid}/queue/" + q + "/tags/action", `{"action":"delete","tags":[{"key":"k"}]}`},
			{access.TagCreate, queue, "POST", "/v1.0/{pid}/queue/" + q + "/tags", `{"tag":{"key":"k"}}`},
			{access.TagDelete, queue, "DELETE", "/v1.0/{pid}/queue/" + q + "/tags/k", ``},
			{access.GroupDelete, access.GroupResource("local-1", c.AccountID, "orders", "billing"), "DELETE", "/v2/{pid}/queues/" + q + "/groups/" + g, ``},
			{access.QueueDelete, queue, "DELETE", "/v2/{pid}/queues/" + q, ``},
		} {
			w.people.denied, w.people.asked = map[access.Action]access.Resource{r.action: r.on}, nil
			got := c.do(t, r.method, r.path, r.body)
			require.Equal(t, 10240311, got.code(t), "%s %s", r.method, r.path)
			require.Equal(t, http.StatusForbidden, got.status)
			require.Equal(t, []string{string(r.action) + " " + string(r.on)}, w.people.asked, "one question")
		}
		_, err := w.Queues.Queue(ctx, c.Actor, q)
		require.NoError(t, err)
	})
}

func TestFrozenAccountMayOnlyDeleteQueues(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		c.AccountID = id.NewHex()
		w.people.actors[c.token] = c.Actor
		require.NoError(t, w.store.InTx(ctx, func(tx controlplane.Tx) error {
			_, err := tx.InsertActivation(dataplane.Activation{AccountID: c.AccountID, State: dataplane.ActivationFrozen})
			return err
		}))
		q, _, err := w.Queues.Create(ctx, c.Actor, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		got := c.do(t, http.MethodPost, "/v1.0/{pid}/queues", `{"name":"more"}`)
		require.Equal(t, http.StatusForbidden, got.status)
		require.Equal(t, 10240306, got.code(t))
		require.Equal(t, 10240306, c.do(t, http.MethodPost, "/v1.0/{pid}/queues/"+q.ID+"/groups", `{"groups":[{"name":"g"}]}`).code(t))
		require.Equal(t, http.StatusNoContent, c.do(t, http.MethodDelete, "/v1.0/{pid}/queues/"+q.ID, "").status)
	})
}

// TestForeignIDsAnswerAsUnknownOnes tries every operation with another account's ids, both ways round: the answers are those for ids that
// do not exist, byte for byte.
func TestForeignIDsAnswerAsUnknownOnes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		callers := []*caller{w.newCaller(t), w.newCaller(t)}
		for i, me := range callers {
			them := callers[1-i]
			q := them.createQueue(t, `{"name":"theirs"}`)
			g := them.createGroup(t, q, "g")
			require.Equal(t, http.StatusNoContent, them.do(t, http.MethodPost, "/v1.0/{pid}/queue/"+q+"/tags", `{"tag":{"key":"k"}}`).status)
			mine := me.createQueue(t, `{"name":"theirs"}`)
			for _, r := range []struct{ method, path, body string }{
				{"DELETE", "/queues/QUEUE", ``},
				{"POST", "/queues/QUEUE/groups", `{"groups":[{"name":"x"}]}`},
				{"DELETE", "/queues/QUEUE/groups/GROUP", ``},
				{"DELETE", "/queues/" + mine + "/groups/GROUP", ``},
				{"POST", "/queue/QUEUE/tags/action", `{"action":"create","tags":[{"key":"x"}]}`},
				{"POST", "/queue/QUEUE/tags/action", `{"action":"delete","tags":[{"key":"k"}]}`},
				{"POST", "/queue/QUEUE/tags", `{"tag":{"key":"x"}}`},
				{"DELETE", "/queue/QUEUE/tags/k", ``},
			} {
				for _, base := range []string{"/v1.0/{pid}", "/v2/" + them.ProjectID} {
					ask := func(queueID, groupID, base string) answer {
						path := strings.NewReplacer("QUEUE", queueID, "GROUP", groupID).Replace(base + r.path)
						return me.do(t, r.method, path, r.body)
					}
					unknownBase := base
					if base != "/v1.0/{pid}" {
						unknownBase = "/v2/" + id.NewHex()
					}
					foreign, unknown := ask(q, g, base), ask(id.NewQueue(), id.NewGroup(), unknownBase)
					require.Equal(t, unknown.status, foreign.status, "%s %s", r.method, r.path)
					require.Equal(t, unknown.withoutRequestID(), foreign.withoutRequestID(), "%s %s", r.method, r.path)
					require.GreaterOrEqual(t, foreign.status, 400)
				}
			}
			stored, err := w.Queues.Queue(ctx, them.Actor, q)
			require.NoError(t, err)
			require.Equal(t, []dataplane.Tag{{Key: "k"}}, stored.Tags)
			_, err = w.Queues.Group(ctx, stored, g)
			require.NoError(t, err)
			require.NoError(t, w.Queues.Delete(ctx, them.Actor, q))
			require.NoError(t, w.Queues.Delete(ctx, me.Actor, mine))
		}
	})
}

func TestUnknownPathsAndMethods(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		for _, r := range []struct {
			method, path string
			status       int
			allow        string
		}{
			{"PUT", "/v1.0/{pid}/queues", 405, "GET, POST"},
			{"PATCH", "/v2/{pid}/queues/" + id.NewQueue(), 405, "GET, DELETE"},
			{"PUT", "/v2/{pid}/{pid}/queues/" + id.NewQueue(), 405, "GET, DELETE"},
			{"DELETE", "/v2/{pid}/queues/" + id.NewQueue() + "/messages", 405, "POST"},
			{"POST", "/v1.0/{pid}/quotas/dms", 405, "GET"},
			{"POST", "/v1.0/{pid}/queue/tags", 405, "GET"},
			{"GET", "/v1.0/{pid}/queue/" + id.NewQueue() + "/tags/action", 405, "POST"},
			{"GET", "/v1.0/{pid}/queue/" + id.NewQueue() + "/tags/k", 405, "DELETE"},
			{"GET", "/v1.0/{pid}/nothing", 404, ""},
			{"GET", "/v1.0/{pid}", 404, ""},
			{"POST", "/v2/{pid}/queues/", 404, ""},
			{"POST", "/v3/{pid}/queues", 404, ""},
		} {
			got := c.do(t, r.method, r.path, "")
			require.Equal(t, 10240406, got.code(t), "%s %s", r.method, r.path)
			require.Equal(t, r.status, got.status, "%s %s", r.method, r.path)
			require.Equal(t, r.allow, got.header.Get("Allow"), "%s %s", r.method, r.path)
		}
	})
}

func TestOversizedBodyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller(t)
		got := c.do(t, http.MethodPost, "/v1.0/{pid}/queues", `{"name":"a","x":"`+strings.Repeat("x", 4<<20)+`"}`)
		require.Equal(t, http.StatusBadRequest, got.status)
		require.Equal(t, 10540011, got.code(t))
	})
}

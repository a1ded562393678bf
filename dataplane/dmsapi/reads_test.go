package dmsapi_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
)

const createdAt = 1763971200000 // milliseconds

func TestQueuesAreListedAsClientsReadThem(t *testing.T) {
	w := newWire(t)
	at := func(ms int64) func(*dataplane.Queue) {
		return func(q *dataplane.Queue) { q.CreatedAt = ms * 1000 }
	}
	tenant := w.Tenant(t, "lister")
	list := func(version, query string) string {
		a := w.do(t, call{method: http.MethodGet, path: "/" + version + "/" + tenant.ProjectID + "/queues" + query, token: "lister"})
		require.Equal(t, 200, a.status, a.body)
		require.Equal(t, "application/json; charset=utf-8", a.header.Get("Content-Type"))
		return a.body
	}
	require.Equal(t, `{"total":0,"queues":[]}`, list("v2", ""))

	second := w.Queue(t, tenant, "second", dataplane.ModeKafkaHA, func(q *dataplane.Queue) { at(createdAt + 1)(q); q.RetentionHours = 36 })
	first := w.Queue(t, tenant, "first", dataplane.ModeFIFO, func(q *dataplane.Queue) { at(createdAt)(q); q.MaxConsumeCount = 3; q.Description = "a \"b\"" })
	w.Group(t, first, "g")
	a := w.do(t, call{method: http.MethodPost, path: "/v2/" + tenant.ProjectID + "/queues/" + first.ID + "/messages", body: `{"messages":[{"body":1},{"body":2}]}`, token: "lister"})
	require.Equal(t, 201, a.status)

	kafka := fmt.Sprintf(`{"id":%q,"name":"second","created":%d,"description":"","queue_mode":"KAFKA_HA","reservation":2160,"max_msg_size_byte":524288,"produced_messages":0,"group_count":0,"eff_date":%d}`,
		second.ID, createdAt+1, createdAt+1)
	fifo := func(produced int, dead string) string {
		return fmt.Sprintf(`{"id":%q,"name":"first","created":%d,"description":"a \"b\"","queue_mode":"FIFO","reservation":4320,"max_msg_size_byte":524288,"produced_messages":%d,%s"group_count":1,"eff_date":%d}`,
			first.ID, createdAt, produced, dead, createdAt)
	}
	const dead = `"redrive_policy":"enable","max_consume_count":3,`
	both := func(first string) string { return `{"total":2,"queues":[` + first + `,` + kafka + `]}` }
	for _, v := range []string{"v1.0", "v2"} {
		require.Equal(t, both(fifo(2, "")), list(v, ""))
		for _, yes := range []string{"true", "True", "TRUE"} {
			require.Equal(t, both(fifo(2, dead)), list(v, "?include_deadletter="+yes))
		}
		for _, no := range []string{"false", "False", "", "false&unknown=1"} {
			require.Equal(t, both(fifo(2, "")), list(v, "?include_deadletter="+no))
		}
	}
	require.Equal(t, both(fifo(2, "")), list("v1.0", "?include_messages_num=True"))
	require.Equal(t, both(fifo(0, "")), list("v1.0", "?include_messages_num=False"))
	require.Equal(t, both(fifo(2, "")), list("v2", "?include_messages_num=False"), "v2 has no such parameter")
}

func TestQueueIsShownAsClientsReadIt(t *testing.T) {
	w := newWire(t)
	show := func(q dataplane.Queue, query string) string {
		a := w.get(t, "/v1.0/"+w.tenant.ProjectID+"/queues/"+q.ID+query)
		require.Equal(t, 200, a.status, a.body)
		return a.body
	}
	created := w.queue.CreatedAt / 1000
	require.JSONEq(t, fmt.Sprintf(`{"id":%q,"name":"orders","created":%d,"eff_date":%d,"description":"","queue_mode":"NORMAL","reservation":4320,
		"max_msg_size_byte":524288,"produced_messages":0,"group_count":1}`, w.queue.ID, created, created), show(w.queue, ""))
	require.Contains(t, show(w.queue, "?include_deadletter=True"), `"redrive_policy":"disable","max_consume_count":0`)

	log := w.Queue(t, w.tenant, "log", dataplane.ModeKafkaHT, func(q *dataplane.Queue) { q.RetentionHours = 1 })
	require.JSONEq(t, fmt.Sprintf(`{"id":%q,"name":"log","created":%d,"eff_date":%d,"description":"","queue_mode":"KAFKA_HT","reservation":60,
		"max_msg_size_byte":524288,"produced_messages":0,"group_count":0,"kafka_topic":"k-%s-%s"}`,
		log.ID, log.CreatedAt/1000, log.CreatedAt/1000, w.tenant.ProjectID, log.ID), show(log, "?include_deadletter=true"))
}

func TestGroupsAreListedInTheOrderOfTheirCreation(t *testing.T) {
	w := newWire(t)
	q := w.Queue(t, w.tenant, "q", dataplane.ModeNormal, func(q *dataplane.Queue) { q.MaxConsumeCount = 1 })
	var names []string
	var groups []dataplane.Group
	for _, name := range []string{"zebra", "ant", "moth"} {
		groups = append(groups, w.Group(t, q, name))
		names = append(names, name)
	}
	list := func(rest string) string {
		a := w.get(t, w.path("/queues/"+q.ID+rest))
		require.Equal(t, 200, a.status, a.body)
		return a.body
	}
	listed := func(body string) (out []string) {
		for _, name := range names {
			if strings.Contains(body, `"name":"`+name+`"`) {
				out = append(out, name)
			}
		}
		return out
	}
	group := func(i, produced, consumed, available int, dead string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"produced_messages":%d,"consumed_messages":%d,"available_messages":%d%s}`,
			groups[i].ID, names[i], produced, consumed, available, dead)
	}
	head := fmt.Sprintf(`{"queue_id":%q,"queue_name":"q",`, q.ID)
	require.Equal(t, head+`"groups":[`+group(0, 0, 0, 0, "")+`,`+group(1, 0, 0, 0, "")+`,`+group(2, 0, 0, 0, "")+`]}`, list("/groups"))

	// One message that fails becomes a dead letter, one is acknowledged, one waits.
	a := w.post(t, w.path("/queues/"+q.ID+"/messages"), `{"messages":[{"body":1},{"body":2},{"body":3}]}`)
	require.Equal(t, 201, a.status)
	zebra := w.path("/queues/" + q.ID + "/groups/" + groups[0].ID)
	got := w.consume(t, zebra+"/messages?max_msgs=2")
	require.Len(t, got, 2)
	a = w.post(t, zebra+"/ack", `{"message":[{"handler":"`+got[0].Handler+`","status":"fail"},{"handler":"`+got[1].Handler+`"}]}`)
	require.Equal(t, `{"success":2,"fail":0}`, a.body)

	deadOf := func(produced, available int) string {
		return fmt.Sprintf(`,"produced_deadletters":%d,"available_deadletters":%d`, produced, available)
	}
	for _, path := range []string{"/groups", "/resourcePathGroups"} {
		require.Equal(t, head+`"groups":[`+group(0, 3, 2, 1, "")+`,`+group(1, 3, 0, 3, "")+`,`+group(2, 3, 0, 3, "")+`]}`, list(path))
		require.Equal(t, head+`"redrive_policy":"enable","groups":[`+group(0, 3, 2, 1, deadOf(1, 1))+`,`+group(1, 3, 0, 3, deadOf(0, 0))+`,`+group(2, 3, 0, 3, deadOf(0, 0))+`]}`,
			list(path+"?include_deadletter=True"))
		require.Equal(t, head+`"redrive_policy":"enable","groups":[`+group(0, 0, 0, 0, deadOf(0, 0))+`,`+group(1, 0, 0, 0, deadOf(0, 0))+`,`+group(2, 0, 0, 0, deadOf(0, 0))+`]}`,
			list(path+"?include_deadletter=true&include_messages_num=False"))
	}
	for query, want := range map[string][]string{
		"page_size=2&current_page=1":              {"zebra", "ant"},
		"page_size=2&current_page=2":              {"moth"},
		"page_size=2&current_page=3":              nil,
		"page_size=1&current_page=99999":          nil,
		"page_size=1&current_page=" + maxInt:      nil,
		"page_size=" + maxInt + "&current_page=1": names,
		"page_size=2":                             names, // both or neither
		"current_page=2":                          names,
		"page_size=0&current_page=1":              names,
		"page_size=x&current_page=1":              names,
		"page_size=2&current_page=0":              names,
	} {
		require.Equal(t, want, listed(list("/groups?"+query)), query)
	}
}

var maxInt = fmt.Sprint(math.MaxInt)

func TestQuotasHoldExactlyOneResource(t *testing.T) {
	w := newWire(t)
	other := w.Tenant(t, "other")
	w.Queue(t, other, "not counted", dataplane.ModeNormal, nil)
	read := func() (out []string) {
		for _, v := range []string{"v1.0", "v2"} {
			for _, path := range []string{"/quotas", "/quotas/dms"} {
				a := w.get(t, "/"+v+"/"+w.tenant.ProjectID+path)
				require.Equal(t, 200, a.status, a.body)
				out = append(out, a.body)
			}
		}
		return out
	}
	want := `{"quotas":{"resources":[{"type":"queue","quota":30,"used":1,"min":0,"max":500}]}}`
	require.Equal(t, []string{want, want, want, want}, read())
	w.Directory.Put(t, "quota", w.tenant.ProjectID, dataplane.Quota{Queues: 900, GroupsPerQueue: 5})
	require.Contains(t, read()[0], `"quota":900,"used":1,"min":0,"max":900`)
}

func TestProjectIDMayStandTwiceInThePath(t *testing.T) {
	w := newWire(t)
	for _, v := range []string{"v1.0", "v2"} {
		twice := "/" + v + "/" + w.tenant.ProjectID + "/" + w.tenant.ProjectID
		require.Equal(t, 200, w.get(t, twice+"/queues").status)
		require.Equal(t, 200, w.get(t, twice+"/queues/"+w.queue.ID).status)
		require.Equal(t, 201, w.post(t, twice+"/queues/"+w.queue.ID+"/messages", `{"messages":[{"body":1}]}`).status)
		require.Equal(t, 200, w.get(t, twice+"/queues/"+w.queue.ID+"/groups/"+w.group.ID+"/messages").status)
		require.Equal(t, 200, w.get(t, twice+"/queue/tags").status)
		require.Equal(t, 200, w.get(t, twice+"/quotas").status)
	}
}

func TestTagsAreShownByQueueAndByProject(t *testing.T) {
	w := newWire(t)
	require.Equal(t, `{"tags":[]}`, w.get(t, w.path("/queue/"+w.queue.ID+"/tags")).body)
	require.Equal(t, `{"tags":[]}`, w.get(t, w.path("/queue/tags")).body)
	tagged := func(name string, tags ...dataplane.Tag) dataplane.Queue {
		return w.Queue(t, w.tenant, name, dataplane.ModeNormal, func(q *dataplane.Queue) { q.Tags = tags })
	}
	a := tagged("a", dataplane.Tag{Key: "team", Value: "blue"}, dataplane.Tag{Key: "env", Value: "prod"})
	tagged("b", dataplane.Tag{Key: "team", Value: "amber"}, dataplane.Tag{Key: "env", Value: "prod"})
	other := w.Tenant(t, "other")
	w.Queue(t, other, "c", dataplane.ModeNormal, func(q *dataplane.Queue) { q.Tags = []dataplane.Tag{{Key: "secret", Value: "x"}} })
	for _, v := range []string{"/v1.0/", "/v2/"} {
		require.Equal(t, `{"tags":[{"key":"team","value":"blue"},{"key":"env","value":"prod"}]}`, w.get(t, v+w.tenant.ProjectID+"/queue/"+a.ID+"/tags").body)
		require.Equal(t, `{"tags":[{"key":"env","values":["prod"]},{"key":"team","values":["amber","blue"]}]}`, w.get(t, v+w.tenant.ProjectID+"/queue/tags").body)
	}
}

func TestQueuesAreFoundByTheirTags(t *testing.T) {
	w := newWire(t)
	tenant := w.Tenant(t, "searcher")
	tagged := func(name string, tags ...dataplane.Tag) {
		w.Queue(t, tenant, name, dataplane.ModeNormal, func(q *dataplane.Queue) { q.Tags = tags })
	}
	tag := func(k, v string) dataplane.Tag { return dataplane.Tag{Key: k, Value: v} }
	tagged("Alpha", tag("env", "prod"), tag("team", "blue"))
	tagged("beta", tag("env", "test"), tag("team", "blue"))
	tagged("gamma", tag("env", "prod"))
	tagged("delta")
	path := "/v1.0/" + tenant.ProjectID + "/queue/resource_instances/action"
	search := func(body string) answer {
		return w.do(t, call{method: http.MethodPost, path: path, body: body, token: "searcher"})
	}
	for body, want := range map[string][]string{
		`{"action":"filter"}`: {"Alpha", "beta", "gamma", "delta"},
		`{"action":"filter","tags":[{"key":"env","values":["prod"]}]}`:                                         {"Alpha", "gamma"},
		`{"action":"filter","tags":[{"key":"env","values":["prod","test"]},{"key":"team","values":[]}]}`:       {"Alpha", "beta"},
		`{"action":"filter","tags_any":[{"key":"env","values":["test"]},{"key":"team"}]}`:                      {"Alpha", "beta"},
		`{"action":"filter","not_tags":[{"key":"env","values":["prod"]},{"key":"team","values":["blue"]}]}`:    {"beta", "gamma", "delta"},
		`{"action":"filter","not_tags_any":[{"key":"env","values":["test"]},{"key":"team","values":["red"]}]}`: {"Alpha", "gamma", "delta"},
		`{"action":"filter","matches":[{"key":"resource_name","value":"LPH"}]}`:                                {"Alpha"},
		`{"action":"filter","limit":"2"}`:                          {"Alpha", "beta"},
		`{"action":"filter","limit":2,"offset":"3"}`:               {"delta"},
		`{"action":"filter","offset":"9"}`:                         nil,
		`{"action":"filter","tags":null,"unknown":1,"limit":null}`: {"Alpha", "beta", "gamma", "delta"},
	} {
		a := search(body)
		require.Equal(t, 200, a.status, a.body)
		var got []string
		for _, name := range []string{"Alpha", "beta", "gamma", "delta"} {
			if strings.Contains(a.body, `"resource_name":"`+name+`"`) {
				got = append(got, name)
			}
		}
		require.Equal(t, want, got, body)
	}
	a := search(`{"action":"filter","tags":[{"key":"team","values":["blue"]},{"key":"env","values":["test"]}]}`)
	require.Regexp(t, `^{"resources":\[{"resource_id":"[0-9a-f-]{36}","resource_detail":null,"resource_name":"beta","tags":\[{"key":"env","value":"test"},{"key":"team","value":"blue"}\]}\],"total_count":1}$`, a.body)
	require.Equal(t, `{"resources":[],"total_count":0}`, search(`{"action":"filter","tags":[{"key":"no"}]}`).body)
	require.Contains(t, search(`{"action":"filter","limit":"1"}`).body, `"total_count":4`, "all that match, on whichever page")
	require.Equal(t, `{"total_count":2}`, search(`{"action":"count","tags":[{"key":"team"}]}`).body)

	keys := func(n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(`{"key":"k%d"}`, i))
		}
		return strings.Join(out, ",")
	}
	values := func(n int) string { return strings.TrimSuffix(strings.Repeat(`"v",`, n), ",") }
	for body, code := range map[string]int{
		``:                                                       10240009,
		`{"action":"filter"`:                                     10240009,
		`{}`:                                                     10240041,
		`{"action":"delete"}`:                                    10240041,
		`{"action":1}`:                                           10540001,
		`{"action":"filter","limit":"0"}`:                        10240042,
		`{"action":"filter","limit":"1"}`:                        0,
		`{"action":"filter","limit":"1000"}`:                     0,
		`{"action":"filter","limit":"1001"}`:                     10240042,
		`{"action":"filter","limit":"x"}`:                        10240042,
		`{"action":"filter","offset":"-1"}`:                      10240043,
		`{"action":"filter","offset":1.5}`:                       10240043,
		`{"action":"filter","tags":[` + keys(10) + `]}`:          0,
		`{"action":"filter","tags":[` + keys(11) + `]}`:          10240044,
		`{"action":"filter","tags":[{"key":"k"},{"key":"k"}]}`:   10240045,
		`{"action":"filter","tags":[{"key":""}]}`:                10240035,
		`{"action":"filter","tags":[{"key":` + text(127) + `}]}`: 0,
		`{"action":"filter","tags":[{"key":` + text(128) + `}]}`: 10240035,
		`{"action":"filter","tags":[{"key":"k","values":[` + text(255) + `]}]}`:             0,
		`{"action":"filter","tags":[{"key":"k","values":[` + text(256) + `]}]}`:             10240038,
		`{"action":"filter","tags":[{"key":"k","values":[` + values(10) + `]}]}`:            0,
		`{"action":"filter","tags":[{"key":"k","values":[` + values(11) + `]}]}`:            10540010,
		`{"action":"filter","tags":[{"key":"k","values":"v"}]}`:                             10540001,
		`{"action":"filter","matches":[{"key":"name","value":"v"}]}`:                        10540010,
		`{"action":"filter","matches":[{"key":"resource_name","value":` + text(256) + `}]}`: 10240038,
	} {
		a := search(body)
		if code == 0 {
			require.Equal(t, 200, a.status, body)
			continue
		}
		require.Equal(t, 400, a.status, body)
		require.Equal(t, code, a.code(t), body)
	}
}

func TestResourcesAreNamedForThePolicies(t *testing.T) {
	w := newWire(t)
	queue := "dms:" + wiretest.Region + ":" + w.tenant.AccountID + ":queue:"
	for path, want := range map[string]string{
		"/queues":                           queue + "*",
		"/quotas":                           queue + "*",
		"/queue/tags":                       queue + "*",
		"/queues/" + w.queue.ID:             queue + "orders",
		"/queues/" + w.queue.ID + "/groups": queue + "orders",
		"/queue/" + w.queue.ID + "/tags":    queue + "orders",
		"/queues/" + w.queue.ID + "/groups/" + w.group.ID + "/messages?max_msgs=0": queue + "orders/group:workers",
	} {
		w.get(t, w.path(path))
		asked := w.Callers.Asked()
		require.EqualValues(t, want, asked[len(asked)-1], path)
	}
}

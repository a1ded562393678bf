package dmsapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
	"dms/internal/dmswire"
	"dms/internal/id"
)

// trial is one request and what it must be answered with; code 0 stands for success.
type trial struct {
	method, path, body string
	status, code       int
}

func (w *wire) run(t *testing.T, trials map[string]trial) {
	for name, k := range trials {
		t.Run(name, func(t *testing.T) {
			a := w.do(t, call{method: k.method, path: k.path, body: k.body})
			require.Equal(t, k.status, a.status, a.body)
			if k.code != 0 {
				require.Equal(t, k.code, a.code(t), a.body)
			}
		})
	}
}

func text(n int) string { return `"` + strings.Repeat("x", n) + `"` }

func TestSendIsAnsweredAtAndPastEachLimit(t *testing.T) {
	w := newWire(t)
	kafka := w.Queue(t, w.tenant, "log", dataplane.ModeKafkaHA, nil)
	to := func(q dataplane.Queue, body string, status, code int) trial {
		return trial{http.MethodPost, w.path("/queues/" + q.ID + "/messages"), body, status, code}
	}
	ok := func(messages string) trial { return to(w.queue, `{"messages":[`+messages+`]}`, 201, 0) }
	bad := func(messages string, code int) trial { return to(w.queue, `{"messages":[`+messages+`]}`, 400, code) }
	body := func(s string, code int) trial { return to(w.queue, s, 400, code) }
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat(`{"body":1},`, n), ",") }

	w.run(t, map[string]trial{
		"empty body":                    body(``, 10240009),
		"no JSON":                       body(`{"messages":`, 10240009),
		"JSON and more":                 body(`{"messages":[{"body":1}]} x`, 10240009),
		"two JSON texts":                body(`{"messages":[{"body":1}]}{}`, 10240009),
		"invalid UTF-8":                 body("{\"messages\":[{\"body\":\"\xff\"}]}", 10240009),
		"control character":             body("{\"messages\":[{\"body\":\"\x01\"}]}", 10240009),
		"nested too deep":               bad(`{"body":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+`}`, 10240009),
		"nested deep":                   ok(`{"body":` + strings.Repeat("[", 900) + strings.Repeat("]", 900) + `}`),
		"a list":                        body(`[]`, 10540001),
		"null":                          body(`null`, 10540001),
		"no messages":                   body(`{}`, 10540010),
		"messages null":                 body(`{"messages":null}`, 10540010),
		"messages empty":                body(`{"messages":[]}`, 10540010),
		"messages an object":            body(`{"messages":{}}`, 10540001),
		"messages of numbers":           body(`{"messages":[1]}`, 10540001),
		"10 messages":                   ok(many(10)),
		"11 messages":                   bad(many(11), 10540010),
		"12 messages":                   bad(many(12), 10540010),
		"11 messages and no JSON":       bad(many(11)+`,{"body":tru}`, 10240009),
		"body missing":                  bad(`{"attributes":{}}`, 10540010),
		"body null":                     bad(`{"body":null}`, 10540010),
		"second body missing":           bad(`{"body":1},{}`, 10540010),
		"body a string":                 ok(`{"body":""}`),
		"body an object":                ok(`{"body":{}}`),
		"body a list":                   ok(`{"body":[]}`),
		"body a number":                 ok(`{"body":-1.5e300}`),
		"body true":                     ok(`{"body":true}`),
		"attributes":                    ok(`{"body":1,"attributes":{"a":1,"b":false,"c":null,"d":[{}]}}`),
		"attributes null":               ok(`{"body":1,"attributes":null}`),
		"attributes a list":             bad(`{"body":1,"attributes":[]}`, 10540010),
		"attributes a string":           bad(`{"body":1,"attributes":"a"}`, 10540010),
		"attributes, Kafka":             to(kafka, `{"messages":[{"body":1,"attributes":{"a":1}}]}`, 400, 10540010),
		"no attributes, Kafka":          to(kafka, `{"messages":[{"body":1}]}`, 201, 0),
		"3 tags":                        ok(`{"body":1,"tags":["a","b","c"]}`),
		"4 tags":                        bad(`{"body":1,"tags":["a","b","c","d"]}`, 10540010),
		"5 tags":                        bad(`{"body":1,"tags":["a","b","c","d","e"]}`, 10540010),
		"no tags":                       ok(`{"body":1,"tags":[]}`),
		"tags null":                     ok(`{"body":1,"tags":null}`),
		"tags a string":                 bad(`{"body":1,"tags":"a"}`, 10540001),
		"tag a number":                  bad(`{"body":1,"tags":[1]}`, 10540001),
		"tag null":                      bad(`{"body":1,"tags":[null]}`, 10540001),
		"tag of 64":                     ok(`{"body":1,"tags":[` + text(64) + `]}`),
		"tag of 65":                     bad(`{"body":1,"tags":[`+text(65)+`]}`, 10240004),
		"tag of 0":                      bad(`{"body":1,"tags":[""]}`, 10240004),
		"tag with a space":              bad(`{"body":1,"tags":["a b"]}`, 10240004),
		"tag with every character":      ok(`{"body":1,"tags":["AZaz09_-"]}`),
		"tag escaped":                   ok(`{"body":1,"tags":["\u0061"]}`),
		"delay_time 0":                  ok(`{"body":1,"delay_time":0}`),
		"delay_time 604800000":          ok(`{"body":1,"delay_time":604800000}`),
		"delay_time 604800000.9":        ok(`{"body":1,"delay_time":604800000.9}`),
		"delay_time 604800001":          bad(`{"body":1,"delay_time":604800001}`, 10540010),
		"delay_time 1e400":              bad(`{"body":1,"delay_time":1e400}`, 10540010),
		"delay_time -1":                 bad(`{"body":1,"delay_time":-1}`, 10540010),
		"delay_time -0.9":               ok(`{"body":1,"delay_time":-0.9}`),
		"delay_time a string":           bad(`{"body":1,"delay_time":"1"}`, 10540001),
		"delay_time null":               ok(`{"body":1,"delay_time":null}`),
		"delayTime 604800000":           ok(`{"body":1,"delayTime":604800000}`),
		"delayTime 604800001":           bad(`{"body":1,"delayTime":604800001}`, 10540010),
		"delay_time 1, Kafka":           to(kafka, `{"messages":[{"body":1,"delay_time":1}]}`, 400, 10540010),
		"delay_time 0, Kafka":           to(kafka, `{"messages":[{"body":1,"delay_time":0}]}`, 201, 0),
		"return_id a string":            body(`{"messages":[{"body":1}],"return_id":"true"}`, 10540001),
		"returnId null":                 to(w.queue, `{"messages":[{"body":1}],"returnId":null}`, 201, 0),
		"unknown fields":                to(w.queue, `{"x":[1],"messages":[{"body":1,"y":{}}],"Messages":3}`, 201, 0),
		"512 KiB":                       ok(`{"body":` + text(512<<10) + `}`),
		"512 KiB and 1":                 bad(`{"body":`+text(512<<10+1)+`}`, 10540011),
		"512 KiB, escaped to 3 MiB":     ok(`{"body":"` + strings.Repeat(`\u0061`, 512<<10) + `"}`),
		"512 KiB of object":             ok(`{"body":[` + text(512<<10-4) + `]}`),
		"512 KiB of object and 1":       bad(`{"body":[`+text(512<<10-3)+`]}`, 10540011),
		"512 KiB with attributes":       ok(`{"body":` + text(512<<10-7) + `,"attributes":{"a":1}}`),
		"512 KiB with attributes and 1": bad(`{"body":`+text(512<<10-6)+`,"attributes":{"a":1}}`, 10540011),
		"512 KiB in 2":                  ok(`{"body":` + text(256<<10) + `},{"body":` + text(256<<10) + `}`),
		"512 KiB in 2 and 1":            bad(`{"body":`+text(256<<10)+`},{"body":`+text(256<<10+1)+`}`, 10540011),
		"labels are not counted":        ok(`{"body":` + text(512<<10) + `,"tags":[` + text(64) + `]}`),
		"4 MiB of request":              ok(`{"body":1}` + strings.Repeat(" ", 4<<20-len(`{"messages":[{"body":1}]}`))),
		"4 MiB of request and 1":        bad(`{"body":1}`+strings.Repeat(" ", 4<<20-len(`{"messages":[{"body":1}]}`)+1), 10540011),
	})
}

func TestTooLargeSendSaysHowLarge(t *testing.T) {
	w := newWire(t)
	a := w.post(t, w.messagesPath(), `{"messages":[{"body":`+text(524289)+`}]}`)
	require.Contains(t, a.body, "The message size is 524289, larger than the size limit 524288.")
}

func TestRefusedSendStoresNothing(t *testing.T) {
	w := newWire(t)
	require.Equal(t, 400, w.post(t, w.messagesPath(), `{"messages":[{"body":1},{"body":2,"tags":["!"]}]}`).status)
	require.Equal(t, 400, w.post(t, w.messagesPath(), `{"messages":[{"body":1}]}x`).status)
	a := w.get(t, w.path("/queues/"+w.queue.ID))
	require.Contains(t, a.body, `"produced_messages":0,`)
}

func TestConsumeIsAnsweredAtAndPastEachLimit(t *testing.T) {
	w := newWire(t)
	for _, stream := range []string{"messages", "deadletters"} {
		get := func(query string, status, code int) trial {
			return trial{http.MethodGet, w.groupPath() + "/" + stream + "?" + query, "", status, code}
		}
		trials := map[string]trial{
			"max_msgs=0":       get("max_msgs=0", 400, 10240014),
			"max_msgs=11":      get("max_msgs=11", 400, 10240014),
			"max_msgs=-1":      get("max_msgs=-1", 400, 10240014),
			"max_msgs=x":       get("max_msgs=x", 400, 10240014),
			"max_msgs=1.5":     get("max_msgs=1.5", 400, 10240014),
			"time_wait=0":      get("time_wait=0", 400, 10240021),
			"time_wait=61":     get("time_wait=61", 400, 10240021),
			"time_wait=x":      get("time_wait=x", 400, 10240021),
			"time_wait=1e9":    get("time_wait="+strconv.Itoa(1<<62), 400, 10240021),
			"ack_wait=14":      get("ack_wait=14", 400, 10542206),
			"ack_wait=301":     get("ack_wait=301", 400, 10542206),
			"ack_wait=x":       get("ack_wait=x", 400, 10542206),
			"a bad escape":     get("max_msgs=%zz", 400, 10540014),
			"a queue's name":   {http.MethodGet, w.path("/queues/orders/groups/" + w.group.ID + "/" + stream), "", 400, 10240015},
			"a group's name":   {http.MethodGet, w.path("/queues/" + w.queue.ID + "/groups/workers/" + stream), "", 400, 10240016},
			"an unknown queue": {http.MethodGet, w.path("/queues/" + id.NewQueue() + "/groups/" + w.group.ID + "/" + stream), "", 404, 10240401},
			"an unknown group": {http.MethodGet, w.path("/queues/" + w.queue.ID + "/groups/" + id.NewGroup() + "/" + stream), "", 404, 10240405},
		}
		if stream == "messages" {
			trials["4 tags"] = get("tag=a&tag=b&tag=c&tag=d", 400, 10540010)
			trials["tag of 65"] = get("tag="+strings.Repeat("x", 65), 400, 10240004)
			trials["tag with a dot"] = get("tag=a.b", 400, 10240004)
			trials["tag_type=xor"] = get("tag=a&tag_type=xor", 400, 10540014)
		}
		t.Run(stream, func(t *testing.T) { w.run(t, trials) })
	}
}

// TestConsumeTakesEachLimit needs a message for every try: at the limit the request works, and one that finds something answers at once.
func TestConsumeTakesEachLimit(t *testing.T) {
	w := newWire(t)
	for _, query := range []string{
		"max_msgs=1", "max_msgs=10", "time_wait=1", "time_wait=60", "ack_wait=15", "ack_wait=300", "", "max_msgs=&time_wait=&ack_wait=&tag=&tag_type=",
		"unknown=1", "max_msgs=1&max_msgs=99", "tag_type=AND",
	} {
		w.send(t, `{"body":1}`)
		require.Len(t, w.consume(t, w.groupPath()+"/messages?"+query), 1, query)
	}
	labelled := w.Group(t, w.queue, "labelled")
	w.send(t, `{"body":1,"tags":["a",`+text(64)+`,"c"]}`)
	path := w.path("/queues/" + w.queue.ID + "/groups/" + labelled.ID + "/messages?tag_type=and&tag=a&tag=c&tag=" + strings.Repeat("x", 64))
	require.Len(t, w.consume(t, path), 1)
}

func TestGroupIsBoundToItsFirstLabels(t *testing.T) {
	w := newWire(t)
	for range 4 {
		w.send(t, `{"body":1,"tags":["a","b"]}`)
	}
	consume := func(query string) answer { return w.get(t, w.groupPath()+"/messages?max_msgs=1&"+query) }
	require.Len(t, consume("tag=a&tag=b").consumed(t), 1)
	require.Len(t, consume("tag=b&tag=a&tag_type=or").consumed(t), 1, "their order does not matter")
	for _, query := range []string{"tag=a", "tag=a&tag=b&tag_type=and", "tag=a&tag=c", ""} {
		a := consume(query)
		require.Equal(t, 400, a.status, query)
		require.Equal(t, 10542204, a.code(t), query)
	}
}

func TestAckIsAnsweredWithTheCodeOfItsFirstFault(t *testing.T) {
	w := newWire(t)
	other := w.Group(t, w.queue, "others")
	w.send(t, `{"body":1}`)
	w.send(t, `{"body":2}`)
	got := w.consume(t, w.groupPath()+"/messages?max_msgs=10")
	foreign := w.consume(t, w.path("/queues/"+w.queue.ID+"/groups/"+other.ID+"/messages?max_msgs=1"))[0].Handler
	entry := func(handler, status string) string { return fmt.Sprintf(`{"handler":%q,"status":%q}`, handler, status) }
	good := entry(got[0].Handler, "success")
	ack := func(entries string, status, code int) trial {
		return trial{http.MethodPost, w.groupPath() + "/ack", `{"message":[` + entries + `]}`, status, code}
	}
	raw := func(body string, code int) trial {
		return trial{http.MethodPost, w.groupPath() + "/ack", body, 400, code}
	}
	w.run(t, map[string]trial{
		"empty body":             raw(``, 10240009),
		"no JSON":                raw(`{`, 10240009),
		"a list":                 raw(`[]`, 10540001),
		"no message":             raw(`{}`, 10540010),
		"message empty":          raw(`{"message":[]}`, 10540010),
		"message null":           raw(`{"message":null}`, 10540010),
		"message an object":      raw(`{"message":{}}`, 10540001),
		"message of strings":     raw(`{"message":["a"]}`, 10540001),
		"handler a number":       ack(`{"handler":1}`, 400, 10540001),
		"handler missing":        ack(`{}`, 400, 10542209),
		"status a number":        ack(`{"handler":"a","status":1}`, 400, 10540001),
		"status unknown":         ack(entry(got[0].Handler, "done"), 400, 10540003),
		"status of another case": ack(entry(got[0].Handler, "Success"), 400, 10540003),
		"status empty":           ack(entry(got[0].Handler, ""), 400, 10540003),
		"second status unknown":  ack(good+","+entry(got[1].Handler, "done"), 400, 10540003),
		"handler of garbage":     ack(entry("eyJ0ZXN0IjoxfQ==", "success"), 400, 10542209),
		"handler of no base64":   ack(entry("\u00e9", "success"), 400, 10542209),
		"handler of a group":     ack(entry(foreign, "success"), 400, 10540004),
		"dead letter":            {http.MethodPost, w.groupPath() + "/deadletters/ack", `{"message":[` + good + `]}`, 400, 10542205},
		"1001 handlers":          raw(`{"message":[`+strings.TrimSuffix(strings.Repeat(good+",", 1001), ",")+`]}`, 10540010),
	})

	t.Run("nothing was settled", func(t *testing.T) {
		a := w.get(t, w.path("/queues/"+w.queue.ID+"/groups"))
		require.Contains(t, a.body, `"consumed_messages":0`)
	})
	t.Run("after the fault nothing is settled", func(t *testing.T) {
		a := w.post(t, w.groupPath()+"/ack", `{"message":[`+good+`,`+entry("garbage", "success")+`,`+entry(got[1].Handler, "success")+`]}`)
		require.Equal(t, 200, a.status, a.body)
		require.Equal(t, `{"success":1,"fail":2}`, a.body)
	})
	t.Run("acknowledged already", func(t *testing.T) {
		a := w.post(t, w.groupPath()+"/ack", `{"message":[`+good+`]}`)
		require.Equal(t, 400, a.status)
		require.Equal(t, 10542205, a.code(t))
	})
	t.Run("the failed rest is good still", func(t *testing.T) {
		a := w.post(t, w.groupPath()+"/ack", `{"message":[{"handler":"`+got[1].Handler+`"}]}`)
		require.Equal(t, `{"success":1,"fail":0}`, a.body)
	})
}

func TestFailedStatusCountsAsSuccessOfTheCallAndTheMessageComesAgain(t *testing.T) {
	w := newWire(t)
	w.send(t, `{"body":"again"}`)
	first := w.consume(t, w.groupPath()+"/messages")[0]
	a := w.post(t, w.groupPath()+"/ack", `{"message":[{"handler":"`+first.Handler+`","status":"fail"}]}`)
	require.Equal(t, `{"success":1,"fail":0}`, a.body)
	second := w.consume(t, w.groupPath()+"/messages")[0]
	require.Equal(t, `"again"`, string(second.Message.Body))
	require.NotEqual(t, first.Handler, second.Handler)
	stale := w.post(t, w.groupPath()+"/ack", `{"message":[{"handler":"`+first.Handler+`"}]}`)
	require.Equal(t, 10542209, stale.code(t))
}

func TestErrorsOfTheWholeWire(t *testing.T) {
	w := newWire(t)
	stranger := w.Tenant(t, "stranger")
	inactive := w.Tenant(t, "inactive")
	w.Directory.Put(t, "activation", inactive.AccountID, nil)
	frozen := w.Tenant(t, "frozen")
	w.Activate(t, frozen.AccountID, dataplane.ActivationFrozen)
	denied := w.Tenant(t, "denied")
	w.Callers.Deny(denied.UserID, "dms:queue:list")

	queues := func(project string) string { return "/v1.0/" + project + "/queues" }
	for name, k := range map[string]struct {
		call
		status, code int
	}{
		"no credentials":                     {call{path: queues(w.tenant.ProjectID), token: " "}, 401, 10240103},
		"forged token":                       {call{path: queues(w.tenant.ProjectID), token: "forged"}, 401, 10240101},
		"foreign project":                    {call{path: queues(stranger.ProjectID)}, 401, 10240104},
		"unknown project":                    {call{path: queues(id.NewHex())}, 401, 10240104},
		"bad project":                        {call{path: queues("nope")}, 400, 10240005},
		"bad project, forged token":          {call{path: queues("nope"), token: "forged"}, 401, 10240101},
		"project of 31":                      {call{path: queues(w.tenant.ProjectID[:31])}, 400, 10240005},
		"not activated":                      {call{path: queues(inactive.ProjectID), token: "inactive"}, 403, 10240309},
		"frozen":                             {call{path: queues(frozen.ProjectID), token: "frozen"}, 403, 10240306},
		"denied":                             {call{path: queues(denied.ProjectID), token: "denied"}, 403, 10240311},
		"unknown path":                       {call{path: w.path("/nothing")}, 404, 10240406},
		"unknown version":                    {call{path: "/v3.0/" + w.tenant.ProjectID + "/queues"}, 404, 10240406},
		"wrong method":                       {call{method: http.MethodPut, path: w.path("/queues")}, 405, 10240406},
		"project doubled with another":       {call{path: "/v1.0/" + w.tenant.ProjectID + "/" + stranger.ProjectID + "/queues"}, 404, 10240406},
		"queue's name for its id":            {call{path: w.path("/queues/orders")}, 400, 10240015},
		"unknown queue":                      {call{path: w.path("/queues/" + id.NewQueue())}, 404, 10240401},
		"unknown queue, send":                {call{method: http.MethodPost, path: w.path("/queues/" + id.NewQueue() + "/messages"), body: `{"messages":[{"body":1}]}`}, 404, 10240401},
		"unknown queue, groups":              {call{path: w.path("/queues/" + id.NewQueue() + "/groups")}, 404, 10240401},
		"unknown queue, tags":                {call{path: w.path("/queue/" + id.NewQueue() + "/tags")}, 404, 10240401},
		"bad boolean":                        {call{path: w.path("/queues?include_deadletter=yes")}, 400, 10540014},
		"bad boolean of the groups":          {call{path: w.path("/queues/" + w.queue.ID + "/groups?include_messages_num=2")}, 400, 10540014},
		"large body that is announced":       {call{method: http.MethodPost, path: w.messagesPath(), body: strings.Repeat(" ", dmswire.MaxBodyBytes+1)}, 400, 10540011},
		"large body that is signed":          {call{method: http.MethodPost, path: w.messagesPath(), token: "signed:acme", body: strings.Repeat(" ", dmswire.MaxBodyBytes+1)}, 400, 10540011},
		"body that is signed is read twice":  {call{method: http.MethodPost, path: w.messagesPath(), token: "signed:acme", body: `{"messages":[{"body":1}]}`}, 201, 0},
		"strange content type is not looked": {call{method: http.MethodPost, path: w.messagesPath(), body: `{"messages":[{"body":1}]}`, header: http.Header{"Accept": {"text/html"}}}, 201, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if k.method == "" {
				k.method = http.MethodGet
			}
			a := w.do(t, k.call)
			require.Equal(t, k.status, a.status, a.body)
			if k.code != 0 {
				require.Equal(t, k.code, a.code(t), a.body)
			}
		})
	}
}

func TestLargeBodyIsRefusedWithoutBeingRead(t *testing.T) {
	w := newWire(t)
	endless := &countingReader{}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+w.messagesPath(), endless)
	require.NoError(t, err)
	r.ContentLength = 1 << 40
	r.Header.Set("X-Auth-Token", w.tenant.Token)
	r.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: wiretest.Patience}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, 400, resp.StatusCode)
	var e struct{ Code int }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&e))
	require.Equal(t, 10540011, e.Code)
	require.Zero(t, endless.n.Load(), "bytes that were asked for")
}

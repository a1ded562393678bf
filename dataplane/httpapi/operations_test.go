package httpapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
	"dms/internal/access"
)

func TestMessagesPassThroughByteForByte(t *testing.T) {
	a := newAPI(t)
	bodies := []string{`"<a>\u003c\/é😀"`, `{"b" : 1,"a":	[2.50 , 1e2],"b":2}`, `-0.0`, `12345678901234567890123`, `[ ]`, `false`, `""`}
	const attributes = `{ "x":"<>",  "y": 1.0 }`
	for _, body := range bodies {
		a.send(t, `{"body":`+body+`,"attributes":`+attributes+`,"labels":["t1"]}`)
	}
	got := a.post(t, a.groupPath()+"/receive", `{"max_messages":10,"wait_seconds":0}`)
	messages := got.messages(t)
	require.Len(t, messages, len(bodies))
	for i, m := range messages {
		require.Equal(t, bodies[i], string(m.Body))
		require.Equal(t, attributes, string(m.Attributes))
		require.Equal(t, []string{"t1"}, m.Labels)
		require.Equal(t, 1, m.ReceiveCount)
		require.Equal(t, wiretest.Start.Format(time.RFC3339), m.SentAt)
	}
}

func TestStoryOfAMessage(t *testing.T) {
	a := newAPI(t)
	sent := a.post(t, a.queuePath()+"/messages", `{"messages":[{"body":"good"},{"body":"bad"}]}`)
	require.Equal(t, 201, sent.status)
	require.Len(t, regexp.MustCompile(`"id":"[0-9a-f-]{36}"`).FindAllString(sent.body, -1), 2)

	got := a.post(t, a.groupPath()+"/receive", "").messages(t)
	require.Len(t, got, 2)
	require.Equal(t, `{"messages":[]}`, a.post(t, a.groupPath()+"/receive", `{"wait_seconds":0}`).body)

	settled := a.post(t, a.groupPath()+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q},{"handler":%q,"failed":true},{"handler":"garbage"}]}`, got[0].Handler, got[1].Handler))
	require.Equal(t, 200, settled.status, settled.body)
	require.JSONEq(t, `{"accepted":2,"rejected":1}`, settled.body)

	dead := a.post(t, a.groupPath()+"/dead-letters/receive", `{"max_messages":1}`).messages(t)
	require.Len(t, dead, 1)
	require.Equal(t, `"bad"`, string(dead[0].Body))
	body := fmt.Sprintf(`{"messages":[{"handler":%q}]}`, dead[0].Handler)
	require.Equal(t, "handler_instance", a.post(t, a.groupPath()+"/settle", body).problem(t))
	require.JSONEq(t, `{"accepted":1,"rejected":0}`, a.post(t, a.groupPath()+"/dead-letters/settle", body).body)

	groups := a.get(t, a.queuePath()+"/groups")
	require.JSONEq(t, fmt.Sprintf(`{"groups":[{"id":%q,"name":"workers","created_at":%q,"counters":
		{"produced":2,"consumed":2,"available":0,"in_flight":0,"dead_produced":1,"dead_available":0}}]}`,
		a.group.ID, time.UnixMicro(a.group.CreatedAt).UTC().Format(time.RFC3339Nano)), groups.body)
}

func TestQueueIsShownWithItsCounters(t *testing.T) {
	a := newAPI(t)
	a.send(t, `{"body":"1234","attributes":{}}`)
	q := a.Queue(t, a.tenant, "log", dataplane.ModeKafkaHA, func(q *dataplane.Queue) {
		q.RetentionHours, q.Description, q.Tags = 36, "d", []dataplane.Tag{{Key: "k", Value: "v"}}
	})
	created := func(q dataplane.Queue) string { return time.UnixMicro(q.CreatedAt).UTC().Format(time.RFC3339Nano) }
	require.JSONEq(t, fmt.Sprintf(`{"id":%q,"name":"orders","mode":"NORMAL","created_at":%q,"retention_hours":72,"max_consume_count":1,"tags":[],
		"counters":{"messages":1,"bytes":8,"groups":1}}`, a.queue.ID, created(a.queue)), a.get(t, a.queuePath()).body)
	require.JSONEq(t, fmt.Sprintf(`{"id":%q,"name":"log","description":"d","mode":"KAFKA_HA","created_at":%q,"retention_hours":36,"tags":[{"key":"k","value":"v"}],
		"counters":{"messages":0,"bytes":0,"groups":0}}`, q.ID, created(q)), a.get(t, a.projectPath()+"/queues/"+q.ID).body)
	require.JSONEq(t, `{"queues":{"limit":30,"used":2},"groups_per_queue":{"limit":3}}`, a.get(t, a.projectPath()+"/quotas").body)
}

var (
	queueName = regexp.MustCompile(`"name":"([^"]+)"`)
	nextPage  = regexp.MustCompile(`"next_page_token":"([^"]+)"`)
)

func TestQueuesArePagedByNameThroughInsertsAndDeletes(t *testing.T) {
	a := newAPI(t)
	tenant := a.Tenant(t, "pager")
	made := map[string]dataplane.Queue{}
	for _, name := range []string{"d", "b", "f", "a", "e", "c"} {
		made[name] = a.Queue(t, tenant, name, dataplane.ModeNormal, nil)
	}
	path := "/api/v1/projects/" + tenant.ProjectID + "/queues"
	page := func(query string) (names []string, next string) {
		got := a.do(t, call{method: http.MethodGet, path: path + query, token: "pager"})
		require.Equal(t, 200, got.status, got.body)
		for _, m := range queueName.FindAllStringSubmatch(got.body, -1) {
			names = append(names, m[1])
		}
		if m := nextPage.FindStringSubmatch(got.body); m != nil {
			next = m[1]
		}
		return names, next
	}
	names, next := page("")
	require.Equal(t, []string{"a", "b", "c", "d", "e", "f"}, names)
	require.Empty(t, next)
	names, next = page("?page_size=6")
	require.Len(t, names, 6)
	require.Empty(t, next, "the last page, though it is full")

	names, next = page("?page_size=2")
	require.Equal(t, []string{"a", "b"}, names)
	a.Directory.Put(t, "queue", tenant.ProjectID+"/"+made["b"].ID, nil) // the one that the token names
	a.Queue(t, tenant, "aa", dataplane.ModeNormal, nil)
	a.Queue(t, tenant, "bb", dataplane.ModeNormal, nil)
	names, next = page("?page_size=2&page_token=" + next)
	require.Equal(t, []string{"bb", "c"}, names)
	names, next = page("?page_size=3&page_token=" + next)
	require.Equal(t, []string{"d", "e", "f"}, names)
	require.Empty(t, next)

	for query, want := range map[string]string{
		"?page_size=0": "invalid_request", "?page_size=501": "invalid_request", "?page_size=x": "invalid_request", "?page_token=!": "parameter_invalid",
	} {
		got := a.do(t, call{method: http.MethodGet, path: path + query, token: "pager"})
		require.Equal(t, 400, got.status, query)
		require.Equal(t, want, got.problem(t), query)
	}
}

func TestRequestsAreAnsweredAtAndPastEachLimit(t *testing.T) {
	a := newAPI(t)
	kafka := a.Queue(t, a.tenant, "log", dataplane.ModeKafkaHA, nil)
	text := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat(`{"body":1},`, n), ",") }
	send := a.queuePath() + "/messages"
	one := func(m string) string { return `{"messages":[` + m + `]}` }
	for name, k := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"10 messages":              {send, one(many(10)), 201, ""},
		"11 messages":              {send, one(many(11)), 400, "invalid_request"},
		"no messages":              {send, one(""), 400, "invalid_request"},
		"no JSON":                  {send, `{"messages":`, 400, "invalid_request"},
		"empty body":               {send, ``, 400, "invalid_request"},
		"invalid UTF-8":            {send, one("{\"body\":\"\xff\"}"), 400, "body_not_json"},
		"unknown field":            {send, one(`{"body":1,"tags":[]}`), 400, "invalid_request"},
		"field of another case":    {send, one(`{"Body":1}`), 400, "invalid_request"},
		"body missing":             {send, one(`{}`), 400, "invalid_request"},
		"body null":                {send, one(`{"body":null}`), 400, ""},
		"attributes a list":        {send, one(`{"body":1,"attributes":[]}`), 400, "invalid_request"},
		"attributes, Kafka":        {a.projectPath() + "/queues/" + kafka.ID + "/messages", one(`{"body":1,"attributes":{}}`), 400, "request_format"},
		"delay, Kafka":             {a.projectPath() + "/queues/" + kafka.ID + "/messages", one(`{"body":1,"delay_ms":1}`), 400, "request_format"},
		"3 labels":                 {send, one(`{"body":1,"labels":["a","b","c"]}`), 201, ""},
		"4 labels":                 {send, one(`{"body":1,"labels":["a","b","c","d"]}`), 400, "invalid_request"},
		"label of 64":              {send, one(`{"body":1,"labels":[` + text(64) + `]}`), 201, ""},
		"label of 65":              {send, one(`{"body":1,"labels":[` + text(65) + `]}`), 400, "invalid_request"},
		"label with a dot":         {send, one(`{"body":1,"labels":["a.b"]}`), 400, "invalid_request"},
		"delay of 7 days":          {send, one(`{"body":1,"delay_ms":604800000}`), 201, ""},
		"delay of 7 days and 1 ms": {send, one(`{"body":1,"delay_ms":604800001}`), 400, "invalid_request"},
		"delay of -1":              {send, one(`{"body":1,"delay_ms":-1}`), 400, "invalid_request"},
		"512 KiB":                  {send, one(`{"body":` + text(512<<10) + `}`), 201, ""},
		"512 KiB and 1":            {send, one(`{"body":` + text(512<<10+1) + `}`), 413, "message_too_large"},
		"4 MiB and 1":              {send, strings.Repeat(" ", 4<<20+1), 413, "message_too_large"},
		"receive 11":               {a.groupPath() + "/receive", `{"max_messages":11}`, 400, "invalid_request"},
		"receive 0":                {a.groupPath() + "/receive", `{"max_messages":0}`, 400, "invalid_request"},
		"wait 61":                  {a.groupPath() + "/receive", `{"wait_seconds":61}`, 400, "invalid_request"},
		"wait -1":                  {a.groupPath() + "/receive", `{"wait_seconds":-1}`, 400, "invalid_request"},
		"ack wait 14":              {a.groupPath() + "/receive", `{"ack_wait_seconds":14}`, 400, "invalid_request"},
		"ack wait 301":             {a.groupPath() + "/receive", `{"ack_wait_seconds":301}`, 400, "invalid_request"},
		"match of none":            {a.groupPath() + "/receive", `{"labels":["a"],"label_match":"none"}`, 400, "invalid_request"},
		"dead letters by label":    {a.groupPath() + "/dead-letters/receive", `{"labels":["a"]}`, 400, "invalid_request"},
		"settle nothing":           {a.groupPath() + "/settle", `{"messages":[]}`, 400, "invalid_request"},
		"settle garbage":           {a.groupPath() + "/settle", `{"messages":[{"handler":"x"}]}`, 400, "handler_unknown"},
		"settle 11":                {a.groupPath() + "/settle", `{"messages":[` + strings.TrimSuffix(strings.Repeat(`{"handler":"x"},`, 11), ",") + `]}`, 400, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			got := a.post(t, k.path, k.body)
			require.Equal(t, k.status, got.status, got.body)
			if k.code != "" {
				require.Equal(t, k.code, got.problem(t), got.body)
			}
		})
	}
	t.Run("content type", func(t *testing.T) {
		got := a.do(t, call{method: http.MethodPost, path: send, body: one(`{"body":1}`), contentType: "text/plain"})
		require.Equal(t, 400, got.status)
		require.Equal(t, "content_type", got.problem(t))
	})
}

func TestMessagesWhoseReplyCannotBeWrittenAreVisibleAtOnceAndFree(t *testing.T) {
	a := newAPI(t)
	a.send(t, `{"body":"precious"}`)
	a.server.Client().CloseIdleConnections()
	a.broken.Store(true)
	_, err := a.try(t.Context(), call{method: http.MethodPost, path: a.groupPath() + "/receive", body: `{"wait_seconds":0}`})
	require.Error(t, err)
	// The client may know of the broken connection before the server does: the poll waits for the release, on a clock that stands.
	require.Len(t, a.post(t, a.groupPath()+"/receive", `{"wait_seconds":60}`).messages(t), 1, "at once: the clock has not moved")
	a.AwaitCalls(t, a.tenant.AccountID, map[access.Action]int64{access.MessageSend: 1, access.MessageReceive: 1})
}

func TestReadsAndEmptyReceivesAreFree(t *testing.T) {
	a := newAPI(t)
	for _, path := range []string{a.projectPath() + "/queues", a.projectPath() + "/quotas", a.queuePath(), a.queuePath() + "/groups"} {
		require.Equal(t, 200, a.get(t, path).status)
	}
	require.Empty(t, a.post(t, a.groupPath()+"/receive", `{"wait_seconds":0}`).messages(t))
	a.send(t, `{"body":1}`)
	got := a.post(t, a.groupPath()+"/receive", `{"label_match":"all"}`).messages(t)
	a.post(t, a.groupPath()+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q}]}`, got[0].Handler))
	a.AwaitCalls(t, a.tenant.AccountID, map[access.Action]int64{access.MessageSend: 1, access.MessageReceive: 1, access.MessageAck: 1})
}

func TestLongPollWaitsAndEndsWithRevocation(t *testing.T) {
	a := newAPI(t)
	poll := make(chan answer, 1)
	start := func() {
		go func() {
			got, err := a.try(t.Context(), call{method: http.MethodPost, path: a.groupPath() + "/receive", body: `{"wait_seconds":60,"labels":["x"]}`})
			if err != nil {
				got.body = err.Error()
			}
			poll <- got
		}()
		a.AwaitPoll(t)
	}
	start()
	a.send(t, `{"body":1,"labels":["y"]},{"body":2,"labels":["x"]}`)
	got := (<-poll).messages(t)
	require.Len(t, got, 1)
	require.Equal(t, `2`, string(got[0].Body))

	start()
	a.Callers.Revoke(a.tenant.Token)
	a.Directory.Put(t, "user", a.tenant.UserID, "disabled")
	ended := <-poll
	require.Equal(t, 401, ended.status, ended.body)
	require.Equal(t, "credentials_invalid", ended.problem(t))
}

package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
)

// fifo makes the API's queue a FIFO one.
func (a *api) fifo(t *testing.T) {
	t.Helper()
	a.queue = a.Queue(t, a.tenant, "in-order", dataplane.ModeFIFO, func(q *dataplane.Queue) { q.MaxConsumeCount = 2 })
	a.group = a.Group(t, a.queue, "workers")
}

func TestOrderingKeysOrderEachKeyAlone(t *testing.T) {
	a := newAPI(t)
	a.fifo(t)
	a.send(t, `{"body":1,"ordering_key":"a"},{"body":2,"ordering_key":"b"},{"body":3,"ordering_key":"a"}`)
	first := a.post(t, a.groupPath()+"/receive", `{"wait_seconds":0,"max_messages":1}`).messages(t)
	require.Equal(t, []string{"1"}, contents(first))
	require.Equal(t, "a", first[0].OrderingKey)
	second := a.receive(t)
	require.Equal(t, []string{"2"}, contents(second), "another key goes on; the same key waits")
	require.Greater(t, second[0].Position, first[0].Position)
	a.ask(t, "POST", a.groupPath()+"/settle", fmt.Sprintf(`{"messages":[{"handler":%q}]}`, first[0].Handler), nil)
	require.Equal(t, []string{"3"}, contents(a.receive(t)))
}

func TestDuplicatesAreAnsweredWithTheFirstForAsLongAsTheWindow(t *testing.T) {
	a := newAPI(t)
	first := a.send(t, `{"body":1,"deduplication_id":"x"},{"body":2,"deduplication_id":"x"},{"body":3}`)
	require.Equal(t, []bool{false, true, false}, []bool{first[0].Duplicate, first[1].Duplicate, first[2].Duplicate})
	require.Equal(t, first[0].ID, first[1].ID)
	a.Clock.Advance(5*time.Minute - time.Microsecond)
	again := a.send(t, `{"body":4,"deduplication_id":"x"}`)
	require.True(t, again[0].Duplicate)
	require.Equal(t, first[0].ID, again[0].ID)
	require.Equal(t, []string{"1", "3"}, contents(a.receive(t)))
	a.Clock.Advance(time.Microsecond)
	later := a.send(t, `{"body":5,"deduplication_id":"x"}`)
	require.False(t, later[0].Duplicate)
	require.NotEqual(t, first[0].ID, later[0].ID)

	other := a.Queue(t, a.tenant, "other", dataplane.ModeNormal, nil)
	got := a.post(t, a.projectPath()+"/queues/"+other.ID+"/messages", `{"messages":[{"body":1,"deduplication_id":"x"}]}`)
	require.Equal(t, 201, got.status)
	require.Contains(t, got.body, `"duplicate":false`, "ids are the queue's own")
}

func TestDeliveriesTellWhenTheyWereFirstReceived(t *testing.T) {
	a := newAPI(t)
	a.send(t, `{"body":1}`)
	a.Clock.Advance(time.Minute)
	got := a.receive(t)
	require.Len(t, got, 1)
	require.Nil(t, got[0].Death)
	require.Empty(t, got[0].OrderingKey)
	require.NotZero(t, got[0].Position)
	first := wiretest.Start.Add(time.Minute).Format(time.RFC3339)
	require.Equal(t, first, got[0].FirstReceivedAt)
	a.queue.MaxConsumeCount = 0
	a.Directory.PutQueue(t, a.queue)
	a.Clock.Advance(time.Minute)
	again := a.receive(t)
	require.Len(t, again, 1, "its ack wait has passed")
	require.Equal(t, 2, again[0].ReceiveCount)
	require.Equal(t, first, again[0].FirstReceivedAt)
	require.Equal(t, got[0].Position, again[0].Position)
}

func TestOrderingKeysAndDeduplicationIDsAtAndPastTheirLimits(t *testing.T) {
	a := newAPI(t)
	normal := a.queuePath()
	a.fifo(t)
	fifo := a.queuePath()
	text := func(n int) string { return `"` + strings.Repeat("é", n) + `"` }
	message := func(field, value string) string { return `{"messages":[{"body":1,"` + field + `":` + value + `}]}` }
	for name, k := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"key of 128":              {fifo + "/messages", message("ordering_key", text(128)), 201, ""},
		"key of 129":              {fifo + "/messages", message("ordering_key", text(129)), 400, "invalid_request"},
		"empty key":               {fifo + "/messages", message("ordering_key", `""`), 400, "invalid_request"},
		"key, not FIFO":           {normal + "/messages", message("ordering_key", `"a"`), 400, "request_format"},
		"prepared key of 128":     {fifo + "/prepared", message("ordering_key", text(128)), 201, ""},
		"prepared key of 129":     {fifo + "/prepared", message("ordering_key", text(129)), 400, "invalid_request"},
		"prepared key, not FIFO":  {normal + "/prepared", message("ordering_key", `"a"`), 400, "request_format"},
		"deduplication of 128":    {normal + "/messages", message("deduplication_id", text(128)), 201, ""},
		"deduplication of 129":    {normal + "/messages", message("deduplication_id", text(129)), 400, "invalid_request"},
		"empty deduplication":     {normal + "/messages", message("deduplication_id", `""`), 400, "invalid_request"},
		"prepared, deduplication": {normal + "/prepared", message("deduplication_id", `"a"`), 400, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			got := a.post(t, k.path, k.body)
			require.Equal(t, k.status, got.status, got.body)
			if k.code != "" {
				require.Equal(t, k.code, got.problem(t), got.body)
			}
		})
	}
	got := a.post(t, normal+"/messages", message("ordering_key", `"a"`))
	require.Contains(t, got.body, "FIFO", "the detail says why")
	require.Contains(t, got.body, `"pointer":"/messages/0/ordering_key"`)
}

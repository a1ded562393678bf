package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
)

func TestLogQueuesHaveAllOperationsButWhatTheirModeLacks(t *testing.T) {
	for _, mode := range []dataplane.Mode{dataplane.ModeKafkaHA, dataplane.ModeKafkaHT} {
		t.Run("mode="+string(mode), func(t *testing.T) {
			a := newAPI(t)
			a.queue = a.Queue(t, a.tenant, "log", mode, func(q *dataplane.Queue) { q.RetentionHours = 1 })
			a.group = a.Group(t, a.queue, "workers")
			for _, refused := range []string{`{"body":1,"ordering_key":"a"}`, `{"body":1,"delay_ms":1}`, `{"body":1,"attributes":{}}`} {
				for _, path := range []string{"/messages", "/prepared"} {
					got := a.post(t, a.queuePath()+path, `{"messages":[`+refused+`]}`)
					require.Equal(t, 400, got.status, refused)
					require.Equal(t, "request_format", got.problem(t))
				}
			}
			sent := a.send(t, `{"body":1,"deduplication_id":"x"},{"body":2,"deduplication_id":"x"}`)
			require.True(t, sent[1].Duplicate)
			require.Equal(t, 200, a.decide(t, a.prepare(t, `{"messages":[{"body":3}]}`), "commit").status)
			got := a.receive(t)
			require.Equal(t, []string{"1", "3"}, contents(got))
			a.fail(t, got...)
			require.Equal(t, []string{"1", "3"}, contents(a.receive(t)), "a failure is no dead letter")
			a.seek(t, fmt.Sprintf(`{"position":%d}`, got[1].Position))
			require.Equal(t, []string{"3"}, contents(a.receive(t)))
			dead, _ := a.browse(t, a.groupPath()+"/dead-letters", "")
			require.Empty(t, dead)
			require.Zero(t, a.redrive(t, ""))
			var out struct{ Purged int64 }
			a.ask(t, http.MethodPost, a.queuePath()+"/purge", "", &out)
			require.Equal(t, int64(2), out.Purged)
		})
	}
}

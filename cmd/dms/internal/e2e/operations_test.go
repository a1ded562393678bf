package e2e

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// apiMessage is a message of our own API, as it is sent, received or looked at.
type apiMessage struct {
	ID           string          `json:"id"`
	Duplicate    bool            `json:"duplicate"`
	Body         json.RawMessage `json:"body"`
	Handler      string          `json:"handler"`
	OrderingKey  string          `json:"ordering_key"`
	Position     uint64          `json:"position"`
	ReceiveCount int             `json:"receive_count"`
	Death        *struct {
		Failures int    `json:"failures"`
		Reason   string `json:"reason"`
		Redriven int    `json:"redriven"`
	} `json:"death"`
}

type apiMessages struct {
	Messages []apiMessage `json:"messages"`
}

func (m apiMessages) bodies() []string {
	out := []string{}
	for _, one := range m.Messages {
		out = append(out, string(one.Body))
	}
	return out
}

// TestStoryOfTheOperationsThatTheDMSWireHasNoWordsFor goes through all of them on a FIFO queue, with a crash in the middle.
func TestStoryOfTheOperationsThatTheDMSWireHasNoWordsFor(t *testing.T) {
	eachTopology(t, func(t *testing.T, d *deployment) {
		c := d.token(t, d.first)
		q := c.createQueue(t, map[string]any{"name": "orders", "queue_mode": "FIFO", "redrive_policy": "enable", "max_consume_count": 1})
		g := c.createGroup(t, q, "workers")
		queue := "/api/v1/projects/" + d.first.ProjectID + "/queues/" + q
		group := queue + "/groups/" + g
		messages := func(want int, method, path string, body any) (out apiMessages) {
			t.Helper()
			c.do(t, want, method, path, body).json(t, &out)
			return out
		}
		receive := func() apiMessages {
			t.Helper()
			return messages(200, http.MethodPost, group+"/receive", map[string]any{"wait_seconds": 5, "ack_wait_seconds": 300})
		}
		settle := func(more map[string]any, of ...apiMessage) {
			t.Helper()
			var list []any
			for _, m := range of {
				item := map[string]any{"handler": m.Handler}
				for k, v := range more {
					item[k] = v
				}
				list = append(list, item)
			}
			var res struct{ Accepted, Rejected int }
			c.do(t, 200, http.MethodPost, group+"/settle", map[string]any{"messages": list}).json(t, &res)
			require.Equal(t, []int{len(of), 0}, []int{res.Accepted, res.Rejected})
		}
		prepare := func(body string) string {
			t.Helper()
			var p struct{ ID string }
			c.do(t, 201, http.MethodPost, queue+"/prepared", map[string]any{"messages": []any{map[string]any{"body": body, "ordering_key": "b"}}}).json(t, &p)
			return p.ID
		}

		send := map[string]any{"messages": []any{
			map[string]any{"body": "a1", "ordering_key": "a", "deduplication_id": "once"},
			map[string]any{"body": "b1", "ordering_key": "b"},
		}}
		sent := messages(201, http.MethodPost, queue+"/messages", send)
		committed, rolledBack := prepare("b2"), prepare("never")

		d.tenant.kill()
		d.tenant = d.tenant.again(t)

		again := messages(201, http.MethodPost, queue+"/messages", map[string]any{"messages": []any{
			map[string]any{"body": "a1", "ordering_key": "a", "deduplication_id": "once"},
			map[string]any{"body": "a2", "ordering_key": "a"},
		}})
		require.True(t, again.Messages[0].Duplicate, "remembered through a crash")
		require.Equal(t, sent.Messages[0].ID, again.Messages[0].ID)
		var waiting struct {
			Prepared []struct{ ID string } `json:"prepared"`
		}
		c.do(t, 200, http.MethodGet, queue+"/prepared", nil).json(t, &waiting)
		require.Len(t, waiting.Prepared, 2)
		for range 2 {
			require.Len(t, messages(200, http.MethodPost, queue+"/prepared/"+committed+"/commit", nil).Messages, 1)
			c.do(t, 204, http.MethodPost, queue+"/prepared/"+rolledBack+"/rollback", nil)
		}
		c.do(t, 409, http.MethodPost, queue+"/prepared/"+rolledBack+"/commit", nil)

		require.Equal(t, []string{`"a1"`, `"b1"`, `"a2"`, `"b2"`}, messages(200, http.MethodGet, queue+"/messages", nil).bodies())
		got := receive()
		require.ElementsMatch(t, []string{`"a1"`, `"b1"`, `"a2"`, `"b2"`}, got.bodies(), "one receive may give consecutive messages of a key")
		var extended struct{ Results []struct{ Extended bool } }
		c.do(t, 200, http.MethodPost, group+"/extend", map[string]any{"messages": []any{map[string]any{"handler": got.Messages[0].Handler, "ack_wait_seconds": 300}}}).json(t, &extended)
		require.True(t, extended.Results[0].Extended)
		for _, m := range got.Messages {
			if string(m.Body) == `"a1"` {
				settle(map[string]any{"failed": true}, m)
			} else {
				settle(nil, m)
			}
		}

		dead := messages(200, http.MethodGet, group+"/dead-letters", nil)
		require.Equal(t, []string{`"a1"`}, dead.bodies())
		require.Equal(t, "refused", dead.Messages[0].Death.Reason)
		var moved struct{ Moved int }
		c.do(t, 200, http.MethodPost, group+"/redrive", map[string]any{"message_ids": []string{dead.Messages[0].ID}}).json(t, &moved)
		require.Equal(t, 1, moved.Moved)
		got = receive()
		require.Equal(t, []string{`"a1"`}, got.bodies())
		require.Equal(t, sent.Messages[0].ID, got.Messages[0].ID)
		settle(nil, got.Messages[0])

		c.do(t, 204, http.MethodPost, group+"/seek", map[string]any{"to": "earliest"})
		got = receive()
		require.ElementsMatch(t, []string{`"a1"`, `"b1"`, `"a2"`, `"b2"`}, got.bodies(), "all of them once more")
		settle(map[string]any{"failed": true, "delay_ms": 0}, got.Messages...)

		var purged struct{ Purged int }
		c.do(t, 200, http.MethodPost, group+"/dead-letters/purge", nil).json(t, &purged)
		require.Equal(t, 4, purged.Purged)
		c.do(t, 200, http.MethodPost, queue+"/purge", nil).json(t, &purged)
		require.Equal(t, 4, purged.Purged)
		var st struct {
			Messages, Produced int
			DeadProduced       int `json:"dead_produced"`
			Redriven           int
		}
		c.do(t, 200, http.MethodGet, queue+"/statistics", nil).json(t, &st)
		require.Equal(t, []int{0, 4}, []int{st.Messages, st.Produced})
		c.do(t, 200, http.MethodGet, group+"/statistics", nil).json(t, &st)
		require.Equal(t, []int{5, 1}, []int{st.DeadProduced, st.Redriven})
	})
}

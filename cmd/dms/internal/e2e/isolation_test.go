package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// operation is one call on a queue and a group of a project. Its path is written with {p}, {q} and {g}.
type operation struct {
	method, path string
	body         any
}

// operations lists everything that can be asked of the queue service, on both dialects and our own API.
func operations() []operation {
	message := map[string]any{"messages": []any{map[string]any{"body": "intruder"}}}
	ack := map[string]any{"message": []any{map[string]any{"handler": "aGFuZGxlcg", "status": "success"}}}
	tag := map[string]any{"key": "k", "value": "v"}
	var ops []operation
	for _, v := range []string{"/v1.0", "/v2"} {
		queue := v + "/{p}/queues/{q}"
		group := queue + "/groups/{g}"
		ops = append(ops,
			operation{"GET", queue, nil},
			operation{"DELETE", queue, nil},
			operation{"POST", queue + "/groups", map[string]any{"groups": []any{map[string]any{"name": "intruder"}}}},
			operation{"GET", queue + "/groups", nil},
			operation{"GET", queue + "/resourcePathGroups", nil},
			operation{"DELETE", group, nil},
			operation{"POST", queue + "/messages", message},
			operation{"GET", group + "/messages?time_wait=1", nil},
			operation{"POST", group + "/ack", ack},
			operation{"GET", group + "/deadletters?time_wait=1", nil},
			operation{"POST", group + "/deadletters/ack", ack},
			operation{"POST", v + "/{p}/queue/{q}/tags/action", map[string]any{"action": "create", "tags": []any{tag}}},
			operation{"GET", v + "/{p}/queue/{q}/tags", nil},
			operation{"POST", v + "/{p}/queue/{q}/tags", map[string]any{"tag": tag}},
			operation{"DELETE", v + "/{p}/queue/{q}/tags/k", nil},
		)
	}
	queue := "/api/v1/projects/{p}/queues/{q}"
	group := queue + "/groups/{g}"
	prepared := queue + "/prepared/" + uuid.NewString()
	settle := map[string]any{"messages": []any{map[string]any{"handler": "aGFuZGxlcg"}}}
	extend := map[string]any{"messages": []any{map[string]any{"handler": "aGFuZGxlcg", "ack_wait_seconds": 30}}}
	return append(ops,
		operation{"GET", queue, nil},
		operation{"DELETE", queue, nil},
		operation{"GET", queue + "/groups", nil},
		operation{"POST", queue + "/groups", map[string]any{"name": "intruder"}},
		operation{"DELETE", group, nil},
		operation{"POST", queue + "/messages", message},
		operation{"POST", group + "/receive", map[string]any{"wait_seconds": 0}},
		operation{"POST", group + "/settle", settle},
		operation{"POST", group + "/dead-letters/receive", map[string]any{"wait_seconds": 0}},
		operation{"POST", group + "/dead-letters/settle", settle},
		operation{"GET", queue + "/statistics", nil},
		operation{"GET", queue + "/messages", nil},
		operation{"POST", queue + "/purge", nil},
		operation{"GET", queue + "/prepared", nil},
		operation{"POST", queue + "/prepared", message},
		operation{"POST", prepared + "/commit", nil},
		operation{"POST", prepared + "/rollback", nil},
		operation{"GET", group + "/statistics", nil},
		operation{"POST", group + "/extend", extend},
		operation{"POST", group + "/seek", map[string]any{"to": "latest"}},
		operation{"GET", group + "/dead-letters", nil},
		operation{"POST", group + "/dead-letters/extend", extend},
		operation{"POST", group + "/dead-letters/purge", nil},
		operation{"GET", group + "/redrive", nil},
		operation{"POST", group + "/redrive", map[string]any{}},
		operation{"DELETE", group + "/redrive", nil},
	)
}

// projectOperations are those that name a project alone.
func projectOperations() []operation {
	var ops []operation
	for _, v := range []string{"/v1.0", "/v2"} {
		ops = append(ops,
			operation{"POST", v + "/{p}/queues", map[string]any{"name": "intruder"}},
			operation{"GET", v + "/{p}/queues", nil},
			operation{"GET", v + "/{p}/quotas", nil},
			operation{"GET", v + "/{p}/quotas/dms", nil},
			operation{"GET", v + "/{p}/queue/tags", nil},
			operation{"POST", v + "/{p}/queue/resource_instances/action", map[string]any{"action": "count", "tags": []any{map[string]any{"key": "k", "values": []any{"v"}}}}},
		)
	}
	return append(ops,
		operation{"GET", "/api/v1/projects/{p}/queues", nil},
		operation{"POST", "/api/v1/projects/{p}/queues", map[string]any{"name": "intruder"}},
		operation{"GET", "/api/v1/projects/{p}/quotas", nil},
	)
}

// target is what an operation is aimed at.
type target struct{ project, queue, group string }

func (x target) path(pattern string) string {
	return strings.NewReplacer("{p}", x.project, "{q}", x.queue, "{g}", x.group).Replace(pattern)
}

// ask sends the operation at the target and returns the answer with everything taken out that may differ between two targets: the
// ids that were asked for and the request's own.
func (o operation) ask(t *testing.T, c *client, x target) string {
	t.Helper()
	a, err := c.send(t.Context(), request{method: o.method, path: x.path(o.path), body: o.body})
	require.NoError(t, err)
	require.GreaterOrEqual(t, a.status, 400, "%s %s was allowed\n%s", o.method, o.path, a.body)
	require.Less(t, a.status, 500, "%s %s\n%s", o.method, o.path, a.body)
	body := strings.NewReplacer(a.header.Get("X-Request-Id"), "REQUEST", x.project, "{p}", x.queue, "{q}", x.group, "{g}").Replace(string(a.body))
	return fmt.Sprintf("%d %s\n%s", a.status, a.header.Get("Content-Type"), body)
}

func nowhere() target {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	return target{project: hex.EncodeToString(raw[:]), queue: uuid.NewString(), group: "g-" + uuid.NewString()}
}

// TestAnothersThingsAreAsGoodAsNone tries every operation with one account's credentials on the other's ids, and then with the
// accounts swapped: the answers must be those for things that do not exist.
func TestAnothersThingsAreAsGoodAsNone(t *testing.T) {
	eachDeployment(t, func(t *testing.T, d *deployment) {
		accounts := []*account{d.first, d.bootstrap(t, "second-account", "admin")}
		var things []target
		for _, a := range accounts {
			c := d.token(t, a)
			q := c.createQueue(t, map[string]any{"name": "mine", "redrive_policy": "enable", "max_consume_count": 1})
			things = append(things, target{project: a.ProjectID, queue: q, group: c.createGroup(t, q, "g")})
			c.sendText(t, q, "secret of "+a.AccountName)
		}
		for i, a := range accounts {
			mine, theirs, none := things[i], things[1-i], nowhere()
			for name, c := range map[string]*client{"token": d.token(t, a), "signature": d.signed(a)} {
				for _, o := range append(operations(), projectOperations()...) {
					require.Empty(t, cmp.Diff(o.ask(t, c, none), o.ask(t, c, theirs)), "%s: %s %s in another's project (-no such project +another's)", name, o.method, o.path)
				}
				for _, o := range operations() {
					// One's own project, another's queue and group.
					want := o.ask(t, c, target{mine.project, none.queue, none.group})
					require.Empty(t, cmp.Diff(want, o.ask(t, c, target{mine.project, theirs.queue, theirs.group})), "%s: %s %s with another's ids", name, o.method, o.path)
					if !strings.Contains(o.path, "{g}") {
						continue
					}
					// One's own queue, another's group.
					want = o.ask(t, c, target{mine.project, mine.queue, none.group})
					require.Empty(t, cmp.Diff(want, o.ask(t, c, target{mine.project, mine.queue, theirs.group})), "%s: %s %s with another's group", name, o.method, o.path)
				}
			}
		}
		for i, a := range accounts {
			c := d.token(t, a)
			got := c.receiveAll(t, things[i].queue, things[i].group, 1)
			require.Equal(t, "secret of "+a.AccountName, got[0].text(t), "nothing was changed, nothing came in")
			var list struct {
				Total int `json:"total"`
			}
			c.do(t, 200, "GET", c.project()+"/queues", nil).json(t, &list)
			require.Equal(t, 1, list.Total)
			var bill struct {
				AccountID string            `json:"account_id"`
				Lines     []json.RawMessage `json:"lines"`
			}
			c.do(t, 200, "GET", "/api/v1/bill", nil).json(t, &bill)
			require.Equal(t, a.AccountID, bill.AccountID)
			other := accounts[1-i]
			for _, line := range bill.Lines {
				require.NotContains(t, string(line), other.ProjectID)
				require.NotContains(t, string(line), things[1-i].queue)
			}
		}
	})
}

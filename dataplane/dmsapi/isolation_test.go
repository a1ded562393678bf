package dmsapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
	"dms/internal/id"
)

// estate is a tenant with something to steal.
type estate struct {
	tenant  wiretest.Tenant
	queue   dataplane.Queue
	group   dataplane.Group
	handler string
}

func (w *wire) estate(t *testing.T, name string) estate {
	t.Helper()
	e := estate{tenant: w.Tenant(t, name)}
	e.queue = w.Queue(t, e.tenant, "orders", dataplane.ModeNormal, func(q *dataplane.Queue) {
		q.MaxConsumeCount = 1
		q.Tags = []dataplane.Tag{{Key: "owner", Value: name}}
	})
	e.group = w.Group(t, e.queue, "workers")
	base := "/v2/" + e.tenant.ProjectID + "/queues/" + e.queue.ID
	a := w.do(t, call{method: http.MethodPost, path: base + "/messages", body: `{"messages":[{"body":"of ` + name + `"},{"body":"more"}]}`, token: name})
	require.Equal(t, 201, a.status, a.body)
	a = w.do(t, call{method: http.MethodGet, path: base + "/groups/" + e.group.ID + "/messages?max_msgs=1", token: name})
	e.handler = a.consumed(t)[0].Handler
	return e
}

// TestAnothersIDsAreAnsweredAsIfTheyDidNotExist tries every operation with the ids of another account and with ids that nobody has: the
// answers must be the same to the byte, save for the request's id.
func TestAnothersIDsAreAnsweredAsIfTheyDidNotExist(t *testing.T) {
	w := newWire(t)
	one, two := w.estate(t, "one-account"), w.estate(t, "two-account")
	for _, k := range []struct {
		name         string
		thief, owner estate
	}{{"two steals from one", two, one}, {"one steals from two", one, two}} {
		t.Run(k.name, func(t *testing.T) {
			for _, v := range []string{"/v1.0/", "/v2/"} {
				for _, op := range operations(k.owner.handler) {
					try := func(project, queue, group string) answer {
						return w.do(t, call{method: op.method, path: v + project + op.path(queue, group), body: op.body, token: k.thief.tenant.Token}).bare()
					}
					mine, theirs := k.thief.tenant.ProjectID, k.owner.tenant.ProjectID
					name := op.method + " " + op.path("Q", "G")

					// Their project, as one that nobody has.
					got := try(theirs, k.owner.queue.ID, k.owner.group.ID)
					require.Equal(t, 401, got.status, name)
					require.Equal(t, try(id.NewHex(), id.NewQueue(), id.NewGroup()), got, name)

					if op.path("Q", "G") != op.path("other", "G") {
						got = try(mine, k.owner.queue.ID, k.owner.group.ID)
						require.Equal(t, 404, got.status, name)
						require.Equal(t, try(mine, id.NewQueue(), id.NewGroup()), got, name)
					}
					if op.path("Q", "G") != op.path("Q", "other") {
						got = try(mine, k.thief.queue.ID, k.owner.group.ID)
						require.Equal(t, 404, got.status, name)
						require.Equal(t, try(mine, k.thief.queue.ID, id.NewGroup()), got, name)
					}
				}
			}
			// Lists hold the thief's own things alone, and a stolen handler is good for nothing.
			for _, path := range []string{"/queues", "/queue/tags"} {
				a := w.do(t, call{method: http.MethodGet, path: "/v2/" + k.thief.tenant.ProjectID + path, token: k.thief.tenant.Token})
				require.Equal(t, 200, a.status)
				require.NotContains(t, a.body, k.owner.queue.ID)
				require.NotContains(t, a.body, k.owner.tenant.Token)
			}
			a := w.do(t, call{method: http.MethodPost, path: "/v2/" + k.thief.tenant.ProjectID + "/queues/" + k.thief.queue.ID + "/groups/" + k.thief.group.ID + "/ack",
				body: `{"message":[{"handler":"` + k.owner.handler + `"}]}`, token: k.thief.tenant.Token})
			require.Equal(t, 400, a.status)
			require.Equal(t, 10540004, a.code(t))
		})
	}
	for _, e := range []estate{one, two} { // nothing has happened to either
		base := "/v2/" + e.tenant.ProjectID + "/queues/" + e.queue.ID
		a := w.do(t, call{method: http.MethodGet, path: base, token: e.tenant.Token})
		require.Contains(t, a.body, `"produced_messages":2,`)
		a = w.do(t, call{method: http.MethodPost, path: base + "/groups/" + e.group.ID + "/ack", body: `{"message":[{"handler":"` + e.handler + `"}]}`, token: e.tenant.Token})
		require.Equal(t, `{"success":1,"fail":0}`, a.body)
	}
}

type isolated struct {
	method string
	path   func(queue, group string) string
	body   string
}

// operations are all of the node's; a test compares their number with the table.
func operations(handler string) []isolated {
	on := func(before, after string) func(queue, group string) string {
		return func(queue, group string) string {
			if after == "" {
				return before
			}
			return before + queue + after
		}
	}
	in := func(after string) func(queue, group string) string {
		return func(queue, group string) string { return "/queues/" + queue + "/groups/" + group + after }
	}
	ack := `{"message":[{"handler":"` + handler + `"}]}`
	return []isolated{
		{http.MethodGet, on("/queues", ""), ""},
		{http.MethodGet, on("/queues/", "?include_deadletter=true"), ""},
		{http.MethodGet, on("/queues/", "/groups"), ""},
		{http.MethodGet, on("/queues/", "/resourcePathGroups"), ""},
		{http.MethodPost, on("/queues/", "/messages"), `{"messages":[{"body":1}]}`},
		{http.MethodGet, in("/messages"), ""},
		{http.MethodPost, in("/ack"), ack},
		{http.MethodGet, in("/deadletters"), ""},
		{http.MethodPost, in("/deadletters/ack"), ack},
		{http.MethodGet, on("/quotas", ""), ""},
		{http.MethodGet, on("/quotas/dms", ""), ""},
		{http.MethodGet, on("/queue/", "/tags"), ""},
		{http.MethodGet, on("/queue/tags", ""), ""},
		{http.MethodPost, on("/queue/resource_instances/action", ""), `{"action":"filter"}`},
	}
}

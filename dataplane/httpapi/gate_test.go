package httpapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/dataplane"
	"dms/dataplane/dmsapi/wiretest"
	"dms/dataplane/httpapi"
	"dms/internal/access"
	"dms/internal/id"
)

// trial is an operation with a body that is good enough to reach the engine. P, Q, G and D stand for the ids of project, queue, group and
// prepared messages.
type trial struct {
	method, path, body string
	billed             bool // a success is a call
	throttled          bool // counts against the queue's limit
}

const handlers = `{"messages":[{"handler":"x"}]}`

// trials are all operations; a test compares them with the table.
var trials = []trial{
	{"GET", "/quotas", "", false, false},
	{"GET", "/queues", "", false, false},
	{"GET", "/queues/Q", "", false, false},
	{"GET", "/queues/Q/groups", "", false, false},
	{"GET", "/queues/Q/statistics", "", false, false},
	{"GET", "/queues/Q/messages", "", false, true},
	{"POST", "/queues/Q/messages", `{"messages":[{"body":1}]}`, true, true},
	{"POST", "/queues/Q/purge", "", true, true},
	{"GET", "/queues/Q/prepared", "", false, true},
	{"POST", "/queues/Q/prepared", `{"messages":[{"body":1}]}`, true, true},
	{"POST", "/queues/Q/prepared/D/commit", "", true, true},
	{"POST", "/queues/Q/prepared/D/rollback", "", true, true},
	{"GET", "/queues/Q/groups/G/statistics", "", false, false},
	{"POST", "/queues/Q/groups/G/receive", `{"wait_seconds":0}`, true, true},
	{"POST", "/queues/Q/groups/G/settle", handlers, true, true},
	{"POST", "/queues/Q/groups/G/extend", `{"messages":[{"handler":"x","ack_wait_seconds":30}]}`, true, true},
	{"POST", "/queues/Q/groups/G/seek", `{"to":"earliest"}`, true, true},
	{"GET", "/queues/Q/groups/G/dead-letters", "", false, true},
	{"POST", "/queues/Q/groups/G/dead-letters/receive", `{"wait_seconds":0}`, true, true},
	{"POST", "/queues/Q/groups/G/dead-letters/settle", handlers, true, true},
	{"POST", "/queues/Q/groups/G/dead-letters/extend", `{"messages":[{"handler":"x","ack_wait_seconds":30}]}`, true, true},
	{"POST", "/queues/Q/groups/G/dead-letters/purge", "", true, true},
	{"GET", "/queues/Q/groups/G/redrive", "", false, false},
	{"POST", "/queues/Q/groups/G/redrive", `{}`, true, true},
	{"DELETE", "/queues/Q/groups/G/redrive", "", false, true},
}

func (k trial) on(project, queue, group, prepared, token string) call {
	path := strings.NewReplacer("Q", queue, "G", group, "D", prepared).Replace(k.path)
	return call{method: k.method, path: "/api/v1/projects/" + project + path, body: k.body, token: token}
}

// key is the operation's key in the table.
func (k trial) key() string {
	return k.method + " /api/v1/projects/:project_id" + strings.NewReplacer("Q", ":queue_id", "G", ":group_id", "D", ":prepared_id").Replace(k.path)
}

func TestEveryOperationIsTried(t *testing.T) {
	var want, got []string
	for key := range httpapi.Table() {
		want = append(want, key)
	}
	for _, k := range trials {
		got = append(got, k.key())
	}
	require.ElementsMatch(t, want, got)
}

// estate is a tenant with something to steal.
type estate struct {
	tenant   wiretest.Tenant
	queue    dataplane.Queue
	group    dataplane.Group
	prepared string
}

func (a *api) estate(t *testing.T, name string) estate {
	t.Helper()
	e := estate{tenant: a.Tenant(t, name)}
	e.queue = a.Queue(t, e.tenant, "orders", dataplane.ModeNormal, func(q *dataplane.Queue) { q.MaxConsumeCount = 1 })
	e.group = a.Group(t, e.queue, "workers")
	a.tenant, a.queue, a.group = e.tenant, e.queue, e.group
	a.bury(t, 1)
	a.send(t, `{"body":2}`)
	e.prepared = a.prepare(t, `{"messages":[{"body":3}]}`).ID
	return e
}

var requestID = regexp.MustCompile(`[0-9a-f]{32}`)

// TestAnothersIDsAreAnsweredAsIfTheyDidNotExist tries every operation with the ids of another account, of one's own and of nobody.
func TestAnothersIDsAreAnsweredAsIfTheyDidNotExist(t *testing.T) {
	a := newAPI(t)
	one, two := a.estate(t, "one-account"), a.estate(t, "two-account")
	before := map[string]string{}
	look := func(e estate) (seen string) {
		for _, path := range []string{"", "/statistics", "/groups", "/messages", "/prepared", "/groups/" + e.group.ID + "/statistics", "/groups/" + e.group.ID + "/dead-letters"} {
			seen += a.do(t, call{method: http.MethodGet, path: "/api/v1/projects/" + e.tenant.ProjectID + "/queues/" + e.queue.ID + path, token: e.tenant.Token}).body
		}
		return seen
	}
	for _, e := range []estate{one, two} {
		before[e.tenant.Token] = look(e)
	}
	for _, k := range []struct {
		name         string
		thief, owner estate
	}{{"two steals from one", two, one}, {"one steals from two", one, two}} {
		t.Run(k.name, func(t *testing.T) {
			for _, op := range trials {
				try := func(project, queue, group, prepared string) answer {
					got := a.do(t, op.on(project, queue, group, prepared, k.thief.tenant.Token))
					got.header.Del("X-Request-Id")
					got.header.Del("Date")
					got.body = requestID.ReplaceAllString(got.body, "")
					return got
				}
				name := op.method + " " + op.path
				mine, theirs := k.thief, k.owner
				got := try(theirs.tenant.ProjectID, theirs.queue.ID, theirs.group.ID, theirs.prepared)
				require.Equal(t, 401, got.status, name)
				require.Equal(t, try(id.NewHex(), id.NewQueue(), id.NewGroup(), id.NewQueue()), got, name)
				require.Equal(t, try("nope", id.NewQueue(), id.NewGroup(), id.NewQueue()), got, name)
				if !strings.Contains(op.path, "Q") {
					continue
				}
				got = try(mine.tenant.ProjectID, theirs.queue.ID, theirs.group.ID, theirs.prepared)
				require.Equal(t, 404, got.status, name)
				require.Equal(t, try(mine.tenant.ProjectID, id.NewQueue(), id.NewGroup(), id.NewQueue()), got, name)
				require.Equal(t, try(mine.tenant.ProjectID, "no-id", "no-id", "no-id"), got, name)
				if strings.Contains(op.path, "G") {
					got = try(mine.tenant.ProjectID, mine.queue.ID, theirs.group.ID, "")
					require.Equal(t, 404, got.status, name)
					require.Equal(t, try(mine.tenant.ProjectID, mine.queue.ID, id.NewGroup(), ""), got, name)
				}
				if strings.Contains(op.path, "D") {
					got = try(mine.tenant.ProjectID, mine.queue.ID, "", theirs.prepared)
					require.Equal(t, 404, got.status, name)
					require.Equal(t, try(mine.tenant.ProjectID, mine.queue.ID, "", id.NewQueue()), got, name)
				}
			}
			// One's own calls with another's message ids move and show nothing.
			dead := a.do(t, call{method: http.MethodGet, path: trial{path: "/queues/Q/groups/G/dead-letters"}.on(k.owner.tenant.ProjectID, k.owner.queue.ID, k.owner.group.ID, "", "").path, token: k.owner.tenant.Token}).messages(t)
			mine := "/api/v1/projects/" + k.thief.tenant.ProjectID + "/queues/" + k.thief.queue.ID
			got := a.do(t, call{method: http.MethodPost, path: mine + "/groups/" + k.thief.group.ID + "/redrive", body: fmt.Sprintf(`{"message_ids":[%q]}`, dead[0].ID), token: k.thief.tenant.Token})
			require.JSONEq(t, `{"moved":0}`, got.body)
			for _, path := range []string{"/messages", "/groups/" + k.thief.group.ID + "/dead-letters"} {
				got := a.do(t, call{method: http.MethodGet, path: mine + path + "?message_id=" + dead[0].ID, token: k.thief.tenant.Token})
				require.JSONEq(t, `{"messages":[]}`, got.body)
			}
		})
	}
	for _, e := range []estate{one, two} {
		require.Equal(t, before[e.tenant.Token], look(e), "nothing has happened to "+e.tenant.Token)
	}
}

func TestEveryOperationIsRefusedWithoutItsOwnAction(t *testing.T) {
	a := newAPI(t)
	e := a.estate(t, "careful")
	actions := httpapi.Table()
	for _, op := range trials {
		key := op.key()
		a.Callers.Deny(e.tenant.UserID, actions[key])
		got := a.do(t, op.on(e.tenant.ProjectID, e.queue.ID, e.group.ID, e.prepared, e.tenant.Token))
		require.Equal(t, 403, got.status, key)
		require.Equal(t, "policy_denied", got.problem(t))
		a.Callers.Allow(e.tenant.UserID)
	}
	require.JSONEq(t, `{"purged":2}`, a.post(t, a.queuePath()+"/purge", "").body, "none of them did anything")
}

func TestThrottledQueueIsRefusedBeforeItsBodyIsLookedAt(t *testing.T) {
	a := newAPI(t)
	e := a.estate(t, "busy")
	e.queue.Limits.RequestsPerSecond = 1
	a.Directory.PutQueue(t, e.queue)
	require.Equal(t, 200, a.get(t, a.queuePath()+"/messages").status, "takes the only one of this second")
	for _, op := range trials {
		k := op.on(e.tenant.ProjectID, e.queue.ID, e.group.ID, e.prepared, e.tenant.Token)
		if !op.throttled {
			require.Equal(t, 200, a.do(t, k).status, op.path)
			continue
		}
		if k.method == http.MethodPost {
			k.body = "no JSON"
		}
		got := a.do(t, k)
		require.Equal(t, 429, got.status, op.path)
		require.Equal(t, "throttled", got.problem(t))
		require.Equal(t, "1", got.header.Get("Retry-After"))
	}
}

func TestEachChangeIsOneCallAndReadsAreFree(t *testing.T) {
	a := newAPI(t)
	e := a.estate(t, "counted")
	want := map[access.Action]int64{access.MessageSend: 2, access.MessageReceive: 1, access.MessageAck: 1, access.MessagePrepare: 1} // by estate
	step := func(action access.Action, method, path, body string) answer {
		t.Helper()
		got := a.do(t, call{method: method, path: path, body: body})
		require.Less(t, got.status, 300, "%s %s: %s", method, path, got.body)
		if action != "" {
			want[action]++
		}
		return got
	}
	for _, op := range trials {
		if op.method == http.MethodGet {
			k := op.on(e.tenant.ProjectID, e.queue.ID, e.group.ID, e.prepared, "")
			step("", k.method, k.path, k.body)
		}
	}
	messages := func(format string, m message) string { return fmt.Sprintf(`{"messages":[`+format+`]}`, m.Handler) }
	step(access.MessageSend, "POST", a.queuePath()+"/messages", `{"messages":[{"body":1},{"body":2}]}`)
	other := a.prepare(t, `{"messages":[{"body":1}]}`).ID
	want[access.MessagePrepare]++
	for range 2 { // a repetition is a success, too
		step(access.MessageCommit, "POST", a.queuePath()+"/prepared/"+e.prepared+"/commit", "")
		step(access.MessageRollback, "POST", a.queuePath()+"/prepared/"+other+"/rollback", "")
	}
	live := step(access.MessageReceive, "POST", a.groupPath()+"/receive", `{"wait_seconds":0}`).messages(t)
	step("", "POST", a.groupPath()+"/receive", `{"wait_seconds":0}`)
	step(access.MessageAck, "POST", a.groupPath()+"/extend", messages(`{"handler":%q,"ack_wait_seconds":30}`, live[0]))
	step(access.MessageAck, "POST", a.groupPath()+"/settle", messages(`{"handler":%q}`, live[0]))
	dead := step(access.DeadLetterReceive, "POST", a.groupPath()+"/dead-letters/receive", `{"wait_seconds":0}`).messages(t)
	step("", "POST", a.groupPath()+"/dead-letters/receive", `{"wait_seconds":0}`)
	step(access.DeadLetterAck, "POST", a.groupPath()+"/dead-letters/extend", messages(`{"handler":%q,"ack_wait_seconds":30}`, dead[0]))
	step(access.DeadLetterAck, "POST", a.groupPath()+"/dead-letters/settle", messages(`{"handler":%q}`, dead[0]))
	step(access.DeadLetterRedrive, "POST", a.groupPath()+"/redrive", `{"per_second":1}`)
	step("", "DELETE", a.groupPath()+"/redrive", "")
	step(access.DeadLetterPurge, "POST", a.groupPath()+"/dead-letters/purge", "")
	step(access.GroupSeek, "POST", a.groupPath()+"/seek", `{"to":"latest"}`)
	step(access.MessagePurge, "POST", a.queuePath()+"/purge", "")

	actions := httpapi.Table()
	for _, op := range trials {
		require.Equal(t, op.billed, op.method != http.MethodGet && want[actions[op.key()]] > 0 && op.method != http.MethodDelete, op.key())
	}

	// Refused ones are free.
	for _, k := range []struct{ path, body string }{
		{a.queuePath() + "/messages", `{"messages":[]}`}, {a.queuePath() + "/prepared", `{}`}, {a.queuePath() + "/prepared/" + other + "/commit", ""},
		{a.queuePath() + "/prepared/" + e.prepared + "/rollback", ""}, {a.groupPath() + "/settle", handlers}, {a.groupPath() + "/dead-letters/settle", handlers},
		{a.groupPath() + "/extend", handlers}, {a.groupPath() + "/seek", `{}`}, {a.groupPath() + "/redrive", `{"max":0}`},
	} {
		require.GreaterOrEqual(t, a.post(t, k.path, k.body).status, 400, k.path)
	}
	e.queue.Limits.RequestsPerSecond = 1
	a.Directory.PutQueue(t, e.queue)
	step("", "GET", a.queuePath()+"/messages", "")
	for _, op := range trials {
		if op.billed {
			require.Equal(t, 429, a.do(t, op.on(e.tenant.ProjectID, e.queue.ID, e.group.ID, e.prepared, "")).status)
		}
	}
	a.AwaitCalls(t, e.tenant.AccountID, want)
}

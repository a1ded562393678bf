package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/controlplane/gormstore"
	"dms/controlplane/httpapi"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	directorystore "dms/internal/directory/gormstore"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/id"
	"dms/internal/reason"
)

var (
	ctx   = context.Background()
	start = time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
)

// people knows callers by a token, and may forbid them things: what package iam does in the product.
type people struct {
	actors map[string]access.Actor
	denied map[access.Action]access.Resource
	asked  []string
}

func (p *people) Authenticate(_ context.Context, r *http.Request, projectID string, _ func() ([]byte, error)) (access.Actor, error) {
	a, ok := p.actors[r.Header.Get("X-Auth-Token")]
	switch {
	case !ok:
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "Wrong credentials.")
	case projectID != "" && projectID != a.ProjectID:
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "Not your project.")
	}
	return a, nil
}

func (p *people) Authorize(_ context.Context, _ access.Actor, action access.Action, o access.Object) error {
	res := o.Resource
	p.asked = append(p.asked, string(action)+" "+string(res))
	if p.denied[action] == res {
		return errs.New(errs.Forbidden, reason.PolicyDenied, "Not allowed: %s on %s.", action, res)
	}
	return nil
}

type world struct {
	*controlplane.Services
	store  *gormstore.Store
	people *people
	url    string
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		store, c, log := gormstore.New(db), clocktest.New(start), slog.New(slog.DiscardHandler)
		hub := controlplane.NewHub(controlplane.HubOptions{Log: directorystore.New(db), Clock: c})
		w := &world{
			Services: controlplane.NewServices(controlplane.Deps{Store: store, Confirmer: hub, Clock: c, Log: log}),
			store:    store,
			people:   &people{actors: map[string]access.Actor{}, denied: map[access.Action]access.Resource{}},
		}
		e := httpserve.NewEngine(log, 1<<20)
		httpapi.Register(e, httpapi.Deps{
			Services: w.Services,
			Gate:     httpserve.Gate{Authenticator: w.people, Authorizer: w.people},
			Region:   func(context.Context, string) (string, error) { return "local-1", nil },
			BaseURL:  func(r *http.Request) string { return "http://" + r.Host },
		})
		server := httptest.NewServer(e)
		t.Cleanup(server.Close)
		w.url = server.URL
		f(t, w)
	})
}

type caller struct {
	access.Actor
	w     *world
	token string
}

func (w *world) newCaller() *caller {
	c := &caller{w: w, token: id.NewHex(), Actor: access.Actor{AccountID: id.NewHex(), UserID: id.NewHex(), ProjectID: id.NewHex()}}
	w.people.actors[c.token] = c.Actor
	return c
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request below /api/v1; {pid} in the path stands for the caller's project.
func (c *caller) do(t *testing.T, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, c.w.url+"/api/v1"+strings.ReplaceAll(path, "{pid}", c.ProjectID), strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Auth-Token", c.token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// code returns the problem's code.
func (a answer) code(t *testing.T) string {
	t.Helper()
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), a.body)
	var p struct{ Code string }
	require.NoError(t, json.Unmarshal([]byte(a.body), &p))
	return p.Code
}

func (a answer) withoutRequestID() string {
	return strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "")
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), v), a.body)
}

func TestActivateCreateAndDelete(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller()
		require.JSONEq(t, `{"activated":false}`, c.do(t, "GET", "/service", "").body)
		got := c.do(t, "POST", "/projects/{pid}/queues", `{"name":"orders"}`)
		require.Equal(t, http.StatusForbidden, got.status)
		require.Equal(t, "service_not_activated", got.code(t))
		for range 2 {
			got = c.do(t, "PUT", "/service/activation", "")
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.JSONEq(t, `{"activated":true,"activated_at":"2026-11-24T08:30:00Z"}`, got.body)
		}
		require.JSONEq(t, got.body, c.do(t, "GET", "/service", "").body)

		got = c.do(t, "POST", "/projects/{pid}/queues", `{"name":"orders","mode":"FIFO","description":"d","max_consume_count":3,"groups":["a","b"]}`)
		require.Equal(t, http.StatusCreated, got.status, got.body)
		var q struct{ ID string }
		got.into(t, &q)
		require.JSONEq(t, `{"id":"`+q.ID+`","name":"orders","mode":"FIFO","description":"d","max_consume_count":3,"retention_hours":72,"created_at":"2026-11-24T08:30:00Z","tags":[]}`, got.body)

		got = c.do(t, "POST", "/projects/{pid}/queues/"+q.ID+"/groups", `{"name":"c"}`)
		require.Equal(t, http.StatusCreated, got.status, got.body)
		var g struct{ ID string }
		got.into(t, &g)
		require.JSONEq(t, `{"id":"`+g.ID+`","name":"c","created_at":"2026-11-24T08:30:00.000002Z"}`, got.body)
		got = c.do(t, "POST", "/projects/{pid}/queues/"+q.ID+"/groups", `{"name":"d"}`)
		require.Equal(t, http.StatusUnprocessableEntity, got.status)
		require.Equal(t, "group_limit_exceeded", got.code(t))

		require.Equal(t, http.StatusNoContent, c.do(t, "DELETE", "/projects/{pid}/queues/"+q.ID+"/groups/"+g.ID, "").status)
		require.Equal(t, http.StatusNotFound, c.do(t, "DELETE", "/projects/{pid}/queues/"+q.ID+"/groups/"+g.ID, "").status)
		require.Equal(t, http.StatusNoContent, c.do(t, "DELETE", "/projects/{pid}/queues/"+q.ID, "").status)
		require.Equal(t, "queue_not_found", c.do(t, "DELETE", "/projects/{pid}/queues/"+q.ID, "").code(t))

		b, ok, err := w.store.CutUsage(ctx, 100)
		require.NoError(t, err)
		require.True(t, ok)
		calls := map[access.Action]int64{}
		for _, n := range b.Counts {
			require.Equal(t, q.ID, n.QueueID)
			calls[n.Action] += n.Calls
		}
		require.Equal(t, map[access.Action]int64{access.QueueCreate: 1, access.GroupCreate: 1, access.GroupDelete: 1, access.QueueDelete: 1}, calls,
			"changes count here too; asking for the service and activating it do not")
	})
}

func TestRegionsArePublic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Regions.Ensure(ctx, controlplane.Region{Name: "west-1", Endpoint: "https://west.example"}))
		require.NoError(t, w.Regions.Ensure(ctx, controlplane.Region{Name: "local-1"}))
		nobody := &caller{w: w}
		got := nobody.do(t, "GET", "/regions", "")
		require.Equal(t, http.StatusOK, got.status)
		require.JSONEq(t, `{"regions":[{"name":"local-1","endpoint":"`+w.url+`"},{"name":"west-1","endpoint":"https://west.example"}]}`, got.body)
	})
}

func TestBadRequestsNameWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller()
		_, err := w.Activations.Activate(ctx, c.AccountID)
		require.NoError(t, err)
		q, _, err := w.Queues.Create(ctx, c.Actor, "local-1", controlplane.QueueSpec{Name: "taken", Groups: []string{"taken"}})
		require.NoError(t, err)
		const queues = "/projects/{pid}/queues"
		for _, r := range []struct {
			method, path, body string
			status             int
			code, pointer      string
		}{
			{"POST", queues, `{"name":"taken"}`, 409, "queue_name_taken", "/name"},
			{"POST", queues, `{"name":"a","colour":"red"}`, 400, "invalid_request", "/"},
			{"POST", queues, `{"name":1}`, 400, "invalid_request", "/name"},
			{"POST", queues, `{"name":"a b"}`, 400, "invalid_request", "/name"},
			{"POST", queues, `{"name":"` + strings.Repeat("x", 65) + `"}`, 400, "invalid_request", "/name"},
			{"POST", queues, `{"name":"a","mode":"AMQP"}`, 400, "invalid_request", "/mode"},
			{"POST", queues, `{"name":"a","description":"<b>"}`, 400, "description_invalid", "/description"},
			{"POST", queues, `{"name":"a","mode":"KAFKA_HA","max_consume_count":1}`, 400, "request_format", "/max_consume_count"},
			{"POST", queues, `{"name":"a","retention_hours":1}`, 400, "retention_hours_not_kafka", "/retention_hours"},
			{"POST", queues, `{"name":"a","groups":["g","g"]}`, 400, "group_name_taken", "/groups/1"},
			{"POST", queues, `{"name":"a","groups":["g","h","i","j"]}`, 422, "group_limit_exceeded", ""},
			{"POST", queues, `{`, 400, "invalid_request", "/"},
			{"POST", queues, ``, 400, "invalid_request", "/"},
			{"POST", queues, "{\"name\":\"\xff\"}", 400, "body_not_json", ""},
			{"POST", queues + "/" + q.ID + "/groups", `{"name":"taken"}`, 409, "group_name_taken", "/name"},
			{"POST", queues + "/" + q.ID + "/groups", `{"name":"a.b"}`, 400, "invalid_request", "/name"},
			{"POST", queues + "/" + q.ID + "/groups", `{}`, 400, "invalid_request", "/name"},
			{"DELETE", queues + "/not-an-id", ``, 404, "queue_not_found", ""},
			{"DELETE", queues + "/" + q.ID + "/groups/not-an-id", ``, 404, "group_not_found", ""},
		} {
			got := c.do(t, r.method, r.path, r.body)
			require.Equal(t, r.status, got.status, "%s %s: %s", r.path, r.body, got.body)
			require.Equal(t, r.code, got.code(t), "%s %s: %s", r.path, r.body, got.body)
			var p struct{ Errors []struct{ Pointer string } }
			got.into(t, &p)
			if r.pointer != "" {
				require.Len(t, p.Errors, 1, got.body)
				require.Equal(t, r.pointer, p.Errors[0].Pointer, got.body)
			}
		}
		got := c.do(t, "POST", queues, `{"name":"a b","mode":"X","retention_hours":0}`)
		var p struct{ Errors []struct{ Pointer string } }
		got.into(t, &p)
		require.Len(t, p.Errors, 3, "every part at once: %s", got.body)
	})
}

func TestPoliciesAreAskedAboutTheNamedThing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller()
		_, err := w.Activations.Activate(ctx, c.AccountID)
		require.NoError(t, err)
		q, groups, err := w.Queues.Create(ctx, c.Actor, "local-1", controlplane.QueueSpec{Name: "orders", Groups: []string{"g"}})
		require.NoError(t, err)
		queue, service := access.QueueResource("local-1", c.AccountID, "orders"), access.AccountResource("dms", c.AccountID, "service")
		for _, r := range []struct {
			action             access.Action
			on                 access.Resource
			method, path, body string
		}{
			{access.ServiceGet, service, "GET", "/service", ""},
			{access.ServiceActivate, service, "PUT", "/service/activation", ""},
			{access.QueueCreate, access.QueueResource("local-1", c.AccountID, "new"), "POST", "/projects/{pid}/queues", `{"name":"new"}`},
			{access.QueueCreate, access.QueueResource("local-1", c.AccountID, "*"), "POST", "/projects/{pid}/queues", `{"name":"*"}`},
			{access.GroupCreate, queue, "POST", "/projects/{pid}/queues/" + q.ID + "/groups", `{"name":"x"}`},
			{access.GroupDelete, access.GroupResource("local-1", c.AccountID, "orders", "g"), "DELETE", "/projects/{pid}/queues/" + q.ID + "/groups/" + groups[0].ID, ""},
			{access.QueueDelete, queue, "DELETE", "/projects/{pid}/queues/" + q.ID, ""},
		} {
			w.people.denied, w.people.asked = map[access.Action]access.Resource{r.action: r.on}, nil
			got := c.do(t, r.method, r.path, r.body)
			require.Equal(t, http.StatusForbidden, got.status, "%s %s", r.method, r.path)
			require.Equal(t, "policy_denied", got.code(t))
			require.Equal(t, []string{string(r.action) + " " + string(r.on)}, w.people.asked)
		}
	})
}

func TestFrozenAccountMayOnlyDeleteQueues(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.newCaller()
		require.NoError(t, w.store.InTx(ctx, func(tx controlplane.Tx) error {
			_, err := tx.InsertActivation(dataplane.Activation{AccountID: c.AccountID, State: dataplane.ActivationFrozen})
			return err
		}))
		q, _, err := w.Queues.Create(ctx, c.Actor, "local-1", controlplane.QueueSpec{Name: "orders"})
		require.NoError(t, err)
		require.Equal(t, "account_frozen", c.do(t, "POST", "/projects/{pid}/queues", `{"name":"more"}`).code(t))
		require.Equal(t, http.StatusNoContent, c.do(t, "DELETE", "/projects/{pid}/queues/"+q.ID, "").status)
	})
}

// TestForeignIDsAnswerAsUnknownOnes tries every operation with another account's ids, both ways round.
func TestForeignIDsAnswerAsUnknownOnes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		callers := []*caller{w.newCaller(), w.newCaller()}
		for _, c := range callers {
			_, err := w.Activations.Activate(ctx, c.AccountID)
			require.NoError(t, err)
		}
		for i, me := range callers {
			them := callers[1-i]
			theirs, groups, err := w.Queues.Create(ctx, them.Actor, "local-1", controlplane.QueueSpec{Name: "theirs", Groups: []string{"g"}})
			require.NoError(t, err)
			mine, _, err := w.Queues.Create(ctx, me.Actor, "local-1", controlplane.QueueSpec{Name: "theirs"})
			require.NoError(t, err)
			for _, r := range []struct{ method, path, body string }{
				{"DELETE", "/queues/QUEUE", ``},
				{"POST", "/queues/QUEUE/groups", `{"name":"x"}`},
				{"DELETE", "/queues/QUEUE/groups/GROUP", ``},
				{"DELETE", "/queues/" + mine.ID + "/groups/GROUP", ``},
			} {
				for _, project := range [][2]string{{me.ProjectID, me.ProjectID}, {them.ProjectID, id.NewHex()}} {
					ask := func(projectID, queueID, groupID string) answer {
						return me.do(t, r.method, "/projects/"+projectID+strings.NewReplacer("QUEUE", queueID, "GROUP", groupID).Replace(r.path), r.body)
					}
					foreign, unknown := ask(project[0], theirs.ID, groups[0].ID), ask(project[1], id.NewQueue(), id.NewGroup())
					require.Equal(t, unknown.status, foreign.status)
					require.Equal(t, unknown.withoutRequestID(), foreign.withoutRequestID())
					require.GreaterOrEqual(t, foreign.status, 400)
				}
			}
			_, err = w.Queues.Group(ctx, theirs, groups[0].ID)
			require.NoError(t, err)
			require.NoError(t, w.Queues.Delete(ctx, them.Actor, theirs.ID))
			require.NoError(t, w.Queues.Delete(ctx, me.Actor, mine.ID))
		}
	})
}

// AuthenticateGuest implements access.Authenticator: nothing is shared here.
func (*people) AuthenticateGuest(context.Context, *http.Request, string, func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The project ID and the token do not match.")
}

// Named implements access.Authorizer.
func (*people) Named(context.Context, access.Actor, access.Object) (bool, error) { return false, nil }

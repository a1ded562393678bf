package dmsapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/controlplane/dmsapi"
	"dms/controlplane/gormstore"
	"dms/dataplane"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	directorystore "dms/internal/directory/gormstore"
	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/id"
	"dms/internal/reason"
)

var ctx = context.Background()

// people knows callers by a token, and may forbid them things: what package iam does in the product.
type people struct {
	mu     sync.Mutex
	actors map[string]access.Actor // by token
	denied map[access.Action]access.Resource
	asked  []string
}

func (p *people) Authenticate(_ context.Context, r *http.Request, projectID string, _ func() ([]byte, error)) (access.Actor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	token := r.Header.Get("X-Auth-Token")
	if token == "" {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsMissing, "No credentials.")
	}
	a, ok := p.actors[token]
	if !ok {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "Wrong credentials.")
	}
	if projectID != "" && projectID != a.ProjectID {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "Not your project.")
	}
	return a, nil
}

func (p *people) Authorize(_ context.Context, _ access.Actor, action access.Action, o access.Object) error {
	res := o.Resource
	p.mu.Lock()
	defer p.mu.Unlock()
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

func newWorld(t *testing.T, db *dbx.DB) *world {
	store, c := gormstore.New(db), clocktest.New(time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC))
	hub := controlplane.NewHub(controlplane.HubOptions{Log: directorystore.New(db), Clock: c})
	log := slog.New(slog.DiscardHandler)
	w := &world{
		Services: controlplane.NewServices(controlplane.Deps{Store: store, Confirmer: hub, Clock: c, Log: log}),
		store:    store,
		people:   &people{actors: map[string]access.Actor{}, denied: map[access.Action]access.Resource{}},
	}
	e := httpserve.NewEngine(log, dmswire.MaxBodyBytes)
	dmsapi.Register(e, dmsapi.Deps{
		Services: w.Services,
		Gate:     httpserve.Gate{Authenticator: w.people, Authorizer: w.people},
		Region:   func(context.Context, string) (string, error) { return "local-1", nil },
	})
	e.NoRoute(dmsapi.Unknown)
	e.NoMethod(dmsapi.Unknown)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) { f(t, newWorld(t, db)) })
}

// caller is an account's user with a token, in a project.
type caller struct {
	access.Actor
	w     *world
	token string
}

func (w *world) newCaller(t *testing.T) *caller {
	c := &caller{w: w, token: id.NewHex(), Actor: access.Actor{AccountID: id.NewHex(), UserID: id.NewHex(), ProjectID: id.NewHex()}}
	w.people.mu.Lock()
	w.people.actors[c.token] = c.Actor
	w.people.mu.Unlock()
	_, err := w.Activations.Activate(ctx, c.AccountID)
	require.NoError(t, err)
	return c
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; {pid} in the path stands for the caller's project.
func (c *caller) do(t *testing.T, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, c.w.url+strings.ReplaceAll(path, "{pid}", c.ProjectID), strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("X-Auth-Token", c.token)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NotEmpty(t, resp.Header.Get("X-Request-Id"))
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// code returns the error's number, after proving that the body has both pairs of fields.
func (a answer) code(t *testing.T) int {
	t.Helper()
	var e struct {
		ErrorCode string `json:"error_code"`
		ErrorMsg  string `json:"error_msg"`
		Code      int    `json:"code"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &e), a.body)
	require.Equal(t, fmt.Sprint(e.Code), e.ErrorCode)
	require.Equal(t, e.Message, e.ErrorMsg)
	require.NotEmpty(t, e.Message)
	require.Equal(t, a.header.Get("X-Request-Id"), e.RequestID)
	return e.Code
}

// withoutRequestID is the body in which two requests may differ least.
func (a answer) withoutRequestID() string {
	return strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "")
}

func (c *caller) createQueue(t *testing.T, body string) string {
	t.Helper()
	got := c.do(t, http.MethodPost, "/v1.0/{pid}/queues", body)
	require.Equal(t, http.StatusCreated, got.status, got.body)
	var q struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(got.body), &q))
	return q.ID
}

func (c *caller) createGroup(t *testing.T, queueID, name string) string {
	t.Helper()
	got := c.do(t, http.MethodPost, "/v1.0/{pid}/queues/"+queueID+"/groups", `{"groups":[{"name":"`+name+`"}]}`)
	require.Equal(t, http.StatusCreated, got.status, got.body)
	var reply struct{ Groups []struct{ ID string } }
	require.NoError(t, json.Unmarshal([]byte(got.body), &reply))
	return reply.Groups[0].ID
}

func (c *caller) tags(t *testing.T, queueID string) []dataplane.Tag {
	t.Helper()
	q, err := c.w.Queues.Queue(ctx, c.Actor, queueID)
	require.NoError(t, err)
	return q.Tags
}

// AuthenticateGuest implements access.Authenticator: nothing is shared here.
func (*people) AuthenticateGuest(context.Context, *http.Request, string, func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The project ID and the token do not match.")
}

// Named implements access.Authorizer.
func (*people) Named(context.Context, access.Actor, access.Object) (bool, error) { return false, nil }

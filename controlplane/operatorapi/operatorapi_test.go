package operatorapi_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/controlplane/gormstore"
	"dms/controlplane/operatorapi"
	"dms/controlplane/operatorapi/gen"
	"dms/internal/access"
	"dms/internal/audit"
	auditstore "dms/internal/audit/gormstore"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
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

// people are callers that the token names, as package iam knows them in the product. The authorizer lets everybody do everything: the surface must refuse by itself.
type people map[string]access.Actor

func (p people) Authenticate(_ context.Context, r *http.Request, projectID string, _ func() ([]byte, error)) (access.Actor, error) {
	a, ok := p[r.Header.Get("X-Auth-Token")]
	if !ok || projectID != "" {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsInvalid, "Wrong credentials.")
	}
	return a, nil
}

func (people) AuthenticateGuest(context.Context, *http.Request, string, func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "No guests.")
}

func (people) Authorize(context.Context, access.Actor, access.Action, access.Object) error {
	return nil
}
func (people) Named(context.Context, access.Actor, access.Object) (bool, error) { return false, nil }

// accounts is what package iam has in the product.
type accounts struct {
	all     []operatorapi.Account
	project string
	rotated int
}

func (a *accounts) List(_ context.Context, search, after string, limit int) (out []operatorapi.Account, err error) {
	for _, x := range a.all {
		if x.ID > after && strings.Contains(x.Name, search) && len(out) < limit {
			out = append(out, x)
		}
	}
	return out, nil
}

func (a *accounts) find(accountID string) (*operatorapi.Account, error) {
	if i := slices.IndexFunc(a.all, func(x operatorapi.Account) bool { return x.ID == accountID }); i >= 0 {
		return &a.all[i], nil
	}
	return nil, errs.New(errs.NotFound, "", "There is no such account.")
}

func (a *accounts) Get(_ context.Context, accountID string) (operatorapi.Account, []operatorapi.Project, error) {
	x, err := a.find(accountID)
	if err != nil {
		return operatorapi.Account{}, nil, err
	}
	return *x, []operatorapi.Project{{ID: a.project, Name: "r1", Region: "r1"}}, nil
}

func (a *accounts) OfProject(_ context.Context, projectID string) (string, error) {
	if projectID != a.project {
		return "", errs.New(errs.NotFound, "", "There is no such project.")
	}
	return a.all[0].ID, nil
}

func (a *accounts) Suspend(_ context.Context, accountID, because string) error {
	x, err := a.find(accountID)
	if err == nil {
		x.SuspendedAt, x.SuspendedReason = start, because
	}
	return err
}

func (a *accounts) Resume(_ context.Context, accountID, _ string) error {
	x, err := a.find(accountID)
	if err == nil {
		x.SuspendedAt, x.SuspendedReason = time.Time{}, ""
	}
	return err
}

func (a *accounts) Impersonate(_ context.Context, operator access.Actor, accountID, userID, because string) (operatorapi.Impersonation, error) {
	x, err := a.find(accountID)
	if err != nil {
		return operatorapi.Impersonation{}, err
	}
	return operatorapi.Impersonation{UserID: x.FirstUserID + userID, ExpiresAt: start.Add(time.Hour), Cookies: []*http.Cookie{{Name: "s", Value: operator.UserID + because}}}, nil
}

func (a *accounts) rotate(context.Context) (operatorapi.Rotation, error) {
	a.rotated++
	return operatorapi.Rotation{Current: "k2", Next: "k3"}, nil
}

type world struct {
	accounts *accounts
	trails   *auditstore.Store
	url      string
}

func serve(t *testing.T) world {
	db := dbtest.Open(t, dbtest.SQLiteURL(t))
	c, log := clocktest.New(start), slog.New(slog.DiscardHandler)
	hub := controlplane.NewHub(controlplane.HubOptions{Log: directorystore.New(db), Clock: c})
	services := controlplane.NewServices(controlplane.Deps{Store: gormstore.New(db), Confirmer: hub, Clock: c, Log: log})
	w := world{accounts: &accounts{project: id.NewHex()}, trails: auditstore.New(db)}
	for _, name := range []string{"acme", "bolt", "core"} {
		w.accounts.all = append(w.accounts.all, operatorapi.Account{ID: id.NewHex(), Name: name, FirstUserID: "u", CreatedAt: start})
	}
	slices.SortFunc(w.accounts.all, func(a, b operatorapi.Account) int { return strings.Compare(a.ID, b.ID) })
	e := httpserve.NewEngine(log, 1<<20)
	e.Use(httpserve.Audited)
	operator := access.Actor{AccountID: id.NewHex(), UserID: "op", UserName: "op", Operator: true, Via: access.ViaSignature}
	role, lent, tenant, acting := operator, operator, operator, operator
	role.RoleID, lent.Via, tenant.Operator, acting.ImpersonatorID = "r", access.ViaTemporary, false, "another"
	operatorapi.Register(e, operatorapi.Deps{
		Accounts: w.accounts, Quotas: services.Quotas, RotateKeys: w.accounts.rotate, Trails: w.trails, Gate: httpserve.Gate{Authorizer: people{}, Authenticator: people{
			"operator": operator, "role": role, "lent": lent, "tenant": tenant, "acting": acting,
		}},
	})
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w world) do(t *testing.T, who, method, path, body string, want int, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, w.url+"/api/v1/operator"+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("X-Auth-Token", who)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, want, resp.StatusCode, "%s %s as %s: %s", method, path, who, b)
	if into != nil {
		require.NoError(t, json.Unmarshal(b, into))
	}
}

func TestOnlyOperatorsWithTheirOwnCredentialsComeIn(t *testing.T) {
	t.Parallel()
	w := serve(t)
	for key := range operatorapi.Table() {
		method, path, _ := strings.Cut(key, " ")
		path = strings.NewReplacer("/api/v1/operator", "", ":account_id", w.accounts.all[0].ID, ":project", w.accounts.project).Replace(path)
		for _, who := range []string{"tenant", "role", "lent", "acting"} {
			w.do(t, who, method, path, `{"reason":"x","queues":1,"groups_per_queue":1}`, 403, nil)
		}
		w.do(t, "nobody", method, path, `{}`, 401, nil)
	}
	require.Zero(t, w.accounts.all[0].SuspendedAt)
	require.Zero(t, w.accounts.rotated)
}

func TestAccountsAreListedInPagesAndSuspended(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var page struct {
		Accounts      []gen.OperatorAccount `json:"accounts"`
		NextPageToken string                `json:"next_page_token"`
	}
	w.do(t, "operator", "GET", "/accounts?page_size=2", "", 200, &page)
	require.Len(t, page.Accounts, 2)
	token := page.NextPageToken
	page.NextPageToken = ""
	w.do(t, "operator", "GET", "/accounts?page_size=2&page_token="+token, "", 200, &page)
	require.Len(t, page.Accounts, 1)
	require.Equal(t, w.accounts.all[2].ID, page.Accounts[0].Id)
	require.Empty(t, page.NextPageToken)
	w.do(t, "operator", "GET", "/accounts?search=bol", "", 200, &page)
	require.Len(t, page.Accounts, 1)

	account := "/accounts/" + w.accounts.all[1].ID
	w.do(t, "operator", "POST", account+"/suspend", `{}`, 400, nil)
	w.do(t, "operator", "POST", account+"/suspend", `{"reason":"spam"}`, 204, nil)
	var got gen.OperatorAccountDetail
	w.do(t, "operator", "GET", account, "", 200, &got)
	require.Equal(t, gen.OperatorAccountDetailStateSuspended, got.State)
	require.Equal(t, "spam", *got.SuspendedReason)
	require.Len(t, got.Projects, 1)
	w.do(t, "operator", "POST", account+"/resume", `{"reason":"paid"}`, 204, nil)
	got = gen.OperatorAccountDetail{}
	w.do(t, "operator", "GET", account, "", 200, &got)
	require.Equal(t, gen.OperatorAccountDetailStateActive, got.State)
	w.do(t, "operator", "POST", "/accounts/"+id.NewHex()+"/suspend", `{"reason":"x"}`, 404, nil)
}

func TestQuotasOfAProjectAreReadAndSetAndTheTenantSeesIt(t *testing.T) {
	t.Parallel()
	w := serve(t)
	path := "/projects/" + w.accounts.project + "/quotas"
	var q gen.ProjectQuotas
	w.do(t, "operator", "GET", path, "", 200, &q)
	require.Equal(t, gen.ProjectQuotas{Queues: 30, GroupsPerQueue: 3}, q)
	w.do(t, "operator", "PUT", path, `{"queues":40,"groups_per_queue":5}`, 200, nil)
	w.do(t, "operator", "GET", path, "", 200, &q)
	require.Equal(t, gen.ProjectQuotas{Queues: 40, GroupsPerQueue: 5}, q)
	w.do(t, "operator", "PUT", path, `{"queues":501,"groups_per_queue":5}`, 400, nil)
	w.do(t, "operator", "GET", "/projects/"+id.NewHex()+"/quotas", "", 404, nil)

	rows, err := w.trails.Search(ctx, audit.Query{AccountID: w.accounts.all[0].ID, Limit: 10})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	r, err := rows[0].Record()
	require.NoError(t, err)
	require.Equal(t, access.PlatformQuotaSet, r.Action)
	require.Equal(t, "op", r.By.UserID)
	require.NotEmpty(t, r.By.Address)
	require.NotEmpty(t, r.By.RequestID)
	var page struct{ Records []gen.AuditRecord }
	w.do(t, "operator", "GET", "/audit?account_id="+w.accounts.all[0].ID, "", 200, &page)
	require.Len(t, page.Records, 1)
	w.do(t, "operator", "GET", "/audit", "", 200, &page)
	require.Empty(t, page.Records, "the platform's own trail")
}

func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var keys struct {
		Current, Next string
		Deleted       []string
	}
	w.do(t, "operator", "POST", "/signing-keys/rotate", "", 200, &keys)
	require.Equal(t, []string{"k2", "k3"}, []string{keys.Current, keys.Next})
	require.NotNil(t, keys.Deleted)
}

func TestUsersAreImpersonatedForAReason(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var in struct {
		UserID    string    `json:"user_id"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	account := "/accounts/" + w.accounts.all[0].ID + "/impersonation"
	w.do(t, "operator", "POST", account, `{"reason":"help"}`, 201, &in)
	require.Equal(t, "u", in.UserID)
	require.Equal(t, start.Add(time.Hour), in.ExpiresAt)
	w.do(t, "operator", "POST", account, `{}`, 400, nil)
}

func TestRoutesAreThoseOfTheDocument(t *testing.T) {
	doc, err := gen.GetSpec()
	require.NoError(t, err)
	require.NoError(t, httpserve.CheckTable(doc, "operator", operatorapi.Table()))
}

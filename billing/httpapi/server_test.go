package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/billing/billingtest"
	"dms/billing/gormstore"
	"dms/billing/httpapi"
	"dms/billing/httpapi/gen"
	"dms/internal/access"
	"dms/internal/clock/clocktest"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/lifecycle"
	"dms/internal/reason"
	"dms/internal/usage"
)

// gatekeeper knows callers by the token that is their account's id, and lets "denied" do nothing.
type gatekeeper struct{ asked []access.Resource }

func (*gatekeeper) Authenticate(_ context.Context, r *http.Request, _ string, _ func() ([]byte, error)) (access.Actor, error) {
	token := r.Header.Get("X-Auth-Token")
	if token == "" {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsMissing, "Who are you?")
	}
	return access.Actor{AccountID: token, AccountName: "name-of-" + token, Via: access.ViaToken}, nil
}

func (g *gatekeeper) Authorize(_ context.Context, a access.Actor, action access.Action, o access.Object) error {
	r := o.Resource
	g.asked = append(g.asked, r)
	if a.AccountID == "denied" {
		return errs.New(errs.Forbidden, reason.PolicyDenied, "Not allowed: %s on %s.", action, r)
	}
	return nil
}

type api struct {
	t      *testing.T
	server *httptest.Server
	gate   *gatekeeper
	clock  *clocktest.Manual
	queues *billingtest.Log
	sink   usage.Sink
}

func each(t *testing.T, story func(a *api)) {
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) { story(start(t, gormstore.New(db))) })
}

func start(t *testing.T, store billing.Store) *api {
	log := slog.New(slog.DiscardHandler)
	a := &api{t: t, gate: &gatekeeper{}, clock: clocktest.New(time.Date(2026, 11, 30, 15, 30, 0, 0, time.UTC)), queues: &billingtest.Log{}}
	a.sink = billing.NewUsageService(store, a.clock, log, &billing.Counters{})
	prices, err := billing.StandardPriceBook(billing.GranularityHour)
	require.NoError(t, err)
	reports, err := billing.NewReportService(billing.ReportOptions{
		Store: store, Events: a.queues, Prices: prices, Clock: a.clock, Zone: billing.ChinaZone, FinalAfter: billing.DefaultFinalAfter,
	})
	require.NoError(t, err)
	engine := httpserve.NewEngine(log, 1<<20)
	engine.NoRoute(httpserve.NotFound)
	engine.NoMethod(httpserve.MethodNotAllowed)
	httpapi.Register(engine, httpapi.Deps{Reports: reports, Authenticator: a.gate, Authorizer: a.gate})
	a.server = httptest.NewServer(engine)
	t.Cleanup(a.server.Close)
	return a
}

// get asks, checks the answer against the document, and returns status and body.
func (a *api) get(path, token string) (int, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, a.server.URL+path, nil)
	require.NoError(a.t, err)
	req.Header.Set("X-Auth-Token", token)
	res, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(a.t, err)
	conforms(a.t, req, res, body)
	return res.StatusCode, string(body)
}

func conforms(t *testing.T, req *http.Request, res *http.Response, body []byte) {
	t.Helper()
	doc, err := gen.GetSpec()
	require.NoError(t, err)
	item := doc.Paths.Value(req.URL.Path)
	require.NotNil(t, item)
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: req, Route: &routers.Route{Spec: doc, Path: req.URL.Path, PathItem: item, Method: req.Method, Operation: item.Get},
		},
		Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(strings.NewReader(string(body))),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}), "%s", body)
}

func (a *api) call(account string, calls int64) {
	a.t.Helper()
	_, err := a.sink.Deliver(a.t.Context(), usage.Batch{Source: account, First: 1, Last: 1, Counts: []usage.Count{{
		Key:   usage.Key{AccountID: account, ProjectID: "p", UserID: "u", QueueID: "q-" + account, Action: access.MessageSend, Hour: usage.HourOf(a.clock.Now())},
		Calls: calls,
	}}})
	require.NoError(a.t, err)
}

func TestPricesAreOpenToAnybody(t *testing.T) {
	each(t, func(a *api) {
		status, body := a.get("/api/v1/prices", "")
		require.Equal(a.t, 200, status)
		require.JSONEq(a.t, `{"currency":"CNY","queue":{"amount":"0.06","per":"1","unit":"queue_hour"},
			"api_call":{"amount":"2.00","per":"1000000","unit":"call"},"free_api_calls":"1000000"}`, body)
	})
}

func TestBillIsTheCallersOwn(t *testing.T) {
	each(t, func(a *api) {
		for _, pair := range [][2]string{{"acme", "rival"}, {"rival", "acme"}} {
			mine, theirs := pair[0], pair[1]
			if mine == "acme" {
				for i, account := range pair {
					a.call(account, int64(1_000_001+i))
					a.queues.Append(lifecycle.Created, a.clock.Now(), billingtest.Queue{AccountID: account, ProjectID: "p", UserID: "u", QueueID: "q-" + account})
				}
			}
			for _, path := range []string{"/api/v1/bill", "/api/v1/bill?account_id=" + theirs, "/api/v1/bill?month=2026-11&account=" + theirs} {
				status, body := a.get(path, mine)
				require.Equal(a.t, 200, status)
				require.Contains(a.t, body, `"account_id":"`+mine+`"`)
				require.Contains(a.t, body, `"account_name":"name-of-`+mine+`"`)
				require.NotContains(a.t, body, theirs)
			}
			require.Equal(a.t, access.Resource("billing::"+mine+":bill:*"), a.gate.asked[len(a.gate.asked)-1])
		}
		_, body := a.get("/api/v1/bill", "stranger")
		require.Contains(a.t, body, `"lines":[]`)
	})
}

func TestBillIsExactInDecimalStrings(t *testing.T) {
	each(t, func(a *api) {
		a.queues.Append(lifecycle.Created, a.clock.Now(), billingtest.Queue{AccountID: "acme", ProjectID: "p", UserID: "u", QueueID: "q-acme"})
		a.call("acme", 1_000_001)
		status, body := a.get("/api/v1/bill", "acme")
		require.Equal(a.t, 200, status)
		require.JSONEq(a.t, `{"account_id":"acme","account_name":"name-of-acme","month":"2026-11","currency":"CNY","status":"open",
			"queue_hours":"1","api_calls":"1000001","free_api_calls":"1000000","lines":[
			{"meter":"queue_hours","project_id":"p","user_id":"u","queue_id":"q-acme","quantity":"1","unit":"queue_hour","unit_price":"0.06","amount":"0.06","closed":false},
			{"meter":"api_calls","project_id":"p","user_id":"u","queue_id":"q-acme","quantity":"1000000","unit":"call","unit_price":"0","amount":"0.00","closed":false},
			{"meter":"api_calls","project_id":"p","user_id":"u","queue_id":"q-acme","quantity":"1","unit":"call","unit_price":"0.000002","amount":"0.000002","closed":false}
			],"rounding":"-0.000002","total":"0.06"}`, body)
		requireNoNumbers(a.t, body)
	})
}

// requireNoNumbers fails when JSON shows any number as a number.
func requireNoNumbers(t *testing.T, body string) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		_, isNumber := token.(json.Number)
		require.False(t, isNumber, "%v", token)
	}
}

func TestDefaultMonthIsThePresentOneOfTheBillingZone(t *testing.T) {
	each(t, func(a *api) {
		_, body := a.get("/api/v1/bill", "acme")
		require.Contains(a.t, body, `"month":"2026-11"`)
		a.clock.Advance(30 * time.Minute) // midnight in UTC+8
		_, body = a.get("/api/v1/bill", "acme")
		require.Contains(a.t, body, `"month":"2026-12"`)
		_, body = a.get("/api/v1/bill?month=2026-11", "acme")
		require.Contains(a.t, body, `"status":"draft"`)
	})
}

func TestWrongRequestsAreRefused(t *testing.T) {
	each(t, func(a *api) {
		for _, c := range []struct {
			path, token string
			status      int
			code        string
		}{
			{"/api/v1/bill", "", 401, "credentials_missing"},
			{"/api/v1/bill", "denied", 403, "policy_denied"},
			{"/api/v1/bill?month=2026-13", "acme", 400, "invalid_request"},
			{"/api/v1/bill?month=2026", "acme", 400, "invalid_request"},
			{"/api/v1/bill?month=", "acme", 400, "invalid_request"},
			{"/api/v1/bill?month=2026-11&month=2026-12", "acme", 400, "invalid_request"},
			{"/api/v1/bill?month=%ff", "acme", 400, "invalid_request"},
		} {
			status, body := a.get(c.path, c.token)
			require.Equal(a.t, c.status, status, "%s as %q: %s", c.path, c.token, body)
			require.Contains(a.t, body, `"code":"`+c.code+`"`)
		}
		for _, month := range []string{"0000-01", "9999-12", "1969-12"} {
			status, body := a.get("/api/v1/bill?month="+month, "acme")
			require.Equal(a.t, 200, status, body)
			require.Contains(a.t, body, `"lines":[]`)
		}
	})
}

func TestRoutesAreThoseOfTheDocument(t *testing.T) {
	raw, err := os.ReadFile("../../controlplane/httpapi/openapi.yaml")
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	require.NoError(t, err)
	want := make(map[string]access.Action)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Tags[0] == "billing" {
				action, _ := op.Extensions["x-action"].(string)
				want[method+" "+path] = access.Action(action)
			}
		}
	}
	require.Empty(t, cmp.Diff(want, httpapi.Table()))
}

// AuthenticateGuest implements access.Authenticator: nothing is shared here.
func (*gatekeeper) AuthenticateGuest(context.Context, *http.Request, string, func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The project ID and the token do not match.")
}

// Named implements access.Authorizer.
func (*gatekeeper) Named(context.Context, access.Actor, access.Object) (bool, error) {
	return false, nil
}

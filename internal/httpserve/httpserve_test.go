package httpserve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/errs"
	"dms/internal/httpserve"
	"dms/internal/reason"
)

const maxBody = 64

// tester authenticates by the header "User" and lets only "anna" do things.
type tester struct{}

func (tester) Authenticate(_ context.Context, r *http.Request, project string, _ func() ([]byte, error)) (access.Actor, error) {
	user := r.Header.Get("User")
	if user == "" {
		return access.Actor{}, errs.New(errs.Unauthenticated, reason.CredentialsMissing, "Sign in.")
	}
	via := access.ViaToken
	if r.Header.Get("Cookie") != "" {
		via = access.ViaSession
	}
	return access.Actor{UserID: user, AccountID: "acc", ProjectID: project, Via: via}, nil
}

func (tester) Authorize(_ context.Context, a access.Actor, action access.Action, o access.Object) error {
	res := o.Resource
	if a.UserID != "anna" {
		return errs.New(errs.Forbidden, reason.PolicyDenied, "%s on %s is not allowed.", action, res)
	}
	return nil
}

func server(t *testing.T, routes func(e *gin.Engine)) *httptest.Server {
	t.Helper()
	e := httpserve.NewEngine(slog.New(slog.NewTextHandler(io.Discard, nil)), maxBody)
	e.NoRoute(httpserve.NotFound)
	e.NoMethod(httpserve.MethodNotAllowed)
	routes(e)
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	return s
}

func do(t *testing.T, r *http.Request) (*http.Response, map[string]any) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	require.NotEmpty(t, res.Header.Get(httpserve.HeaderRequestID), "every answer has a request id")
	var body map[string]any
	_ = json.NewDecoder(res.Body).Decode(&body) // an empty body stays nil
	return res, body
}

func request(t *testing.T, method, url, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestGateAsksWhoAndWhether(t *testing.T) {
	gate := httpserve.Gate{Authenticator: tester{}, Authorizer: tester{}, ProjectParam: "project_id"}
	route := httpserve.Route{Action: access.QueueList, Resource: func(_ *gin.Context, a access.Actor) (access.Object, error) {
		return access.QueueResource("r1", a.AccountID, "*").Object(), nil
	}}
	s := server(t, func(e *gin.Engine) {
		e.GET("/p/:project_id/queues", gate.Require(route), func(c *gin.Context) {
			a := httpserve.Actor(c)
			c.JSON(http.StatusOK, gin.H{"user": a.UserID, "project": a.ProjectID, "recheck": httpserve.Recheck(c)() == nil})
		})
	})
	res, body := do(t, request(t, http.MethodGet, s.URL+"/p/p1/queues", "", "User", "anna"))
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, map[string]any{"user": "anna", "project": "p1", "recheck": true}, body)

	res, body = do(t, request(t, http.MethodGet, s.URL+"/p/p1/queues", ""))
	require.Equal(t, http.StatusUnauthorized, res.StatusCode)
	require.Equal(t, "credentials_missing", body["code"])
	require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	require.Equal(t, res.Header.Get(httpserve.HeaderRequestID), body["request_id"])

	res, body = do(t, request(t, http.MethodGet, s.URL+"/p/p1/queues", "", "User", "bert"))
	require.Equal(t, http.StatusForbidden, res.StatusCode)
	require.Equal(t, "dms:queue:list on dms:r1:acc:queue:* is not allowed.", body["detail"])
}

func TestRouteWithoutAnActionIsRefused(t *testing.T) {
	gate := httpserve.Gate{Authenticator: tester{}, Authorizer: tester{}}
	s := server(t, func(e *gin.Engine) {
		e.GET("/forgotten", gate.RequireByPath(map[string]httpserve.Route{}), func(c *gin.Context) { c.String(http.StatusOK, "secret") })
	})
	res, _ := do(t, request(t, http.MethodGet, s.URL+"/forgotten", "", "User", "anna"))
	require.Equal(t, http.StatusInternalServerError, res.StatusCode)
}

func TestAnotherSitesPageCannotWriteWithTheConsolesCookie(t *testing.T) {
	gate := httpserve.Gate{Authenticator: tester{}, Authorizer: tester{}}
	s := server(t, func(e *gin.Engine) {
		e.POST("/x", gate.Require(httpserve.Route{Action: access.Self}), func(c *gin.Context) { c.Status(http.StatusNoContent) })
	})
	for site, want := range map[string]int{"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden, "same-origin": http.StatusNoContent} {
		res, _ := do(t, request(t, http.MethodPost, s.URL+"/x", "", "User", "anna", "Cookie", "dms_session=1", "Sec-Fetch-Site", site))
		require.Equal(t, want, res.StatusCode, site)
	}
	res, _ := do(t, request(t, http.MethodPost, s.URL+"/x", "", "User", "anna", "Sec-Fetch-Site", "cross-site"))
	require.Equal(t, http.StatusNoContent, res.StatusCode, "a token is not sent by itself: nothing to protect")
}

func TestBodiesAreBounded(t *testing.T) {
	s := server(t, func(e *gin.Engine) {
		e.POST("/x", httpserve.Handle(func(c *gin.Context) error {
			b, err := httpserve.Body(c)
			if err != nil {
				return err
			}
			again, err := httpserve.Body(c)
			c.JSON(http.StatusOK, gin.H{"n": len(b), "same": string(b) == string(again)})
			return err
		}))
	})
	res, body := do(t, request(t, http.MethodPost, s.URL+"/x", strings.Repeat("x", maxBody)))
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, map[string]any{"n": float64(maxBody), "same": true}, body)

	res, _ = do(t, request(t, http.MethodPost, s.URL+"/x", strings.Repeat("x", maxBody+1)))
	require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)

	r := request(t, http.MethodPost, s.URL+"/x", "")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", maxBody+1))), -1 // no length announced
	res, _ = do(t, r)
	require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
}

func TestPanicsAndUnknownErrorsAreAnsweredWithoutDetails(t *testing.T) {
	s := server(t, func(e *gin.Engine) {
		e.GET("/panic", func(*gin.Context) { panic("secret detail") })
		e.GET("/error", httpserve.Handle(func(*gin.Context) error { return errors.New("secret detail") }))
	})
	for _, path := range []string{"/panic", "/error"} {
		res, body := do(t, request(t, http.MethodGet, s.URL+path, ""))
		require.Equal(t, http.StatusInternalServerError, res.StatusCode)
		require.NotContains(t, body["detail"], "secret")
	}
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	s := server(t, func(e *gin.Engine) { e.GET("/x", func(c *gin.Context) { c.Status(http.StatusOK) }) })
	res, body := do(t, request(t, http.MethodGet, s.URL+"/y", ""))
	require.Equal(t, http.StatusNotFound, res.StatusCode)
	require.Equal(t, "url_not_found", body["code"])
	res, _ = do(t, request(t, http.MethodDelete, s.URL+"/x", ""))
	require.Equal(t, http.StatusMethodNotAllowed, res.StatusCode)
	require.Equal(t, "GET", res.Header.Get("Allow"))
}

const document = `
openapi: 3.1.0
info: {title: test, version: "1"}
paths:
  /things/{thing_id}:
    put:
      parameters:
        - {name: thing_id, in: path, required: true, schema: {type: string, pattern: '^[a-z]+$'}}
        - {name: size, in: query, schema: {type: integer, maximum: 5}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [name]
              properties:
                name: {type: string, minLength: 1, maxLength: 3}
                count: {type: integer}
      responses: {'200': {description: ok}}
`

func TestValidateNamesEachWrongPart(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData([]byte(document))
	require.NoError(t, err)
	s := server(t, func(e *gin.Engine) {
		e.PUT("/things/:thing_id", httpserve.Validate(doc), func(c *gin.Context) {
			b, _ := io.ReadAll(c.Request.Body)
			c.JSON(http.StatusOK, gin.H{"body": string(b)})
		})
	})
	put := func(path, contentType, body string) (*http.Response, map[string]any) {
		return do(t, request(t, http.MethodPut, s.URL+path, body, "Content-Type", contentType))
	}
	res, body := put("/things/a?size=5", "application/json; charset=utf-8", `{"name":"abc"}`)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, `{"name":"abc"}`, body["body"], "the handler still reads the body")

	pointers := func(body map[string]any) (out []string) {
		list, _ := body["errors"].([]any)
		for _, e := range list {
			out = append(out, e.(map[string]any)["pointer"].(string))
		}
		return out
	}
	for name, c := range map[string]struct {
		path, contentType, body string
		pointers                []string
	}{
		"unknown field":   {"/things/a", "application/json", `{"name":"a","x":1}`, []string{"/"}}, // the detail names x
		"missing field":   {"/things/a", "application/json", `{}`, []string{"/name"}},
		"too long":        {"/things/a", "application/json", `{"name":"abcd"}`, []string{"/name"}},
		"wrong type":      {"/things/a", "application/json", `{"name":"a","count":"1"}`, []string{"/count"}},
		"two at once":     {"/things/a?size=6", "application/json", `{"name":""}`, []string{"size", "/name"}},
		"bad path":        {"/things/A", "application/json", `{"name":"a"}`, []string{"thing_id"}},
		"no body":         {"/things/a", "application/json", ``, []string{"/"}},
		"not JSON":        {"/things/a", "application/json", `{"name":`, []string{"/"}},
		"two documents":   {"/things/a", "application/json", `{"name":"a"}{"x":1}`, nil},
		"wrong media":     {"/things/a", "text/plain", `{"name":"a"}`, nil},
		"not valid UTF-8": {"/things/a", "application/json", "{\"name\":\"\xff\"}", nil},
	} {
		t.Run("case="+name, func(t *testing.T) {
			res, body := put(c.path, c.contentType, c.body)
			require.Equal(t, http.StatusBadRequest, res.StatusCode, body)
			require.ElementsMatch(t, c.pointers, pointers(body), body)
		})
	}
}

func TestMemoryOfABodyIsReusedOnlyOnceItIsGivenBack(t *testing.T) {
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
	var kept [][]byte
	e.POST("/keep", httpserve.Handle(func(c *gin.Context) error {
		b, err := httpserve.Body(c)
		kept = append(kept, b)
		again, _ := httpserve.Body(c)
		require.Equal(t, b, again)
		return errors.Join(err, httpserve.Reply(c, http.StatusOK, "text/plain", b))
	}))
	e.POST("/wait", httpserve.Handle(func(c *gin.Context) error {
		_, err := httpserve.Body(c)
		httpserve.KeepBody(c)
		b, _ := httpserve.Body(c)
		require.LessOrEqual(t, cap(b), 2*len(b)+16, "whatever it was read into")
		kept = append(kept, b)
		return errors.Join(err, httpserve.Reply(c, http.StatusOK, "text/plain", b))
	}))
	e.POST("/reuse", httpserve.Handle(func(c *gin.Context) error {
		b, err := httpserve.Body(c)
		answer := bytes.Clone(b)
		httpserve.ReuseBody(c)
		after, _ := httpserve.Body(c)
		require.Empty(t, after, "what was given back is not read again")
		httpserve.ReuseBody(c)
		return errors.Join(err, httpserve.Reply(c, http.StatusOK, "text/plain", answer))
	}))
	send := func(path, body string) {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		require.Equal(t, body, w.Body.String())
	}
	for i := range 50 {
		send("/keep", strings.Repeat("k", i))
		send("/wait", strings.Repeat("k", i))
		send("/reuse", strings.Repeat("r", 100-i))
	}
	for i, b := range kept {
		require.Equal(t, strings.Repeat("k", i/2), string(b))
	}
}

// AuthenticateGuest implements access.Authenticator: nothing is shared here.
func (tester) AuthenticateGuest(context.Context, *http.Request, string, func() ([]byte, error)) (access.Actor, error) {
	return access.Actor{}, errs.New(errs.Unauthenticated, reason.ProjectMismatch, "The project ID and the token do not match.")
}

// Named implements access.Authorizer.
func (tester) Named(context.Context, access.Actor, access.Object) (bool, error) { return false, nil }

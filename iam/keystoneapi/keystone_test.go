package keystoneapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/iam/keystoneapi"
	"dms/iam/throttle"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/httpserve"
	"dms/internal/id"
)

var ctx = context.Background()

// server is the Keystone wire on a real listener.
type server struct {
	t   *testing.T
	k   *iamtest.Kit
	url string
}

func serve(t *testing.T, k *iamtest.Kit, edit func(d *keystoneapi.Deps)) *server {
	t.Helper()
	d := keystoneapi.Deps{
		Services: k.Services, Authenticator: k.Authenticator, Authorizer: k.Authorizer,
		PublicURL: func(r *http.Request) string { return "http://" + r.Host },
	}
	if edit != nil {
		edit(&d)
	}
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
	e.NoRoute(httpserve.Speak(keystoneapi.Dialect), httpserve.NotFound)
	e.NoMethod(httpserve.Speak(keystoneapi.Dialect), httpserve.MethodNotAllowed)
	keystoneapi.Register(e, d)
	ts := httptest.NewServer(e)
	t.Cleanup(ts.Close)
	return &server{t: t, k: k, url: ts.URL}
}

func each(t *testing.T, f func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) { f(t, serve(t, iamtest.New(t, db), nil)) })
}

// reply is an answer, with its body decoded.
type reply struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (r reply) at(path string) any {
	var v any = r.body
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (s *server) do(method, path, body string, edit func(r *http.Request)) reply {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	}
	if edit != nil {
		edit(r)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	out := reply{status: resp.StatusCode, header: resp.Header, raw: string(b)}
	if len(b) > 0 {
		require.NoError(s.t, json.Unmarshal(b, &out.body), "%s", b)
	}
	require.NotEmpty(s.t, resp.Header.Get("X-Request-Id"))
	return out
}

func (s *server) refuses(status int, r reply) {
	s.t.Helper()
	require.Equal(s.t, status, r.status, r.raw)
	require.Equal(s.t, float64(status), r.at("error.code"), r.raw)
	require.Equal(s.t, http.StatusText(status), r.at("error.title"))
	require.NotEmpty(s.t, r.at("error.message"))
	require.Len(s.t, r.body, 1)
}

func token(raw string) func(r *http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Auth-Token", raw) }
}

func signed(n iamtest.Tenant) func(r *http.Request) {
	return func(r *http.Request) { iamtest.Sign(r, nil, n.AccessKey, n.SecretKey, iamtest.Start) }
}

func passwordBody(user, scope string) string {
	if scope != "" {
		scope = `,"scope":` + scope
	}
	return `{"auth":{"identity":{"methods":["password"],"password":{"user":` + user + `}}` + scope + `}}`
}

func userBody(account string) string {
	return fmt.Sprintf(`{"domain":{"name":%q},"name":%q,"password":%q}`, account, account, iamtest.Password)
}

func TestTokenIsIssuedAsClientsExpectIt(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		r := s.do("POST", "/v3/auth/tokens", passwordBody(userBody("acme"), `{"project":{"name":"local-1"}}`), nil)
		require.Equal(t, http.StatusCreated, r.status, r.raw)
		raw := r.header.Get("X-Subject-Token")
		require.NotEmpty(t, raw)
		require.Equal(t, "no-store", r.header.Get("Cache-Control"))
		for path, want := range map[string]any{
			"token.project.id": n.Project.ID, "token.project.name": "local-1", "token.project.domain.id": n.Account.ID, "token.project.domain.name": "acme",
			"token.user.id": n.User.ID, "token.user.name": "acme", "token.user.domain.id": n.Account.ID, "token.user.domain.name": "acme", "token.user.password_expires_at": "",
			"token.methods.0": "password", "token.roles.0.name": "Tenant Administrator", "token.domain": nil,
			"token.issued_at": "2026-11-24T08:00:00.000000Z", "token.expires_at": "2026-11-25T08:00:00.000000Z",
		} {
			require.Equal(t, want, r.at(path), path)
		}
		catalog := make(map[string]string)
		for _, e := range r.at("token.catalog").([]any) {
			entry := e.(map[string]any)
			endpoints := entry["endpoints"].([]any)
			require.Len(t, endpoints, 1)
			first := endpoints[0].(map[string]any)
			require.Equal(t, "public", first["interface"])
			require.Equal(t, "local-1", first["region"])
			require.Equal(t, "local-1", first["region_id"])
			require.True(t, id.IsHex(first["id"].(string)))
			catalog[entry["type"].(string)] = first["url"].(string)
		}
		require.Equal(t, map[string]string{
			"identity": s.url + "/v3", "network": s.url + "/", "dmsv1": s.url + "/v1.0/" + n.Project.ID,
			"dms": s.url + "/v1.0/" + n.Project.ID, "distributed-message": s.url + "/v1.0/" + n.Project.ID,
		}, catalog)

		a, err := s.k.Authenticator.Tokens().Verify(ctx, raw, iam.TokenKeystone)
		require.NoError(t, err)
		require.Equal(t, n.Project.ID, a.Project.ID)

		r = s.do("POST", "/v3/auth/tokens?nocatalog=true", passwordBody(userBody("acme"), `{"project":{"id":"`+n.Project.ID+`"}}`), nil)
		require.Equal(t, http.StatusCreated, r.status)
		require.Nil(t, r.at("token.catalog"))
	})
}

func TestScopes(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		require.NoError(t, s.k.Services.Accounts.EnsureProjects(ctx, "local-2"))
		for _, c := range []struct {
			scope   string
			project any
			domain  any
		}{
			{"", nil, n.Account.ID},
			{"null", nil, n.Account.ID},
			{`"unscoped"`, nil, n.Account.ID},
			{`{"unscoped":{}}`, nil, n.Account.ID},
			{`{"domain":{"name":"acme"}}`, nil, n.Account.ID},
			{`{"domain":{"id":"` + n.Account.ID + `"}}`, nil, n.Account.ID},
			{`{"project":{"id":"` + n.Project.ID + `"}}`, n.Project.ID, nil},
			{`{"project":{"name":"local-1"}}`, n.Project.ID, nil},
			{`{"project":{"name":"local-1","domain":{"name":"acme"}}}`, n.Project.ID, nil},
			{`{"project":{"name":"local-1","domain":{"id":"` + n.Account.ID + `"}}}`, n.Project.ID, nil},
			{`{"project":{"name":"local-1","extra":1},"extra":[1]}`, n.Project.ID, nil},
		} {
			r := s.do("POST", "/v3/auth/tokens", passwordBody(userBody("acme"), c.scope), nil)
			require.Equal(t, http.StatusCreated, r.status, "%s: %s", c.scope, r.raw)
			require.Equal(t, c.project, r.at("token.project.id"), c.scope)
			require.Equal(t, c.domain, r.at("token.domain.id"), c.scope)
			want := 1
			if c.project == nil {
				want = 2 // an account's catalog has every region
			}
			require.Len(t, r.at("token.catalog.2.endpoints"), want, c.scope)
		}
	})
}

func TestUsersAreNamedByIDOrByNameAndDomain(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		password := `"password":"` + iamtest.Password + `"`
		for _, user := range []string{
			`{"id":"` + n.User.ID + `",` + password + `}`,
			`{"name":"acme","domain":{"name":"acme"},` + password + `}`,
			`{"name":"acme","domain":{"id":"` + n.Account.ID + `"},` + password + `}`,
		} {
			require.Equal(t, http.StatusCreated, s.do("POST", "/v3/auth/tokens", passwordBody(user, ""), nil).status, user)
		}
		// The SDK's own client signs this request too; the signature is not looked at.
		body := passwordBody(userBody("acme"), "")
		r := s.do("POST", "/v3/auth/tokens", body, func(r *http.Request) {
			iamtest.Sign(r, []byte(body), "AKDOESNOTEXIST000000", "x", iamtest.Start)
		})
		require.Equal(t, http.StatusCreated, r.status)
	})
}

func TestWrongLoginsAreOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "acme")
		other := s.k.SignUp(t, "beta")
		first := s.do("POST", "/v3/auth/tokens", passwordBody(`{"name":"acme","domain":{"name":"acme"},"password":"wrong password"}`, ""), nil)
		s.refuses(http.StatusUnauthorized, first)
		for _, user := range []string{
			`{"name":"nobody","domain":{"name":"acme"},"password":"` + iamtest.Password + `"}`,
			`{"name":"acme","domain":{"name":"nobody"},"password":"` + iamtest.Password + `"}`,
			`{"name":"beta","domain":{"name":"acme"},"password":"` + iamtest.Password + `"}`,
			`{"id":"` + id.NewHex() + `","password":"` + iamtest.Password + `"}`,
			`{"id":"' OR 1=1 --","password":"x"}`,
			`{"name":"acme","domain":{"name":"acme"}}`,
		} {
			r := s.do("POST", "/v3/auth/tokens", passwordBody(user, ""), nil)
			require.Equal(t, first.raw, r.raw, user)
		}
		foreign := s.do("POST", "/v3/auth/tokens", passwordBody(userBody("acme"), `{"project":{"id":"`+other.Project.ID+`"}}`), nil)
		unknown := s.do("POST", "/v3/auth/tokens", passwordBody(userBody("acme"), `{"project":{"id":"`+id.NewHex()+`"}}`), nil)
		s.refuses(http.StatusUnauthorized, foreign)
		require.Equal(t, unknown.raw, foreign.raw)
	})
}

func TestBadRequestsForTokensAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "acme")
		good := passwordBody(userBody("acme"), "")
		for name, body := range map[string]string{
			"empty":               "",
			"not JSON":            "{",
			"array":               "[]",
			"nothing":             "{}",
			"null":                "null",
			"no identity":         `{"auth":{}}`,
			"no methods":          strings.Replace(good, `["password"]`, `[]`, 1),
			"token method":        strings.Replace(good, `["password"]`, `["token"]`, 1),
			"methods of a type":   strings.Replace(good, `["password"]`, `"password"`, 1),
			"no user":             `{"auth":{"identity":{"methods":["password"],"password":{}}}}`,
			"nameless user":       passwordBody(`{"password":"x"}`, ""),
			"user without domain": passwordBody(`{"name":"acme","password":"x"}`, ""),
			"password of a type":  passwordBody(`{"name":"acme","domain":{"name":"acme"},"password":5}`, ""),
			"empty scope":         passwordBody(userBody("acme"), `{}`),
			"two scopes":          passwordBody(userBody("acme"), `{"project":{"name":"local-1"},"domain":{"name":"acme"}}`),
			"nameless project":    passwordBody(userBody("acme"), `{"project":{}}`),
			"nameless domain":     passwordBody(userBody("acme"), `{"domain":{}}`),
			"scope of a type":     passwordBody(userBody("acme"), `[1]`),
			"another scope":       passwordBody(userBody("acme"), `{"OS-TRUST:trust":{"id":"x"}}`),
			"two documents":       good + good,
			"invalid UTF-8":       strings.Replace(good, "acme", "ac\xffme", 1),
		} {
			r := s.do("POST", "/v3/auth/tokens", body, nil)
			require.Equal(t, http.StatusBadRequest, r.status, "%s: %s", name, r.raw)
			s.refuses(http.StatusBadRequest, r)
		}
		s.refuses(http.StatusBadRequest, s.do("POST", "/v3/auth/tokens", good, func(r *http.Request) { r.Header.Set("Content-Type", "text/xml") }))
		s.refuses(http.StatusRequestEntityTooLarge, s.do("POST", "/v3/auth/tokens", strings.Repeat(" ", 1<<20)+good, nil))
		s.refuses(http.StatusMethodNotAllowed, s.do("PUT", "/v3/auth/tokens", good, nil))
		s.refuses(http.StatusNotFound, s.do("GET", "/v3/users", "", nil))
	})
}

func TestTokenIsShownToItsAccountOnly(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		a, b := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		for _, c := range []struct{ me, other iamtest.Tenant }{{a, b}, {b, a}} {
			mine, theirs := s.k.Token(t, c.me), s.k.Token(t, c.other)
			show := func(subject string, who func(r *http.Request)) reply {
				return s.do("GET", "/v3/auth/tokens", "", func(r *http.Request) {
					r.Header.Set("X-Subject-Token", subject)
					who(r)
				})
			}
			for _, who := range []func(r *http.Request){token(mine), signed(c.me)} {
				r := show(mine, who)
				require.Equal(t, http.StatusOK, r.status, r.raw)
				require.Equal(t, mine, r.header.Get("X-Subject-Token"))
				require.Equal(t, c.me.Project.ID, r.at("token.project.id"))
				require.Equal(t, c.me.User.ID, r.at("token.user.id"))
				require.NotNil(t, r.at("token.catalog"))
				foreign, unknown := show(theirs, who), show("garbage", who)
				s.refuses(http.StatusNotFound, foreign)
				require.Equal(t, unknown.raw, foreign.raw, "not told apart")
				in, err := s.k.Services.Sessions.SignIn(ctx, c.me.Account.Name, iamtest.Password)
				require.NoError(t, err)
				s.refuses(http.StatusNotFound, show(in.AccessToken, who))
			}
			s.refuses(http.StatusBadRequest, s.do("GET", "/v3/auth/tokens", "", token(mine)))
		}
	})
}

func TestProjectsDomainsAndCatalogAreTheCallersOwn(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		a, b := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		require.NoError(t, s.k.Services.Accounts.EnsureProjects(ctx, "local-2"))
		for _, n := range []iamtest.Tenant{a, b} {
			for credential, who := range map[string]func(r *http.Request){"token": token(s.k.Token(t, n)), "signature": signed(n)} {
				r := s.do("GET", "/v3/projects?name=local-1", "", who)
				require.Equal(t, http.StatusOK, r.status, r.raw)
				require.Len(t, r.at("projects"), 1, "clients want exactly one")
				for path, want := range map[string]any{
					"projects.0.id": n.Project.ID, "projects.0.name": "local-1", "projects.0.domain_id": n.Account.ID, "projects.0.parent_id": n.Account.ID,
					"projects.0.enabled": true, "projects.0.is_domain": false, "projects.0.description": "",
					"projects.0.links.self": s.url + "/v3/projects/" + n.Project.ID, "links.self": s.url + "/v3/projects", "links.next": nil,
				} {
					require.Equal(t, want, r.at(path), path)
				}
				require.Len(t, s.do("GET", "/v3/projects", "", who).at("projects"), 2)
				require.Len(t, s.do("GET", "/v3/auth/projects", "", who).at("projects"), 2)
				require.Equal(t, []any{}, s.do("GET", "/v3/projects?name=nowhere", "", who).at("projects"), "an empty list, not null")
				require.Len(t, s.do("GET", "/v3/projects?domain_id="+n.Account.ID, "", who).at("projects"), 2)
				require.Empty(t, s.do("GET", "/v3/projects?domain_id="+id.NewHex(), "", who).at("projects"))

				r = s.do("GET", "/v3/auth/domains", "", who)
				require.Len(t, r.at("domains"), 1)
				require.Equal(t, n.Account.ID, r.at("domains.0.id"))
				require.Equal(t, n.Account.Name, r.at("domains.0.name"))
				require.Equal(t, true, r.at("domains.0.enabled"))

				r = s.do("GET", "/v3/auth/catalog", "", who)
				require.Equal(t, http.StatusOK, r.status)
				want := 2
				if credential == "token" { // for one project
					want = 1
				}
				require.Len(t, r.at("catalog.0.endpoints"), want)
				require.NotContains(t, r.raw, map[string]string{a.Project.ID: b.Project.ID, b.Project.ID: a.Project.ID}[n.Project.ID])
			}
			r := s.do("GET", "/v3/auth/catalog", "", func(r *http.Request) {
				r.Header.Set("X-Project-Id", n.Project.ID)
				iamtest.Sign(r, nil, n.AccessKey, n.SecretKey, iamtest.Start)
			})
			require.Len(t, r.at("catalog.0.endpoints"), 1)
		}
	})
}

func TestCatalogNamesEachRegionsEndpoint(t *testing.T) {
	t.Parallel()
	k := iamtest.New(t, dbtest.Open(t, dbtest.SQLiteURL(t)))
	s := serve(t, k, func(d *keystoneapi.Deps) {
		d.PublicURL = func(*http.Request) string { return "https://dms.example.com" }
		d.RegionURL = func(_ *http.Request, region string) string { return "https://" + region + ".example.com" }
	})
	n := k.SignUp(t, "acme")
	r := s.do("GET", "/v3/auth/catalog", "", token(k.Token(t, n)))
	require.Equal(t, "https://dms.example.com/v3", r.at("catalog.0.endpoints.0.url"))
	require.Equal(t, "https://local-1.example.com/", r.at("catalog.1.endpoints.0.url"))
	require.Equal(t, "https://local-1.example.com/v1.0/"+n.Project.ID, r.at("catalog.2.endpoints.0.url"))
}

func TestStrangersAreRefusedInKeystonesShape(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		expired := s.k.Token(t, n)
		s.k.Clock.Advance(24 * time.Hour)
		for _, path := range []string{"/v3/projects", "/v3/auth/projects", "/v3/auth/domains", "/v3/auth/catalog", "/v3/auth/tokens"} {
			for name, who := range map[string]func(r *http.Request){
				"nobody": nil, "garbage": token("garbage"), "expired": token(expired),
				"skewed": signed(n), "unknown key": signed(iamtest.Tenant{AccessKey: "AKDOESNOTEXIST000000", SecretKey: "x"}),
			} {
				r := s.do("GET", path, "", who)
				require.Equal(t, http.StatusUnauthorized, r.status, "%s %s", name, path)
				s.refuses(http.StatusUnauthorized, r)
				require.NotEmpty(t, r.header.Get("WWW-Authenticate"))
			}
		}
	})
}

func TestListingProjectsNeedsAPolicyAndTheRestDoesNot(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		s.k.Detach(t, n, iam.PolicyTenantAdministrator)
		who := token(s.k.Token(t, n))
		r := s.do("GET", "/v3/projects", "", who)
		s.refuses(http.StatusForbidden, r)
		require.Contains(t, r.raw, "iam:project:list")
		for _, path := range []string{"/v3/auth/projects", "/v3/auth/domains", "/v3/auth/catalog"} {
			require.Equal(t, http.StatusOK, s.do("GET", path, "", who).status, path)
		}
		s.k.Attach(t, n, iam.PolicyDMSAdministrator)
		require.Equal(t, http.StatusOK, s.do("GET", "/v3/projects", "", who).status, "a DMS administrator's client finds its project")
	})
}

func TestVersionDocumentIsPublic(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		for _, path := range []string{"/v3", "/v3/"} {
			r := s.do("GET", path, "", nil)
			require.Equal(t, http.StatusOK, r.status)
			require.Equal(t, "stable", r.at("version.status"))
			require.Regexp(t, `^v3\.`, r.at("version.id"))
			require.Equal(t, s.url+"/v3/", r.at("version.links.0.href"))
		}
	})
}

func TestGuessersAreSlowedDown(t *testing.T) {
	t.Parallel()
	k := iamtest.New(t, dbtest.Open(t, dbtest.SQLiteURL(t)))
	k.SignUp(t, "acme")
	s := serve(t, k, func(d *keystoneapi.Deps) { d.Guard = throttle.NewGuard(k.Clock) })
	wrong := passwordBody(`{"name":"acme","domain":{"name":"acme"},"password":"wrong password"}`, "")
	right := passwordBody(userBody("acme"), "")
	for range 40 {
		require.Equal(t, http.StatusCreated, s.do("POST", "/v3/auth/tokens", right, nil).status, "who knows the password is not slowed down")
	}
	for range 5 {
		s.refuses(http.StatusUnauthorized, s.do("POST", "/v3/auth/tokens", wrong, nil))
	}
	r := s.do("POST", "/v3/auth/tokens", wrong, nil)
	s.refuses(http.StatusTooManyRequests, r)
	require.Equal(t, "1", r.header.Get("Retry-After"))
	k.Clock.Advance(time.Second)
	require.Equal(t, http.StatusCreated, s.do("POST", "/v3/auth/tokens", right, nil).status)
}

func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	k := iamtest.New(t, dbtest.Open(t, dbtest.SQLiteURL(t)))
	n := k.SignUp(t, "acme")
	e := httpserve.NewEngine(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), 1<<20)
	keystoneapi.Register(e, keystoneapi.Deps{Services: k.Services, Authenticator: k.Authenticator, Authorizer: k.Authorizer, PublicURL: func(*http.Request) string { panic("to be logged") }})
	raw := k.Token(t, n)
	r := httptest.NewRequest("GET", "/v3/projects", nil)
	r.Header.Set("X-Auth-Token", raw)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Contains(t, log.String(), "to be logged")
	require.NotContains(t, log.String(), raw)
	require.NotContains(t, w.Body.String(), "to be logged")
}

package httpapi_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/httpapi"
	"dms/iam/httpapi/gen"
	"dms/iam/iamtest"
	"dms/iam/throttle"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/httpserve"
)

var ctx = context.Background()

type server struct {
	t   *testing.T
	k   *iamtest.Kit
	url string
}

func serve(t *testing.T, k *iamtest.Kit, edit func(d *httpapi.Deps)) *server {
	t.Helper()
	d := httpapi.Deps{Services: k.Services, Authenticator: k.Authenticator, Authorizer: k.Authorizer, BaseURL: func(*http.Request) string { return "https://console.example" }}
	if edit != nil {
		edit(&d)
	}
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
	e.NoRoute(httpserve.NotFound)
	e.NoMethod(httpserve.MethodNotAllowed)
	httpapi.Register(e, d)
	ts := httptest.NewServer(e)
	t.Cleanup(ts.Close)
	return &server{t: t, k: k, url: ts.URL}
}

func each(t *testing.T, f func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) { f(t, serve(t, iamtest.New(t, db), nil)) })
}

type reply struct {
	status  int
	header  http.Header
	cookies map[string]*http.Cookie
	raw     string
}

func (r reply) decode(t *testing.T, v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(r.raw))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(v), r.raw)
}

func (s *server) do(method, path, body string, edits ...func(r *http.Request)) reply {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, e := range edits {
		e(r)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	out := reply{status: resp.StatusCode, header: resp.Header, cookies: make(map[string]*http.Cookie), raw: string(b)}
	for _, c := range resp.Cookies() {
		out.cookies[c.Name] = c
	}
	return out
}

// browser keeps cookies as one does.
func browser(cookies map[string]*http.Cookie) func(r *http.Request) {
	return func(r *http.Request) {
		for _, c := range cookies {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
}

func header(name, value string) func(r *http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func (s *server) refuses(r reply, status int, code string) gen.Problem {
	s.t.Helper()
	require.Equal(s.t, status, r.status, r.raw)
	require.Equal(s.t, "application/problem+json", r.header.Get("Content-Type"))
	var p gen.Problem
	r.decode(s.t, &p)
	require.Equal(s.t, status, p.Status)
	require.Equal(s.t, code, p.Code, r.raw)
	require.Equal(s.t, r.header.Get("X-Request-Id"), p.RequestId)
	return p
}

func signUpBody(name string) string {
	return `{"account_name":"` + name + `","email":"` + name + `@example.com","password":"` + iamtest.Password + `"}`
}

func signInBody(login string) string {
	return `{"login":"` + login + `","password":"` + iamtest.Password + `"}`
}

func TestSignUpSignsIn(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		r := s.do("POST", "/api/v1/sign-up", signUpBody("acme"))
		require.Equal(t, http.StatusCreated, r.status, r.raw)
		require.Equal(t, "no-store", r.header.Get("Cache-Control"))
		var me gen.Me
		r.decode(t, &me)
		require.Equal(t, "acme", me.Account.Name)
		require.Equal(t, "acme", me.User.Name)
		require.Equal(t, "acme@example.com", *me.User.Email)
		require.Len(t, me.Projects, 1)
		require.Equal(t, iamtest.Region, me.Projects[0].Region)
		require.Equal(t, iamtest.Start.Add(15*time.Minute), me.SessionExpiresAt.UTC())

		require.Len(t, r.cookies, 2)
		for _, name := range []string{"dms_session", "dms_refresh"} {
			c := r.cookies[name]
			require.NotNil(t, c, name)
			require.True(t, c.HttpOnly)
			require.False(t, c.Secure, "a browser would not take it over http")
			require.Equal(t, http.SameSiteLaxMode, c.SameSite)
			require.Equal(t, "/", c.Path)
			require.Empty(t, c.Domain)
			require.Equal(t, 24*3600, c.MaxAge)
			require.NotContains(t, r.raw, c.Value, "tokens are in cookies only")
		}

		r = s.do("GET", "/api/v1/me", "", browser(r.cookies))
		require.Equal(t, http.StatusOK, r.status, r.raw)
		var again gen.Me
		r.decode(t, &again)
		require.Empty(t, cmp.Diff(me, again))
	})
}

func TestCookiesAreSecureBehindHTTPS(t *testing.T) {
	t.Parallel()
	s := serve(t, iamtest.New(t, dbtest.Open(t, dbtest.SQLiteURL(t))), func(d *httpapi.Deps) { d.SecureCookies = true })
	r := s.do("POST", "/api/v1/sign-up", signUpBody("acme"))
	require.Equal(t, http.StatusCreated, r.status, r.raw)
	for _, name := range []string{"__Host-dms_session", "__Host-dms_refresh"} {
		c := r.cookies[name]
		require.NotNil(t, c, name)
		require.True(t, c.Secure && c.HttpOnly && c.Path == "/" && c.Domain == "", "the rules of the prefix")
	}
	require.Len(t, r.cookies, 2)
	require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/me", "", browser(r.cookies)).status)
	next := s.do("POST", "/api/v1/sessions/refresh", "", browser(r.cookies))
	require.Equal(t, http.StatusOK, next.status, next.raw)
	out := s.do("DELETE", "/api/v1/sessions/current", "", browser(next.cookies))
	require.Equal(t, http.StatusNoContent, out.status)
	require.Negative(t, out.cookies["__Host-dms_session"].MaxAge)
}

func TestSignUpRefusesBadInput(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "taken")
		pointers := func(p gen.Problem) (out []string) {
			if p.Errors != nil {
				for _, e := range *p.Errors {
					out = append(out, e.Pointer)
				}
			}
			return out
		}
		for name, c := range map[string]struct {
			body     string
			status   int
			code     string
			pointers []string
		}{
			"name taken":      {strings.Replace(signUpBody("Taken"), "Taken@", "new@", 1), 409, "account_name_taken", []string{"/account_name"}},
			"address taken":   {strings.Replace(signUpBody("other"), "other@", "TAKEN@", 1), 409, "email_taken", []string{"/email"}},
			"short name":      {signUpBody("abc"), 400, "invalid_request", []string{"/account_name"}},
			"no address":      {strings.Replace(signUpBody("other"), "other@example.com", "other", 1), 400, "invalid_request", []string{"/email"}},
			"common password": {strings.Replace(signUpBody("other"), iamtest.Password, "password123", 1), 400, "invalid_request", []string{"/password"}},
			"short password":  {strings.Replace(signUpBody("other"), iamtest.Password, "1234567", 1), 400, "invalid_request", []string{"/password"}},
			"unknown field":   {strings.Replace(signUpBody("other"), "{", `{"operator":true,`, 1), 400, "invalid_request", nil},
			"wrong type":      {strings.Replace(signUpBody("other"), `"other"`, "5", 1), 400, "invalid_request", []string{"/account_name"}},
			"missing":         {`{}`, 400, "invalid_request", nil},
			"not JSON":        {`{`, 400, "invalid_request", nil},
			"empty":           {``, 400, "invalid_request", nil},
			"invalid UTF-8":   {strings.Replace(signUpBody("other"), iamtest.Password, "abcdefgh\xff", 1), 400, "body_not_json", nil},
			"two documents":   {signUpBody("other") + signUpBody("other"), 400, "body_not_json", nil},
		} {
			p := s.refuses(s.do("POST", "/api/v1/sign-up", c.body), c.status, c.code)
			if c.pointers != nil {
				require.Equal(t, c.pointers, pointers(p), name)
			}
		}
		s.refuses(s.do("POST", "/api/v1/sign-up", signUpBody("other"), header("Content-Type", "text/plain")), 400, "content_type")
		s.refuses(s.do("POST", "/api/v1/sign-up", strings.Repeat(" ", 1<<20)+signUpBody("other")), 413, "message_too_large")
		_, err := s.k.Services.Accounts.Account(ctx, "other")
		require.Error(t, err, "nothing was half-created")
	})
}

func TestPasswordsAreCountedInCharacters(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		for i, c := range []struct {
			password string
			status   int
		}{
			{strings.Repeat("😀", 7), 400}, {strings.Repeat("😀", 8), 201}, {strings.Repeat("😀", 128), 201}, {strings.Repeat("😀", 129), 400},
		} {
			name := fmt.Sprintf("acme-%d", i)
			r := s.do("POST", "/api/v1/sign-up", strings.Replace(signUpBody(name), iamtest.Password, c.password, 1))
			require.Equal(t, c.status, r.status, r.raw)
			if c.status == 201 {
				r = s.do("POST", "/api/v1/sessions", strings.Replace(signInBody(name), iamtest.Password, c.password, 1))
				require.Equal(t, http.StatusCreated, r.status)
			}
		}
	})
}

// The forger knows the signing key's id and its public half; in some cases even the key itself, to show that what it signs is
// looked at too.
func TestForgedTokensAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		good := s.k.Token(t, n)
		k, err := s.k.Store.CurrentSigningKey(ctx)
		require.NoError(t, err)
		seed, err := s.k.Seal.Open(k.SealedPrivate, k.ID)
		require.NoError(t, err)
		own := ed25519.NewKeyFromSeed(seed)
		_, stranger, err := ed25519.GenerateKey(nil)
		require.NoError(t, err)

		sign := func(method jwt.SigningMethod, key any, edit func(h map[string]any, c jwt.MapClaims)) string {
			c := jwt.MapClaims{"iss": "dms", "aud": []string{"dms:keystone"}, "jti": "x", "sub": n.User.ID, "acc": n.Account.ID, "epo": 0, "iat": iamtest.Start.Unix(), "exp": iamtest.Start.Add(time.Hour).Unix()}
			tok := jwt.NewWithClaims(method, c)
			tok.Header["typ"], tok.Header["kid"] = "dms-keystone+jwt", k.ID
			if edit != nil {
				edit(tok.Header, c)
			}
			raw, err := tok.SignedString(key)
			require.NoError(t, err)
			return raw
		}
		me := func(raw string) reply { return s.do("GET", "/api/v1/me", "", header("X-Auth-Token", raw)) }
		require.Equal(t, http.StatusOK, me(good).status)
		require.Equal(t, http.StatusOK, me(sign(jwt.SigningMethodEdDSA, own, nil)).status, "what the cases change is good by itself")
		other := s.k.SignUp(t, "beta")
		for name, raw := range map[string]string{
			"alg none":                    sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
			"HS256 with the public key":   sign(jwt.SigningMethodHS256, []byte(k.PublicKey), nil),
			"another key":                 sign(jwt.SigningMethodEdDSA, stranger, nil),
			"unknown kid":                 sign(jwt.SigningMethodEdDSA, stranger, func(h map[string]any, _ jwt.MapClaims) { h["kid"] = "unknown" }),
			"wrong typ":                   sign(jwt.SigningMethodEdDSA, own, func(h map[string]any, _ jwt.MapClaims) { h["typ"] = "JWT" }),
			"jku":                         sign(jwt.SigningMethodEdDSA, own, func(h map[string]any, _ jwt.MapClaims) { h["jku"] = "https://attacker.example" }),
			"session for keystone":        sign(jwt.SigningMethodEdDSA, own, func(h map[string]any, c jwt.MapClaims) { h["typ"], c["aud"] = "dms-session+jwt", "dms:session" }),
			"user of one, account of two": sign(jwt.SigningMethodEdDSA, own, func(_ map[string]any, c jwt.MapClaims) { c["acc"] = other.Account.ID }),
			"project of another account":  sign(jwt.SigningMethodEdDSA, own, func(_ map[string]any, c jwt.MapClaims) { c["prj"] = other.Project.ID }),
			"unknown user":                sign(jwt.SigningMethodEdDSA, own, func(_ map[string]any, c jwt.MapClaims) { c["sub"] = other.Account.ID }),
			"payload of another token":    strings.Join([]string{strings.Split(good, ".")[0], strings.Split(sign(jwt.SigningMethodEdDSA, own, nil), ".")[1], strings.Split(good, ".")[2]}, "."),
			"longer than 8 KiB":           sign(jwt.SigningMethodEdDSA, own, func(_ map[string]any, c jwt.MapClaims) { c["pad"] = strings.Repeat("x", 8<<10) }),
		} {
			p := s.refuses(me(raw), 401, "credentials_invalid")
			require.NotContains(t, *p.Detail, "kid", name)
		}
		s.refuses(me(sign(jwt.SigningMethodEdDSA, own, func(_ map[string]any, c jwt.MapClaims) { c["exp"] = iamtest.Start.Unix() })), 401, "credentials_expired")
	})
}

func TestSignInKnowsNobodyByName(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "acme")
		for _, login := range []string{"acme", "acme@example.com", "acme/acme"} {
			r := s.do("POST", "/api/v1/sessions", signInBody(login))
			require.Equal(t, http.StatusCreated, r.status, login)
			require.Len(t, r.cookies, 2)
		}
		wrong := s.do("POST", "/api/v1/sessions", `{"login":"acme","password":"wrong password"}`)
		unknown := s.do("POST", "/api/v1/sessions", `{"login":"nobody@example.com","password":"wrong password"}`)
		a, b := s.refuses(wrong, 401, "credentials_invalid"), s.refuses(unknown, 401, "credentials_invalid")
		require.Equal(t, *a.Detail, *b.Detail)
		require.Empty(t, wrong.cookies)
	})
}

func TestRefreshRotatesAndReuseEndsTheSession(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "acme")
		first := s.do("POST", "/api/v1/sessions", signInBody("acme"))
		s.k.Clock.Advance(15 * time.Minute)
		s.refuses(s.do("GET", "/api/v1/me", "", browser(first.cookies)), 401, "credentials_expired")
		second := s.do("POST", "/api/v1/sessions/refresh", "", browser(first.cookies))
		require.Equal(t, http.StatusOK, second.status, second.raw)
		require.NotEqual(t, first.cookies["dms_refresh"].Value, second.cookies["dms_refresh"].Value)
		require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/me", "", browser(second.cookies)).status)

		retry := s.do("POST", "/api/v1/sessions/refresh", "", browser(first.cookies))
		require.Equal(t, second.cookies["dms_refresh"].Value, retry.cookies["dms_refresh"].Value, "a lost answer is given again")

		s.k.Clock.Advance(10 * time.Second)
		reuse := s.do("POST", "/api/v1/sessions/refresh", "", browser(first.cookies))
		s.refuses(reuse, 401, "credentials_invalid")
		require.Negative(t, reuse.cookies["dms_session"].MaxAge, "the cookies are cleared")
		s.refuses(s.do("GET", "/api/v1/me", "", browser(second.cookies)), 401, "credentials_invalid")
		s.refuses(s.do("POST", "/api/v1/sessions/refresh", "", browser(second.cookies)), 401, "credentials_invalid")
		s.refuses(s.do("POST", "/api/v1/sessions/refresh", ""), 401, "credentials_missing")
	})
}

func TestSignOutEndsTheSession(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		in := s.do("POST", "/api/v1/sessions", signInBody("acme"))
		out := s.do("DELETE", "/api/v1/sessions/current", "", browser(in.cookies))
		require.Equal(t, http.StatusNoContent, out.status, out.raw)
		require.Negative(t, out.cookies["dms_session"].MaxAge)
		require.Negative(t, out.cookies["dms_refresh"].MaxAge)
		s.refuses(s.do("GET", "/api/v1/me", "", browser(in.cookies)), 401, "credentials_invalid")
		s.refuses(s.do("POST", "/api/v1/sessions/refresh", "", browser(in.cookies)), 401, "credentials_invalid")
		s.refuses(s.do("DELETE", "/api/v1/sessions/current", ""), 401, "credentials_missing")
		s.refuses(s.do("DELETE", "/api/v1/sessions/current", "", header("X-Auth-Token", s.k.Token(t, n))), 400, "no_session")
	})
}

func TestOtherSitesPagesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "acme")
		in := s.do("POST", "/api/v1/sessions", signInBody("acme"))
		own := strings.TrimPrefix(s.url, "http://")
		for name, foreign := range map[string]func(r *http.Request){
			"by Sec-Fetch-Site": header("Sec-Fetch-Site", "cross-site"),
			"by Origin":         header("Origin", "https://attacker.example"),
			"same site":         header("Sec-Fetch-Site", "same-site"),
		} {
			for _, c := range []struct{ method, path, body string }{
				{"POST", "/api/v1/sign-up", signUpBody("other")},
				{"POST", "/api/v1/sessions", signInBody("acme")},
				{"POST", "/api/v1/sessions/refresh", ""},
				{"POST", "/api/v1/access-keys", "{}"},
				{"DELETE", "/api/v1/sessions/current", ""},
				{"DELETE", "/api/v1/access-keys/AK", ""},
			} {
				s.refuses(s.do(c.method, c.path, c.body, browser(in.cookies), foreign), 403, "policy_denied")
			}
			require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/me", "", browser(in.cookies), foreign).status, "%s: reading has no effect", name)
		}
		require.Equal(t, http.StatusCreated, s.do("POST", "/api/v1/sessions", signInBody("acme"), header("Sec-Fetch-Site", "same-origin")).status)
		require.Equal(t, http.StatusCreated, s.do("POST", "/api/v1/sessions", signInBody("acme"), header("Origin", "http://"+own)).status)
	})
}

func TestMeForEveryCredential(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		a, b := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		for _, n := range []iamtest.Tenant{a, b} {
			for name, who := range map[string]func(r *http.Request){
				"token":     header("X-Auth-Token", s.k.Token(t, n)),
				"signature": func(r *http.Request) { iamtest.Sign(r, nil, n.AccessKey, n.SecretKey, iamtest.Start) },
			} {
				r := s.do("GET", "/api/v1/me", "", who)
				require.Equal(t, http.StatusOK, r.status, name)
				var me gen.Me
				r.decode(t, &me)
				require.Equal(t, n.Account.ID, me.Account.Id)
				require.Equal(t, n.User.ID, me.User.Id)
				require.Nil(t, me.SessionExpiresAt)
			}
		}
	})
}

func TestAccessKeyIsShownOnce(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.k.SignUp(t, "acme") // has one
		in := s.do("POST", "/api/v1/sessions", signInBody("acme"))
		r := s.do("POST", "/api/v1/access-keys", `{"description":"from the console"}`, browser(in.cookies))
		require.Equal(t, http.StatusCreated, r.status, r.raw)
		var made gen.CreatedAccessKey
		r.decode(t, &made)
		require.Regexp(t, `^[A-Z0-9]{20}$`, made.AccessKey)
		require.Regexp(t, `^[A-Za-z0-9]{40}$`, made.SecretKey)
		require.Equal(t, "from the console", *made.Description)

		signedBy := func(r *http.Request) { iamtest.Sign(r, nil, made.AccessKey, made.SecretKey, iamtest.Start) }
		list := s.do("GET", "/api/v1/access-keys", "", signedBy)
		require.Equal(t, http.StatusOK, list.status, list.raw)
		require.NotContains(t, list.raw, made.SecretKey)
		var keys struct {
			AccessKeys []gen.AccessKey `json:"access_keys"`
		}
		list.decode(t, &keys)
		require.Len(t, keys.AccessKeys, 2)

		p := s.refuses(s.do("POST", "/api/v1/access-keys", "", browser(in.cookies)), 422, "access_key_limit")
		require.Contains(t, *p.Detail, "Delete one first")
		require.Equal(t, http.StatusNoContent, s.do("DELETE", "/api/v1/access-keys/"+made.AccessKey, "", browser(in.cookies)).status)
		s.refuses(s.do("GET", "/api/v1/access-keys", "", signedBy), 401, "credentials_invalid")
		s.refuses(s.do("DELETE", "/api/v1/access-keys/"+made.AccessKey, "", browser(in.cookies)), 404, "not_found")
		require.Equal(t, http.StatusCreated, s.do("POST", "/api/v1/access-keys", "", browser(in.cookies)).status, "without a body")
	})
}

func TestAccessKeysOfOthersDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		a, b := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		colleague, err := s.k.Services.Accounts.Bootstrap(ctx, iam.BootstrapInput{AccountName: "acme", UserName: "bob", Password: iamtest.Password, Region: iamtest.Region})
		require.NoError(t, err)
		for _, c := range []struct {
			me     iamtest.Tenant
			others []string
		}{{a, []string{b.AccessKey, colleague.AccessKey}}, {b, []string{a.AccessKey, colleague.AccessKey}}} {
			who := header("X-Auth-Token", s.k.Token(t, c.me))
			unknown := s.refuses(s.do("DELETE", "/api/v1/access-keys/AKDOESNOTEXIST000000", "", who), 404, "not_found")
			for _, key := range c.others {
				p := s.refuses(s.do("DELETE", "/api/v1/access-keys/"+key, "", who), 404, "not_found")
				require.Equal(t, *unknown.Detail, *p.Detail)
			}
			r := s.do("GET", "/api/v1/access-keys", "", who)
			for _, key := range c.others {
				require.NotContains(t, r.raw, key)
			}
			require.Contains(t, r.raw, c.me.AccessKey)
		}
	})
}

func TestPolicyDecidesOnAccessKeys(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		who := header("X-Auth-Token", s.k.Token(t, n))
		s.k.Detach(t, n, iam.PolicyTenantAdministrator)
		p := s.refuses(s.do("POST", "/api/v1/access-keys", "", who), 403, "policy_denied")
		require.Contains(t, *p.Detail, "iam:accesskey:create")
		s.k.Attach(t, n, iam.PolicyTenantGuest)
		require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/access-keys", "", who).status)
		s.refuses(s.do("DELETE", "/api/v1/access-keys/"+n.AccessKey, "", who), 403, "policy_denied")
		require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/me", "", who).status, "one's own identity needs no policy")
	})
}

func TestGuessersAreSlowedDown(t *testing.T) {
	t.Parallel()
	k := iamtest.New(t, dbtest.Open(t, dbtest.SQLiteURL(t)))
	k.SignUp(t, "acme")
	address := "192.0.2.1"
	s := serve(t, k, func(d *httpapi.Deps) {
		d.Guard = throttle.NewGuard(k.Clock)
		d.Address = func(*http.Request) string { return address }
	})
	for range 5 {
		s.refuses(s.do("POST", "/api/v1/sessions", `{"login":"acme","password":"wrong password"}`), 401, "credentials_invalid")
	}
	r := s.do("POST", "/api/v1/sessions", signInBody("acme"))
	s.refuses(r, 429, "too_many_attempts")
	require.Equal(t, "1", r.header.Get("Retry-After"))
	k.Clock.Advance(time.Second)
	require.Equal(t, http.StatusCreated, s.do("POST", "/api/v1/sessions", signInBody("acme")).status)

	for range 10 {
		s.refuses(s.do("POST", "/api/v1/sign-up", signUpBody("acme")), 409, "account_name_taken")
	}
	s.refuses(s.do("POST", "/api/v1/sign-up", signUpBody("other")), 429, "too_many_attempts")
	address = "192.0.2.2"
	require.Equal(t, http.StatusCreated, s.do("POST", "/api/v1/sign-up", signUpBody("other")).status)
}

func TestRoutesAreThoseOfTheDocument(t *testing.T) {
	doc, err := gen.GetSpec()
	require.NoError(t, err)
	require.NoError(t, httpserve.CheckTable(doc, "iam", httpapi.Table()))

	k := iamtest.New(t, dbtest.Open(t, dbtest.SQLiteURL(t)))
	e := gin.New()
	httpapi.Register(e, httpapi.Deps{Services: k.Services, Authenticator: k.Authenticator, Authorizer: k.Authorizer})
	require.Len(t, e.Routes(), len(httpapi.Table()))
	for _, r := range e.Routes() {
		require.Contains(t, httpapi.Table(), r.Method+" "+r.Path)
	}
}

func TestPublicRoutesAreTheseAlone(t *testing.T) {
	var public []string
	for key, action := range httpapi.Table() {
		if action == access.Public {
			public = append(public, key)
		}
	}
	require.ElementsMatch(t, []string{
		"POST /api/v1/sign-up", "POST /api/v1/sessions", "POST /api/v1/sessions/second-factor", "POST /api/v1/sessions/refresh",
		"POST /api/v1/email-verifications", "POST /api/v1/password-resets", "PUT /api/v1/password-resets",
	}, public)
}

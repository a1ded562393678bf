package credentialapi_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/credentialapi"
	"dms/iam/credentialapi/gen"
	"dms/iam/httpapi"
	"dms/iam/iamtest"
	"dms/internal/access"
	"dms/internal/dbtest"
	"dms/internal/dbx"
	"dms/internal/httpserve"
)

type server struct {
	k   *iamtest.Kit
	url string
}

func each(t *testing.T, f func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *dbx.DB) {
		k := iamtest.New(t, db)
		e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
		e.NoRoute(httpserve.NotFound)
		credentialapi.Register(e, credentialapi.Deps{Services: k.Services, Gate: httpserve.Gate{Authenticator: k.Authenticator, Authorizer: k.Authorizer}})
		httpapi.Register(e, httpapi.Deps{Services: k.Services, Authenticator: k.Authenticator, Authorizer: k.Authorizer})
		ts := httptest.NewServer(e)
		t.Cleanup(ts.Close)
		f(t, &server{k: k, url: ts.URL})
	})
}

// do sends a request and decodes the answer's body. The first edit proves who sends it.
func (s *server) do(t *testing.T, method, path string, body, into any, edit func(r *http.Request, body []byte)) int {
	t.Helper()
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(t, err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(raw))
	require.NoError(t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	edit(r, raw)
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	if into != nil {
		require.NoError(t, json.Unmarshal(answer, into), "%s", answer)
	}
	return res.StatusCode
}

func (s *server) as(t *testing.T, of iamtest.Tenant) func(*http.Request, []byte) {
	token := s.k.Token(t, of)
	return func(r *http.Request, _ []byte) { r.Header.Set("X-Auth-Token", token) }
}

func anybody(*http.Request, []byte) {}

type m = map[string]any

func TestRoleIsMadeAssumedAndRevoked(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		a, b := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		for _, c := range []struct{ owner, user iamtest.Tenant }{{a, b}, {b, a}} {
			owner, user := s.as(t, c.owner), s.as(t, c.user)
			var r gen.Role
			require.Equal(t, http.StatusCreated, s.do(t, "POST", "/api/v1/roles", m{"name": "reader", "trusted_account": c.user.Account.Name}, &r, owner))
			require.Equal(t, c.user.Account.ID, r.TrustedAccountId)
			require.Equal(t, 3600, r.MaxDurationSeconds)
			require.Equal(t, http.StatusConflict, s.do(t, "POST", "/api/v1/roles", m{"name": "Reader"}, nil, owner))
			require.Equal(t, http.StatusNoContent, s.do(t, "PUT", "/api/v1/roles/"+r.Id+"/policies/Tenant%20Guest", nil, nil, owner))
			require.Equal(t, http.StatusNotFound, s.do(t, "GET", "/api/v1/roles/"+r.Id, nil, nil, user), "another account's")
			require.Equal(t, http.StatusNotFound, s.do(t, "PUT", "/api/v1/roles/"+r.Id+"/policies/Tenant%20Administrator", nil, nil, user))
			require.Equal(t, http.StatusNotFound, s.do(t, "POST", "/api/v1/roles/"+r.Id+"/revoke", nil, nil, user))

			var lent gen.TemporaryCredentials
			ask := m{"role": m{"account": c.owner.Account.ID, "name": "reader"}, "session_name": "nightly", "duration_seconds": 1800}
			require.Equal(t, http.StatusCreated, s.do(t, "POST", "/api/v1/temporary-credentials", ask, &lent, user))
			require.Equal(t, http.StatusNotFound, s.do(t, "POST", "/api/v1/temporary-credentials", ask, nil, owner), "the role does not trust its owner")
			withLent := func(r *http.Request, body []byte) {
				r.Header.Set("X-Security-Token", lent.SecurityToken)
				iamtest.Sign(r, body, lent.AccessKey, lent.SecretKey, s.k.Clock.Now())
			}
			var roles struct{ Roles []gen.Role }
			require.Equal(t, http.StatusOK, s.do(t, "GET", "/api/v1/roles", nil, &roles, withLent), "what the role may")
			require.Len(t, roles.Roles, 1)
			require.Equal(t, http.StatusForbidden, s.do(t, "POST", "/api/v1/roles", m{"name": "mine"}, nil, withLent), "the user could")

			require.Equal(t, http.StatusNoContent, s.do(t, "POST", "/api/v1/roles/"+r.Id+"/revoke", nil, nil, owner))
			require.Equal(t, http.StatusUnauthorized, s.do(t, "GET", "/api/v1/roles", nil, nil, withLent))
			require.Equal(t, http.StatusCreated, s.do(t, "POST", "/api/v1/temporary-credentials", ask, nil, user), "it may be assumed again")
			require.Equal(t, http.StatusNoContent, s.do(t, "DELETE", "/api/v1/roles/"+r.Id, nil, nil, owner))
		}
	})
}

func TestAssumingARoleNeedsAPolicyOfOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		guest := s.k.As(t, n, iam.PolicyTenantGuest)
		require.Equal(t, http.StatusCreated, s.do(t, "POST", "/api/v1/roles", m{"name": "reader"}, nil, s.as(t, n)))
		ask := m{"role": m{"name": "reader"}}
		require.Equal(t, http.StatusForbidden, s.do(t, "POST", "/api/v1/temporary-credentials", ask, nil, s.as(t, guest)))
		require.Equal(t, http.StatusCreated, s.do(t, "POST", "/api/v1/temporary-credentials", ask, nil, s.as(t, n)))
	})
}

func TestTrustIsAGift(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		document := iam.Policy{Version: iam.PolicyVersion1, Statement: []iam.Statement{{Effect: iam.EffectAllow, Action: []string{"iam:role:*"}, Resource: []string{"*"}}}}
		_, err := s.k.Services.Policies.Create(t.Context(), n.Administrator(), "roles", "", document)
		require.NoError(t, err)
		clerk := s.k.As(t, n, "roles")
		var r gen.Role
		require.Equal(t, http.StatusCreated, s.do(t, "POST", "/api/v1/roles", m{"name": "strong", "trusted_users": []string{n.User.ID}}, &r, s.as(t, n)))
		trust := m{"trusted_users": []string{clerk.User.ID}}
		require.Equal(t, http.StatusOK, s.do(t, "PATCH", "/api/v1/roles/"+r.Id, trust, nil, s.as(t, clerk)), "the role may nothing")
		require.Equal(t, http.StatusOK, s.do(t, "PATCH", "/api/v1/roles/"+r.Id, m{"trusted_users": []string{n.User.ID}}, nil, s.as(t, n)))
		require.Equal(t, http.StatusNoContent, s.do(t, "PUT", "/api/v1/roles/"+r.Id+"/policies/DMS%20FullAccess", nil, nil, s.as(t, n)))
		var p gen.Problem
		require.Equal(t, http.StatusForbidden, s.do(t, "PATCH", "/api/v1/roles/"+r.Id, trust, &p, s.as(t, clerk)))
		require.Equal(t, "grant_too_much", p.Code)
	})
}

func TestTemporaryCredentialsMakeNothingThatLasts(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		var lent gen.TemporaryCredentials
		require.Equal(t, http.StatusCreated, s.do(t, "POST", "/api/v1/temporary-credentials", nil, &lent, s.as(t, n)))
		withLent := func(r *http.Request, body []byte) {
			r.Header.Set("X-Security-Token", lent.SecurityToken)
			iamtest.Sign(r, body, lent.AccessKey, lent.SecretKey, s.k.Clock.Now())
		}
		for _, path := range []string{"/api/v1/temporary-credentials", "/api/v1/access-keys"} {
			var p gen.Problem
			require.Equal(t, http.StatusForbidden, s.do(t, "POST", path, nil, &p, withLent), path)
			require.Equal(t, "personal_only", p.Code, path)
		}
	})
}

func TestKeySetVerifiesTokensOfAllKeys(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n := s.k.SignUp(t, "acme")
		tokens := []string{s.k.Token(t, n)}
		_, err := s.k.Services.Keys.Rotate(t.Context())
		require.NoError(t, err)
		tokens = append(tokens, s.k.Token(t, n))
		var set gen.SigningKeySet
		require.Equal(t, http.StatusOK, s.do(t, "GET", "/.well-known/jwks.json", nil, &set, anybody))
		require.Len(t, set.Keys, 3, "previous, current, next")
		used := map[string]bool{}
		for _, raw := range tokens {
			parsed, err := jwt.NewParser(jwt.WithTimeFunc(s.k.Clock.Now)).Parse(raw, func(parsed *jwt.Token) (any, error) {
				for _, k := range set.Keys {
					if k.Kid == parsed.Header["kid"] {
						require.Equal(t, []string{"OKP", "Ed25519", "EdDSA", "sig"}, []string{k.Kty, k.Crv, k.Alg, k.Use})
						x, err := base64.RawURLEncoding.DecodeString(k.X)
						return ed25519.PublicKey(x), err
					}
				}
				return nil, jwt.ErrTokenUnverifiable
			})
			require.NoError(t, err)
			used[parsed.Header["kid"].(string)] = true
		}
		require.Len(t, used, 2)
	})
}

func TestTableIsTheDocuments(t *testing.T) {
	require.NoError(t, httpserve.CheckTable(credentialapi.Document(), "credentials", credentialapi.Table()))
	wrong := credentialapi.Document()
	wrong.Paths.Value("/api/v1/roles").Get.Extensions["x-action"] = string(access.Self)
	require.Error(t, httpserve.CheckTable(wrong, "credentials", credentialapi.Table()))
}

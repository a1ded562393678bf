package keystoneapi_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
)

func TestTokenIsRevokedByItsUserOrByWhoMay(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		a, b := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		for _, c := range []struct{ me, stranger iamtest.Tenant }{{a, b}, {b, a}} {
			guest := s.k.As(t, c.me, iam.PolicyTenantGuest)
			revoke := func(by, subject string) reply {
				return s.do("DELETE", "/v3/auth/tokens", "", func(r *http.Request) {
					r.Header.Set("X-Auth-Token", by)
					r.Header.Set("X-Subject-Token", subject)
				})
			}
			head := func(by, subject string) int {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.url+"/v3/auth/tokens", nil)
				require.NoError(t, err)
				r.Header.Set("X-Auth-Token", by)
				r.Header.Set("X-Subject-Token", subject)
				res, err := http.DefaultClient.Do(r)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				return res.StatusCode
			}
			mine, guests, strangers := s.k.Token(t, c.me), s.k.Token(t, guest), s.k.Token(t, c.stranger)
			require.Equal(t, http.StatusOK, head(mine, guests))
			s.refuses(http.StatusNotFound, revoke(strangers, guests))
			s.refuses(http.StatusForbidden, revoke(guests, mine))
			require.Equal(t, http.StatusOK, head(mine, guests), "it stands")
			require.Equal(t, http.StatusNoContent, revoke(mine, guests).status, "an administrator may")
			require.Equal(t, http.StatusNotFound, head(mine, guests))
			s.refuses(http.StatusUnauthorized, revoke(guests, guests))
			own := s.k.Token(t, guest)
			require.Equal(t, http.StatusNoContent, revoke(own, own).status, "everybody may revoke their own")
			s.refuses(http.StatusUnauthorized, revoke(own, own))
		}
	})
}

func TestTokensByTokenAndByRole(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		owner, user := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		r, err := s.k.Services.Roles.Create(t.Context(), owner.Administrator(), iam.RoleInput{Name: "reader", TrustedAccount: user.Account.ID})
		require.NoError(t, err)
		require.NoError(t, s.k.Services.Policies.Attach(t.Context(), owner.Administrator(), iam.RoleSubject(r.ID), iam.PolicyTenantGuest))
		with := func(token string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set("X-Auth-Token", token) }
		}
		users := s.k.Token(t, user)
		again := s.do("POST", "/v3/auth/tokens", fmt.Sprintf(`{"auth":{"identity":{"methods":["token"],"token":{"id":%q}},"scope":{"domain":{"name":"beta"}}}}`, users), nil)
		require.Equal(t, http.StatusCreated, again.status, again.raw)
		require.Equal(t, "beta", again.at("token.domain.name"))
		s.refuses(http.StatusUnauthorized, s.do("POST", "/v3/auth/tokens", fmt.Sprintf(`{"auth":{"identity":{"methods":["token"],"token":{"id":%q}},"scope":{"domain":{"name":"acme"}}}}`, users), nil))

		assume := `{"auth":{"identity":{"methods":["assume_role"],"assume_role":{"agency_name":"reader","domain_name":"acme"}},"scope":{"project":{"name":"` + iamtest.Region + `"}}}}`
		s.refuses(http.StatusUnauthorized, s.do("POST", "/v3/auth/tokens", assume, nil))
		s.refuses(http.StatusNotFound, s.do("POST", "/v3/auth/tokens", assume, with(s.k.Token(t, owner)))) // it does not trust its owner
		got := s.do("POST", "/v3/auth/tokens", assume, with(users))
		require.Equal(t, http.StatusCreated, got.status, got.raw)
		require.Equal(t, "acme", got.at("token.project.domain.name"))
		require.Equal(t, "acme/reader", got.at("token.user.name"))
		require.Equal(t, user.User.ID, got.at("token.assumed_by.user.id"))
		token := got.header.Get("X-Subject-Token")
		require.Equal(t, http.StatusOK, s.do("GET", "/v3/projects", "", with(token)).status)
		s.refuses(http.StatusNotFound, s.do("POST", "/v3/auth/tokens", assume, with(token))) // no chains
		require.NoError(t, s.k.Services.Roles.Revoke(t.Context(), owner.Account.ID, r.ID))
		s.refuses(http.StatusUnauthorized, s.do("GET", "/v3/projects", "", with(token)))
	})
}

package keystoneapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/iam/totp"
)

func TestATokenOfAUserWithASecondFactorNeedsItsCode(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		n, other := s.k.SignUp(t, "acme"), s.k.SignUp(t, "beta")
		in, err := s.k.Services.Sessions.SignIn(t.Context(), "acme", iamtest.Password)
		require.NoError(t, err)
		typed, _, err := s.k.Services.MFA.Begin(t.Context(), in.AccountID, in.UserID)
		require.NoError(t, err)
		code := func() string {
			c, err := totp.At(typed, s.k.Clock.Now())
			require.NoError(t, err)
			return c
		}
		sessionID, _, _ := strings.Cut(in.RefreshToken, ".")
		_, _, err = s.k.Services.MFA.Confirm(t.Context(), in.AccountID, in.UserID, sessionID, code())
		require.NoError(t, err)
		s.k.Clock.Advance(time.Minute)

		ask := func(methods, user, second string) reply {
			return s.do("POST", "/v3/auth/tokens", fmt.Sprintf(`{"auth":{"identity":{"methods":%s,"password":{"user":%s},"totp":{"user":%s}}}}`, methods, user, second), nil)
		}
		me := userBody("acme")
		passcode := func(of, code string) string { return fmt.Sprintf(`{"id":%q,"passcode":%q}`, of, code) }
		s.refuses(http.StatusUnauthorized, ask(`["password"]`, me, passcode("", code())))
		s.refuses(http.StatusUnauthorized, ask(`["password","totp"]`, me, passcode("", "000000")))
		s.refuses(http.StatusBadRequest, ask(`["password","totp"]`, me, passcode(other.User.ID, code())))
		s.refuses(http.StatusBadRequest, ask(`["password","totp"]`, me, `{}`))
		s.refuses(http.StatusBadRequest, ask(`["totp"]`, me, passcode("", code())))
		s.refuses(http.StatusUnauthorized, ask(`["password","totp"]`, userBody("beta"), passcode("", code()))) // beta has no second factor

		s.k.Clock.Advance(time.Minute) // a wrong code has to be waited for
		got := ask(`["totp","password"]`, me, passcode("", code()))
		require.Equal(t, http.StatusCreated, got.status, got.raw)
		raw := got.header.Get("X-Subject-Token")
		subject, err := s.k.Authenticator.Tokens().Verify(t.Context(), raw, iam.TokenKeystone)
		require.NoError(t, err)
		require.True(t, subject.Claims.MFA)
		require.Equal(t, n.User.ID, subject.User.ID)
		require.Contains(t, got.raw, `"methods":["totp","password"]`)
		s.refuses(http.StatusUnauthorized, ask(`["password","totp"]`, me, passcode("", code()))) // a code is good once
	})
}
